/* SPDX-License-Identifier: BSD-3-Clause */
/* life: the beginning and the end of connections.
 *
 * Threads    single writer.
 * Memory     records of tcp.h's pools; nothing is allocated.
 * Ownership  the pool owns a record again after tcp_conn_end(); the caller must not use it.
 * Errors     tcp_conn_new() returns NULL without a free record or table slot.
 * Bounds     conf.max_conns.
 * Calls back? all but tcp_conn_new() and tcp_half_open_end(): closed(); tcp_conn_settle() also
 *            data() and peer_closed(). May end the connection? the same functions.
 */
#ifndef TCP_LIFE_H
#define TCP_LIFE_H

#include "tcp/tcp.h"

/* Take a record and enter it in the flow table, in the place of this half-open one (REF_*) if
 * it is not FLOW_NONE. NULL: there is no room. */
struct tcp_conn *tcp_conn_new(
        struct tcp *t, const struct flow_key *key, uint32_t hash, uint32_t half_open);
/* End the connection: tell the application, release its queues, free the record. c->state is
 * TCP_CLOSED afterwards. */
void tcp_conn_end(struct tcp *t, struct tcp_conn *c, enum hf_reason why);
/* End a connection in SYN-SENT or SYN-RECEIVED, and count it by its reason. */
void tcp_not_opened(struct tcp *t, struct tcp_conn *c, enum hf_reason why);
/* End a half-open record. No application has heard of it. */
void tcp_half_open_end(struct tcp *t, uint32_t half_open);
/* ABORT (RFC 9293 3.10.5): a reset, if there is anything to reset. */
void tcp_conn_abort(
        struct tcp *t, struct tcp_conn *c, struct seg *asked_by, enum hf_reason why);
/* Both sides have closed, and we closed first: a TIME-WAIT record replaces the connection. */
void tcp_conn_wait(struct tcp *t, struct tcp_conn *c);
/* Does an abort send a reset (RFC 9293 3.10.5, ABORT)? Once both sides have sent FIN nothing is
 * left to reset, and an RST could only destroy segments in flight. In CLOSING our FIN may still
 * wait behind text. In SYN-SENT no peer has answered yet. */
static inline bool
tcp_abort_resets(const struct tcp_conn *c)
{
	bool both = c->state == TCP_CLOSING || c->state == TCP_LAST_ACK;

	return c->state != TCP_SYN_SENT && !(both && (c->flags & CONN_FIN_SENT)) &&
	       c->state != TCP_TIME_WAIT;
}

/* After each handling: offer held text that was asked for, abort, output, TIME-WAIT. */
void tcp_conn_settle(struct tcp *t, struct tcp_conn *c, struct seg *asked_by);

#endif
