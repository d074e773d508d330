/* SPDX-License-Identifier: BSD-3-Clause */
/* loss: the state that a connection needs only after a loss, or when its path takes smaller
 * segments than the peer.
 *
 * Life       loss_take() gives a connection its record at the first sign: a duplicate ACK, a
 *            timeout, an ICMP error. loss_settle() takes it back once all is acknowledged and
 *            nothing in it counts. The end of the connection takes it back, too.
 * Bounds     one record for eight connections, but at least LOSS_LEAST records. When none is
 *            free, the hand examines LOSS_LOOK records. It takes the record of the connection
 *            that has made no progress for longest, if that is at least LOSS_IDLE.
 * Without    a connection without a record repairs its losses by timeouts alone, believes a
 *            claim of a smaller path at once or not at all, and does not raise its segments
 *            again.
 * Memory     all of it at creation (tcp_create()).
 * Errors     NULL where no record is left.
 * Threads    the connection's core.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_LOSS_H
#define TCP_LOSS_H

#include "tcp/tcp.h"

#define LOSS_LEAST 1024
#define LOSS_LOOK  8
#define LOSS_IDLE  (US_PER_SECOND >> CLOCK_STAMP_SHIFT)

uint32_t loss_records(uint32_t max_conns);

/* The record of c, which has one. */
static inline struct tcp_loss *
loss_of(const struct tcp *t, const struct tcp_conn *c)
{
	return pool_at(&t->losses, tcp_rare(t, c)->loss);
}

/* The record of c, an old or a new one. NULL: no record is left. */
struct tcp_loss *loss_take(struct tcp *t, struct tcp_conn *c);
/* c ends, or does not need the record any more. */
void loss_give(struct tcp *t, struct tcp_conn *c);
void loss_give_if_settled(struct tcp *t, struct tcp_conn *c);

/* Call it after each step that may have ended the need for the record. */
static inline void
loss_settle(struct tcp *t, struct tcp_conn *c)
{
	if (__builtin_expect(c->flags & CONN_LOSS, 0))
		loss_give_if_settled(t, c);
}

/* The segments in flight may be sent twice. Until all of them are acknowledged, duplicate ACKs
 * start no recovery (RFC 6582 3.2 (2), (4)). A `recover` compared for ever would be ahead of
 * SND.UNA for two of each four GiB. False: c has no record. */
static inline bool
loss_guard(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_loss *l = loss_take(t, c);

	c->guarded = l != NULL;
	if (l != NULL)
		l->recover = c->snd_max;
	return l != NULL;
}

#endif
