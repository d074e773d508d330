/* SPDX-License-Identifier: BSD-3-Clause */
/* status_set: HTTP status codes that are wanted, as "2xx,304,400-404" says them.
 *
 * Codes  those of final answers, 200 to 599 (RFC 9110 15): interim ones are passed over.
 * Memory the caller's struct; all zero is the set that holds where none was said, 2xx.
 */
#ifndef APP_LOAD_STATUS_SET_H
#define APP_LOAD_STATUS_SET_H

#include <stdbool.h>
#include <stdint.h>

#define STATUS_FIRST 100u /* that an answer can have (RFC 9110 15) */
#define STATUS_CODES 500u
#define STATUS_FINAL 200u
#define STATUS_TEXT  1024 /* for any set as text */

struct status_set {
	uint64_t bit[(STATUS_CODES + 63) / 64];
};

/* 0, or -EINVAL and why. */
int status_set_parse(const char *text, struct status_set *s, char *why, unsigned whylen);
/* One text for each set, whatever it was written like: "2xx,301-302". */
void status_set_print(const struct status_set *s, char text[STATUS_TEXT]);
/* code: STATUS_FIRST to 599. */
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

/* The set that an empty one stands for. */
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
