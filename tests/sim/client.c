/* SPDX-License-Identifier: BSD-3-Clause */
/* A second TCP, which talks to the stack under test. */
#include "client.h"

#include <stdlib.h>

#include "base/seq.h"

#define RTO_MS     200
#define RTO_MAX_MS 3000
#define IDLE_MS    5000 /* then it asks whether the server is still there */

static uint32_t
rcv_nxt(const struct client *c)
{
	return c->irs + 1 + c->in + c->peer_fin;
}

/* The sequence number of our FIN. */
static uint32_t
fin_seq(const struct client *c)
{
	return c->iss + 1 + c->conf.send;
}

static bool
wants_fin(const struct client *c)
{
	switch (c->conf.close) {
	case CLOSE_WITH_DATA:
		return true;
	case CLOSE_AFTER_INPUT:
		return c->in == c->conf.expect;
	case CLOSE_LAST:
		return c->peer_fin;
	}
	return false;
}

bool
client_is_done(const struct client *c)
{
	return c->state == CLIENT_OPEN && c->peer_fin && c->snd_una == fin_seq(c) + 1 &&
	       c->read == c->in;
}

/* The window field; RCV.ADV moves, but never back. */
static uint16_t
window(struct client *c, bool syn)
{
	uint8_t shift = syn ? 0 : c->rcv_shift;
	uint32_t wnd = c->conf.room - (c->in - c->read), most = (uint32_t)UINT16_MAX << shift;
	uint32_t nxt = rcv_nxt(c);

	if (syn)
		return (uint16_t)(wnd < most ? wnd : most);
	if (seq_lt(nxt + wnd, c->rcv_adv))
		wnd = c->rcv_adv - nxt;
	if (wnd > most)
		wnd = most;
	wnd = wnd >> shift << shift;
	c->rcv_adv = seq_max(c->rcv_adv, nxt + wnd);
	return (uint16_t)(wnd >> shift);
}

/* Up to three runs of bytes behind the first hole. */
static void
fill_sack(const struct client *c, struct tcp_opts *o)
{
	uint32_t i = c->in;

	while (i < c->highest && o->nsack < 3) {
		struct sack_block b;

		while (i < c->highest && !c->have[i])
			i++;
		b.left = c->irs + 1 + i;
		while (i < c->highest && c->have[i])
			i++;
		b.right = c->irs + 1 + i;
		if (b.left != b.right)
			o->sack[o->nsack++] = b;
	}
	if (o->nsack > 0)
		o->present |= SEG_OPT_SACK;
}

static void
say(struct client *c, uint8_t flags, uint32_t seq, uint32_t len, uint64_t now_us)
{
	uint8_t frame[14 + RIG_MTU];
	bool syn = flags & TCP_SYN;
	struct say w = {
	        .src = c->conf.ip,
	        .sport = c->conf.port,
	        .dport = c->conf.server_port,
	        .seq = seq,
	        .ack = (flags & TCP_ACK) ? rcv_nxt(c) : 0,
	        .flags = flags,
	        .wnd = window(c, syn),
	        .text = sim_stream(c->conf.send_at) + (seq - c->iss - 1),
	        .len = len,
	};

	if (syn)
		w.text = sim_stream(c->conf.send_at);
	if (syn ? c->conf.ts : c->use_ts && !(flags & TCP_RST)) {
		w.opts.present |= SEG_OPT_TS;
		w.opts.tsval = (uint32_t)(now_us / 1000) + c->ts_offset;
		w.opts.tsecr = syn ? 0 : c->ts_recent;
	}
	if (syn) {
		w.opts.present |= (c->conf.mss ? SEG_OPT_MSS : 0) |
		                  (c->conf.wscale ? SEG_OPT_WSCALE : 0) |
		                  (c->conf.sack ? SEG_OPT_SACK_OK : 0);
		w.opts.mss = c->conf.mss;
		w.opts.wscale = c->conf.shift;
	} else if (c->use_sack && len == 0 && !(flags & TCP_RST)) {
		fill_sack(c, &w.opts);
	}
	if (c->conf.urgent && len != 0 && rng_permille(&c->rng, 100))
		w.flags |= TCP_URG;
	c->last_ack_sent = w.ack;
	c->ack_now = false;
	c->ack_at = 0;
	c->says(c->ctx, c, frame, rig_build(&w, frame));
}

static void
run_rto(struct client *c, uint64_t now_us)
{
	uint64_t ms = (uint64_t)RTO_MS << c->backoff;

	c->rto_at = now_us + (ms < RTO_MAX_MS ? ms : RTO_MAX_MS) * 1000;
}

static void
say_syn(struct client *c, uint64_t now_us)
{
	uint32_t len = 0;

	if (c->conf.syn_data && c->conf.send != 0)
		len = 1 + rng_below(&c->rng, c->conf.send < 100 ? c->conf.send : 100);
	say(c, TCP_SYN, c->iss, len, now_us);
	c->snd_max = seq_max(c->snd_max, c->iss + 1 + len);
	run_rto(c, now_us);
}

void
client_start(struct client *c, const struct client_conf *conf, uint64_t seed, uint64_t now_us)
{
	*c = (struct client) {.conf = *conf,
	        .rng = {.state = seed},
	        .says = c->says,
	        .ctx = c->ctx,
	        .fin_at = UINT32_MAX};
	c->have = calloc(1, conf->expect + 1);
	if (c->have == NULL)
		sim_fail("no memory");
	/* near where numbers wrap, half of the time */
	c->iss = (uint32_t)rng_next(&c->rng);
	if (rng_permille(&c->rng, 500))
		c->iss = 0 - rng_below(&c->rng, conf->send + 100);
	c->ts_offset = rng_permille(&c->rng, 500) ? (uint32_t)rng_next(&c->rng)
	                                          : 0 - (uint32_t)(now_us / 1000) - 300;
	c->snd_una = c->iss;
	c->snd_nxt = c->snd_max = c->iss + 1;
	c->probe_at = now_us + IDLE_MS * 1000;
	say_syn(c, now_us);
}

void
client_free(struct client *c)
{
	free(c->have);
	c->have = NULL;
}

/* Send the text that may be sent, in pieces of any size, and a FIN on the last piece or alone.
 */
static void
send_text(struct client *c, uint64_t now_us)
{
	uint32_t cwnd = c->conf.burst * c->mss;
	uint32_t wnd = c->snd_wnd < cwnd ? c->snd_wnd : cwnd;

	for (;;) {
		int32_t usable = (int32_t)(c->snd_una + wnd - c->snd_nxt);
		uint32_t left = seq_lt(c->snd_nxt, fin_seq(c)) ? fin_seq(c) - c->snd_nxt : 0;
		uint32_t len = 1 + rng_below(&c->rng, c->conf.max_len);
		uint8_t flags = TCP_ACK;

		if (usable <= 0 || (left == 0 && (c->snd_nxt != fin_seq(c) || !wants_fin(c))))
			return;
		len = len < c->mss ? len : c->mss;
		len = len < left ? len : left;
		len = len < (uint32_t)usable ? len : (uint32_t)usable;
		if (len == left && wants_fin(c) && len < (uint32_t)usable &&
		        (left == 0 || rng_permille(&c->rng, 700)))
			flags |= TCP_FIN;
		say(c, flags | (rng_permille(&c->rng, 300) ? TCP_PSH : 0), c->snd_nxt, len,
		        now_us);
		c->snd_nxt += len + !!(flags & TCP_FIN);
		c->snd_max = seq_max(c->snd_max, c->snd_nxt);
	}
}

/* Nothing came since the SYN-ACK: our ACK may have got lost, and with it the only
 * thing that knows of us. Behind lost text a bare ACK would tell another number. */
static bool
first_ack(const struct client *c)
{
	return c->snd_una == c->iss + 1 && c->highest == 0 && c->fin_at == UINT32_MAX;
}

static void
output(struct client *c, uint64_t now_us)
{
	send_text(c, now_us);
	if (c->snd_una == c->snd_max && c->snd_nxt == c->snd_una &&
	        (c->snd_nxt == fin_seq(c) + 1 || (c->snd_nxt == fin_seq(c) && !wants_fin(c))))
		c->rto_at = 0;
	else if (c->rto_at == 0)
		run_rto(c, now_us);
	if (c->ack_now)
		say(c, TCP_ACK, first_ack(c) ? c->snd_una : c->snd_nxt, 0, now_us);
}

/* Go back to SND.UNA; into a closed window one octet goes. */
static void
repeat(struct client *c, uint64_t now_us)
{
	c->backoff += c->backoff < 10;
	run_rto(c, now_us);
	if (c->state == CLIENT_SYN_SENT) {
		say_syn(c, now_us);
		return;
	}
	c->snd_nxt = c->snd_una;
	if (c->snd_wnd != 0)
		return;
	if (seq_lt(c->snd_nxt, fin_seq(c))) {
		say(c, TCP_ACK, c->snd_nxt, 1, now_us);
		c->snd_max = seq_max(c->snd_max, c->snd_nxt + 1);
	} else if (wants_fin(c) && c->snd_nxt == fin_seq(c)) {
		say(c, TCP_ACK | TCP_FIN, c->snd_nxt, 0, now_us);
		c->snd_max = seq_max(c->snd_max, c->snd_nxt + 1);
	}
}

static void
say_rst(struct client *c, uint32_t seq, uint64_t now_us)
{
	say(c, TCP_RST, seq, 0, now_us);
}

static void
application_reads(struct client *c, uint64_t now_us)
{
	uint32_t n = c->in - c->read, before = c->conf.room - n;

	if (n == 0 || (c->conf.read_every_ms != 0 && now_us < c->read_at))
		return;
	if (c->conf.read_every_ms != 0) {
		c->read_at = now_us + c->conf.read_every_ms * 1000ull;
		n = n < c->conf.read_bytes ? n : c->conf.read_bytes;
	}
	c->read += n;
	/* RFC 9293 3.8.6.2.2 */
	if (before < 1000 && before + n >= 1000 && !c->peer_fin)
		c->ack_now = true;
}

void
client_tick(struct client *c, uint64_t now_us)
{
	if (c->state == CLIENT_GONE) {
		if (c->aborted && c->rto_at != 0 && now_us >= c->rto_at) {
			run_rto(c, now_us);
			/* The end of lost text may be the right edge of the server's window,
			 * where no RST counts (RFC 5961 3.2). */
			c->rst_at_una = !c->rst_at_una;
			say_rst(c, c->rst_at_una ? c->snd_una : c->snd_max, now_us);
		}
		return;
	}
	if (c->state == CLIENT_OPEN)
		application_reads(c, now_us);
	if (c->rto_at != 0 && now_us >= c->rto_at)
		repeat(c, now_us);
	if (c->state != CLIENT_OPEN)
		return;
	if (c->conf.abort_at != UINT32_MAX && !client_is_done(c) &&
	        c->in + (c->snd_una - c->iss) >= c->conf.abort_at) {
		c->state = CLIENT_GONE;
		c->aborted = true;
		c->backoff = 0;
		run_rto(c, now_us);
		say_rst(c, c->snd_nxt, now_us);
		return;
	}
	if (now_us >= c->probe_at) {
		c->probe_at = now_us + IDLE_MS * 1000;
		if (!client_is_done(c))
			say(c, TCP_ACK, c->snd_una - !first_ack(c), 0, now_us);
	}
	if (c->ack_at != 0 && now_us >= c->ack_at)
		c->ack_now = true;
	output(c, now_us);
}

uint64_t
client_next_us(const struct client *c)
{
	uint64_t next = UINT64_MAX;

	if (c->rto_at != 0)
		next = c->rto_at;
	if (c->state != CLIENT_OPEN)
		return next;
	if (c->ack_at != 0 && c->ack_at < next)
		next = c->ack_at;
	if (c->conf.read_every_ms != 0 && c->in != c->read && c->read_at < next)
		next = c->read_at;
	return next;
}

static void
take_syn_ack(struct client *c, const struct seg *s, uint64_t now_us)
{
	if ((s->flags & TCP_ACK) && s->ack != c->iss + 1) {
		say_rst(c, s->ack, now_us);
		return;
	}
	if ((s->flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		return;
	c->state = CLIENT_OPEN;
	c->irs = s->seq;
	c->snd_una = c->snd_nxt = s->ack;
	c->use_ts = s->opts & SEG_OPT_TS;
	c->use_sack = s->opts & SEG_OPT_SACK_OK;
	if (s->opts & SEG_OPT_WSCALE) {
		c->snd_shift = s->wscale;
		c->rcv_shift = c->conf.shift;
	}
	c->ts_recent = s->tsval;
	c->mss = (uint16_t)(s->mss - (c->use_ts ? 12 : 0));
	c->snd_wnd = s->wnd;
	c->snd_wl1 = s->seq;
	c->snd_wl2 = s->ack;
	c->rcv_adv = rcv_nxt(c);
	c->backoff = 0;
	c->rto_at = 0;
	c->ack_now = true;
}

static void
take_ack(struct client *c, const struct seg *s, uint64_t now_us)
{
	if (seq_gt(s->ack, c->snd_una) && seq_leq(s->ack, c->snd_max)) {
		c->snd_una = s->ack;
		c->snd_nxt = seq_max(c->snd_nxt, s->ack);
		c->backoff = 0;
		run_rto(c, now_us);
	}
	if (seq_lt(s->ack, c->snd_una))
		return;
	if (seq_lt(c->snd_wl1, s->seq) ||
	        (c->snd_wl1 == s->seq && seq_leq(c->snd_wl2, s->ack))) {
		c->snd_wnd = (uint32_t)s->wnd << c->snd_shift;
		c->snd_wl1 = s->seq;
		c->snd_wl2 = s->ack;
	}
}

static void
take_text(struct client *c, const struct seg *s, uint64_t now_us)
{
	uint32_t offset = s->seq - c->irs - 1, edge = c->rcv_adv - c->irs - 1;
	bool in_order = offset <= c->in;

	if (seg_len(s) == 0)
		return;
	for (uint32_t i = 0; i < s->len && offset + i < edge; i++) {
		c->have[offset + i] = 1;
		if (offset + i >= c->highest)
			c->highest = offset + i + 1;
	}
	if ((s->flags & TCP_FIN) && offset + s->len < edge)
		c->fin_at = offset + s->len;
	while (c->in < c->highest && c->have[c->in])
		c->in++;
	if (c->in == c->fin_at)
		c->peer_fin = true;
	if (c->conf.delay_ack_ms == 0 || c->ack_at != 0 || !in_order || c->peer_fin)
		c->ack_now = true;
	else
		c->ack_at = now_us + c->conf.delay_ack_ms * 1000ull;
}

static void
take_rst(struct client *c, const struct seg *s)
{
	bool ok = c->state == CLIENT_SYN_SENT
	                  ? (s->flags & TCP_ACK) && s->ack == c->iss + 1
	                  : s->seq == rcv_nxt(c) ||
	                            (seq_geq(s->seq, rcv_nxt(c)) && seq_lt(s->seq, c->rcv_adv));

	/* both FINs acknowledged: as in TIME-WAIT (RFC 1337) */
	if (!ok || (c->peer_fin && c->snd_una == fin_seq(c) + 1))
		return;
	c->state = CLIENT_GONE;
	c->was_reset = true;
	c->rto_at = 0;
}

void
client_input(struct client *c, const struct seg *s, uint64_t now_us)
{
	c->probe_at = now_us + IDLE_MS * 1000;
	if (c->state == CLIENT_GONE) {
		if (!(s->flags & TCP_RST))
			say_rst(c, s->ack, now_us);
		return;
	}
	if (s->flags & TCP_RST) {
		take_rst(c, s);
		return;
	}
	if (c->state == CLIENT_SYN_SENT) {
		take_syn_ack(c, s, now_us);
	} else if (s->flags & TCP_SYN) {
		/* A late answer to a SYN: the client is gone, or, if it is at work, RFC
		 * 5961 4.2 */
		if (s->seq != c->irs && client_is_done(c)) {
			say_rst(c, s->ack, now_us);
			return;
		}
		c->ack_now = true;
	} else {
		if (c->use_ts && seq_lt(s->tsval, c->ts_recent)) {
			c->ack_now = seg_len(s) != 0;
			return;
		}
		if (c->use_ts && seq_leq(s->seq, c->last_ack_sent))
			c->ts_recent = s->tsval;
		take_ack(c, s, now_us);
		take_text(c, s, now_us);
	}
	if (c->state == CLIENT_OPEN)
		output(c, now_us);
}
