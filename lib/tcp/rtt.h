/* SPDX-License-Identifier: BSD-3-Clause */
/* rtt: the round trip, and the timeout that follows from it (RFC 6298). */
#ifndef TCP_RTT_H
#define TCP_RTT_H

#include "tcp/tcp.h"

/* RFC 6298 2.2, 2.3 */
void rtt_sample(struct tcp_conn *c, uint32_t r_us);
/* The round trip that s's echoed timestamp tells (RFC 7323 4.1). False: what it
 * echoes cannot be ours. */
bool rtt_measure_echo(const struct tcp *t, struct tcp_conn *c, const struct seg *s);
/* RTO in ms (2.4), doubled `backoff` times (5.5), at most TCP_RTO_MAX_MS. */
uint32_t rtt_rto_ms(const struct tcp *t, const struct tcp_conn *c, unsigned backoff);
/* What was acknowledged had been sent again, so it measured nothing: the RTO
 * stays backed off, and the estimate is made anew, with the next sample (Karn;
 * RFC 6298 5, last paragraphs). */
void rtt_keep_backoff(const struct tcp *t, struct tcp_conn *c, unsigned backoff);
/* 5.7: a handshake that needed a retransmission starts at 3 s. */
void rtt_after_lost_syn(struct tcp_conn *c);

#endif
