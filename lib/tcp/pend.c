/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of connections that wait for their port. */
#include "tcp/pend.h"

#include "tcp/reasm.h"

void
tcp_wait_for_port(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_waiting *h = &t->waiting_for[c->port];
	uint32_t i = tcp_index(t, c);

	if (c->flags & CONN_PENDING)
		return;
	c->flags |= CONN_PENDING;
	c->pending = POOL_NONE;
	if (h->first == POOL_NONE)
		h->first = i;
	else
		tcp_conn_at(t, h->last)->pending = i;
	h->last = i;
	t->ports_waited_for |= 1u << c->port;
}

void
pend_resume(struct tcp *t, struct tcp_conn *c)
{
	bool now = t->delivering != NULL &&
	           c == t->current; /* its text may be held in a moment */

	if (!now && (c->reasm == POOL_NONE || reasm_ready(t, c) == NULL))
		return;
	tcp_rare(t, c)->resume = 1;
	if (c != t->current)
		tcp_pend(t, c);
}
