/* SPDX-License-Identifier: BSD-3-Clause */
/* line: one line a second while a load runs, with a bar on a terminal.
 *
 * Threads    the main core's.
 * Ownership  the caller's stream and texts.
 * Errors     none: a failed write is the stream's.
 */
#ifndef APP_LOAD_LINE_H
#define APP_LOAD_LINE_H

#include <stdio.h>

#include "load/report/result.h"

/* The first line names the target and the load. */
void line_begin(FILE *f, const struct load_result *r);
/* Prints second i of r. `bar`: f is a terminal. */
void line_second(FILE *f, const struct load_result *r, unsigned i, bool bar);

#endif
