/* SPDX-License-Identifier: BSD-3-Clause */
/* tuples: the addresses and ports of a client's connections, in sequence or at random.
 *
 * Threads  the client's.
 * Memory   none.
 * Bounds   a sequence has TUPLES_PORTS * TUPLES_ADDRS tuples, and then begins again.
 */
#ifndef BENCH_TUPLES_H
#define BENCH_TUPLES_H

#include <stdbool.h>

#include "base/be.h"

#define TUPLES_PORT_FIRST 1024
#define TUPLES_PORTS      (65536 - TUPLES_PORT_FIRST)
#define TUPLES_ADDR_FIRST 0x0a000001 /* 10.0.0.1 */
#define TUPLES_ADDRS      0x00fffffe

struct tuples {
	bool scattered;
	uint64_t n; /* the number of the next tuple */
	uint64_t random;
};

static inline void
tuples_init(struct tuples *t, uint64_t first, bool scattered)
{
	*t = (struct tuples) {
	        .scattered = scattered, .n = first, .random = 0x9e3779b97f4a7c15 ^ first};
}

/* A generator for tuples, not for secrets (xorshift64*). */
static inline uint64_t
tuples_random(struct tuples *t)
{
	t->random ^= t->random >> 12;
	t->random ^= t->random << 25;
	t->random ^= t->random >> 27;
	return t->random * 0x2545f4914f6cdd1d;
}

/* Takes the next tuple. Returns its number. */
static inline uint64_t
tuples_next(struct tuples *t, be32 *addr, be16 *port)
{
	uint64_t n = t->n++;
	uint64_t p = n % TUPLES_PORTS, a = n / TUPLES_PORTS % TUPLES_ADDRS;

	if (t->scattered) {
		uint64_t r = tuples_random(t);

		p = (r & 0xffffffff) * TUPLES_PORTS >> 32;
		a = (r >> 32) * TUPLES_ADDRS >> 32;
	}
	*addr = cpu_to_be32((uint32_t)(TUPLES_ADDR_FIRST + a));
	*port = cpu_to_be16((uint16_t)(TUPLES_PORT_FIRST + p));
	return n;
}

#endif
