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

#endif
