/* SPDX-License-Identifier: BSD-3-Clause */
/* plain: text of others, which may hold what a terminal obeys, made harmless.
 *
 * Control characters, those of Unicode (U+0080 to U+009F) too, and bytes that are not UTF-8
 * are written as \\x1b. All else stays as it is.
 *
 * Threads  any.
 * Memory   none.
 */
#ifndef APP_PLAIN_H
#define APP_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* How many bytes of text, which ends with a NUL, are one character that may be shown; 0: its
 * first byte may not. */
size_t plain_char(const char *text);
/* The first byte that may not be shown, or NULL. */
const char *plain_find(const char *text);
void plain_print(FILE *f, const char *text);

#endif
