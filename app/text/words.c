/* SPDX-License-Identifier: BSD-3-Clause */
/* A line split into words, with quotes and comments. */
#include "text/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* Cuts one word off *p, in place. A `#` inside a word belongs to the word: only a `#` at the
 * beginning of a word starts a comment. */
static char *
cut_word(char **p, struct error *e)
{
	char *start = *p, *end;

	if (*start != '"') {
		end = start + strcspn(start, BLANKS);
	} else {
		end = strchr(++start, '"');
		if (end == NULL) {
			error_set(e, 0, "the closing quote is missing: %s", start - 1);
			return NULL;
		}
		if (end[1] != '\0' && strchr(BLANKS, end[1]) == NULL) {
			error_set(e, 0, "a blank is missing behind the closing quote: %s",
			        start - 1);
			return NULL;
		}
		*end++ = '\0';
	}
	*p = *end == '\0' ? end : end + 1;
	*end = '\0';
	return start;
}

/* Refuses control characters: no name or number holds them, and a terminal would obey them.
 * Blanks are allowed. Bytes that are not UTF-8 are allowed, because a file name may have them.
 */
static int
check_bytes(const char *line, struct error *e)
{
	for (const char *c = line; *c != '\0'; c++) {
		uint8_t b = (uint8_t)*c;

		if ((b < ' ' && strchr(BLANKS, b) == NULL) || b == 0x7f ||
		        (b == 0xc2 && (uint8_t)c[1] >= 0x80 && (uint8_t)c[1] < 0xa0))
			return error_set(e, -EINVAL,
			        "character %zu of the line is a control character: %s",
			        (size_t)(c - line) + 1, line);
	}
	return 0;
}

int
words_split(struct words *w, const char *line, struct error *e)
{
	char *p = w->bytes;

	w->n = 0;
	if (strlen(line) + 2 > sizeof(w->bytes))
		return error_set(
		        e, -EINVAL, "the line is longer than %d bytes", WORDS_LINE - 2);
	if (check_bytes(line, e) != 0)
		return -EINVAL;
	memset(w->bytes, 0, sizeof(w->bytes));
	memcpy(w->bytes, line, strlen(line));
	for (;;) {
		p += strspn(p, BLANKS);
		if (*p == '\0' || *p == '#')
			return 0;
		if (w->n == WORDS_MAX)
			return error_set(
			        e, -EINVAL, "the line has more than %d words", WORDS_MAX);
		w->word[w->n] = cut_word(&p, e);
		if (w->word[w->n++] == NULL)
			return -EINVAL;
	}
}
