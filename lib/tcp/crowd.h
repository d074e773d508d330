/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd: the number of accepted connections that an address and a /24 hold, and the connections
 * whose peer has sent nothing since its handshake.
 *
 * Threads    single writer.
 * Memory     two rows of counters for addresses and two for prefixes, at secret places
 *            (count-min sketches). A count is never too low, and seldom too high.
 * Bounds     cap[]: an address, or a prefix, with that many connections is full. pressure.h
 *            says when that matters.
 * Errors     none.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_CROWD_H
#define TCP_CROWD_H

#include "base/prf.h"
#include "tcp/conn.h"

struct tcp;

#define CROWD_BITS    11
#define CROWD_PLACES  (1u << CROWD_BITS)
#define CROWD_CAP_MIN 64 /* connections that each address may hold at least */

/* Connections of one scope are counted together. */
enum crowd_scope { CROWD_ADDR, CROWD_PREFIX, CROWD_SCOPES };

struct crowd {
	uint32_t cap[CROWD_SCOPES]; /* limits, once records are scarce */
	uint64_t multiplier[2];
	uint32_t held[CROWD_SCOPES][2][CROWD_PLACES];
};

void crowd_init(struct crowd *w, const struct prf *prf, uint32_t max_conns);

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

/* Does k's address, or its prefix, hold its cap? */
bool crowd_is_full(const struct crowd *w, enum crowd_scope scope, const struct flow_key *k);
/* Does k's address or its prefix hold at least half of its cap? */
bool crowd_is_near(const struct crowd *w, const struct flow_key *k);
/* Are both of the same address, or of the same prefix? */
bool crowd_is_same(enum crowd_scope scope, const struct flow_key *a, const struct flow_key *b);

#endif
