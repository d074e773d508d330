/* SPDX-License-Identifier: BSD-3-Clause */
/* The CLOSE call (RFC 9293 3.10.4): an application shuts its half, or leaves. */
#include "tcp/close.h"

#include "tcp/pend.h"
#include "tcp/timers.h"

void
tcp_shut(struct tcp_conn *c)
{
	c->flags |= CONN_SHUTDOWN;
	/* even if data is queued before the FIN; CLOSE-WAIT ends when the FIN is sent */
	if (c->state == TCP_ESTABLISHED)
		c->state = TCP_FIN_WAIT_1;
}

void
tcp_leave(struct tcp *t, struct tcp_conn *c, uint16_t how)
{
	if (c->flags & CONN_APP_GONE)
		return;
	tcp_shut(c);
	c->flags |= CONN_APP_GONE | how;
	if (c->timers & TIMER_PERSIST) /* from now on probes count */
		tcp_rare(t, c)->probes = 0;
	/* The application's deadline does not count any more. */
	if (c->state == TCP_FIN_WAIT_2)
		tcp_timers_orphaned(t, c);
	else
		tcp_timers_left(t, c);
	pend_resume(
	        t, c); /* held text is offered to no application: it is reset or discarded */
}
