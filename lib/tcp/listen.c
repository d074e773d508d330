/* SPDX-License-Identifier: BSD-3-Clause */
/* SEGMENT ARRIVES, LISTEN (RFC 9293 3.10.7.2). */
#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/timers.h"

enum drop
tcp_listen_input(struct tcp *t, uint8_t listener, struct seg *s, uint32_t iss_floor)
{
	struct tcp_conn *c;
	enum drop why;

	if (s->flags & TCP_RST) /* first */
		return DROP_TCP_LISTEN_FLAGS;
	if (s->flags & TCP_ACK) /* second */
		return tcp_reset_stranger(t, s, DROP_TCP_LISTEN_FLAGS);
	/* third; a SYN with FIN asks for nothing that a TCP ever asks for */
	if ((s->flags & (TCP_SYN | TCP_FIN)) != TCP_SYN)
		return DROP_TCP_LISTEN_FLAGS;
	if (t->draining)
		return tcp_reset_stranger(t, s, DROP_SYN_DRAINING);

	if (t->half_open >= t->conf.max_half_open)
		return DROP_SYN_BACKLOG;
	if ((why = pressure_admit(t, &s->key)) != DROP_NONE)
		return tcp_reset_stranger(t, s, why);
	c = tcp_conn_new(t, &s->key, s->hash);
	if (c == NULL && pressure_make_room(t))
		c = tcp_conn_new(t, &s->key, s->hash);
	if (c == NULL)
		return DROP_CONN_FULL;
	t->half_open++;
	counter_add(&t->count->syn_received, 1);
	c->user = listener;
	c->port = s->port;
	c->state = TCP_SYN_RECEIVED;
	/* Text on the SYN is not acknowledged, so it will come again. */
	c->rcv_nxt = c->rcv_adv = s->seq + 1;
	c->snd_wnd = s->wnd;
	c->snd_wl1 = s->seq;
	handshake_iss(t, c, prf_one(&t->isn_prf, flow_block(&c->key)), iss_floor);
	c->snd_wl2 = c->snd_una;
	handshake_agree(t, c, s, HANDSHAKE_OPTIONS);
	tcp_rare(t, c)->rtt_us = (uint32_t)t->now.us;

	tcp_send_syn_ack(t, c, s);
	tcp_timers_syn_sent(t, c);
	return DROP_NONE;
}
