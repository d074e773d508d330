/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/handshake.h"

#include "tcp/cc.h"
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/rtt.h"
#include "tcp/timers.h"

/* RFC 6528: M + F(localip, localport, remoteip, remoteport, secretkey), M
 * ticking every 4 us. The other half of the PRF's output is the connection's
 * timestamp offset (RFC 7323 7.1). */
void
handshake_iss(const struct tcp *t, struct tcp_conn *c, struct prf_block f, uint32_t floor)
{
	uint32_t iss = (uint32_t)(t->now.us >> 2) + (uint32_t)f.lo;

	/* above the sequence numbers of the connection that was in TIME-WAIT */
	if (floor != 0 && seq_lt(iss, floor))
		iss = floor;
	c->snd_una = iss;
	c->snd_nxt = c->snd_max = iss + 1;
	c->ts_offset = (uint32_t)f.hi;
}

/* What both SYNs have, and nothing else (RFC 7323 2.2, 3.2; RFC 2018 2). */
void
handshake_agree(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint8_t ours)
{
	uint32_t room = t->conf.rcv_wnd;
	uint16_t most = (uint16_t)(t->mtu(t->below, c->port) - 40);
	uint16_t mss = (s->opts & SEG_OPT_MSS) ? s->mss : TCP_MSS_DEFAULT;
	uint8_t both = s->opts & ours;

	if (mss < TCP_MSS_MIN)
		mss = TCP_MSS_MIN;
	c->mss = mss < most ? mss : most;
	c->flags &= (uint16_t) ~(CONN_TS | CONN_SACK);
	c->rcv_wscale = 0;
	if (both & SEG_OPT_TS) {
		c->flags |= CONN_TS;
		c->ts_recent = s->tsval;
		c->ts_epoch = (uint8_t)(t->now.us >> CONN_EPOCH_SHIFT);
		c->mss -= 12; /* RFC 6691: options are paid from the segment */
	}
	if (both & SEG_OPT_SACK_OK)
		c->flags |= CONN_SACK;
	if (both & SEG_OPT_WSCALE) {
		c->snd_wscale = s->wscale < TCP_WSCALE_MAX ? s->wscale : TCP_WSCALE_MAX;
		c->rcv_wscale = t->rcv_wscale;
	}
	room >>= c->rcv_wscale;
	c->rcv_wnd = room < UINT16_MAX ? (uint16_t)room : UINT16_MAX;
}

/* An echoed timestamp tells which SYN it answers; without one, only a handshake
 * without retransmission is measured (Karn). */
static void
measure(const struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	if (c->flags & CONN_SYN_AGAIN)
		rtt_after_lost_syn(c);
	if (c->flags & CONN_TS)
		rtt_measure_echo(t, c, s);
	else if (!(c->flags & CONN_SYN_AGAIN))
		rtt_sample(c, (uint32_t)t->now.us - tcp_rare(t, c)->rtt_us);
}

void
handshake_done(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t wnd)
{
	struct tcp_rare *r = tcp_rare(t, c);
	bool active = tcp_is_active(t, c);

	if (c->state == TCP_SYN_RECEIVED)
		t->half_open--;
	counter_add(active ? &t->count->conn_connected : &t->count->conn_accepted, 1);
	tcp_timers_established(t, c);
	c->state = TCP_ESTABLISHED;
	c->snd_una = s->ack;
	c->snd_wnd = wnd;
	c->snd_wl1 = s->seq;
	c->snd_wl2 = s->ack;
	r->max_snd_wnd = wnd;
	r->recover = c->snd_una - 1; /* RFC 6582 3.2: ISS */
	cc_init(c);
	pressure_established(t, c);
	measure(t, c, s);
	/* Whom we called stands in the cache already. */
	if (!active)
		t->proved(t->below, s);
	tcp_tell_opened(t, c);
}
