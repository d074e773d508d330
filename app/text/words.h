/* SPDX-License-Identifier: BSD-3-Clause */
/* words: a line cut at blanks. `#` where a word could begin begins a comment; "a b" is one
 * word. */
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

/* -EINVAL: a quote without its end or a blank behind it, too many words, too long a line,
 * control characters. */
int words_split(struct words *w, const char *line, struct error *e);

#endif
