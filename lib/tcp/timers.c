/* SPDX-License-Identifier: BSD-3-Clause */
/* What starts and stops a connection's timers. expire.c handles those that fire. */
#include "tcp/timers.h"

#include "base/limits.h"
#include "tcp/rtt.h"

/* Nobody waits for an orphan: its peer has orphan_ms to take what is queued, and earns
 * more with each octet that it takes. One that takes less than 500 a second ends. */
#define ORPHAN_OCTET_MS 2

/* See that the node fires at `when` or before. */
static void
arm_node(struct tcp *t, struct tcp_conn *c, uint32_t when)
{
	if (wheel_armed(&c->timer)) {
		if (seq_leq(c->timer.when, when))
			return;
		wheel_disarm(&t->wheel, tcp_index(t, c));
	}
	wheel_arm(&t->wheel, tcp_index(t, c), when);
}

void
tcp_timers_again(struct tcp *t, struct tcp_conn *c, uint32_t ms)
{
	c->rexmt_at = t->now.ms_up + ms;
	c->timers |= TIMER_REXMT;
	arm_node(t, c, c->rexmt_at);
}

void
tcp_timers_syn_sent(struct tcp *t, struct tcp_conn *c)
{
	c->rexmt_at = t->now.ms_up + rtt_rto_ms(t, c, c->rexmits);
	c->timers |= TIMER_REXMT;
	/* Early on purpose: the first data's timeout will be rto_min_ms, and
	 * then the node already stands where it must. */
	arm_node(t, c, t->now.ms + t->conf.rto_min_ms);
}

void
tcp_timers_established(struct tcp *t, struct tcp_conn *c)
{
	(void)t;
	c->timers &= ~TIMER_REXMT;
	c->rexmits = 0;
}

void
tcp_timers_data_sent(struct tcp *t, struct tcp_conn *c)
{
	if ((c->timers & (TIMER_REXMT | TIMER_PERSIST)) == TIMER_REXMT)
		return;
	c->timers &= ~TIMER_PERSIST;
	tcp_timers_again(t, c, rtt_rto_ms(t, c, c->rexmits));
}

void
tcp_timers_all_acked(struct tcp *t, struct tcp_conn *c)
{
	(void)t;
	c->timers &= ~(TIMER_REXMT | TIMER_PERSIST);
	c->rexmits = 0;
}

void
tcp_timers_some_acked(struct tcp *t, struct tcp_conn *c)
{
	c->rexmits = 0;
	tcp_timers_again(t, c, rtt_rto_ms(t, c, c->rexmits));
}

uint32_t
tcp_timers_persist_ms(const struct tcp *t, const struct tcp_conn *c)
{
	return rtt_rto_ms(t, c, tcp_rare(t, c)->probes);
}

void
tcp_timers_window_closed(struct tcp *t, struct tcp_conn *c)
{
	if (c->timers & TIMER_REXMT)
		return;
	c->timers |= TIMER_PERSIST;
	tcp_rare(t, c)->probes = 0;
	tcp_timers_again(t, c, tcp_timers_persist_ms(t, c));
}

void
tcp_timers_window_opened(struct tcp *t, struct tcp_conn *c)
{
	if (!(c->timers & TIMER_PERSIST))
		return;
	c->timers &= ~(TIMER_PERSIST | TIMER_REXMT);
	c->rexmits = 0;
	tcp_rare(t, c)->probes = 0;
}

/* A node that is armed anew stands early on purpose, as in tcp_timers_syn_sent(). */
static void
start_life(struct tcp *t, struct tcp_conn *c, uint32_t ms)
{
	uint32_t rto = t->conf.rto_min_ms;

	c->life_at = t->now.ms_up + ms;
	c->timers |= TIMER_LIFE;
	arm_node(t, c, wheel_armed(&c->timer) || ms < rto ? c->life_at : t->now.ms_up + rto);
}

void
tcp_timers_idle(struct tcp *t, struct tcp_conn *c, uint32_t ms)
{
	tcp_rare(t, c)->idle = 1;
	start_life(t, c, ms);
}

void
tcp_timers_deadline(struct tcp *t, struct tcp_conn *c, uint32_t ms)
{
	if (t->user[c->user].idle_ms != 0) /* the application's takes its place */
		tcp_rare(t, c)->idle = 0;
	if (ms == 0)
		c->timers &= ~TIMER_LIFE;
	else
		start_life(t, c, ms < LIMIT_TIMEOUT_MS ? ms : LIMIT_TIMEOUT_MS);
}

void
tcp_timers_later(struct tcp *t, struct tcp_conn *c, uint32_t ms, uint32_t most_ms)
{
	uint32_t left;

	if (!(c->timers & TIMER_LIFE))
		return;
	if (most_ms > LIMIT_TIMEOUT_MS)
		most_ms = LIMIT_TIMEOUT_MS;
	/* From where it stands: rounded up anew, each call would give a millisecond away. */
	c->life_at = seq_max(c->life_at, t->now.ms_up);
	left = c->life_at - t->now.ms_up;
	if (left < most_ms) /* the node stands no later than before: it may stay */
		c->life_at += ms < most_ms - left ? ms : most_ms - left;
}

void
tcp_timers_left(struct tcp *t, struct tcp_conn *c)
{
	start_life(t, c, t->conf.orphan_ms);
}

void
tcp_timers_orphan_acked(struct tcp *t, struct tcp_conn *c, uint32_t bytes)
{
	uint32_t most_ms = t->conf.orphan_ms;
	bool all = bytes >= most_ms / ORPHAN_OCTET_MS;

	tcp_timers_later(t, c, all ? most_ms : bytes * ORPHAN_OCTET_MS, most_ms);
}

void
tcp_timers_orphaned(struct tcp *t, struct tcp_conn *c)
{
	start_life(t, c, t->conf.fin_wait_2_ms);
}

/* How far off, in ms; what is past is 0. Half of a u16 is enough for it. */
static uint32_t
until_look(const struct tcp *t, const struct tcp_rare *r)
{
	int16_t ms = (int16_t)(uint16_t)(r->look_at - t->now.ms);

	return ms > 0 ? (uint32_t)ms : 0;
}

void
tcp_timers_look(struct tcp *t, struct tcp_conn *c, uint32_t ms)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (!r->looking || until_look(t, r) == 0 || until_look(t, r) > ms)
		r->look_at = (uint16_t)(t->now.ms + ms);
	r->looking = 1;
	arm_node(t, c, t->now.ms + until_look(t, r));
}

bool
tcp_timers_look_fired(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (!r->looking || until_look(t, r) != 0)
		return false;
	r->looking = 0;
	return true;
}

void
tcp_timers_rearm(struct tcp *t, struct tcp_conn *c)
{
	if (c->timers & TIMER_REXMT)
		arm_node(t, c, c->rexmt_at);
	if (c->timers & TIMER_LIFE)
		arm_node(t, c, c->life_at);
	if (c->reasm != POOL_NONE && tcp_rare(t, c)->looking)
		arm_node(t, c, t->now.ms + until_look(t, tcp_rare(t, c)));
}

void
tcp_timers_stop(struct tcp *t, struct tcp_conn *c)
{
	(void)t;
	c->timers &= ~(TIMER_REXMT | TIMER_PERSIST | TIMER_LIFE);
}
