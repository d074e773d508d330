/* SPDX-License-Identifier: BSD-3-Clause */
/* steps: SEGMENT ARRIVES in its parts (RFC 9293 3.10.7.4); input.c calls them in
 * the RFC's order. There is no third one (security), and the sixth is in urgent.h. A
 * step is the last one if it returns anything but DROP_NONE, or ends the
 * connection. */
#ifndef TCP_STEPS_H
#define TCP_STEPS_H

#include "tcp/tcp.h"

/* What is to be noted of a segment, once all of its checks are done: until then it may
 * be anybody's, and of the connection nothing is noted. */
struct verdict {
	uint32_t seq; /* before it was cut */
	bool cut;     /* some of it was cut off: acknowledge at once */
	bool beyond;  /* ... because it lay beyond the window */
	bool old;     /* nothing of it is new but its ACK field */
};

/* By what is known of the flow; segment.c decides. */
enum drop tcp_listen_input(struct tcp *t, uint8_t listener, struct seg *s, uint32_t iss_floor);
enum drop tcp_half_open_input(struct tcp *t, uint32_t half, struct seg *s);
enum drop tcp_input(struct tcp *t, struct tcp_conn *c, struct seg *s);
/* SYN-SENT has steps of its own (3.10.7.3), and takes from here what came behind the SYN. */
enum drop tcp_syn_sent_input(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* first */
enum drop check_seq(struct tcp *t, struct tcp_conn *c, struct seg *s, struct verdict *v);
enum drop check_rst(struct tcp *t, struct tcp_conn *c, struct seg *s); /* second */
enum drop check_syn(struct tcp *t, struct tcp_conn *c, struct seg *s); /* fourth */
enum drop check_ack(struct tcp *t, struct tcp_conn *c, struct seg *s); /* fifth */
/* All checks are done: what the verdict says is noted. */
void admit(struct tcp *t, struct tcp_conn *c, const struct seg *s, const struct verdict *v);
void take_ack(struct tcp *t, struct tcp_conn *c, struct seg *s);
/* v.old: the answer to it */
enum drop answer_old(struct tcp *t, struct tcp_conn *c, struct seg *s);
enum drop take_text(struct tcp *t, struct tcp_conn *c, struct seg *s); /* seventh, eighth */

#endif
