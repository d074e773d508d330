/* SPDX-License-Identifier: BSD-3-Clause */
/* pace: the times at which a core opens its connections.
 *
 * The rate of the open loop, and the number of connections of the closed loop, grow evenly
 * from 0 during the warm-up. Cores take turns: of n cores, core i opens every n-th connection
 * from the i-th on, so that all cores together are as even as one core.
 *
 * Threads    its core's.
 * Memory     the caller's struct.
 * Errors     none.
 * Bounds     the k-th start is computed from k and not from the start before, so it does not
 *            drift. A double is exact up to 2^53.
 * Units      microseconds on the stack's clock. "n" counts this core's connections from 0.
 */
#ifndef APP_LOAD_PACE_H
#define APP_LOAD_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "load/spec/spec.h"

struct pace {
	uint64_t begin_us;  /* beginning of the warm-up */
	uint64_t steady_us; /* beginning of the steady window */
	uint64_t end_us;    /* end of the steady window */
	unsigned share;     /* this core's number, below `shares` */
	unsigned shares;    /* cores in all */

	/* open loop */
	double warm;       /* connections of all cores that start in the warm-up */
	double warm_us2;   /* in the warm-up, (start of the k-th)^2 = k * warm_us2 */
	double half_us;    /* after it, start of the k-th = half_us + k * period_us */
	double period_us;  /* time between two starts of all cores */
	uint64_t due;      /* connections of this core due at the last call */
	uint64_t due_next; /* start of the next connection; UINT64_MAX: there is none */
	uint64_t warm_due; /* connections of this core that start in the warm-up */

	/* closed loop */
	uint32_t concurrency; /* connections of all cores */
	uint32_t most;        /* connections of this core after the warm-up */
};

void pace_init(struct pace *p, const struct load_spec *spec, unsigned share, unsigned shares,
        uint64_t begin_us);

/* Open loop: the intended start of this core's n-th connection. */
uint64_t pace_start_us(const struct pace *p, uint64_t n);
/* Open loop: the number of connections with an intended start up to now_us and before the end.
 * now_us must not decrease from call to call. */
uint64_t pace_due(struct pace *p, uint64_t now_us);
/* Closed loop: the number of connections that may be open. */
uint32_t pace_room(const struct pace *p, uint64_t now_us);

static inline bool
pace_steady(const struct pace *p, uint64_t us)
{
	return us >= p->steady_us && us < p->end_us;
}

#endif
