/* SPDX-License-Identifier: BSD-3-Clause */
/* cut: the same bytes in pieces, as a network may deliver them. A reader of a stream must not
 * tell one way from another.
 *
 * Ways    CUT_WHOLE, CUT_BYTES, and any number of others: a few bytes, some, many.
 * Memory  a piece lies at the end of its allocation, so that ASan sees a byte read
 *         behind it. */
#ifndef FUZZ_CUT_H
#define FUZZ_CUT_H

#include <stdint.h>
#include <string.h>

#include "must.h"

#define CUT_MOST  65536u
#define CUT_WHOLE 0u
#define CUT_BYTES 1u

struct cut {
	const uint8_t *at;
	uint32_t left;
	uint32_t way;
	uint32_t random;
	uint8_t *room;
};

static inline struct cut
cut_begin(const uint8_t *bytes, uint32_t len, uint32_t way)
{
	struct cut c = {bytes, len, way, way * 2654435761u | 1, malloc(CUT_MOST)};

	must(c.room != NULL && len <= CUT_MOST);
	return c;
}

static inline uint32_t
cut_random(struct cut *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 17;
	c->random ^= c->random << 5;
	return c->random;
}

static inline uint32_t
cut_len(struct cut *c)
{
	static const uint32_t most[] = {1, 3, 40, 700};
	uint32_t n;

	if (c->way == CUT_WHOLE)
		return c->left;
	if (c->way == CUT_BYTES)
		return 1;
	n = 1 + cut_random(c) % most[cut_random(c) % 4];
	return n < c->left ? n : c->left;
}

/* The next piece, or NULL: it was all. How much of it was taken says cut_take(). */
static inline const uint8_t *
cut_next(struct cut *c, uint32_t *len)
{
	if (c->left == 0)
		return NULL;
	*len = cut_len(c);
	memcpy(c->room + CUT_MOST - *len, c->at, *len);
	return c->room + CUT_MOST - *len;
}

static inline void
cut_take(struct cut *c, uint32_t n)
{
	must(n <= c->left);
	c->at += n;
	c->left -= n;
}

static inline void
cut_end(struct cut *c)
{
	free(c->room);
}

#endif
