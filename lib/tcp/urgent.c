/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/urgent.h"

#include "tcp/reasm.h"
#include "tcp/tell.h"

/* What lies before it the application has taken. */
static uint32_t
taken_to(const struct tcp *t, const struct tcp_conn *c)
{
	return c->rcv_nxt - reasm_held(t, c);
}

/* The user is told of a mark that is new, or moves on (MUST-32), and so of one run of
 * urgent octets as often as the peer lengthens it (MUST-31), not with each segment. */
void
take_urgent(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t seq)
{
	struct tcp_rare *r = tcp_rare(t, c);
	uint32_t up = seq + seg_urgent(s);

	if (!tcp_may_receive(c) || seq_leq(up, taken_to(t, c)) ||
	        (r->urgent && seq_leq(up, r->rcv_up)))
		return;
	r->rcv_up = up;
	r->urgent = 1;
	c->marked = 1;
	tcp_tell_urgent(t, c);
}

/* A mark that was passed is void, or it would lie ahead again 2^31 octets later. */
void
urgent_taken(struct tcp *t, struct tcp_conn *c, uint32_t taken)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (r->urgent && seq_geq(taken, r->rcv_up))
		r->urgent = 0;
}

/* Behind a FIN there is nothing, whatever the pointer says. */
uint32_t
tcp_urgent_left(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_rare *r = tcp_rare(t, c);

	if (!r->urgent || !tcp_may_receive(c))
		return 0;
	return r->rcv_up - taken_to(t, c);
}
