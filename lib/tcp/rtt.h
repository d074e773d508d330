/* SPDX-License-Identifier: BSD-3-Clause */
/* rtt: the round trip, and the timeout that follows from it (RFC 6298).
 *
 * Threads    the connection's core.
 * Memory     none of its own: srtt8_us and rttvar4_us of struct tcp_conn.
 * Errors     rtt_measure_echo() returns false for an echo that cannot be ours.
 * Bounds     a timeout is at least conf.rto_min_ms, and at most TCP_RTO_MAX_MS.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_RTT_H
#define TCP_RTT_H

#include "tcp/tcp.h"

/* Take a measured round trip into the estimate (RFC 6298 2.2, 2.3). */
void rtt_sample(struct tcp_conn *c, uint32_t r_us);
/* Measure the round trip by the timestamp that s echoes (RFC 7323 4.1). False: we cannot have
 * sent that timestamp. */
bool rtt_measure_echo(const struct tcp *t, struct tcp_conn *c, const struct seg *s);
/* The RTO in ms (2.4), doubled `backoff` times (5.5), at most TCP_RTO_MAX_MS. */
uint32_t rtt_rto_ms(const struct tcp *t, const struct tcp_conn *c, unsigned backoff);
/* The acknowledged text had been sent again, so no round trip was measured (Karn). The RTO
 * keeps its backoff, and the next sample begins a new estimate (RFC 6298 5, last
 * paragraphs). */
void rtt_keep_backoff(const struct tcp *t, struct tcp_conn *c, unsigned backoff);
/* A connection whose handshake needed a retransmission begins with an RTO of 3 s (5.7). */
void rtt_after_lost_syn(struct tcp_conn *c);

#endif
