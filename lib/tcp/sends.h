/* SPDX-License-Identifier: BSD-3-Clause */
/* sends: the queue of bytes that are not acknowledged yet. */
#ifndef TCP_SENDS_H
#define TCP_SENDS_H

#include "tcp/tcp.h"

/* The sequence number behind the last byte queued. */
static inline uint32_t
tcp_snd_end(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_send *first, *last;

	if (c->sends == POOL_NONE) /* our FIN may be the last that is in flight */
		return (c->flags & CONN_FIN_SENT) && c->snd_una != c->snd_max ? c->snd_max - 1
		                                                              : c->snd_nxt;
	first = pool_at(&t->sends, c->sends);
	last = pool_at(&t->sends, first->tail);
	return last->seq + last->len;
}

/* -EMSGSIZE; -ENOBUFS: this connection has all that one may have, or the core has no
 * descriptor left. */
int sends_append(struct tcp *t, struct tcp_conn *c, const void *p, uint32_t len, void *buf);
/* Forget what lies before ack. */
void sends_acked(struct tcp *t, struct tcp_conn *c, uint32_t ack);
/* Has c as many descriptors as one connection may have? */
static inline bool
sends_is_full(const struct tcp *t, const struct tcp_conn *c)
{
	return tcp_rare(t, c)->nsends == TCP_SENDS_MAX;
}
void sends_purge(struct tcp *t, struct tcp_conn *c);
/* Point the pieces of o at len bytes from seq on, which are queued. */
void sends_gather(const struct tcp *t, const struct tcp_conn *c, uint32_t seq, uint32_t len,
        struct tcp_out *o);

#endif
