/* SPDX-License-Identifier: BSD-3-Clause */
/* The histogram of latencies. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "load/client/histogram.h"

#define VALUES 20000u

/* splitmix64: the same sequence in each run. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A value of any magnitude below 2^bits, each magnitude as likely as another. */
static uint64_t
random_duration(uint64_t *state, unsigned bits)
{
	uint64_t magnitude = next_random(state) % bits;

	return next_random(state) & ((UINT64_C(2) << magnitude) - 1);
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The value that a sorted list has at that share. */
static uint64_t
exact_quantile(const uint64_t *sorted, unsigned n, double share)
{
	unsigned rank = (unsigned)ceil(share * n - 1e-6);

	return sorted[rank == 0 ? 0 : rank - 1];
}

static void
fill(struct histogram *h, uint64_t *value, unsigned n, uint64_t seed, unsigned bits)
{
	for (unsigned i = 0; i < n; i++) {
		value[i] = random_duration(&seed, bits);
		histogram_add(h, value[i]);
	}
	qsort(value, n, sizeof(*value), by_value);
}

Test(load_histogram, buckets_follow_each_other_without_gap_or_overlap)
{
	cr_assert_eq(histogram_low(0), 0);
	for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
		cr_assert_leq(histogram_low(i), histogram_high(i), "bucket %u", i);
		cr_assert_eq(histogram_high(i) + 1, histogram_low(i + 1), "bucket %u", i);
	}
	cr_expect_eq(histogram_high(HISTOGRAM_BUCKETS - 1), UINT32_MAX);
}

Test(load_histogram, both_bounds_of_a_bucket_are_in_it)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		cr_assert_eq(histogram_index(histogram_low(i)), i, "low of bucket %u", i);
		cr_assert_eq(histogram_index(histogram_high(i)), i, "high of bucket %u", i);
	}
}

Test(load_histogram, a_bucket_is_exact_below_128_us_and_within_1_6_percent_above)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t low = histogram_low(i), width = histogram_high(i) - low;

		if (i < HISTOGRAM_EXACT)
			cr_assert_eq(width, 0, "bucket %u", i);
		else
			cr_assert_leq((double)width, 0.016 * (double)low, "bucket %u", i);
	}
}

Test(load_histogram, random_durations_lie_in_their_bucket)
{
	uint64_t seed = 1;

	for (unsigned n = 0; n < VALUES; n++) {
		uint64_t us = random_duration(&seed, 32);
		unsigned i = histogram_index(us);

		cr_assert_lt(i, HISTOGRAM_BUCKETS);
		cr_assert(histogram_low(i) <= us && us <= histogram_high(i),
		        "%lu is not in bucket %u", (unsigned long)us, i);
	}
}

Test(load_histogram, quantiles_are_never_below_the_exact_ones_and_within_1_6_percent)
{
	static const double share[] = {0, 0.001, 0.01, 0.07, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};
	static uint64_t value[VALUES];
	static struct histogram h;

	for (uint64_t seed = 1; seed <= 8; seed++) {
		unsigned n = seed == 1 ? 1 : VALUES / (unsigned)seed;

		memset(&h, 0, sizeof(h));
		fill(&h, value, n, seed, 31);
		for (unsigned s = 0; s < sizeof(share) / sizeof(share[0]); s++) {
			uint64_t exact = exact_quantile(value, n, share[s]);
			uint64_t told = histogram_quantile(&h, share[s]);

			cr_assert(exact <= told && (double)told <= 1.016 * (double)exact,
			        "seed %lu, share %g: %lu is told for %lu", (unsigned long)seed,
			        share[s], (unsigned long)told, (unsigned long)exact);
		}
	}
}

Test(load_histogram, the_greatest_and_the_mean_are_exact)
{
	static uint64_t value[VALUES];
	static struct histogram h;
	double sum = 0;

	fill(&h, value, VALUES, 7, 31);
	for (unsigned i = 0; i < VALUES; i++)
		sum += (double)value[i];
	cr_expect_eq(h.count, VALUES);
	cr_expect_eq(h.max_us, value[VALUES - 1]);
	cr_expect_eq(histogram_quantile(&h, 1), value[VALUES - 1]);
	cr_expect_float_eq(histogram_mean(&h), sum / VALUES, 1e-3);
}

Test(load_histogram, merged_ones_are_what_one_of_all_would_be)
{
	static struct histogram part[5], merged, whole;
	uint64_t seed = 42;

	for (unsigned n = 0; n < VALUES; n++) {
		uint64_t us = random_duration(&seed, 33);

		histogram_add(&part[next_random(&seed) % 5], us);
		histogram_add(&whole, us);
	}
	for (unsigned p = 0; p < 5; p++)
		histogram_merge(&merged, &part[p]);
	cr_expect_arr_eq(&merged, &whole, sizeof(whole));
}

Test(load_histogram, a_rank_at_a_bound_is_not_pushed_beyond_it_by_binary_fractions)
{
	static struct histogram h;

	for (unsigned us = 1; us <= 100; us++)
		histogram_add(&h, us);
	for (unsigned percent = 1; percent <= 100; percent++)
		cr_assert_eq(histogram_quantile(&h, percent / 100.0), percent);
}

Test(load_histogram, an_empty_one_has_zero_for_all)
{
	static struct histogram h;

	cr_expect_eq(histogram_quantile(&h, 0), 0);
	cr_expect_eq(histogram_quantile(&h, 0.5), 0);
	cr_expect_eq(histogram_quantile(&h, 1), 0);
	cr_expect_eq(histogram_mean(&h), 0);
}

Test(load_histogram, what_is_longer_than_the_last_bucket_counts_as_its_end)
{
	static struct histogram h;

	histogram_add(&h, UINT32_MAX);
	histogram_add(&h, UINT64_C(1) << 32);
	histogram_add(&h, UINT64_MAX);
	cr_expect_eq(h.bucket[HISTOGRAM_BUCKETS - 1], 3);
	cr_expect_eq(h.count, 3);
	cr_expect_eq(h.max_us, UINT32_MAX);
	cr_expect_eq(h.sum_us, UINT64_C(3) * UINT32_MAX);
	cr_expect_eq(histogram_quantile(&h, 0.5), UINT32_MAX);
}

/* A writer that is at work has counted, but not yet in a bucket. */
Test(load_histogram, merge_counts_what_it_saw_in_the_buckets)
{
	static struct histogram writing, merged;

	histogram_add(&writing, 10);
	writing.count++;
	histogram_merge(&merged, &writing);
	cr_expect_eq(merged.count, 1);
	cr_expect_eq(histogram_quantile(&merged, 0.99), 10);
}

Test(histogram, many_at_once_are_as_many_single_ones)
{
	static struct histogram one, many;

	for (unsigned i = 0; i < 1000; i++)
		histogram_add(&one, 777);
	histogram_add_many(&many, 777, 1000);
	histogram_add_many(&many, 5000, 0);
	cr_expect_eq(memcmp(&one, &many, sizeof(one)), 0);
}

Test(histogram, those_from_a_value_on_are_counted)
{
	static struct histogram h;

	histogram_add_many(&h, 9000, 5);
	histogram_add_many(&h, 10200, 7);
	histogram_add_many(&h, 2000000, 11);
	cr_expect_eq(histogram_from(&h, 10000), 18u);
	cr_expect_eq(histogram_from(&h, 0), 23u);
	cr_expect_eq(histogram_from(&h, 3000000), 0u);
}
