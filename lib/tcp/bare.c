/* SPDX-License-Identifier: BSD-3-Clause */
/* The senders of segments that belong to no connection: resets and bare ACKs. */
#include "tcp/bare.h"

#include "tcp/out.h"

void
tcp_send_bare(struct tcp *t, struct seg *asked_by, uint32_t seq, uint32_t ack, uint16_t wnd,
        const struct tcp_opts *opts)
{
	struct tcp_out o;

	tcp_out_begin(t, &o, &asked_by->key, asked_by->port, asked_by);
	o.seq = seq;
	o.ack = ack;
	o.wnd = wnd;
	o.flags = TCP_ACK;
	o.opts = *opts;
	t->emit(t->below, &o);
}

enum drop
tcp_reset_stranger(struct tcp *t, struct seg *s, enum drop why)
{
	struct tcp_out o;

	if (s->flags & TCP_RST)
		return why;
	if (!answers_take(&t->resets, s->key.raddr, t->now.us))
		return DROP_TCP_RST_RATE;

	tcp_out_begin(t, &o, &s->key, s->port, s);
	if (s->flags & TCP_ACK) {
		o.seq = s->ack;
		o.ack = 0;
		o.flags = TCP_RST;
	} else {
		o.seq = 0;
		o.ack = s->seq + seg_len(s);
		o.flags = TCP_RST | TCP_ACK;
	}
	o.wnd = 0;
	counter_add(&t->count->rst_sent, 1);
	t->emit(t->below, &o);
	return why;
}
