/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd: the number of accepted connections that an address and a /24 hold, and the connections
 * whose peer has sent nothing since its handshake.
 *
 * Threads    single writer.
 * Memory     a sketch, in struct tcp (base/sketch.h).
 * Bounds     cap[] of the sketch: an address, or a prefix, with that many connections is full.
 *            pressure.h says when that matters.
 * Errors     none.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_CROWD_H
#define TCP_CROWD_H

#include "base/sketch.h"
#include "tcp/conn.h"

struct tcp;

#define CROWD_CAP_MIN 64 /* connections that each address may hold at least */

void crowd_init(struct sketch *w, const struct prf *prf, uint32_t max_conns);

/* A handshake is complete. Connections that we opened are not counted. */
void crowd_established(struct tcp *t, struct tcp_conn *c);
/* The connection has ended. */
void crowd_ended(struct tcp *t, struct tcp_conn *c);

/* The peer has sent text in order, or has acknowledged text of ours. */
static inline void
crowd_proved(struct tcp_conn *c)
{
	c->silent = 0;
}

/* Does k's address or its prefix hold at least half of its cap? */
bool crowd_is_near(const struct sketch *w, const struct flow_key *k);

#endif
