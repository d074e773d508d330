/* SPDX-License-Identifier: BSD-3-Clause */
/* The choice of source ports for connections that we open (RFC 6056). */
#include "tcp/ports.h"

#include <errno.h>

#include "tcp/flows.h"
#include "tcp/time_wait.h"

#define LOOKUPS_MOST 64

void
ports_init(struct ports *p, const struct prf *prf, uint16_t first, uint16_t last)
{
	p->prf = *prf;
	p->first = first;
	p->number = last - first + 1u;
	for (uint32_t i = 0; i < PORTS_COUNTERS; i++) /* "initialized with random values" */
		p->counter[i] = (uint32_t)prf_one(
		        prf, (struct prf_block) {.lo = i, .hi = UINT64_MAX})
		                        .lo;
}

static bool
answers_come_here(const struct tcp *t, const struct tcp_route *route, const struct flow_key *k)
{
	return route->steer == NULL || steer_core(route->steer, k) == t->conf.core;
}

/* Do answers come to this core, and is no listener on the port (RFC 6056 3.2)? */
static bool
port_is_usable(const struct tcp *t, const struct tcp_route *route, const struct flow_key *k)
{
	if (!answers_come_here(t, route, k))
		return false;
	return t->nlisteners == 0 || t->listener_of_port[k->lport] == TCP_NO_USER;
}

/* Look the flow up. 0: it has no record, or a TIME-WAIT record that may end. */
static int
flow_look_up(struct tcp *t, struct ports_choice *choice)
{
	struct prf_block f[2];
	uint32_t ref;

	prf_two(&t->flow_prf, &t->isn_prf, flow_block(&choice->key), f);
	choice->hash = (uint32_t)f[0].lo;
	choice->isn = f[1];
	choice->time_wait = FLOW_NONE;
	choice->iss_floor = 0;
	ref = flows_find(t, choice->hash, &choice->key);
	if (ref == FLOW_NONE)
		return 0;
	if ((ref & REF_KIND) != REF_TIME_WAIT ||
	        !time_wait_may_reopen(t, ref & REF_INDEX, &choice->iss_floor))
		return -EADDRINUSE;
	choice->time_wait = ref & REF_INDEX;
	return 0;
}

int
ports_take(struct tcp *t, const struct tcp_route *route, struct ports_choice *choice)
{
	uint32_t n = be16_to_cpu(choice->key.lport) - t->ports.first;

	/* Between cores only ports of the range are handed over. */
	if (!answers_come_here(t, route, &choice->key) ||
	        (route->steer != NULL && n >= t->ports.number))
		return -EADDRNOTAVAIL;
	return flow_look_up(t, choice);
}

int
ports_choose(struct tcp *t, const struct tcp_route *route, struct ports_choice *choice)
{
	struct ports *p = &t->ports;
	struct prf_block f;
	uint32_t *counter, lookups = 0;

	choice->key.lport = 0;
	f = prf_one(&p->prf, flow_block(&choice->key));
	counter = &p->counter[f.hi % PORTS_COUNTERS];
	for (uint32_t i = 0; i < p->number && lookups < LOOKUPS_MOST; i++) {
		uint32_t n = ((uint32_t)f.lo + (*counter)++) % p->number;

		choice->key.lport = cpu_to_be16((uint16_t)(p->first + n));
		if (!port_is_usable(t, route, &choice->key))
			continue;
		if (flow_look_up(t, choice) == 0)
			return 0;
		lookups++;
	}
	return -EADDRNOTAVAIL;
}
