/* SPDX-License-Identifier: BSD-3-Clause */
/* A connection's timers are armed and stopped. expire.c handles timers that fire. */
#include "tcp/timers.h"

#include "base/limits.h"
#include "tcp/rtt.h"

/* No application waits for an orphan. Its peer has orphan_ms to take the queued data, and each
 * octet that it takes adds ORPHAN_OCTET_MS. A peer that takes less than 500 octets a second
 * loses the connection. */
#define ORPHAN_OCTET_MS 2

/* Arm the node so that it fires at `when` or before. */
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
	/* The node is armed early on purpose: the timeout of the first data will be rto_min_ms,
	 * and the node then need not move. */
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

/* Start the life timer. A node that was not armed is armed early on purpose, as in
 * tcp_timers_syn_sent(). */
static void
life_start(struct tcp *t, struct tcp_conn *c, uint32_t ms)
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
	life_start(t, c, ms);
}

void
tcp_timers_deadline(struct tcp *t, struct tcp_conn *c, uint32_t ms)
{
	if (t->user[c->user].idle_ms !=
	        0) /* the application's deadline replaces the idle timeout */
		tcp_rare(t, c)->idle = 0;
	if (ms == 0)
		c->timers &= ~TIMER_LIFE;
	else
		life_start(t, c, ms < LIMIT_TIMEOUT_MS ? ms : LIMIT_TIMEOUT_MS);
}

void
tcp_timers_later(struct tcp *t, struct tcp_conn *c, uint32_t ms, uint32_t most_ms)
{
	uint32_t left;

	if (!(c->timers & TIMER_LIFE))
		return;
	if (most_ms > LIMIT_TIMEOUT_MS)
		most_ms = LIMIT_TIMEOUT_MS;
	/* The time is added to the present deadline. From the present time, rounded up, each
	 * call would add up to a millisecond too much. */
	c->life_at = seq_max(c->life_at, t->now.ms_up);
	left = c->life_at - t->now.ms_up;
	if (left < most_ms) /* the deadline is not earlier, so the node may stay */
		c->life_at += ms < most_ms - left ? ms : most_ms - left;
}

void
tcp_timers_left(struct tcp *t, struct tcp_conn *c)
{
	life_start(t, c, t->conf.orphan_ms);
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
	life_start(t, c, t->conf.fin_wait_2_ms);
}

/* Time until the look is due, in ms; 0: it is due. Times are below half of 16 bits. */
static uint32_t
look_due_ms(const struct tcp *t, const struct tcp_rare *r)
{
	int16_t ms = (int16_t)(uint16_t)(r->look_at - t->now.ms);

	return ms > 0 ? (uint32_t)ms : 0;
}

void
tcp_timers_look(struct tcp *t, struct tcp_conn *c, uint32_t ms)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (!r->looking || look_due_ms(t, r) == 0 || look_due_ms(t, r) > ms)
		r->look_at = (uint16_t)(t->now.ms + ms);
	r->looking = 1;
	arm_node(t, c, t->now.ms + look_due_ms(t, r));
}

bool
tcp_timers_look_fired(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (!r->looking || look_due_ms(t, r) != 0)
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
		arm_node(t, c, t->now.ms + look_due_ms(t, tcp_rare(t, c)));
}

void
tcp_timers_stop(struct tcp *t, struct tcp_conn *c)
{
	(void)t;
	c->timers &= ~(TIMER_REXMT | TIMER_PERSIST | TIMER_LIFE);
}
