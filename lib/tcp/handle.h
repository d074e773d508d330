/* SPDX-License-Identifier: BSD-3-Clause */
/* handle: a number that names a connection, also after the connection has ended.
 *
 * Threads    making and resolving a handle is for the core that owns the connection; the
 *            number itself may go anywhere.
 * Layout     core (8 bits), index of the record (28), stamp of the opening (12), generation
 *            of the record (16). No handle is 0.
 * Bounds     the generation changes each time that the record is used again, and a stamp
 *            lasts 65.5 ms. An old handle names a newer connection only if the record was
 *            used again 65,535 times, or a multiple of that, and the newer connection was
 *            opened a multiple of 268 s after the old one, to 65.5 ms.
 * Errors     a handle of another core, or of a connection that has ended, is no connection.
 * Calls back? No.
 */
#ifndef TCP_HANDLE_H
#define TCP_HANDLE_H

#include "tcp/tcp.h"

#define HANDLE_STAMP_BITS 12
#define HANDLE_INDEX_BITS 28
#define HANDLE_CORE_SHIFT (16 + HANDLE_STAMP_BITS + HANDLE_INDEX_BITS)
#define HANDLE_CORES      256

_Static_assert(LIMIT_WORKERS <= HANDLE_CORES, "each worker's handles differ");
_Static_assert(LIMIT_CONNS <= 1u << HANDLE_INDEX_BITS, "each connection has a handle");

static inline uint16_t
handle_next_generation(uint16_t g)
{
	return g == UINT16_MAX ? 1 : (uint16_t)(g + 1);
}

static inline uint64_t
handle_of(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_rare *r = tcp_rare(t, c);
	uint64_t id = t->conf.core % HANDLE_CORES;

	id = id << HANDLE_INDEX_BITS | tcp_index(t, c);
	id = id << HANDLE_STAMP_BITS | (r->opened & ((1u << HANDLE_STAMP_BITS) - 1));
	return id << 16 | r->generation;
}

/* NULL: the connection has ended, or is another core's. */
static inline struct tcp_conn *
handle_conn(const struct tcp *t, uint64_t id)
{
	uint32_t i = (uint32_t)(id >> (HANDLE_STAMP_BITS + 16)) &
	             ((1u << HANDLE_INDEX_BITS) - 1);
	struct tcp_conn *c;

	if (i >= t->conns.fresh)
		return NULL;
	c = tcp_conn_at(t, i);
	return c->state != TCP_CLOSED && handle_of(t, c) == id ? c : NULL;
}

#endif
