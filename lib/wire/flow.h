/* SPDX-License-Identifier: BSD-3-Clause */
/* flow: the addresses and ports of a connection.
 *
 * The key has the byte order and the order of fields of an arriving IPv4 packet, from its
 * source address on, so that one 12-byte load reads it.
 *
 * IPv6 will not widen the key: a pair of IPv6 addresses is interned, and raddr and laddr
 * hold its handle (docs/decisions/0002-flow-key.md).
 *
 * Threads  the functions have no state.
 */
#ifndef WIRE_FLOW_H
#define WIRE_FLOW_H

#include <stdbool.h>
#include <string.h>

#include "base/be.h"
#include "base/prf.h"

struct flow_key {
	be32 raddr; /* the peer's address */
	be32 laddr; /* our address */
	be16 rport; /* the peer's port */
	be16 lport; /* our port */
};

_Static_assert(sizeof(struct flow_key) == 12, "the flow key is 12 bytes");

static inline bool
flow_equal(const struct flow_key *a, const struct flow_key *b)
{
	uint64_t a8, b8;
	uint32_t a4, b4;

	memcpy(&a8, a, 8);
	memcpy(&b8, b, 8);
	memcpy(&a4, (const uint8_t *)a + 8, 4);
	memcpy(&b4, (const uint8_t *)b + 8, 4);
	return ((a8 ^ b8) | (a4 ^ b4)) == 0;
}

/* The key as the block that the PRF takes. */
static inline struct prf_block
flow_block(const struct flow_key *k)
{
	uint64_t lo;
	uint32_t hi;

	/* The block is assembled in registers: in memory, the load of the whole would
	 * wait for the stores of its parts. */
	memcpy(&lo, k, 8);
	memcpy(&hi, (const uint8_t *)k + 8, 4);
	return (struct prf_block) {.lo = lo, .hi = hi};
}

#endif
