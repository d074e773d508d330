/* SPDX-License-Identifier: BSD-3-Clause */
/* quota: a count with a limit, of which some may be given back.
 *
 * Threads    any. The count never exceeds the limit, so another thread can take what was given
 *            back.
 * Memory     the caller's. Errors: none. Bounds: the limit; 0 means that there is none.
 */
#ifndef ENGINE_QUOTA_H
#define ENGINE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

/* Take up to n, as many as the limit still allows. limit 0: no limit. */
static inline unsigned
quota_take(uint64_t *taken, uint64_t limit, unsigned n)
{
	uint64_t before = __atomic_load_n(taken, __ATOMIC_RELAXED), left;

	if (limit == 0)
		return n;
	do {
		left = limit > before ? limit - before : 0;
		if (left == 0)
			return 0;
		n = n < left ? n : (unsigned)left;
	} while (!__atomic_compare_exchange_n(
	        taken, &before, before + n, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return n;
}

static inline void
quota_give_back(uint64_t *taken, uint64_t limit, unsigned n)
{
	if (limit != 0 && n != 0)
		__atomic_fetch_sub(taken, n, __ATOMIC_RELAXED);
}

#endif
