/* SPDX-License-Identifier: BSD-3-Clause */
/* paragraph: sentences, cut into lines for a terminal. */
#ifndef APP_PARAGRAPH_H
#define APP_PARAGRAPH_H

#include <stdio.h>

/* Lines of at most 80 columns, each behind `indent` blanks. */
void paragraph_print(FILE *f, const char *text, int indent);

#endif
