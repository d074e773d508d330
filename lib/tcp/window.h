/* SPDX-License-Identifier: BSD-3-Clause */
/* window: the receive window that is offered to the peer (RFC 9293 3.8.6.2).
 *
 * Threads    the connection's core.
 * Memory     none of its own.
 * Errors     none.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_WINDOW_H
#define TCP_WINDOW_H

#include "tcp/tcp.h"

/* The window field to offer. It is 0 while less than a step is free, so that RCV.ADV stays (RFC
 * 9293 3.8.6.2.2). */
uint32_t window_to_offer(const struct tcp *t, const struct tcp_conn *c);
/* There is more room: ask for an ACK if the peer may be waiting for it. */
void window_opened(struct tcp *t, struct tcp_conn *c);

/* The window field of a segment that leaves now. RCV.ADV advances to what it offers. */
uint16_t window_offer(const struct tcp *t, struct tcp_conn *c);

#endif
