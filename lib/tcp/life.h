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

#endif
