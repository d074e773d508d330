/* SPDX-License-Identifier: BSD-3-Clause */
#include "text/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* Cut one word off *p in place. A `#` in it is one of its letters: a comment begins where a
 * word could begin. */
static char *
cut(char **p, struct error *e)
{
	char *start = *p, *end;

	if (*start != '"') {
		end = start + strcspn(start, BLANKS);
	} else {
		end = strchr(++start, '"');
		if (end == NULL) {
			error_set(e, 0, "a quote has no end: %s", start - 1);
			return NULL;
		}
		if (end[1] != '\0' && strchr(BLANKS, end[1]) == NULL) {
			error_set(e, 0, "behind a quote a blank is missing: %s", start - 1);
			return NULL;
		}
		*end++ = '\0';
	}
	*p = *end == '\0' ? end : end + 1;
	*end = '\0';
	return start;
}

/* No name or number has them, and a terminal would obey them. Blanks are none, and what is
 * not UTF-8 may be a file's name. */
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
		w->word[w->n] = cut(&p, e);
		if (w->word[w->n++] == NULL)
			return -EINVAL;
	}
}
