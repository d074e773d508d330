/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of a handshake that a passive and an active opening share. */
#include "tcp/handshake.h"

#include <assert.h>

#include "tcp/cc.h"
#include "tcp/close.h"
#include "tcp/crowd.h"
#include "tcp/out.h"
#include "tcp/rtt.h"
#include "tcp/tell.h"
#include "tcp/timers.h"

/* RFC 6528: M + F(localip, localport, remoteip, remoteport, secretkey), M
 * ticking every 4 us. */
uint32_t
handshake_iss(const struct tcp *t, struct prf_block f, uint32_t floor)
{
	uint32_t iss = (uint32_t)(t->now.us >> 2) + (uint32_t)f.lo;

	/* above the sequence numbers of the connection that was in TIME-WAIT */
	return floor != 0 && seq_lt(iss, floor) ? floor : iss;
}

void
handshake_start(struct tcp_conn *c, uint32_t iss, uint32_t ts_offset)
{
	c->snd_una = iss;
	c->snd_nxt = c->snd_max = iss + 1;
	c->ts_offset = ts_offset;
}

/* Agree on the options that both SYNs have, and on no others (RFC 7323 2.2, 3.2; RFC 2018
 * 2). */
void
handshake_agree(struct tcp *t, struct tcp_conn *c, const struct syn_offer *peer, uint8_t ours)
{
	uint32_t room = t->conf.rcv_wnd;
	uint16_t most = mss_of_mtu(t->mtu(t->below, c->port));
	uint16_t mss = (peer->opts & SEG_OPT_MSS) ? peer->mss : TCP_MSS_DEFAULT;
	uint8_t both = peer->opts & ours;

	assert(mss >= TCP_MSS_MIN);
	c->mss = mss < most ? mss : most;
	c->flags &= (uint16_t) ~(CONN_TS | CONN_SACK);
	c->rcv_wscale = 0;
	if (both & SEG_OPT_TS) {
		c->flags |= CONN_TS;
		c->ts_recent = peer->tsval;
		c->ts_epoch = (uint8_t)(t->now.us >> CONN_EPOCH_SHIFT);
		c->mss -= TCP_TS_BYTES; /* RFC 6691: options are paid from the segment */
	}
	if (both & SEG_OPT_SACK_OK)
		c->flags |= CONN_SACK;
	if (both & SEG_OPT_WSCALE) {
		c->snd_wscale = peer->wscale < TCP_WSCALE_MAX ? peer->wscale : TCP_WSCALE_MAX;
		c->rcv_wscale = t->rcv_wscale;
	}
	room >>= c->rcv_wscale;
	c->rcv_wnd = room < UINT16_MAX ? (uint16_t)room : UINT16_MAX;
}

void
handshake_send_syn_ack(struct tcp *t, const struct syn_ack *a)
{
	struct tcp_out o;

	tcp_out_begin(t, &o, a->key, a->port, a->asked_by);
	o.seq = a->iss;
	o.ack = a->irs + 1;
	o.wnd = tcp_syn_window(t);
	o.flags = TCP_SYN | TCP_ACK;
	o.way_back = a->way_back;
	o.opts.present = SEG_OPT_MSS | (a->peer->opts & HANDSHAKE_OPTIONS);
	o.opts.mss = mss_of_mtu(t->mtu(t->below, a->port));
	o.opts.wscale = t->rcv_wscale;
	o.opts.tsval = a->tsval;
	o.opts.tsecr = a->peer->tsval;
	t->emit(t->below, &o);
}

void
handshake_answer(struct tcp *t, struct half_open *h, struct seg *asked_by)
{
	handshake_send_syn_ack(t, &(struct syn_ack) {
	                                  .key = &h->key,
	                                  .iss = h->iss,
	                                  .irs = h->irs,
	                                  .tsval = t->now.ms + h->ts_offset,
	                                  .peer = &h->peer,
	                                  .port = h->port,
	                                  .way_back = h->mac,
	                                  .asked_by = asked_by,
	                          });
}

/* An echoed timestamp identifies the SYN that it answers. Without timestamps, only a handshake
 * without retransmission is measured (Karn). */
static void
measure_handshake(const struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	if (c->flags & CONN_SYN_AGAIN)
		rtt_after_lost_syn(c);
	if (c->flags & CONN_TS)
		rtt_measure_echo(t, c, s);
	else if (!(c->flags & CONN_SYN_AGAIN))
		rtt_sample(c, (uint32_t)t->now.us - tcp_rare(t, c)->rtt_us);
}

void
handshake_done(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t wnd, bool timed)
{
	struct tcp_rare *r = tcp_rare(t, c);
	bool active = tcp_is_active(t, c);

	counter_add(active ? &t->count->conn_connected : &t->count->conn_accepted, 1);
	tcp_timers_established(t, c);
	c->state = TCP_ESTABLISHED;
	if (c->flags & CONN_SHUTDOWN) /* CLOSE in SYN-RECEIVED was queued (RFC 9293 3.10.4) */
		tcp_shut(c);
	c->snd_una = s->ack;
	c->snd_wnd = wnd;
	c->snd_wl1 = s->seq;
	r->max_snd_wnd = wnd;
	t->conf.cc->init(c);
	crowd_established(t, c);
	if (timed)
		measure_handshake(t, c, s);
	/* The peer of an active open is in the neighbour cache already. */
	if (!active)
		t->proved(t->below, s);
	tcp_tell_opened(t, c);
}
