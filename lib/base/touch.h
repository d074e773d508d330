/* SPDX-License-Identifier: BSD-3-Clause */
/* touch: read a cache line early, so that it is there when it is needed.
 *
 * A CPU may ignore a prefetch instruction if it does not have the page's translation at hand.
 * In a virtual machine that is the usual case for large tables: with a million connections,
 * half of the time was spent waiting for records that had been "prefetched". A load is never
 * ignored. No instruction waits for its result, so as many loads overlap as the core has fill
 * buffers.
 *
 * Threads  any.
 * Memory   the address must be readable.
 */
#ifndef BASE_TOUCH_H
#define BASE_TOUCH_H

#include <stdint.h>

static inline void
touch_line(const void *p)
{
	(void)*(const volatile uint8_t *)p;
}

/* The same for one record of a table of `records`. The translations of a small table are in the
 * TLB, so a prefetch works there and costs less. */
#define TOUCH_FROM 16384

static inline void
touch_one_of(const void *p, uint32_t records)
{
	if (records >= TOUCH_FROM)
		touch_line(p);
	else
		__builtin_prefetch(p, 1);
}

#endif
