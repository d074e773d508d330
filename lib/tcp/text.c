/* SPDX-License-Identifier: BSD-3-Clause */
/* The seventh and the eighth step: the text of a segment, and its FIN (RFC 9293 3.10.7.4). */
#include "tcp/held.h"
#include "tcp/pieces.h"
#include "tcp/steps.h"

static enum drop
take_in_order(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	/* RFC 5681 4.2: at least every second segment, and at once when it fills a hole */
	if (s->len != 0)
		c->flags |= (c->reasm != POOL_NONE || (c->flags & CONN_ACK_LATER))
		                    ? CONN_ACK_NOW
		                    : CONN_ACK_LATER;
	return held_take(t, c, s);
}

static enum drop
take_out_of_order(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	bool first = c->reasm == POOL_NONE;
	enum drop why = pieces_keep(t, c, s);

	c->flags |= CONN_ACK_NOW; /* RFC 5681 4.2: a duplicate ACK, at once */
	if (why != DROP_NONE)
		return why;
	counter_add(&t->count->out_of_order, 1);
	if (first) {
		tcp_rare(t, c)->looking = 0; /* that look was for an earlier hole */
		held_watch(t, c);
	}
	return DROP_NONE;
}

enum drop
take_text(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (s->len == 0 && !(s->flags & TCP_FIN))
		return DROP_NONE;
	if (!tcp_may_receive(c)) {
		c->flags |= CONN_ACK_NOW;
		return DROP_TCP_AFTER_FIN;
	}
	/* no application will read the text (RFC 9293 3.10.7.4, RFC 1122 4.2.2.13) */
	if (s->len != 0 && (c->flags & (CONN_APP_GONE | CONN_LINGER)) == CONN_APP_GONE) {
		c->flags |= CONN_ABORT;
		return DROP_TCP_CLOSED_DATA;
	}
	return s->seq == c->rcv_nxt ? take_in_order(t, c, s) : take_out_of_order(t, c, s);
}
