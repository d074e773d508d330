/* SPDX-License-Identifier: BSD-3-Clause */
/* out: the beginning of each struct tcp_out (wire/build.h).
 *
 * Threads    the connection's core.
 * Memory     the caller's.
 * Errors     none.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_OUT_H
#define TCP_OUT_H

#include "tcp/tcp.h"

/* A segment without text and options. seq, ack, wnd and flags are left to the caller. */
static inline void
tcp_out_begin(const struct tcp *t, struct tcp_out *o, const struct flow_key *key, uint8_t port,
        struct seg *asked_by)
{
	o->key = *key;
	o->npieces = 0;
	o->len = 0;
	o->port = port;
	o->tos = t->conf.tos;
	o->ttl = t->conf.ttl;
	o->neigh = NULL;
	o->way_back = NULL;
	o->asked_by = asked_by;
	o->opts.present = 0;
}

#endif
