/* SPDX-License-Identifier: BSD-3-Clause */
/* line: a load told while it runs: a line a second, with a bar on a terminal. */
#ifndef APP_LOAD_LINE_H
#define APP_LOAD_LINE_H

#include <stdio.h>

#include "load/report/result.h"

/* Before the first one: what is done to whom. */
void line_begin(FILE *f, const struct load_result *r);
/* Second i of r; bar: f is a terminal. */
void line_second(FILE *f, const struct load_result *r, unsigned i, bool bar);

#endif
