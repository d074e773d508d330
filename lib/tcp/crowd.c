/* SPDX-License-Identifier: BSD-3-Clause */
/* The counters of accepted connections per address and per /24. */
#include "tcp/crowd.h"

#include "tcp/tcp.h"

/* A /24 may hold a sixteenth of the records. One address may hold half of that. */
#define ADDR_PART   32
#define PREFIX_PART 16

void
crowd_init(struct sketch *w, const struct prf *prf, uint32_t max_conns)
{
	sketch_init(w, prf, max_conns, ADDR_PART, PREFIX_PART, CROWD_CAP_MIN);
}

void
crowd_established(struct tcp *t, struct tcp_conn *c)
{
	if (tcp_is_active(t, c))
		return;
	c->silent = c->counted = 1;
	sketch_add(&t->crowd, c->key.raddr);
}

void
crowd_ended(struct tcp *t, struct tcp_conn *c)
{
	c->silent = 0;
	if (!c->counted)
		return;
	c->counted = 0;
	sketch_remove(&t->crowd, c->key.raddr);
}

/* The limit is half of a cap. A crowd at its cap would be below it as soon as one connection
 * ended. */
bool
crowd_is_near(const struct sketch *w, const struct flow_key *k)
{
	return sketch_holds(w, SKETCH_ADDR, k->raddr, w->cap[SKETCH_ADDR] / 2) ||
	       sketch_holds(w, SKETCH_PREFIX, k->raddr, w->cap[SKETCH_PREFIX] / 2);
}
