/* SPDX-License-Identifier: BSD-3-Clause */
/* The hand that goes round the connection records, in steps of one record. */
#include "tcp/hand.h"

#include "tcp/pressure.h"

static void
prefetch_record(const struct tcp *t, uint32_t i)
{
	const uint8_t *c = (const uint8_t *)tcp_conn_at(t, i < t->conns.fresh ? i : 0);

	__builtin_prefetch(c);
	__builtin_prefetch(c + 64);
}

void
hand_prefetch(const struct tcp *t, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < HAND_AHEAD; i++)
		prefetch_record(t, t->pressure.hand + i);
}

uint32_t
hand_allowance(struct tcp *t, const uint32_t *spent, uint32_t most)
{
	struct pressure *p = &t->pressure;

	if (p->ms != t->now.ms) {
		p->ms = t->now.ms;
		p->fruitless = p->fruitless_crowd = 0;
	}
	if (*spent >= most)
		return 0;
	return t->conns.fresh < PRESSURE_LOOK ? t->conns.fresh : PRESSURE_LOOK;
}

struct tcp_conn *
hand_next(struct tcp *t)
{
	struct pressure *p = &t->pressure;

	if (p->hand >= t->conns.fresh)
		p->hand = 0;
	prefetch_record(t, p->hand + HAND_AHEAD);
	return tcp_conn_at(t, p->hand++);
}
