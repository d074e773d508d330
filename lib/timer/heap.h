/* SPDX-License-Identifier: BSD-3-Clause */
/* heap: an application's timers, the earliest on top, in the application's memory.
 *
 * A leftist tree (Crane; Knuth 5.2.3): the path from a node along the right children is never
 * longer than any other, so it has no more than log2(n + 1) nodes.
 *
 * Threads    single writer.
 * Ownership  the tree links timers that are the application's. It forgets a timer before it
 *            calls it.
 * Memory     none but the timers.
 * Errors     none.
 * Bounds     put and remove: O(log n), whatever the order; as many timers as there is memory.
 * Order      of at_us; of equal ones none.
 * Calls back?              heap_fire() calls the timers.
 * May end the connection?  a timer's function may end any connection of its core.
 */
#ifndef TIMER_HEAP_H
#define TIMER_HEAP_H

#include <stddef.h>

#include "handfast/core.h"

static inline bool
heap_has(const struct hf_timer *x)
{
	return x->rank != 0;
}

/* x is in no heap; x->at_us is set. */
void heap_put(struct hf_timer **root, struct hf_timer *x);
/* x is in this heap. */
void heap_remove(struct hf_timer **root, struct hf_timer *x);
/* Take timers off that are due at now_us, at most `most`, and call each. */
unsigned heap_fire_due(
        struct hf_timer **root, struct hf_core *h, uint64_t now_us, unsigned most);

/* True if any was called. */
static inline bool
heap_fire(struct hf_timer **root, struct hf_core *h, uint64_t now_us, unsigned most)
{
	return *root != NULL && heap_fire_due(root, h, now_us, most) != 0;
}

#endif
