/* SPDX-License-Identifier: BSD-3-Clause */
/* ports: the source ports of connections that we open (RFC 6056).
 *
 * Algorithm 4 (3.3.4), double-hash: towards each peer the ports follow each other
 * from a secret offset on, so that one comes back as late as possible, and
 * counters that many peers share tell nobody how many connections there are.
 *
 * Threads  one per core.
 */
#ifndef TCP_PORTS_H
#define TCP_PORTS_H

#include "base/prf.h"
#include "wire/flow.h"

#define PORTS_COUNTERS 256

struct tcp;
struct tcp_way;

struct ports {
	struct prf prf;
	uint32_t first, number;
	uint32_t counter[PORTS_COUNTERS];
};

/* The flow of a connection that will be opened. */
struct ports_choice {
	struct flow_key key;
	uint32_t hash;
	struct prf_block isn; /* isn_prf of the key */
	uint32_t time_wait;   /* record that ends with it; FLOW_NONE: none */
	uint32_t iss_floor;
};

void ports_init(struct ports *p, const struct prf *prf, uint16_t first, uint16_t last);

/* Fill in key.lport and the rest: a port that no connection towards this peer
 * has, no TIME-WAIT (but see time_wait_may_reopen()), no listener, and whose
 * answers come to this core. -EADDRNOTAVAIL: none among those that were tried, at
 * most 64; the next call goes on behind them. */
int ports_choose(struct tcp *t, const struct tcp_way *way, struct ports_choice *c);
/* The same for the port that is in the key, listener or not: -EADDRINUSE;
 * -EADDRNOTAVAIL: its answers would come to another core, or could (with several cores,
 * a port outside of the range). */
int ports_take(struct tcp *t, const struct tcp_way *way, struct ports_choice *c);

#endif
