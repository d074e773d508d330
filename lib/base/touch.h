/* SPDX-License-Identifier: BSD-3-Clause */
/* touch: have a line fetched that will be needed soon, by reading it.
 *
 * A prefetch instruction may be ignored where the page's translation is not at
 * hand, which in a virtual machine is the rule for large tables: measured with a
 * million connections, half of the time went into waiting for records that had been
 * "prefetched". A load is never ignored, and nothing waits for its result, so that
 * as many of them overlap as the core has buffers for.
 *
 * The address must be readable.
 */
#ifndef BASE_TOUCH_H
#define BASE_TOUCH_H

#include <stdint.h>

static inline void
touch_line(const void *p)
{
	(void)*(const volatile uint8_t *)p;
}

/* The same for one of so many records: few of them lie in the caches, their pages in
 * the TLB, and there a prefetch is heard and costs less. */
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
