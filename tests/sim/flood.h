/* SPDX-License-Identifier: BSD-3-Clause */
/* flood: traffic beside the sessions of a world: SYNs of forged hosts, ACKs that acknowledge
 * nothing, and an operator that changes how SYNs are answered, and under which keys. The
 * sessions must not notice. */
#ifndef TESTS_SIM_FLOOD_H
#define TESTS_SIM_FLOOD_H

#include "syn/mode.h"
#include "world.h"

struct flood {
	struct world *w;
	struct rng rng;
	uint32_t permille; /* of the steps have a burst of it; 0: none at all */
	unsigned syns;     /* left: their records must have time to go */
	bool may_be_off;   /* the pool is larger than all of them */
	bool keys_replaced;
	struct stack_conf *conf;
};

/* How SYNs are answered in this run, and whether there is a flood: conf is set for
 * world_create(). */
void flood_draw(struct flood *f, uint64_t seed, struct stack_conf *conf);
void flood_begin(struct flood *f, struct world *w);
/* Before each step. */
void flood_blow(struct flood *f);
/* The longest time until the records of the flood are gone. */
uint32_t flood_settles_ms(const struct flood *f);
/* May a SYN be answered with a cookie? */
bool flood_has_cookies(const struct flood *f);

#endif
