/* SPDX-License-Identifier: BSD-3-Clause */
/* mtu: what an ICMP "packet too big" does to a connection (RFC 1191, RFC 5927 7).
 *
 * Threat    the message may be forged by anyone who guesses a sequence number in
 *           flight, and each one that is believed costs retransmissions.
 * Belief    at once only where no segment of the present size was ever acknowledged,
 *           and once for what is in flight. Else it is a claim, and stands for nothing
 *           unless a timeout finds no progress since (RFC 5927 7.2).
 * Aging     after ten minutes full segments are tried again (RFC 1191 6.3).
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
