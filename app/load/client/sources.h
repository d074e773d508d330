/* SPDX-License-Identifier: BSD-3-Clause */
/* sources: the address that a connection is opened from.
 *
 * In sequence, each core begins at another place of the range. Each core may use every
 * address, since the port, which hf_connect() chooses, keeps the flows of cores apart.
 * Scattered addresses are random, and the same seed gives the same sequence.
 *
 * Threads    its core's.
 * Memory     the caller's struct.
 * Errors     none.
 */
#ifndef APP_LOAD_SOURCES_H
#define APP_LOAD_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/be.h"

struct sources {
	uint32_t first; /* host order */
	uint32_t count; /* 0: the port's own address */
	uint32_t next;  /* in sequence: offset of the next address */
	bool scattered;
	uint64_t state;
};

static inline void
sources_init(struct sources *s, uint32_t first, uint32_t count, bool scattered, uint64_t seed,
        unsigned share, unsigned shares)
{
	*s = (struct sources) {
	        .first = first,
	        .count = count,
	        .next = (uint32_t)((uint64_t)count * share / shares),
	        .scattered = scattered,
	        .state = seed + share,
	};
}

/* A Weyl sequence whose bits two multiplications mix (after SplitMix by Steele, Lea and Flood).
 * It need not be hard to guess. */
static inline uint32_t
sources_random(struct sources *s)
{
	uint64_t x = s->state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(x >> 32);
}

/* The next address. 0: the port's own. */
static inline be32
sources_next(struct sources *s)
{
	uint32_t i;

	if (s->count == 0)
		return 0;
	if (s->scattered) {
		i = (uint32_t)((uint64_t)sources_random(s) * s->count >> 32);
	} else {
		i = s->next;
		s->next = i + 1 == s->count ? 0 : i + 1;
	}
	return cpu_to_be32(s->first + i);
}

#endif
