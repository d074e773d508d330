/* SPDX-License-Identifier: BSD-3-Clause */
/* urgent: the peer's urgent mark (RFC 9293 3.8.5, RFC 6093). It points behind the last
 * urgent octet, and is only told: the text is ordinary text, in its place. */
#ifndef TCP_URGENT_H
#define TCP_URGENT_H

#include "tcp/tcp.h"

/* Sixth, check the URG bit (RFC 9293 3.10.7.4). seq: SEG.SEQ as it came, before
 * anything was cut off. s is acceptable in every other respect. */
void take_urgent(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t seq);

/* The application has taken what lies before `taken`; c is marked. */
void urgent_taken(struct tcp *t, struct tcp_conn *c, uint32_t taken);

/* Bytes before the mark that the application has not taken. */
uint32_t tcp_urgent_left(const struct tcp *t, const struct tcp_conn *c);

#endif
