/* SPDX-License-Identifier: BSD-3-Clause */
/* Routes: the port and the next hop for an address, and the number of next hops of a port. */
#include <errno.h>

#include "base/defaults.h"
#include "stack/private.h"

#define NEIGH_SPARE 256 /* for next hops without a connection */

/* How specific a port's route to raddr is. 0: it has none. The gateway is the most specific: it
 * is a host on the link whatever its address is. Then comes the port's network. Every other
 * address is reached through the gateway. */
static uint64_t
route_closeness(const struct stack_port *p, be32 raddr)
{
	if (p->ip == 0)
		return 0;
	if (p->gateway != 0 && raddr == p->gateway)
		return (uint64_t)UINT32_MAX + 1;
	if (((raddr ^ p->ip) & p->netmask) == 0)
		return (uint64_t)be32_to_cpu(p->netmask) + 1;
	return p->gateway != 0;
}

int
stack_find_port(const struct stack *st, be32 raddr)
{
	int port = -ENETUNREACH;
	uint64_t best = 0;

	for (unsigned i = 0; i < st->nports; i++) {
		uint64_t close = route_closeness(&st->port[i].conf, raddr);

		if (close <= best)
			continue;
		best = close;
		port = (int)i;
	}
	return port;
}

/* One next hop for each connection, but no more than the link has hosts. Without a gateway
 * every address may be on the link. */
uint32_t
stack_neighbours(uint32_t max_conns, const struct stack_port *p)
{
	uint64_t most = (uint64_t)max_conns + NEIGH_SPARE;
	uint64_t hosts = (uint64_t)be32_to_cpu(~p->netmask) + NEIGH_SPARE;

	if (p->gateway != 0 && most > hosts)
		most = hosts;
	if (most > DEFAULT_NEIGHBOURS_MAX)
		most = DEFAULT_NEIGHBOURS_MAX;
	return most > DEFAULT_NEIGHBOURS_MIN ? (uint32_t)most : DEFAULT_NEIGHBOURS_MIN;
}

uint64_t
stack_neigh_bytes(const struct stack_conf *conf, const struct stack_port *p)
{
	uint32_t conns = conf->max_conns != 0 ? conf->max_conns : DEFAULT_CONNS;

	return neigh_bytes_of(
	        conf->max_neighbours != 0 ? conf->max_neighbours : stack_neighbours(conns, p));
}

be32
stack_next_hop(const struct stack_port *p, be32 raddr)
{
	bool on_link = ((raddr ^ p->ip) & p->netmask) == 0;

	return on_link || p->gateway == 0 ? raddr : p->gateway;
}
