/* SPDX-License-Identifier: BSD-3-Clause */
/* The trend of the latencies over a window. */
#include "load/client/trend.h"

#include <math.h>
#include <stdint.h>

#include <criterion/criterion.h>

static double
random_share(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(*state >> 33) / (double)(UINT64_C(1) << 31);
}

Test(trend, slope_of_a_line_is_exact)
{
	struct trend t = {0};
	double error;

	for (unsigned i = 0; i < 100; i++)
		trend_add(&t, i * 0.1, 0.3 + 0.25 * i * 0.1);
	cr_expect_float_eq(trend_slope(&t, &error), 0.25, 1e-9);
	cr_expect_float_eq(error, 0, 1e-6);
	cr_expect(trend_rises(&t, 0.2));
	cr_expect_not(trend_rises(&t, 0.3));
}

Test(trend, sums_of_several_cores_are_one)
{
	struct trend all = {0}, sum = {0}, a = {0}, b = {0};
	uint64_t s = 1;
	double error;

	for (unsigned i = 0; i < 1000; i++) {
		double took = random_share(&s);

		trend_add(&all, i, took);
		trend_add(i % 2 ? &a : &b, i, took);
	}
	trend_merge(&sum, &a);
	trend_merge(&sum, &b);
	cr_expect_float_eq(trend_slope(&sum, &error), trend_slope(&all, &error), 1e-12);
}

Test(trend, nothing_is_claimed_of_too_few)
{
	struct trend t = {0};
	double error;

	cr_expect_eq(trend_slope(&t, &error), 0);
	trend_add(&t, 0, 1);
	trend_add(&t, 1, 2);
	cr_expect_eq(trend_slope(&t, &error), 0);
	cr_expect_not(trend_rises(&t, 0));
	trend_add(&t, 2, 3);
	cr_expect(trend_rises(&t, 0.5));
}

Test(trend, same_moment_has_no_slope)
{
	struct trend t = {0};
	double error;

	for (unsigned i = 0; i < 10; i++)
		trend_add(&t, 5, i);
	cr_expect_eq(trend_slope(&t, &error), 0);
}

/* Half a second each, exponential: no slope, however few there are. */
Test(trend, random_durations_do_not_rise)
{
	static const unsigned sizes[] = {10, 50, 200, 2000};
	uint64_t s = 7;

	for (unsigned k = 0; k < 4; k++) {
		for (unsigned run = 0; run < 500; run++) {
			struct trend t = {0};

			for (unsigned i = 0; i < sizes[k]; i++)
				trend_add(&t, 4.0 * i / sizes[k],
				        -0.5 * log(1 - random_share(&s)));
			cr_expect_not(trend_rises(&t, 0.01), "%u, run %u", sizes[k], run);
		}
	}
}

/* A day of a million a second has not lost its digits. */
Test(trend, long_loads_keep_their_precision)
{
	struct trend t = {0};
	double error;

	for (unsigned i = 0; i < 10000000; i++)
		trend_add(&t, i * 86400.0 / 1e7, 1e-4 + 0.02 * i * 86400.0 / 1e7);
	cr_expect_float_eq(trend_slope(&t, &error), 0.02, 1e-6);
}
