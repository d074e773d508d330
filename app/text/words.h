/* SPDX-License-Identifier: BSD-3-Clause */
/* words: a line split at blanks. A `#` at the beginning of a word starts a comment; "a b" in
 * quotes is one word.
 *
 * Threads    a struct words belongs to one thread.
 * Ownership  the line is copied; the words point into the struct.
 * Errors     -EINVAL, and e says why.
 * Bounds     WORDS_MAX words, WORDS_LINE - 2 bytes.
 */
#ifndef APP_WORDS_H
#define APP_WORDS_H

#include "text/error.h"

#define WORDS_MAX  96
#define WORDS_LINE 1024

struct words {
	unsigned n;
	const char *word[WORDS_MAX];
	char bytes[WORDS_LINE];
};

/* Refused: a quote without its end, a quote without a blank behind it, too many words, a line
 * that is too long, control characters. */
int words_split(struct words *w, const char *line, struct error *e);

#endif
