/* SPDX-License-Identifier: BSD-3-Clause */
/* urgent: the peer's urgent mark (RFC 9293 3.8.5, RFC 6093).
 *
 * The mark points behind the last urgent octet. The application is only told of it: urgent text
 * is delivered in its place, like any text.
 *
 * Threads    the connection's core.
 * Memory     none of its own: rcv_up of struct tcp_rare.
 * Errors     none.
 * Calls back? take_urgent(): urgent(). May end the connection? no.
 */
#ifndef TCP_URGENT_H
#define TCP_URGENT_H

#include "tcp/tcp.h"

/* Sixth, check the URG bit (RFC 9293 3.10.7.4). seq: SEG.SEQ before the segment was cut. s has
 * passed all other checks. */
void take_urgent(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t seq);

/* The application has taken the octets before `taken`. c->marked is set. */
void urgent_taken(struct tcp *t, struct tcp_conn *c, uint32_t taken);

/* Bytes before the mark that the application has not taken. */
uint32_t tcp_urgent_left(const struct tcp *t, const struct tcp_conn *c);

#endif
