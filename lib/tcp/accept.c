/* SPDX-License-Identifier: BSD-3-Clause */
/* A connection begins: the last ACK of a passive handshake has come, for a half-open record or
 * for a cookie. */
#include "tcp/accept.h"

#include "tcp/bare.h"
#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/pressure.h"
#include "tcp/steps.h"

static void
begin_accepted(struct tcp *t, struct tcp_conn *c, const struct accept *a, const struct seg *s)
{
	c->user = a->listener;
	c->port = s->port;
	handshake_start(c, a->iss, a->ts_offset);
	c->rcv_nxt = c->last_ack_sent = a->irs + 1;
	c->rcv_adv = c->rcv_nxt + tcp_syn_window(t); /* the SYN-ACK offered this window */
	handshake_agree(t, c, &a->peer, HANDSHAKE_OPTIONS);
	if (a->again)
		c->flags |= CONN_SYN_AGAIN;
	tcp_rare(t, c)->rtt_us = a->syn_us;
}

static enum drop
refuse_connection(struct tcp *t, const struct accept *a, struct seg *s, enum drop why)
{
	if (a->half_open != FLOW_NONE)
		tcp_half_open_end(t, a->half_open & REF_INDEX);
	return tcp_reset_stranger(t, s, why);
}

enum drop
accept_connection(struct tcp *t, const struct accept *a, struct seg *s)
{
	struct tcp_conn *c;
	enum drop why = pressure_admit(t, &s->key);

	if (why != DROP_NONE)
		return refuse_connection(t, a, s, why);
	c = tcp_conn_new(t, &s->key, s->hash, a->half_open);
	if (c == NULL && pressure_make_room(t))
		c = tcp_conn_new(t, &s->key, s->hash, a->half_open);
	if (c == NULL)
		return t->conf.refuse ? refuse_connection(t, a, s, DROP_CONN_FULL)
		                      : DROP_CONN_FULL;
	syn_mode_proved(&t->syn);
	counter_add(&t->count->cookies_valid, a->cookie);
	begin_accepted(t, c, a, s);
	t->current = c;
	handshake_done(t, c, s, (uint32_t)s->wnd << c->snd_wscale, !a->cookie);
	return tcp_input(t, c, s);
}

enum drop
accept_cookie(const struct tcp *t, const struct seg *s, struct accept *a)
{
	struct cookie_found found;
	enum drop why;

	if ((s->flags & TCP_SYN) || t->refusing || !cookie_keys_expect(&t->cookies))
		return DROP_TCP_LISTEN_FLAGS;
	why = cookie_check(&t->cookies, s, tcp_ts_ms(t), &found);
	if (why != DROP_NONE)
		return why;
	*a = (struct accept) {
	        .iss = s->ack - 1,
	        .irs = s->seq - 1,
	        .ts_offset = found.ts_offset + t->ts_ahead_ms,
	        .peer = found.peer,
	        .cookie = true,
	};
	return DROP_NONE;
}
