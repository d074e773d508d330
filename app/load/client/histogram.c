/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts durations in buckets, merges them, and finds quantiles. */
#include "load/client/histogram.h"

#include <math.h>

#include "base/counters.h"

#define LONGEST_US UINT32_MAX
#define EXACT_BITS 7 /* log2 of HISTOGRAM_EXACT */
#define STEP_BITS  6 /* log2 of HISTOGRAM_STEPS */

unsigned
histogram_index(uint64_t us)
{
	unsigned top;

	if (us < HISTOGRAM_EXACT)
		return (unsigned)us;
	us = us > LONGEST_US ? LONGEST_US : us;
	top = 63 - (unsigned)__builtin_clzll(us);
	return HISTOGRAM_EXACT + (top - EXACT_BITS) * HISTOGRAM_STEPS +
	       (unsigned)(us >> (top - STEP_BITS)) - HISTOGRAM_STEPS;
}

uint64_t
histogram_low(unsigned i)
{
	unsigned power, step;

	if (i < HISTOGRAM_EXACT)
		return i;
	power = (i - HISTOGRAM_EXACT) / HISTOGRAM_STEPS;
	step = (i - HISTOGRAM_EXACT) % HISTOGRAM_STEPS;
	return (uint64_t)(HISTOGRAM_STEPS + step) << (power + EXACT_BITS - STEP_BITS);
}

uint64_t
histogram_high(unsigned i)
{
	return i + 1 < HISTOGRAM_BUCKETS ? histogram_low(i + 1) - 1 : LONGEST_US;
}

/* A reader that sees a bucket grow also sees its maximum: this fence pairs with the one in
 * histogram_merge(). */
static void
raise_max(uint64_t *max, uint64_t us)
{
	if (us <= *max)
		return;
	__atomic_store_n(max, us, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

void
histogram_add_many(struct histogram *h, uint64_t us, uint64_t n)
{
	if (n == 0)
		return;
	us = us > LONGEST_US ? LONGEST_US : us;
	raise_max(&h->max_us, us);
	counter_add(&h->sum_us, us * n);
	counter_add(&h->count, n);
	counter_add(&h->bucket[histogram_index(us)], n);
}

void
histogram_add(struct histogram *h, uint64_t us)
{
	histogram_add_many(h, us, 1);
}

/* The count is the sum of the buckets as they were read. from->count may be ahead of them, and
 * a quantile's rank must lie in a bucket. */
void
histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t n = counter_read(&from->bucket[i]);

		into->bucket[i] += n;
		into->count += n;
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	into->sum_us += counter_read(&from->sum_us);
	raise_max(&into->max_us, counter_read(&from->max_us));
}

/* The rank of the value in a sorted list of all, counted from 1. The factor below 1 is for
 * products like 0.07 * 100, which is a little above 7 in binary and means the seventh. */
static uint64_t
quantile_rank(double share, uint64_t count)
{
	double rank = ceil(share * (double)count * (1 - 1e-12));

	return rank < 1 ? 1 : (uint64_t)rank;
}

uint64_t
histogram_quantile(const struct histogram *h, double share)
{
	uint64_t seen = 0, rank = quantile_rank(share, h->count);

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank)
			return histogram_high(i) < h->max_us ? histogram_high(i) : h->max_us;
	}
	return h->max_us;
}

double
histogram_mean(const struct histogram *h)
{
	return h->count == 0 ? 0 : (double)h->sum_us / (double)h->count;
}

uint64_t
histogram_from(const struct histogram *h, uint64_t us)
{
	uint64_t n = 0;

	for (unsigned i = histogram_index(us); i < HISTOGRAM_BUCKETS; i++)
		n += counter_read(&h->bucket[i]);
	return n;
}
