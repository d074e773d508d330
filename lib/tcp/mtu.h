/* SPDX-License-Identifier: BSD-3-Clause */
/* mtu: the effect of an ICMP "packet too big" on a connection (RFC 1191, RFC 5927 7).
 *
 * Threat     an attacker who guesses a sequence number in flight may forge the message, and
 *            each message that is believed costs retransmissions.
 * Belief     at once only where no segment of the present size was ever acknowledged, and once
 *            for the segments in flight. Else the message is a claim. A claim counts only if a
 *            timeout finds no progress since (RFC 5927 7.2).
 * Aging      after ten minutes full segments are tried again (RFC 1191 6.3).
 * Threads    the connection's core.
 * Memory     the record of loss.h.
 * Errors     enum drop.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_MTU_H
#define TCP_MTU_H

#include "tcp/loss.h"

/* A segment of c in flight was too large for a path of `mtu` octets. */
enum drop mtu_too_big(struct tcp *t, struct tcp_conn *c, uint32_t mtu);
/* The retransmission timer has fired, and nothing has been sent again yet. */
void mtu_timeout(struct tcp *t, struct tcp_conn *c);
void mtu_raise(struct tcp *t, struct tcp_conn *c);

/* Before new text is cut into segments. */
static inline void
mtu_age(struct tcp *t, struct tcp_conn *c)
{
	if (__builtin_expect(c->flags & CONN_LOSS, 0) && loss_of(t, c)->mss_full != 0)
		mtu_raise(t, c);
}

#endif
