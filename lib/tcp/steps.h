/* SPDX-License-Identifier: BSD-3-Clause */
/* steps: the steps of SEGMENT ARRIVES (RFC 9293 3.10.7.4). input.c calls them in the RFC's
 * order.
 *
 * There is no third step (security). The sixth is in urgent.h. A step that returns a reason, or
 * ends the connection, is the last one for its segment.
 *
 * Threads    the connection's core.
 * Ownership  a step that keeps s->buf sets it to NULL.
 * Memory     none of their own.
 * Errors     enum drop: the reason for which the segment, or a part of it, is discarded.
 * Bounds     one segment.
 * Calls back? the input functions, check_rst(), take_ack() and take_text(). May end the
 *            connection? the input functions, check_rst() and take_ack().
 */
#ifndef TCP_STEPS_H
#define TCP_STEPS_H

#include "tcp/tcp.h"

/* The effects of a segment on the connection, which admit() applies once all checks are done.
 * Until then the segment may be forged. */
struct verdict {
	uint32_t seq; /* SEG.SEQ before the segment was cut */
	bool cut;     /* octets were cut off: acknowledge at once */
	bool beyond;  /* octets beyond the window were cut off */
	bool old;     /* only the ACK field may be new */
};

/* The entry point for each kind of record. segment.c chooses it. */
enum drop tcp_listen_input(struct tcp *t, uint8_t listener, struct seg *s, uint32_t iss_floor);
enum drop tcp_half_open_input(struct tcp *t, uint32_t half, struct seg *s);
enum drop tcp_input(struct tcp *t, struct tcp_conn *c, struct seg *s);
/* SYN-SENT has steps of its own (3.10.7.3). The text behind the SYN goes through those below.
 */
enum drop tcp_syn_sent_input(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* first */
enum drop check_seq(struct tcp *t, struct tcp_conn *c, struct seg *s, struct verdict *v);
enum drop check_rst(struct tcp *t, struct tcp_conn *c, struct seg *s); /* second */
enum drop check_syn(struct tcp *t, struct tcp_conn *c, struct seg *s); /* fourth */
enum drop check_ack(struct tcp *t, struct tcp_conn *c, struct seg *s); /* fifth */
/* All checks are done: apply the verdict to the connection. */
void admit(struct tcp *t, struct tcp_conn *c, const struct seg *s, const struct verdict *v);
void take_ack(struct tcp *t, struct tcp_conn *c, struct seg *s);
/* Answer a segment whose verdict is `old`. */
enum drop answer_old(struct tcp *t, struct tcp_conn *c, struct seg *s);
enum drop take_text(struct tcp *t, struct tcp_conn *c, struct seg *s); /* seventh, eighth */

#endif
