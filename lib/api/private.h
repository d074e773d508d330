/* SPDX-License-Identifier: BSD-3-Clause */
/* private: what the files of lib/api share.
 *
 * Threads    the core's own.
 * Memory     none.
 * Errors     none.
 * Calls back? no. May end the connection? no.
 */
#ifndef API_PRIVATE_H
#define API_PRIVATE_H

#include "handfast/core.h"
#include "tcp/pend.h"
#include "tcp/tcp.h"

static inline struct tcp *
core(struct hf_core *h)
{
	return (struct tcp *)h;
}

static inline struct tcp_conn *
conn(struct hf_conn *c)
{
	return (struct tcp_conn *)c;
}

static inline const struct tcp_conn *
conn_const(const struct hf_conn *c)
{
	return (const struct tcp_conn *)c;
}

/* An event's own connection speaks when the event returns; any other one at the end of the
 * turn. */
static inline void
api_speak(struct tcp *t, struct tcp_conn *c)
{
	if (c != t->current)
		tcp_pend(t, c);
}

/* Not opened yet: what is queued waits, and there is no window to offer. */
static inline bool
api_is_opening(const struct tcp_conn *c)
{
	return c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;
}

#endif
