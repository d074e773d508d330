/* SPDX-License-Identifier: BSD-3-Clause */
/* Which port leads to whom. */
#include <errno.h>

#include "stack/private.h"

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
