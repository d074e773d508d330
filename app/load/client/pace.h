/* SPDX-License-Identifier: BSD-3-Clause */
/* pace: when a core opens its connections.
 *
 * Both loops grow evenly from nothing during the warm-up: the open loop's rate, the
 * closed loop's number of connections. Cores take turns: of n cores, core i
 * opens every n-th connection from the i-th on, so that all cores together are as
 * even as one would be.
 *
 * Time       the k-th start is computed from k, not from the one before: nothing
 *            drifts, however long it runs (a double is exact to 2^53).
 * Threads    its core's.
 * Units      microseconds on the stack's clock. "n" counts this core's
 *            connections, from 0.
 */
#ifndef APP_LOAD_PACE_H
#define APP_LOAD_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "load/spec/spec.h"

struct pace {
	uint64_t begin_us;  /* of the warm-up */
	uint64_t steady_us; /* of the steady window, the warm-up's end */
	uint64_t end_us;    /* of the steady window */
	unsigned share, shares;

	/* open loop */
	double warm;       /* connections of all cores that start in the warm-up */
	double warm_us2;   /* (start of the k-th)^2 = k times this, in the warm-up */
	double half_us;    /* start of the k-th = this + k times period_us, later */
	double period_us;  /* between two starts of all cores */
	uint64_t due;      /* this core's, as far as was asked */
	uint64_t due_next; /* start of the next one; UINT64_MAX: there is none */
	uint64_t warm_due; /* of this core's, those that start in the warm-up */

	/* closed loop */
	uint32_t concurrency; /* of all cores */
	uint32_t most;        /* of this core, after the warm-up */
};

void pace_init(struct pace *p, const struct load_spec *spec, unsigned share, unsigned shares,
        uint64_t begin_us);

/* Open loop: the intended start of this core's n-th connection. */
uint64_t pace_start_us(const struct pace *p, uint64_t n);
/* Open loop: how many were to start at now_us or earlier, and before the end. Time
 * does not run backwards from call to call. */
uint64_t pace_due(struct pace *p, uint64_t now_us);
/* Closed loop: how many may be open. */
uint32_t pace_room(const struct pace *p, uint64_t now_us);

static inline bool
pace_steady(const struct pace *p, uint64_t us)
{
	return us >= p->steady_us && us < p->end_us;
}

#endif
