/* SPDX-License-Identifier: BSD-3-Clause */
/* The counters of accepted connections per address and per /24. */
#include "tcp/crowd.h"

#include "tcp/tcp.h"

/* A /24 may hold a sixteenth of the records. One address may hold half of that. */
static const uint32_t share[CROWD_SCOPES] = {[CROWD_ADDR] = 32, [CROWD_PREFIX] = 16};

static uint32_t
scope_part(const struct flow_key *k, enum crowd_scope scope)
{
	return be32_to_cpu(k->raddr) >> (scope == CROWD_PREFIX ? 8 : 0);
}

/* Multiply-shift. The multiplier is secret: no attacker knows which addresses share a place. */
static uint32_t
place_of(const struct crowd *w, enum crowd_scope scope, unsigned row, const struct flow_key *k)
{
	uint64_t at = ((uint64_t)scope_part(k, scope) + 1) * w->multiplier[row];

	return (uint32_t)(at >> (64 - CROWD_BITS));
}

static void
count_conn(struct crowd *w, const struct tcp_conn *c, int by)
{
	for (unsigned scope = 0; scope < CROWD_SCOPES; scope++)
		for (unsigned row = 0; row < 2; row++)
			w->held[scope][row][place_of(w, scope, row, &c->key)] += (uint32_t)by;
}

static bool
holds_number(
        const struct crowd *w, enum crowd_scope scope, const struct flow_key *k, uint32_t n)
{
	return w->held[scope][0][place_of(w, scope, 0, k)] >= n &&
	       w->held[scope][1][place_of(w, scope, 1, k)] >= n;
}

void
crowd_init(struct crowd *w, const struct prf *prf, uint32_t max_conns)
{
	struct prf_block b = prf_one(prf, (struct prf_block) {.lo = 0});

	*w = (struct crowd) {.multiplier = {b.lo | 1, b.hi | 1}};
	for (unsigned scope = 0; scope < CROWD_SCOPES; scope++) {
		uint32_t cap = max_conns / share[scope];

		w->cap[scope] = cap > CROWD_CAP_MIN ? cap : CROWD_CAP_MIN;
	}
}

void
crowd_established(struct tcp *t, struct tcp_conn *c)
{
	if (tcp_is_active(t, c))
		return;
	c->silent = c->counted = 1;
	count_conn(&t->crowd, c, 1);
}

void
crowd_ended(struct tcp *t, struct tcp_conn *c)
{
	c->silent = 0;
	if (!c->counted)
		return;
	c->counted = 0;
	count_conn(&t->crowd, c, -1);
}

bool
crowd_is_full(const struct crowd *w, enum crowd_scope scope, const struct flow_key *k)
{
	return holds_number(w, scope, k, w->cap[scope]);
}

/* The limit is half of a cap. A crowd at its cap would be below it as soon as one connection
 * ended. */
bool
crowd_is_near(const struct crowd *w, const struct flow_key *k)
{
	return holds_number(w, CROWD_ADDR, k, w->cap[CROWD_ADDR] / 2) ||
	       holds_number(w, CROWD_PREFIX, k, w->cap[CROWD_PREFIX] / 2);
}

bool
crowd_is_same(enum crowd_scope scope, const struct flow_key *a, const struct flow_key *b)
{
	return scope_part(a, scope) == scope_part(b, scope);
}
