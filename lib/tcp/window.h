/* SPDX-License-Identifier: BSD-3-Clause */
/* window: what is offered to the peer of the receive window (RFC 9293 3.8.6.2).
 *
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_WINDOW_H
#define TCP_WINDOW_H

#include "tcp/tcp.h"

/* The window field to offer; it leaves RCV.ADV where it is until a step is free
 * (RFC 9293 3.8.6.2.2). */
uint32_t window_to_offer(const struct tcp *t, const struct tcp_conn *c);
/* There is more room: tell of it, if the peer may wait for it. */
void window_opened(struct tcp *t, struct tcp_conn *c);

/* The window field of a segment that leaves now; RCV.ADV moves on to what it says. */
uint16_t window_offer(const struct tcp *t, struct tcp_conn *c);

#endif
