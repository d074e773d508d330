/* SPDX-License-Identifier: BSD-3-Clause */
/* loss: what a connection needs only once something was lost, or its path took smaller
 * segments than the peer does.
 *
 * Life       loss_take() gives a connection its record at the first sign: a duplicate ACK, a
 *            timeout, an ICMP error. loss_settle() takes it back once all is acknowledged and
 *            nothing in it counts any more; the end of the connection does, too.
 * Bounds     one record for eight connections, for LOSS_LEAST of them at the least. When none
 * is free, the hand looks at LOSS_LOOK of them, and takes the one whose connection has made no
 * progress for longest, and for LOSS_IDLE at the least. Without    a connection that gets none
 * repairs its losses by timeouts alone, believes no claim of a smaller path but at once, and
 * does not raise its segments again. Memory     all of it at creation (tcp_create). Errors:
 * NULL where no record is left. Calls back? no. May end the connection? no. Threads    the
 * connection's core.
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

/* The record of c: the one that it has, or a new one; NULL: there is none for it. */
struct tcp_loss *loss_take(struct tcp *t, struct tcp_conn *c);
/* c is at its end, or does not need the record any more. */
void loss_give(struct tcp *t, struct tcp_conn *c);
void loss_give_if_settled(struct tcp *t, struct tcp_conn *c);

/* Behind each step that may have been the last one for which the record was needed. */
static inline void
loss_settle(struct tcp *t, struct tcp_conn *c)
{
	if (__builtin_expect(c->flags & CONN_LOSS, 0))
		loss_give_if_settled(t, c);
}

/* What is in flight may be sent twice: until all of it is acknowledged, duplicate
 * ACKs start no recovery (RFC 6582 3.2 (2), (4)). `recover` would be ahead of SND.UNA for
 * two of each four GiB if it were compared for ever. False: c has no record. */
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
