/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads three clocks at nearly the same moment. */
#include "engine/look.h"

#include <time.h>

#include <rte_cycles.h>

#define TRIES     8
#define ENOUGH_NS 1000 /* between the first and the last reading of a good try */

static uint64_t
ns_of(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * NS_PER_SECOND + (uint64_t)t->tv_nsec;
}

/* The shortest of some tries counts: an interrupt or another thread between the readings makes
 * them disagree. */
struct clock_look
look_now(void)
{
	struct clock_look best = {0};
	uint64_t enough = rte_get_tsc_hz() / (NS_PER_SECOND / ENOUGH_NS);
	uint64_t shortest = UINT64_MAX;

	for (unsigned i = 0; i < TRIES && shortest > enough; i++) {
		struct timespec kernel, day;
		uint64_t first = rte_rdtsc_precise(), middle, last;

		clock_gettime(CLOCK_MONOTONIC, &kernel);
		middle = rte_rdtsc_precise();
		clock_gettime(CLOCK_REALTIME, &day);
		last = rte_rdtsc_precise();
		if (last - first >= shortest)
			continue;
		shortest = last - first;
		best = (struct clock_look) {
		        .tsc = first + (middle - first) / 2,
		        .kernel_ns = ns_of(&kernel),
		        .day_ns = ns_of(&day),
		};
	}
	return best;
}
