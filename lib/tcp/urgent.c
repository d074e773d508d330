/* SPDX-License-Identifier: BSD-3-Clause */
/* The peer's urgent mark is noted, told and forgotten (RFC 9293 3.8.5). */
#include "tcp/urgent.h"

#include "tcp/reasm.h"
#include "tcp/tell.h"

/* The end of the octets that the application has taken. */
static uint32_t
taken_to(const struct tcp *t, const struct tcp_conn *c)
{
	return c->rcv_nxt - reasm_held(t, c);
}

/* The user is told of a new mark, and of a mark that advances (MUST-32). So it hears of a run
 * of urgent octets each time the peer lengthens it (MUST-31), and not with each segment. */
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

/* A mark that the application has passed is void. It would lie ahead again 2^31 octets later.
 */
void
urgent_taken(struct tcp *t, struct tcp_conn *c, uint32_t taken)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (r->urgent && seq_geq(taken, r->rcv_up))
		r->urgent = 0;
}

/* No octets follow a FIN, even if the urgent pointer lies behind it. */
uint32_t
tcp_urgent_left(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_rare *r = tcp_rare(t, c);

	if (!r->urgent || !tcp_may_receive(c))
		return 0;
	return r->rcv_up - taken_to(t, c);
}
