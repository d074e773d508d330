/* SPDX-License-Identifier: BSD-3-Clause */
/* paragraph: text broken into lines for a terminal.
 *
 * Threads  any.
 * Memory   none.
 */
#ifndef APP_PARAGRAPH_H
#define APP_PARAGRAPH_H

#include <stdio.h>

/* Prints lines of at most 80 columns; each begins with `indent` blanks. */
void paragraph_print(FILE *f, const char *text, int indent);

#endif
