/* SPDX-License-Identifier: BSD-3-Clause */
/* closer: closes a crowd's connections from the victim's side, as a service may:
 * in its turn, as many as it is told in one. */
#ifndef BENCH_CLOSER_H
#define BENCH_CLOSER_H

#include "bench/kit/crowd.h"

struct closer {
	const struct crowd *crowd;
	const uint32_t *who; /* set for one turn */
	uint32_t n;
};

/* Of the victim's stack, for as long as that lives. */
bool closer_init(struct closer *c, struct victim *v, const struct crowd *crowd);
/* In the next turn. */
void closer_close(struct closer *c, const uint32_t *who, uint32_t n);

#endif
