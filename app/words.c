/* SPDX-License-Identifier: BSD-3-Clause */
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* Cut one word off *p in place; NULL: a quote has no end. */
static char *
cut(char **p)
{
	char *start = *p, *end;

	if (*start == '"') {
		end = strchr(++start, '"');
		if (end == NULL)
			return NULL;
		*p = end + 1;
	} else {
		end = start + strcspn(start, " \t\r\n#");
		if (*end == '#') /* the comment behind it goes, too */
			end[0] = end[1] = '\0';
		*p = *end == '\0' ? end : end + 1;
	}
	*end = '\0';
	return start;
}

int
words_split(struct words *w, const char *line, struct error *e)
{
	char *p = w->bytes;

	w->n = 0;
	if (strlen(line) + 2 > sizeof(w->bytes))
		return error_set(
		        e, -EINVAL, "the line is longer than %d bytes", WORDS_LINE - 2);
	memset(w->bytes, 0, sizeof(w->bytes));
	memcpy(w->bytes, line, strlen(line));
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p == '\0' || *p == '#')
			return 0;
		if (w->n == WORDS_MAX)
			return error_set(
			        e, -EINVAL, "the line has more than %d words", WORDS_MAX);
		w->word[w->n] = cut(&p);
		if (w->word[w->n++] == NULL)
			return error_set(e, -EINVAL, "a quote has no end: %s", line);
	}
}
