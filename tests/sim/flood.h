/* SPDX-License-Identifier: BSD-3-Clause */
/* flood: beside the sessions of a world, SYNs of nobody, ACKs that acknowledge
 * nothing, and an operator who changes his mind: how SYNs are answered, under which
 * keys. Those at work must not notice. */
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
/* How long it takes until its records are gone, at the most. */
uint32_t flood_settles_ms(const struct flood *f);
/* May a SYN be answered with a cookie? */
bool flood_has_cookies(const struct flood *f);

#endif
