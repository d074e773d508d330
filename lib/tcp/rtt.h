/* SPDX-License-Identifier: BSD-3-Clause */
/* rtt: the round trip, and the timeout that follows from it (RFC 6298). */
#ifndef TCP_RTT_H
#define TCP_RTT_H

#include "tcp/tcp.h"

/* RFC 6298 2.2, 2.3 */
void rtt_sample(struct tcp_conn *c, uint32_t r_us);
/* RTO in ms (2.4), doubled `backoff` times (5.5), at most TCP_RTO_MAX_MS. */
uint32_t rtt_rto_ms(const struct tcp *t, const struct tcp_conn *c, unsigned backoff);

#endif
