/* SPDX-License-Identifier: BSD-3-Clause */
/* life: how connections come to be and cease, and what the application hears. */
#ifndef TCP_LIFE_H
#define TCP_LIFE_H

#include "tcp/tcp.h"

/* A record in the flow table, in the place of this half-open one (REF_*) if it is not
 * FLOW_NONE; NULL if there is no room. */
struct tcp_conn *tcp_conn_new(
        struct tcp *t, const struct flow_key *key, uint32_t hash, uint32_t half_open);
/* No more: queues released, the application told, the record freed. c->state
 * is TCP_CLOSED afterwards. */
void tcp_conn_end(struct tcp *t, struct tcp_conn *c, enum hf_reason why);
/* ... in SYN-SENT or SYN-RECEIVED, counted by its reason. */
void tcp_not_opened(struct tcp *t, struct tcp_conn *c, enum hf_reason why);
/* The same for a half-open one, of which nobody has heard. */
void tcp_half_open_end(struct tcp *t, uint32_t half_open);
/* ABORT (RFC 9293 3.10.5): a reset, if there is anything to reset. */
void tcp_conn_abort(struct tcp *t, struct tcp_conn *c, struct seg *answers, enum hf_reason why);
/* Both sides have closed, we first: a TIME-WAIT record takes its place. */
void tcp_conn_wait(struct tcp *t, struct tcp_conn *c);
/* RFC 9293 3.10.5, ABORT: once both sides have sent FIN there is nothing left to
 * reset, and an RST could only destroy what is under way (in CLOSING ours may wait behind
 * text yet); in SYN-SENT nobody is there yet. */
static inline bool
tcp_abort_resets(const struct tcp_conn *c)
{
	bool both = c->state == TCP_CLOSING || c->state == TCP_LAST_ACK;

	return c->state != TCP_SYN_SENT && !(both && (c->flags & CONN_FIN_SENT)) &&
	       c->state != TCP_TIME_WAIT;
}

/* After each handling: what is held and asked for again, abort, output, TIME-WAIT. */
void tcp_conn_settle(struct tcp *t, struct tcp_conn *c, struct seg *answers);

/* While the stack drains it hears of that, too. */
void tcp_tell_opened(struct tcp *t, struct tcp_conn *c);
/* Once. */
void tcp_tell_draining(struct tcp *t, struct tcp_conn *c);
uint32_t tcp_tell_data(
        struct tcp *t, struct tcp_conn *c, const uint8_t *p, uint32_t len, void **buf);
void tcp_tell_room(struct tcp *t, struct tcp_conn *c);
/* False: the service does not want to know. */
bool tcp_tell_deadline(struct tcp *t, struct tcp_conn *c);
void tcp_tell_peer_closed(struct tcp *t, struct tcp_conn *c);
void tcp_tell_urgent(struct tcp *t, struct tcp_conn *c);
/* From outside of the connection's own segments: what the application says then is said
 * at the end of the turn. */
void tcp_tell_soft_error(struct tcp *t, struct tcp_conn *c, enum hf_reason why);

/* The application has no more to send (RFC 9293 3.10.4, CLOSE): a FIN follows what is
 * queued. */
void tcp_shut(struct tcp_conn *c);
/* The application is done with c (RFC 9293 3.10.4, CLOSE); how: CONN_LINGER or 0. */
void tcp_leave(struct tcp *t, struct tcp_conn *c, uint16_t how);

#endif
