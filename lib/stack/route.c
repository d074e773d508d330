/* SPDX-License-Identifier: BSD-3-Clause */
/* Which port leads to whom, and to how many. */
#include <errno.h>

#include "base/defaults.h"
#include "stack/private.h"

#define NEIGH_SPARE 256 /* next hops that no connection has */

/* How specific a port's route to raddr is; 0: there is none. Its gateway is a host on
 * the link, wherever its address is; then comes its network; and all that is left is
 * reached through the gateway. */
static uint64_t
closeness(const struct stack_port *p, be32 raddr)
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
		uint64_t close = closeness(&st->port[i].conf, raddr);

		if (close <= best)
			continue;
		best = close;
		port = (int)i;
	}
	return port;
}

/* One for each connection, but no more than the link can have. Without a gateway
 * everybody is taken to be on it. */
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
