/* SPDX-License-Identifier: BSD-3-Clause */
/* pend: who wants to speak: at the end of this turn, or when its port has room again.
 *
 * A connection stands in one list at the most (CONN_PENDING). speak.c walks the lists.
 *
 * Threads    single writer.
 * Memory     none of its own: a list is linked through the connections.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_PEND_H
#define TCP_PEND_H

#include "tcp/tcp.h"

/* It has something to say: at the end of the turn. */
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

/* Its text waits until the port has room. One that stands in a list already comes here again
 * when it has spoken. */
void tcp_wait_for_port(struct tcp *t, struct tcp_conn *c);

/* What is held is to be offered when c speaks: the application may have room now. */
void pend_resume(struct tcp *t, struct tcp_conn *c);

#endif
