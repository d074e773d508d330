/* SPDX-License-Identifier: BSD-3-Clause */
/* quota: N and no more, of which some may be given back.
 *
 * Threads  any; the count never exceeds the limit, so what comes back can be taken by
 *          another.
 */
#ifndef ENGINE_QUOTA_H
#define ENGINE_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

/* As many of n as the limit still allows; 0: there is none. */
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
