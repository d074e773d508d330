/* SPDX-License-Identifier: BSD-3-Clause */
/* The connections in the lists of pend.h speak: at the end of a turn, or when their port has
 * room. */
#include <limits.h>

#include "base/touch.h"
#include "tcp/life.h"

/* A timer that ran while a port was full has fired by then, unless it is a very long one. */
#define FULL_REMEMBERED_MS 1000

static void
conn_speak(struct tcp *t, struct tcp_conn *c)
{
	c->flags &= (uint16_t)~CONN_PENDING;
	if (c->state == TCP_CLOSED) { /* it ended while it stood in the list */
		pool_give(&t->conns, tcp_index(t, c));
		return;
	}
	if (c->flags & CONN_ACK_LATER)
		c->flags |= CONN_ACK_NOW;
	t->current = c; /* held text may be offered to data() */
	tcp_conn_settle(t, c, NULL);
	t->current = NULL;
}

/* Connections that pend while the list is walked come in the next list, behind those that
 * wait already. */
bool
tcp_speak(struct tcp *t, unsigned most)
{
	if (t->speaking == POOL_NONE) {
		t->speaking = t->pending;
		t->pending = POOL_NONE;
	}
	if (t->speaking == POOL_NONE)
		return false;
	while (most-- > 0 && t->speaking != POOL_NONE) {
		struct tcp_conn *c = tcp_conn_at(t, t->speaking);

		t->speaking = c->pending;
		if (t->speaking != POOL_NONE)
			touch_line(&tcp_conn_at(t, t->speaking)->timer);
		conn_speak(t, c);
	}
	return true;
}

void
tcp_speak_all(struct tcp *t)
{
	tcp_speak(t, UINT_MAX); /* the rest of a list that was begun */
	tcp_speak(t, UINT_MAX);
}

static struct tcp_conn *
waiting_conn_next(struct tcp *t, unsigned port)
{
	struct tcp_waiting *h = &t->waiting_for[port];
	struct tcp_conn *c = tcp_conn_at(t, h->first);

	h->first = c->pending;
	if (h->first == POOL_NONE)
		t->ports_waited_for &= ~(1u << port);
	return c;
}

/* A connection that wants more room than it gets waits again, behind the others. */
bool
tcp_speak_waiting(struct tcp *t, unsigned most)
{
	uint32_t free = t->ports_waited_for & ~t->full_ports;
	bool any = free != 0;

	for (; free != 0 && most > 0; most--) {
		conn_speak(t, waiting_conn_next(t, (unsigned)__builtin_ctz(free)));
		free = t->ports_waited_for & ~t->full_ports;
	}
	return any;
}

/* Note the time without room that has just ended. When all connections speak at once, short
 * times follow a long one. A short time does not replace a longer one that is recent. */
static void
full_time_note(struct tcp_waiting *h, uint32_t now_ms)
{
	if (now_ms - h->full_ms < h->to_ms - h->from_ms &&
	        now_ms - h->to_ms < FULL_REMEMBERED_MS)
		return;
	h->from_ms = h->full_ms;
	h->to_ms = now_ms;
}

void
tcp_full_ports(struct tcp *t, uint32_t ports)
{
	for (uint32_t free = t->full_ports & ~ports; free != 0; free &= free - 1)
		full_time_note(&t->waiting_for[__builtin_ctz(free)], t->now.ms);
	for (uint32_t full = ports & ~t->full_ports; full != 0; full &= full - 1)
		t->waiting_for[__builtin_ctz(full)].full_ms = t->now.ms;
	t->full_ports = ports;
}
