/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/timers.h"

#include "tcp/cc.h"
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/rtt.h"

#define EXPIRE_BATCH 32
/* Timers that a turn moves down in the wheel, at a cache miss or two each. */
#define MOVES 128

/* See that the node fires at `when` or before. */
static void
arm(struct tcp *t, struct tcp_conn *c, uint32_t when)
{
	if (wheel_armed(&c->timer)) {
		if (seq_leq(c->timer.when, when))
			return;
		wheel_disarm(&t->wheel, tcp_index(t, c));
	}
	wheel_arm(&t->wheel, tcp_index(t, c), when);
}

static void
start_rexmt(struct tcp *t, struct tcp_conn *c, uint32_t ms)
{
	c->rexmt_at = t->now.ms + ms;
	c->flags |= CONN_REXMT;
	arm(t, c, c->rexmt_at);
}

void
tcp_timers_syn_sent(struct tcp *t, struct tcp_conn *c)
{
	c->rexmt_at = t->now.ms + rtt_rto_ms(t, c, c->rexmits);
	c->flags |= CONN_REXMT;
	/* Early on purpose: the first data's timeout will be rto_min_ms, and
	 * then the node already stands where it must. */
	arm(t, c, t->now.ms + t->conf.rto_min_ms);
}

void
tcp_timers_established(struct tcp *t, struct tcp_conn *c)
{
	(void)t;
	c->flags &= (uint16_t)~CONN_REXMT;
	c->rexmits = 0;
}

void
tcp_timers_data_sent(struct tcp *t, struct tcp_conn *c)
{
	if ((c->flags & (CONN_REXMT | CONN_PERSIST)) == CONN_REXMT)
		return;
	c->flags &= (uint16_t)~CONN_PERSIST;
	start_rexmt(t, c, rtt_rto_ms(t, c, c->rexmits));
}

void
tcp_timers_all_acked(struct tcp *t, struct tcp_conn *c)
{
	(void)t;
	c->flags &= (uint16_t) ~(CONN_REXMT | CONN_PERSIST);
	c->rexmits = 0;
}

void
tcp_timers_some_acked(struct tcp *t, struct tcp_conn *c)
{
	c->rexmits = 0;
	start_rexmt(t, c, rtt_rto_ms(t, c, c->rexmits));
}

static uint32_t
persist_ms(const struct tcp *t, const struct tcp_conn *c)
{
	return rtt_rto_ms(t, c, tcp_rare(t, c)->probes);
}

void
tcp_timers_window_closed(struct tcp *t, struct tcp_conn *c)
{
	if (c->flags & CONN_REXMT)
		return;
	c->flags |= CONN_PERSIST;
	tcp_rare(t, c)->probes = 0;
	start_rexmt(t, c, persist_ms(t, c));
}

void
tcp_timers_window_opened(struct tcp *t, struct tcp_conn *c)
{
	if (!(c->flags & CONN_PERSIST))
		return;
	c->flags &= (uint16_t) ~(CONN_PERSIST | CONN_REXMT);
	c->rexmits = 0;
	tcp_rare(t, c)->probes = 0;
}

void
tcp_timers_orphaned(struct tcp *t, struct tcp_conn *c)
{
	c->life_at = t->now.ms + t->conf.fin_wait_2_ms;
	c->flags |= CONN_LIFE;
	arm(t, c, c->life_at);
}

void
tcp_timers_stop(struct tcp *t, struct tcp_conn *c)
{
	(void)t;
	c->flags &= (uint16_t) ~(CONN_REXMT | CONN_PERSIST | CONN_LIFE);
}

/* R2 is passed (RFC 9293 3.8.3). */
static void
give_up(struct tcp *t, struct tcp_conn *c)
{
	if (c->state == TCP_SYN_RECEIVED)
		counter_add(&t->count->connect_timeout, 1);
	else
		counter_add(&t->count->conn_timeout, 1);
	tcp_conn_end(t, c, HF_TIMEOUT);
}

static void
not_opened(struct tcp *t, struct tcp_conn *c, enum hf_reason why)
{
	counter_add(why == HF_UNREACHABLE ? &t->count->conn_unreachable
	                                  : &t->count->connect_timeout,
	        1);
	tcp_conn_end(t, c, why);
}

/* RFC 9293 3.8.3, MUST-23: a SYN is sent again for 3 minutes at the least, with 7
 * retransmissions for 183 s. But not to a next hop that has not answered ARP in
 * the three seconds before the second one: there is nobody who could hear it. */
static void
syn_again(struct tcp *t, struct tcp_conn *c)
{
	bool unreachable = tcp_rare(t, c)->unreachable;

	if (c->rexmits == 1 && !t->resolved(t->below, c->port, c->key.raddr)) {
		not_opened(t, c, HF_UNREACHABLE);
		return;
	}
	if (c->rexmits >= t->conf.connect_retries) {
		not_opened(t, c, unreachable ? HF_UNREACHABLE : HF_TIMEOUT);
		return;
	}
	c->rexmits++;
	c->flags |= CONN_SYN_AGAIN;
	counter_add(&t->count->segments_retransmitted, 1);
	tcp_send_syn(t, c);
	start_rexmt(t, c, rtt_rto_ms(t, c, c->rexmits));
}

/* After a simultaneous open. */
static void
syn_ack_again(struct tcp *t, struct tcp_conn *c)
{
	if (c->rexmits >= t->conf.syn_retries) {
		give_up(t, c);
		return;
	}
	c->rexmits++;
	c->flags |= CONN_SYN_AGAIN;
	counter_add(&t->count->segments_retransmitted, 1);
	tcp_send_syn_ack(t, c, NULL);
	start_rexmt(t, c, rtt_rto_ms(t, c, c->rexmits));
}

static void
persist_fired(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);

	/* As long as it answers, a peer may keep its window shut
	 * (RFC 9293 3.8.6.1, MUST-37); but not against nobody (RFC 6429 3). */
	if ((c->flags & CONN_APP_GONE) && r->probes >= t->conf.retries) {
		tcp_send_rst(t, c, NULL);
		give_up(t, c);
		return;
	}
	if (c->rexmits >= t->conf.retries) {
		give_up(t, c);
		return;
	}
	c->rexmits++;
	if (r->probes < UINT8_MAX)
		r->probes++;
	counter_add(&t->count->zero_window_probes, 1);
	tcp_send_probe(t, c);
	if (c->snd_nxt != c->snd_una) { /* it was more than a probe */
		c->flags &= (uint16_t)~CONN_PERSIST;
		c->rexmits = 0; /* sent for the first time */
		start_rexmt(t, c, rtt_rto_ms(t, c, c->rexmits));
		return;
	}
	start_rexmt(t, c, persist_ms(t, c));
}

/* RFC 6298 5.4 to 5.6, RFC 5681 3.1; go back to SND.UNA. */
static void
rexmt_fired(struct tcp *t, struct tcp_conn *c)
{
	uint32_t flight = c->snd_nxt - c->snd_una;

	if (c->state == TCP_SYN_SENT) {
		syn_again(t, c);
		return;
	}
	if (c->state == TCP_SYN_RECEIVED) {
		syn_ack_again(t, c);
		return;
	}
	if (c->snd_wnd == 0) {
		/* The window was shut over what is in flight: probe it in the
		 * usual way, for as long as the peer answers (RFC 9293 3.8.6). */
		c->snd_nxt = c->snd_una;
		c->flags |= CONN_PERSIST;
		tcp_rare(t, c)->probes = c->rexmits;
		persist_fired(t, c);
		return;
	}
	if (c->rexmits >= t->conf.retries) {
		give_up(t, c);
		return;
	}
	c->rexmits++;
	counter_add(&t->count->rto_fired, 1);
	cc_timeout(c, flight);
	c->dupacks = 0;
	/* RFC 6582 3.2 (1), 4: no fast retransmit for what this timeout repeats */
	c->flags &= (uint16_t) ~(CONN_RECOVERY | CONN_TIMING);
	tcp_rare(t, c)->recover = c->snd_max;
	c->snd_nxt = c->snd_una;
	tcp_send_again(t, c, NULL);
	start_rexmt(t, c, rtt_rto_ms(t, c, c->rexmits));
}

static void
fire(struct tcp *t, struct tcp_conn *c)
{
	if ((c->flags & CONN_LIFE) && seq_leq(c->life_at, t->now.ms)) {
		/* The peer never closed, and nobody waits for it any more. */
		counter_add(&t->count->conn_timeout, 1);
		tcp_conn_end(t, c, HF_TIMEOUT);
		return;
	}
	if ((c->flags & CONN_REXMT) && seq_leq(c->rexmt_at, t->now.ms)) {
		c->flags &= (uint16_t)~CONN_REXMT;
		if (c->flags & CONN_PERSIST)
			persist_fired(t, c);
		else
			rexmt_fired(t, c);
		if (c->state == TCP_CLOSED)
			return;
	}
	if (c->flags & CONN_REXMT)
		arm(t, c, c->rexmt_at);
	if (c->flags & CONN_LIFE)
		arm(t, c, c->life_at);
}

bool
tcp_expire(struct tcp *t, unsigned most)
{
	uint32_t due[EXPIRE_BATCH], moves = MOVES;
	unsigned n, done = 0;

	do {
		n = wheel_expire_some(&t->wheel, t->now.ms, due, EXPIRE_BATCH, &moves);
		for (unsigned i = 0; i < n; i++)
			__builtin_prefetch(tcp_conn_at(t, due[i]), 1);
		for (unsigned i = 0; i < n; i++) {
			struct tcp_conn *c = tcp_conn_at(t, due[i]);

			t->current = c;
			fire(t, c);
		}
		done += n;
	} while (n == EXPIRE_BATCH && done < most);
	t->current = NULL;
	return pressure_relieve(t) || done != 0 || moves != MOVES;
}

bool
tcp_is_settled(const struct tcp *t)
{
	return t->wheel.now == t->now.ms && !time_wait_is_due(t) &&
	       half_open_due(&t->half, t->now.ms) == POOL_NONE;
}

void
tcp_expire_later(struct tcp *t)
{
	uint32_t moves = MOVES;

	wheel_settle(&t->wheel, &moves);
}
