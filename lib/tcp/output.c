/* SPDX-License-Identifier: BSD-3-Clause */
/* The segments that a connection sends (RFC 9293 3.8, 3.10.2, 3.10.8). */
#include "tcp/output.h"

#include "tcp/mtu.h"
#include "tcp/out.h"
#include "tcp/pend.h"
#include "tcp/reasm.h"
#include "tcp/sends.h"
#include "tcp/time_wait.h"
#include "tcp/timers.h"
#include "tcp/window.h"

#define SEGMENTS_AT_ONCE 64 /* of one connection, before others have their turn */
#define CHALLENGES_PER_S 10 /* of one connection */
#define STAMPS_PER_S     (US_PER_SECOND >> CLOCK_STAMP_SHIFT)

static void
fill_options(const struct tcp *t, const struct tcp_conn *c, struct tcp_out *o)
{
	if (c->flags & CONN_TS) {
		o->opts.present = SEG_OPT_TS;
		o->opts.tsval = tcp_ts_now(t, c);
		o->opts.tsecr = c->ts_recent;
	}
	if (c->reasm != POOL_NONE && (c->flags & CONN_SACK)) {
		o->opts.nsack = (uint8_t)reasm_sack_blocks(t, c, o->opts.sack,
		        (c->flags & CONN_TS) ? TCP_SACK_MAX_TS : TCP_SACK_MAX);
		if (o->opts.nsack != 0) /* held text has no SACK block */
			o->opts.present |= SEG_OPT_SACK;
	}
}

static inline void
fill_ip(const struct tcp_conn *c, const struct tcp_rare *r, struct tcp_out *o)
{
	if (c->marked) { /* only then is the rare line read */
		o->tos = r->tos;
		o->ttl = r->ttl;
	}
}

static void
fill_header(struct tcp *t, struct tcp_conn *c, struct tcp_out *o, struct seg *asked_by,
        uint32_t seq, uint8_t flags)
{
	struct tcp_rare *r = tcp_rare(t, c);

	tcp_out_begin(t, o, &c->key, c->port, asked_by);
	o->seq = seq;
	o->ack = c->rcv_nxt;
	o->wnd = window_offer(t, c);
	o->flags = flags;
	fill_ip(c, r, o);
	o->neigh = &r->neigh;
	fill_options(t, c, o);

	c->last_ack_sent = c->rcv_nxt;
	c->flags &= (uint16_t) ~(CONN_ACK_NOW | CONN_ACK_LATER);
}

/* Options that only a SYN has. */
static void
fill_syn_options(const struct tcp *t, const struct tcp_conn *c, struct tcp_out *o, bool wscale)
{
	o->opts.present |= SEG_OPT_MSS;
	o->opts.mss = mss_of_mtu(t->mtu(t->below, c->port));
	if (wscale) {
		o->opts.present |= SEG_OPT_WSCALE;
		o->opts.wscale = c->rcv_wscale;
	}
	if (c->flags & CONN_SACK)
		o->opts.present |= SEG_OPT_SACK_OK;
}

void
tcp_send_syn(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_out o;

	fill_header(t, c, &o, NULL, c->snd_una, TCP_SYN);
	o.ack = 0;
	o.wnd = tcp_syn_window(t);
	fill_syn_options(t, c, &o, t->conf.offer & SEG_OPT_WSCALE);
	t->emit(t->below, &o);
}

void
tcp_send_syn_ack(struct tcp *t, struct tcp_conn *c, struct seg *asked_by)
{
	struct tcp_out o;
	uint32_t offered = c->rcv_adv; /* an ACK in SYN-RECEIVED may have offered more */

	fill_header(t, c, &o, asked_by, c->snd_una, TCP_SYN | TCP_ACK);
	o.wnd = tcp_syn_window(t);
	c->rcv_adv = seq_max(offered, c->rcv_nxt + o.wnd);
	fill_syn_options(t, c, &o, c->snd_wscale != 0 || c->rcv_wscale != 0);
	t->emit(t->below, &o);
}

/* The SEQ of a segment without text. SND.NXT may have gone back, and the peer would find it
 * old. But SEQ is not beyond a window that the peer has taken back, where some peers take no
 * ACK. A loss of less than a unit of the shift only seems to take the window back (RFC 7323
 * 2.4). */
static uint32_t
bare_seq(const struct tcp_conn *c)
{
	uint32_t edge = c->snd_una + c->snd_wnd;

	return seq_geq(edge + (1u << c->snd_wscale) - 1, c->snd_max) ? c->snd_max : edge;
}

void
tcp_send_ack(struct tcp *t, struct tcp_conn *c, struct seg *asked_by)
{
	struct tcp_out o;

	fill_header(t, c, &o, asked_by, bare_seq(c), TCP_ACK);
	t->emit(t->below, &o);
}

void
tcp_send_rst(struct tcp *t, struct tcp_conn *c, struct seg *asked_by)
{
	struct tcp_out o;

	fill_header(t, c, &o, asked_by, bare_seq(c), TCP_RST | TCP_ACK);
	o.wnd = 0;
	o.opts.present &= SEG_OPT_TS; /* RFC 7323 3.2, a SHOULD */
	counter_add(&t->count->rst_sent, 1);
	t->emit(t->below, &o);
}

void
tcp_send_challenge(struct tcp *t, struct tcp_conn *c, struct seg *asked_by)
{
	struct tcp_rare *r = tcp_rare(t, c);

	uint16_t now = (uint16_t)clock_stamp(t->now);

	if ((uint16_t)(now - r->challenged) >= STAMPS_PER_S || r->challenges == 0) {
		r->challenged = now;
		r->challenges = 0;
	}
	if (r->challenges >= CHALLENGES_PER_S) {
		counter_add(&t->count->challenge_acks_limited, 1);
		return;
	}
	r->challenges++;
	counter_add(&t->count->challenge_acks, 1);
	tcp_send_ack(t, c, asked_by);
}

/* The first time our FIN goes out (RFC 9293 3.10.4); FIN-WAIT-1 began with CLOSE. */
static void
fin_sent(struct tcp_conn *c)
{
	if (c->flags & CONN_FIN_SENT)
		return;
	c->flags |= CONN_FIN_SENT;
	if (c->state == TCP_CLOSE_WAIT)
		c->state = TCP_LAST_ACK;
}

_Static_assert(TCP_OUT_PIECES >= TCP_SENDS_MAX, "a segment may be of all that is queued");

/* Send one segment of text from seq on, with a FIN behind it if `fin`. Returns the sequence
 * space that it took. */
static uint32_t
send_segment(struct tcp *t, struct tcp_conn *c, struct seg *asked_by, uint32_t seq,
        uint32_t len, bool fin)
{
	uint32_t end = tcp_snd_end(t, c);
	struct tcp_out o;

	fill_header(t, c, &o, asked_by, seq, TCP_ACK);
	if (len != 0) {
		sends_gather(t, c, seq, len, &o);
		if (seq + len == end)
			o.flags |= TCP_PSH;
	}
	if (fin)
		o.flags |= TCP_FIN;
	o.len = len;

	if (seq_lt(seq, c->snd_max)) {
		counter_add(&t->count->segments_retransmitted, 1);
		resent_segment(t, c, len);
		c->timers &= ~TIMER_RTT; /* Karn */
	} else if (!(c->flags & CONN_TS) && !(c->timers & TIMER_RTT)) {
		struct tcp_rare *r = tcp_rare(t, c);

		c->timers |= TIMER_RTT;
		r->rtt_seq = seq + len + fin;
		r->rtt_us = (uint32_t)t->now.us;
	}
	t->emit(t->below, &o);

	len += fin;
	c->snd_max = seq_max(c->snd_max, seq + len);
	if (fin)
		fin_sent(c);
	return len;
}

/* RFC 6691: SACK blocks are paid from the segment as well. */
static uint32_t
room_of_segment(const struct tcp_conn *c)
{
	unsigned blocks = (c->flags & CONN_TS) ? TCP_SACK_MAX_TS : TCP_SACK_MAX;

	if (c->reasm == POOL_NONE || !(c->flags & CONN_SACK))
		return c->mss;
	return c->mss - (4 + blocks * (uint32_t)sizeof(struct sack_block));
}

/* May less than a full segment go (RFC 9293 3.8.6.2.1)? Services hand over
 * whole messages, so Nagle's rule is not applied: the end of the queue goes. */
static bool
worth_sending(const struct tcp *t, const struct tcp_conn *c, uint32_t len, uint32_t full,
        uint32_t queued)
{
	return len == full || len == queued || 2 * len >= tcp_rare(t, c)->max_snd_wnd ||
	       seq_lt(c->snd_nxt, c->snd_max);
}

/* Send what the two windows allow. Returns false if nothing was sent. */
static bool
send_text(struct tcp *t, struct tcp_conn *c, struct seg *asked_by)
{
	uint32_t end = tcp_snd_end(t, c), full;
	unsigned n;

	mtu_age(t, c);
	full = room_of_segment(c);
	for (n = 0; seq_leq(c->snd_nxt, end); n++) {
		uint32_t queued = end - c->snd_nxt;
		int32_t peer = (int32_t)(c->snd_una + c->snd_wnd - c->snd_nxt);
		int32_t net = (int32_t)(c->snd_una + c->cwnd - c->snd_nxt);
		int32_t usable = peer < net ? peer : net;
		uint32_t len = queued < full ? queued : full;
		bool fin;

		if (usable < (int32_t)len)
			len = usable > 0 ? (uint32_t)usable : 0;
		/* FIN takes one octet of the peer's window */
		fin = (c->flags & CONN_SHUTDOWN) && len == queued && peer > (int32_t)len;
		if ((len == 0 && !fin) || (len != 0 && !worth_sending(t, c, len, full, queued)))
			break;
		if (tcp_port_is_full(t, c)) {
			tcp_wait_for_port(t, c);
			break;
		}
		if (n == SEGMENTS_AT_ONCE) {
			tcp_pend(t, c);
			break;
		}
		c->snd_nxt += send_segment(t, c, asked_by, c->snd_nxt, len, fin);
	}
	return n != 0;
}

/* Is text or a FIN queued that may not be sent? */
static bool
has_blocked_text(const struct tcp *t, const struct tcp_conn *c)
{
	return c->snd_nxt == c->snd_una &&
	       (c->snd_nxt != tcp_snd_end(t, c) || (c->flags & CONN_SHUTDOWN));
}

static bool
may_send(const struct tcp_conn *c)
{
	switch ((enum tcp_state)c->state) {
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
	case TCP_FIN_WAIT_1:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		return c->sends != POOL_NONE || (c->flags & CONN_SHUTDOWN);
	case TCP_CLOSED:
	case TCP_LISTEN:
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
	case TCP_FIN_WAIT_2:
	case TCP_TIME_WAIT:
	case TCP_STATES:
		return false;
	}
	return false;
}

/* Its text waits for its port, so it does not speak at the end of this turn. */
static bool
waits_for_port(const struct tcp *t, const struct tcp_conn *c)
{
	return (c->flags & CONN_PENDING) && tcp_port_is_full(t, c);
}

void
tcp_output(struct tcp *t, struct tcp_conn *c, struct seg *asked_by)
{
	bool sent = false;

	if (may_send(c)) {
		sent = send_text(t, c, asked_by);
		if (c->snd_nxt != c->snd_una)
			tcp_timers_data_sent(t, c);
		else if (!waits_for_port(t, c) && has_blocked_text(t, c))
			tcp_timers_window_closed(t, c);
	}
	if (sent)
		return;
	if ((c->flags & CONN_ACK_NOW) || ((c->flags & CONN_ACK_LATER) && waits_for_port(t, c)))
		tcp_send_ack(t, c, asked_by);
	else if (c->flags & CONN_ACK_LATER)
		tcp_pend(t, c);
}

void
tcp_send_again(struct tcp *t, struct tcp_conn *c, struct seg *asked_by)
{
	uint32_t end = tcp_snd_end(t, c);
	uint32_t queued = end - c->snd_una;
	uint32_t full = room_of_segment(c);
	uint32_t len = queued < full ? queued : full;
	/* Text that the peer took back from its window is not sent again before it is offered
	 * again. One octet is, as a probe (RFC 9293 3.8.6.1). */
	uint32_t wnd = c->snd_wnd != 0 ? c->snd_wnd : 1;
	bool fin;

	if (len > wnd)
		len = wnd;
	fin = (c->flags & CONN_FIN_SENT) && len == queued && wnd > len;
	len = send_segment(t, c, asked_by, c->snd_una, len, fin);
	c->snd_nxt = seq_max(c->snd_nxt, c->snd_una + len);
}

void
tcp_send_probe(struct tcp *t, struct tcp_conn *c)
{
	uint32_t queued = tcp_snd_end(t, c) - c->snd_nxt;
	uint32_t full = room_of_segment(c);
	uint32_t len = queued < full ? queued : full;

	if (c->snd_wnd == 0) {
		/* SND.NXT stays: the octet counts as sent only when the peer has acknowledged
		 * it. */
		send_segment(t, c, NULL, c->snd_nxt, queued != 0 ? 1 : 0, queued == 0);
		return;
	}
	/* The window has been too small for the silly window rule for too long: send now (RFC
	 * 9293 3.8.6.2.1, the override). */
	if (len > c->snd_wnd)
		len = c->snd_wnd;
	c->snd_nxt += send_segment(t, c, NULL, c->snd_nxt, len, len == 0);
}
