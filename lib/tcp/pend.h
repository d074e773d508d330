/* SPDX-License-Identifier: BSD-3-Clause */
/* pend: the connections that want to speak, at the end of this turn or when their port has
 * room.
 *
 * A connection stands in one list at most (CONN_PENDING). speak.c walks the lists.
 *
 * Threads    single writer.
 * Memory     none of its own: a list is linked through the connections.
 * Errors     none.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_PEND_H
#define TCP_PEND_H

#include "tcp/tcp.h"

/* c speaks at the end of the turn. */
static inline void
tcp_pend(struct tcp *t, struct tcp_conn *c)
{
	if (c->flags & CONN_PENDING)
		return;
	c->flags |= CONN_PENDING;
	c->pending = t->pending;
	t->pending = tcp_index(t, c);
}

/* Has its port no room? */
static inline bool
tcp_port_is_full(const struct tcp *t, const struct tcp_conn *c)
{
	return (t->full_ports >> c->port) & 1;
}

/* The text of c waits until its port has room. A connection in a list already is queued here
 * when it has spoken. */
void tcp_wait_for_port(struct tcp *t, struct tcp_conn *c);

/* Offer held text when c speaks: the application may have room now. */
void pend_resume(struct tcp *t, struct tcp_conn *c);

#endif
