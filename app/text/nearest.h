/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest: the word that a user probably meant.
 *
 * Threads  any.
 * Memory   none.
 */
#ifndef APP_NEAREST_H
#define APP_NEAREST_H

/* The number of insertions, deletions, substitutions and swaps of neighbours that turn a
 * into b (optimal string alignment). Upper and lower case are equal. The first 63 characters
 * are compared. */
unsigned nearest_distance(const char *a, const char *b);

/* The candidate that is closest to `word` or begins with it; NULL if none is close enough.
 * NULL ends the list of candidates. */
const char *nearest(const char *word, const char *const *candidates);

#endif
