/* SPDX-License-Identifier: BSD-3-Clause */
/* output: what a connection says (RFC 9293 3.8, 3.10.2, 3.10.8).
 *
 * `answers` is the segment in whose handling it is said, or NULL.
 */
#ifndef TCP_OUTPUT_H
#define TCP_OUTPUT_H

#include "tcp/tcp.h"

/* Send what the windows allow; an ACK if one is owed and nothing carried it. */
void tcp_output(struct tcp *t, struct tcp_conn *c, struct seg *answers);

void tcp_send_syn(struct tcp *t, struct tcp_conn *c);
void tcp_send_syn_ack(struct tcp *t, struct tcp_conn *c, struct seg *answers);
void tcp_send_ack(struct tcp *t, struct tcp_conn *c, struct seg *answers);
/* One segment from snd_una on, whatever the window of congestion says. */
void tcp_send_again(struct tcp *t, struct tcp_conn *c, struct seg *answers);
/* One octet behind the peer's window, if that is shut (RFC 9293 3.8.6.1); else what fits
 * into it, however little (3.8.6.2.1, the override). */
void tcp_send_probe(struct tcp *t, struct tcp_conn *c);
/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>; SEQ is no further than the peer's window. */
void tcp_send_rst(struct tcp *t, struct tcp_conn *c, struct seg *answers);

/* A challenge ACK, or any other that a wrong segment asks for; limited per
 * connection (RFC 5961 7). */
void tcp_send_challenge(struct tcp *t, struct tcp_conn *c, struct seg *answers);

/* RST to a segment that belongs to no connection, or whose ACK is wrong in the
 * handshake (RFC 9293 3.10.7.1); never to an RST; at most rst_per_s. */
enum drop tcp_reset_stranger(struct tcp *t, struct seg *s, enum drop why);

/* A bare ACK outside any connection's record (TIME-WAIT, half-open). */
void tcp_send_bare(struct tcp *t, struct seg *answers, uint32_t seq, uint32_t ack, uint16_t wnd,
        const struct tcp_opts *opts);

/* It has something to say: at the end of the turn. */
static inline void
tcp_pend(struct tcp *t, struct tcp_conn *c)
{
	if (c->flags & CONN_PENDING)
		return;
	c->flags |= CONN_PENDING;
	c->pending = t->pending;
	t->pending = tcp_index(t, c);
}

/* What is in flight may be sent twice: until all of it is acknowledged, duplicate
 * ACKs start no recovery (RFC 6582 3.2 (2), (4)). `recover` would be ahead of SND.UNA for
 * two of each four GiB if it were compared for ever. */
static inline void
tcp_guard(struct tcp *t, struct tcp_conn *c)
{
	tcp_rare(t, c)->recover = c->snd_max;
	c->guarded = 1;
}

/* Has its port no room? */
static inline bool
tcp_port_is_full(const struct tcp *t, const struct tcp_conn *c)
{
	return (t->full_ports >> c->port) & 1;
}

/* Its text waits until the port has room. One that stands in a list already comes here again
 * when it has spoken. */
void tcp_wait_for_port(struct tcp *t, struct tcp_conn *c);

/* Now in milliseconds, as this connection's peer sees it (RFC 7323 5.4). */
static inline uint32_t
tcp_ts_now(const struct tcp *t, const struct tcp_conn *c)
{
	return t->now.ms + c->ts_offset;
}

#endif
