/* SPDX-License-Identifier: BSD-3-Clause */
/* Which known word a misspelt one was meant to be. */
#include "text/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define LONGEST 63

static unsigned
smallest_of_3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static bool
same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

unsigned
nearest_distance(const char *a, const char *b)
{
	size_t na = strnlen(a, LONGEST);
	size_t nb = strnlen(b, LONGEST);
	unsigned d[LONGEST + 1][LONGEST + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			bool swapped = i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			               same_letter(a[i - 2], b[j - 1]);

			d[i][j] = smallest_of_3(d[i - 1][j] + 1, d[i][j - 1] + 1,
			        d[i - 1][j - 1] + !same_letter(a[i - 1], b[j - 1]));
			if (swapped && d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[na][nb];
}

/* The distance in letters; nearest() allows a third of the letters. A word of three letters
 * or more that the candidate begins with counts as distance 1. */
static unsigned
word_badness(const char *word, const char *candidate)
{
	size_t len = strlen(word);

	if (len >= 3 && strncasecmp(word, candidate, len) == 0)
		return 1;
	return nearest_distance(word, candidate);
}

const char *
nearest(const char *word, const char *const *candidates)
{
	unsigned most = (unsigned)(strnlen(word, LONGEST) + 2) / 3;
	const char *best = NULL;

	for (; *candidates != NULL; candidates++) {
		unsigned d = word_badness(word, *candidates);

		/* A distance of all letters matches anything. */
		if (d >= strlen(*candidates) || d > most)
			continue;
		if (best == NULL || d < word_badness(word, best))
			best = *candidates;
	}
	return best;
}
