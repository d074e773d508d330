/* SPDX-License-Identifier: BSD-3-Clause */
/* status_set: the HTTP status codes that a load accepts, as "2xx,304,400-404".
 *
 * The codes are those of final answers, 200 to 599 (RFC 9110 15). Interim ones are passed over.
 *
 * Threads    none of its own.
 * Memory     the caller's struct; a struct of zeros is the default, 2xx.
 * Errors     -EINVAL with a text.
 * Bounds     STATUS_TEXT bytes for any set as text.
 */
#ifndef APP_LOAD_STATUS_SET_H
#define APP_LOAD_STATUS_SET_H

#include <stdbool.h>
#include <stdint.h>

#define STATUS_FIRST 100u /* the first code of an answer (RFC 9110 15) */
#define STATUS_CODES 500u
#define STATUS_FINAL 200u
#define STATUS_TEXT  1024

struct status_set {
	uint64_t bit[(STATUS_CODES + 63) / 64];
};

/* 0, or -EINVAL and why. */
int status_set_parse(const char *text, struct status_set *s, char *why, unsigned whylen);
/* The set as text, "2xx,301-302". Equal sets have the same text. */
void status_set_print(const struct status_set *s, char text[STATUS_TEXT]);
/* `code` is STATUS_FIRST to 599. */
static inline bool
status_set_has(const struct status_set *s, unsigned code)
{
	unsigned i = code - STATUS_FIRST;

	return (s->bit[i / 64] >> (i % 64) & 1) != 0;
}

static inline void
status_set_add(struct status_set *s, unsigned first, unsigned last)
{
	for (unsigned i = first - STATUS_FIRST; i <= last - STATUS_FIRST; i++)
		s->bit[i / 64] |= UINT64_C(1) << (i % 64);
}

/* The set, or 2xx if it is empty. */
static inline struct status_set
status_set_or_default(const struct status_set *s)
{
	struct status_set set = *s;
	uint64_t any = 0;

	for (unsigned i = 0; i < sizeof(s->bit) / sizeof(s->bit[0]); i++)
		any |= s->bit[i];
	if (any == 0)
		status_set_add(&set, 200, 299);
	return set;
}

#endif
