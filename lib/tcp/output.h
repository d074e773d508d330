/* SPDX-License-Identifier: BSD-3-Clause */
/* output: the segments that a connection sends (RFC 9293 3.8, 3.10.2, 3.10.8).
 *
 * `asked_by` is the segment whose handling causes the output, or NULL.
 *
 * Threads    the connection's core.
 * Ownership  emit() may use the buffer of `asked_by`; its buf is then NULL.
 * Memory     none.
 * Errors     none: a segment that no frame is left for counts as lost.
 * Bounds     64 segments of text a call; the rest waits for the next turn (pend.h).
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_OUTPUT_H
#define TCP_OUTPUT_H

#include "tcp/tcp.h"

/* Send what the windows allow; an ACK if one is owed and nothing carried it. */
void tcp_output(struct tcp *t, struct tcp_conn *c, struct seg *asked_by);

void tcp_send_syn(struct tcp *t, struct tcp_conn *c);
void tcp_send_syn_ack(struct tcp *t, struct tcp_conn *c, struct seg *asked_by);
void tcp_send_ack(struct tcp *t, struct tcp_conn *c, struct seg *asked_by);
/* One segment from snd_una on, regardless of the congestion window. */
void tcp_send_again(struct tcp *t, struct tcp_conn *c, struct seg *asked_by);
/* One octet behind the peer's window, if that is shut (RFC 9293 3.8.6.1). Else as much as the
 * window allows, however small (3.8.6.2.1, the override). */
void tcp_send_probe(struct tcp *t, struct tcp_conn *c);
/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>; SEQ is no further than the peer's window. */
void tcp_send_rst(struct tcp *t, struct tcp_conn *c, struct seg *asked_by);

/* A challenge ACK, or another ACK that a wrong segment asks for. Limited per connection (RFC
 * 5961 7). */
void tcp_send_challenge(struct tcp *t, struct tcp_conn *c, struct seg *asked_by);

#endif
