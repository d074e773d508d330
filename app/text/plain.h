/* SPDX-License-Identifier: BSD-3-Clause */
/* plain: printing of text from files and peers, which may hold control sequences for a
 * terminal.
 *
 * Control characters (U+0080 to U+009F as well) and bytes that are not UTF-8 are printed as
 * \\x1b. All other text is printed unchanged.
 *
 * Threads  any.
 * Memory   none.
 */
#ifndef APP_PLAIN_H
#define APP_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The number of bytes of the first character; 0: it must not be printed. A NUL ends `text`. */
size_t plain_char(const char *text);
/* The first byte that must not be printed, or NULL. */
const char *plain_find(const char *text);
void plain_print(FILE *f, const char *text);

#endif
