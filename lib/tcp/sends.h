/* SPDX-License-Identifier: BSD-3-Clause */
/* sends: the queue of bytes that are not acknowledged yet.
 *
 * Threads    the connection's core.
 * Ownership  a descriptor owns its buf until its bytes are acknowledged or purged. Bytes
 *            without a buf must stay unchanged as long as the connection lives.
 * Memory     descriptors from a pool of tcp.h.
 * Errors     sends_append() returns -EMSGSIZE or -ENOBUFS, and then takes nothing.
 * Bounds     TCP_SENDS_MAX descriptors and TCP_QUEUED_MAX bytes for a connection.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_SENDS_H
#define TCP_SENDS_H

#include "tcp/tcp.h"

/* The sequence number behind the last queued byte. */
static inline uint32_t
tcp_snd_end(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_send *first, *last;

	if (c->sends == POOL_NONE) /* only our FIN may be in flight */
		return (c->flags & CONN_FIN_SENT) && c->snd_una != c->snd_max ? c->snd_max - 1
		                                                              : c->snd_nxt;
	first = pool_at(&t->sends, c->sends);
	last = pool_at(&t->sends, first->tail);
	return last->seq + last->len;
}

/* Queue len bytes. -EMSGSIZE: the queue would exceed TCP_QUEUED_MAX. -ENOBUFS: c has
 * TCP_SENDS_MAX descriptors, or the core has none left. */
int sends_append(struct tcp *t, struct tcp_conn *c, const void *p, uint32_t len, void *buf);
/* Release the descriptors whose bytes lie before ack. */
void sends_acked(struct tcp *t, struct tcp_conn *c, uint32_t ack);
/* Has c TCP_SENDS_MAX descriptors? */
static inline bool
sends_is_full(const struct tcp *t, const struct tcp_conn *c)
{
	return tcp_rare(t, c)->nsends == TCP_SENDS_MAX;
}
/* Release all descriptors. */
void sends_purge(struct tcp *t, struct tcp_conn *c);
/* Let the pieces of o point to the len queued bytes from seq on. */
void sends_gather(const struct tcp *t, const struct tcp_conn *c, uint32_t seq, uint32_t len,
        struct tcp_out *o);

#endif
