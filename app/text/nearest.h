/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest: the word that was probably meant. */
#ifndef APP_NEAREST_H
#define APP_NEAREST_H

/* Insertions, deletions, substitutions and swaps of neighbours that turn a
 * into b (optimal string alignment); capital letters count as small ones.
 * Words are compared up to 63 characters. */
unsigned nearest_distance(const char *a, const char *b);

/* The candidate (NULL at the end of the list) that word is closest to, or that
 * it is the beginning of; NULL if none is close enough to be meant. */
const char *nearest(const char *word, const char *const *candidates);

#endif
