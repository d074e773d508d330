/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors that quote a flow of another core. An error has the address of a router, so that
 * RSS does not put it on the queue of the flow.
 *
 * Where the port's RSS table is known, the table names the owner of the flow. Where it is not
 * known, the source port names the core that opened a flow. The core that accepted a flow is
 * not known then, and the error goes round: each core hands it to the next one. So an error
 * costs the core that receives it one copy at most, for any number of cores, and none beyond a
 * rate.
 */
#include <limits.h>

#include "stack/private.h"

#define NOBODY UINT_MAX

/* The core that owns flow k. NOBODY: that is not known. */
static unsigned
flow_owner(struct stack *st, const struct steer *steer, const struct flow_key *k)
{
	if (!steer->rss && tcp_find_listener(&st->tcp, k->laddr, k->lport) != TCP_NO_USER)
		return NOBODY;
	return steer_core(steer, k);
}

static enum drop
hand_error_over(struct stack *st, struct seg *s, unsigned core, unsigned round)
{
	s->round = (uint8_t)round;
	if (!st->io.hand_over(st->io.ctx, core, s))
		return DROP_HAND_OVER;
	counter_add(&st->count.handed_over, 1);
	return DROP_NONE;
}

static unsigned
next_core(const struct stack *st, const struct steer *steer)
{
	return (st->tcp.conf.core + 1) % steer->cores;
}

enum drop
stack_error_away(struct stack *st, struct seg *s, const struct flow_key *quoted)
{
	const struct steer *steer = st->port[s->port].conf.steer;
	uint64_t now_us = st->tcp.now.us;
	unsigned core;

	if (steer == NULL || steer->cores < 2 || st->io.hand_over == NULL)
		return DROP_ICMP_UNMATCHED;
	if (st->shared) {
		if (s->round == 0)
			return DROP_ICMP_UNMATCHED;
		return hand_error_over(st, s, next_core(st, steer), s->round - 1u);
	}
	core = flow_owner(st, steer, quoted);
	if (core == st->tcp.conf.core)
		return DROP_ICMP_UNMATCHED;
	if (core != NOBODY)
		return answers_take(&st->errors_away, s->key.raddr, now_us)
		               ? hand_error_over(st, s, core, 0)
		               : DROP_ICMP_RATE;
	if (!answers_take(&st->errors_round, s->key.raddr, now_us))
		return DROP_ICMP_RATE;
	return hand_error_over(st, s, next_core(st, steer), steer->cores - 2);
}
