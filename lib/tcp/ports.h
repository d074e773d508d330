/* SPDX-License-Identifier: BSD-3-Clause */
/* ports: the source ports of connections that we open (RFC 6056).
 *
 * Algorithm 4 (3.3.4), double-hash: towards each peer the ports follow each other from a secret
 * offset, so that a port is reused as late as possible. Many peers share a counter, so that a
 * counter does not reveal the number of connections.
 *
 * Threads    one per core.
 * Memory     struct ports; nothing is allocated.
 * Errors     0 or -errno.
 * Bounds     64 look-ups a call.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_PORTS_H
#define TCP_PORTS_H

#include "base/prf.h"
#include "wire/flow.h"

#define PORTS_COUNTERS 256

struct tcp;
struct tcp_route;

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
	uint32_t time_wait;   /* TIME-WAIT record that ends with it; FLOW_NONE: none */
	uint32_t iss_floor;
};

void ports_init(struct ports *p, const struct prf *prf, uint16_t first, uint16_t last);

/* Fill in key.lport and the rest. The port has no connection towards this peer, no TIME-WAIT
 * (but see time_wait_may_reopen()) and no listener, and its answers come to this core.
 * -EADDRNOTAVAIL: none of the ports that were tried, at most 64; the next call tries the ones
 * behind them. */
int ports_choose(struct tcp *t, const struct tcp_route *route, struct ports_choice *c);
/* Take the port that is in the key, even a listener's. -EADDRINUSE: the flow exists.
 * -EADDRNOTAVAIL: its answers come to another core, or may (with several cores, a port outside
 * the range). */
int ports_take(struct tcp *t, const struct tcp_route *route, struct ports_choice *c);

#endif
