/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd: how many accepted connections an address and a /24 hold, and which of them have
 * sent nothing since their handshake.
 *
 * Threads    single writer.
 * Memory     a sketch, in struct tcp (base/sketch.h).
 * Bounds     cap[] of the sketch: an address, or a prefix, that holds as many is full.
 *            pressure.h says when that matters.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_CROWD_H
#define TCP_CROWD_H

#include "base/sketch.h"
#include "tcp/conn.h"

struct tcp;

#define CROWD_CAP_MIN 64 /* connections that any address may hold */

void crowd_init(struct sketch *w, const struct prf *prf, uint32_t max_conns);

/* A handshake is complete. A connection that we opened counts for nobody. */
void crowd_established(struct tcp *t, struct tcp_conn *c);
/* The connection is no more. */
void crowd_ended(struct tcp *t, struct tcp_conn *c);

/* Text came in order, or some of ours was acknowledged. */
static inline void
crowd_proved(struct tcp_conn *c)
{
	c->silent = 0;
}

/* Does k's address or its prefix hold at least half of its cap? */
bool crowd_is_near(const struct sketch *w, const struct flow_key *k);

#endif
