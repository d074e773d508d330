/* SPDX-License-Identifier: BSD-3-Clause */
/* flows: from a flow's key to its record: a connection, a half-open record or a TIME-WAIT
 * record (REF_*, tcp.h).
 *
 * Threads    single writer.
 * Memory     none of its own.
 * Errors     FLOW_NONE or NULL: the flow has no record.
 * Bounds     LIMIT_BURST segments a call.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_FLOWS_H
#define TCP_FLOWS_H

#include "tcp/tcp.h"

static inline bool
flows_is(const struct tcp *t, uint32_t ref, const struct flow_key *k)
{
	const struct tcp_conn *c;

	if ((ref & REF_KIND) == REF_TIME_WAIT)
		return time_wait_is(t, ref & REF_INDEX, k);
	if ((ref & REF_KIND) == REF_HALF_OPEN)
		return half_open_is(&t->half, ref & REF_INDEX, k);
	c = tcp_conn_at(t, ref & REF_INDEX);
	return c->state != TCP_CLOSED && flow_equal(&c->key, k);
}

/* The record of flow k; FLOW_NONE: there is none. */
static inline uint32_t
flows_find(const struct tcp *t, uint32_t hash, const struct flow_key *k)
{
	struct flow_cursor at;
	uint32_t ref = flow_table_first(&t->table, hash, &at);

	while (ref != FLOW_NONE && !flows_is(t, ref, k))
		ref = flow_table_next(&t->table, &at);
	return ref;
}

/* Write the hash of each segment, and a guess of its flow, seg[which[0]] to
 * seg[which[n - 1]]; 0 < n <= LIMIT_BURST. The guess holds for flows_settle() until the next
 * burst is looked at. */
void flows_look_ahead(struct tcp *t, struct seg *seg, const uint8_t *which, unsigned n);

/* The present record of s's flow. The guess is older than the burst. An earlier segment of the
 * burst may have opened or closed the flow; a second look-up finds that. */
static inline uint32_t
flows_settle(const struct tcp *t, const struct seg *s)
{
	uint32_t ref = s->ref;

	if (ref == FLOW_NONE ? t->table.inserted != t->inserted_before
	                     : !flows_is(t, ref, &s->key))
		ref = flows_find(t, s->hash, &s->key);
	return ref;
}

/* The connection of this flow, or NULL. */
struct tcp_conn *flows_find_conn(struct tcp *t, const struct flow_key *k);

#endif
