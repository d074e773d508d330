/* SPDX-License-Identifier: BSD-3-Clause */
/* SEGMENT ARRIVES, LISTEN (RFC 9293 3.10.7.2). */
#include "tcp/cc.h"
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/timers.h"

/* RFC 6528: M + F(localip, localport, remoteip, remoteport, secretkey), M
 * ticking every 4 us. The other half of the PRF's output is the connection's
 * timestamp offset (RFC 7323 7.1). */
static void
choose_iss(const struct tcp *t, struct tcp_conn *c, uint32_t floor)
{
	struct prf_block f = prf_one(&t->isn_prf, flow_block(&c->key));
	uint32_t iss = (uint32_t)(t->now.us >> 2) + (uint32_t)f.lo;

	/* above the sequence numbers of the connection that was in TIME-WAIT */
	if (floor != 0 && seq_lt(iss, floor))
		iss = floor;
	c->snd_una = iss;
	c->snd_nxt = c->snd_max = iss + 1;
	c->ts_offset = (uint32_t)f.hi;
}

/* What the SYN offers, we answer; nothing else (RFC 7323 2.2, 3.2; 2018 2). */
static void
agree_options(struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	uint32_t room = t->conf.rcv_wnd;
	uint16_t ours = (uint16_t)(t->mtu(t->below, s->port) - 40);
	uint16_t mss = (s->opts & SEG_OPT_MSS) ? s->mss : TCP_MSS_DEFAULT;

	if (mss < TCP_MSS_MIN)
		mss = TCP_MSS_MIN;
	c->mss = mss < ours ? mss : ours;
	if (s->opts & SEG_OPT_TS) {
		c->flags |= CONN_TS;
		c->ts_recent = s->tsval;
		c->ts_epoch = (uint8_t)(t->now.us >> CONN_EPOCH_SHIFT);
		c->mss -= 12; /* RFC 6691: options are paid from the segment */
	}
	if (s->opts & SEG_OPT_SACK_OK)
		c->flags |= CONN_SACK;
	if (s->opts & SEG_OPT_WSCALE) {
		c->snd_wscale = s->wscale < TCP_WSCALE_MAX ? s->wscale : TCP_WSCALE_MAX;
		c->rcv_wscale = t->rcv_wscale;
	}
	room >>= c->rcv_wscale;
	c->rcv_wnd = room < UINT16_MAX ? (uint16_t)room : UINT16_MAX;
}

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

	c = tcp_conn_new(t, s, &why);
	if (c == NULL)
		return why;
	t->half_open++;
	counter_add(&t->count->syn_received, 1);
	c->listener = listener;
	c->state = TCP_SYN_RECEIVED;
	/* Text on the SYN is not acknowledged, so it will come again. */
	c->rcv_nxt = c->rcv_adv = s->seq + 1;
	c->snd_wnd = s->wnd;
	c->snd_wl1 = s->seq;
	choose_iss(t, c, iss_floor);
	c->snd_wl2 = c->snd_una;
	agree_options(t, c, s);

	tcp_send_syn_ack(t, c, s);
	tcp_timers_syn_ack_sent(t, c);
	return DROP_NONE;
}
