/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of a load, one a second. */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "load/run/seconds.h"

#define BEGIN UINT64_C(7000000)
#define MS    1000u

/* The row before ended two seconds after the beginning, with 200 of 210 completed. */
static const struct seconds_edge last = {
        .at_us = BEGIN + 2000 * MS, .attempted = 210, .completed = 200, .open = 10};

static struct load_result result;

static void
add(double for_s, uint64_t attempted, uint64_t completed, const struct load_halt *halt)
{
	const struct load_second all = {.at_s = 2 + for_s,
	        .for_s = for_s,
	        .attempted = attempted,
	        .completed = completed,
	        .open = 10 + attempted - completed,
	        .p50_us = 50,
	        .p99_us = 99,
	        .away_s = (double)(halt->to_us - halt->from_us) / 1e6};

	cr_assert(seconds_add(&result, BEGIN, &last, &all, halt));
}

static void
expect(unsigned i, double at_s, double for_s, uint64_t completed, double away_s)
{
	const struct load_second *s = &result.second[i];

	cr_assert_lt(i, result.nseconds);
	cr_expect_float_eq(s->at_s, at_s, 1e-9, "row %u ends at %g", i, s->at_s);
	cr_expect_float_eq(s->for_s, for_s, 1e-9, "row %u takes %g", i, s->for_s);
	cr_expect_eq(s->completed, completed, "row %u: %lu", i, (unsigned long)s->completed);
	cr_expect_float_eq(s->away_s, away_s, 1e-9, "row %u is away for %g", i, s->away_s);
}

Test(load_seconds, a_second_is_a_row)
{
	const struct load_halt never = {.version = 0};

	add(1.001, 100, 90, &never);
	cr_expect_eq(result.nseconds, 1u);
	expect(0, 3.001, 1.001, 90, 0);
	free(result.second);
}

/* Late by itself: the cores ran. */
Test(load_seconds, long_row_of_cores_that_ran_is_one)
{
	const struct load_halt before = {
	        .version = 2, .from_us = BEGIN, .to_us = BEGIN + 1500 * MS};

	add(2.5, 100, 90, &before);
	cr_expect_eq(result.nseconds, 1u);
	free(result.second);
}

/* 0.4 s with 30 completed, 1.5 s away, 0.1 s with the other 60. */
Test(load_seconds, time_away_has_rows_of_its_own)
{
	const struct load_halt halt = {.version = 2,
	        .from_us = BEGIN + 2400 * MS,
	        .to_us = BEGIN + 3900 * MS,
	        .attempted = 245,
	        .completed = 230,
	        .open = 14};

	add(2, 100, 90, &halt);
	cr_assert_eq(result.nseconds, 4u);
	expect(0, 2.4, 0.4, 30, 0);
	expect(1, 3.4, 1, 0, 1);
	expect(2, 3.9, 0.5, 0, 0.5);
	expect(3, 4, 0.1, 60, 0);
	cr_expect(result.second[0].attempted == 35 && result.second[3].attempted == 65);
	cr_expect_eq(result.second[0].errors, 1u, "10 + 35 - 30 - 14");
	cr_expect(result.second[1].open == 14 && result.second[1].p50_us == 0);
	cr_expect_eq(result.second[0].p50_us, LOAD_UNKNOWN, "they are of both parts");
	cr_expect_eq(result.second[3].p99_us, LOAD_UNKNOWN);
	free(result.second);
}

Test(load_seconds, percentiles_stay_where_only_one_part_has_any)
{
	const struct load_halt halt = {.version = 2,
	        .from_us = BEGIN + 2400 * MS,
	        .to_us = BEGIN + 3900 * MS,
	        .attempted = 310,
	        .completed = 290,
	        .open = 20};

	add(2, 100, 90, &halt);
	cr_assert_eq(result.nseconds, 4u);
	cr_expect(result.second[0].p50_us == 50 && result.second[0].p99_us == 99);
	cr_expect(result.second[3].completed == 0 && result.second[3].p50_us == 0);
	free(result.second);
}

/* The row before was told while the cores were already going away. */
Test(load_seconds, time_away_that_began_before_counts_from_the_row_before)
{
	const struct load_halt halt = {.version = 2,
	        .from_us = BEGIN + 1990 * MS,
	        .to_us = BEGIN + 3500 * MS,
	        .attempted = 209,
	        .completed = 199,
	        .open = 10};

	add(1.6, 100, 90, &halt);
	cr_assert_eq(result.nseconds, 3u);
	expect(0, 3, 1, 0, 1);
	expect(1, 3.5, 0.5, 0, 0.5);
	expect(2, 3.6, 0.1, 90, 0);
	free(result.second);
}

/* Shorter than a second: the row is no longer than others, and says how much of it was lost. */
Test(load_seconds, short_absence_stays_in_its_row)
{
	const struct load_halt halt = {
	        .version = 2, .from_us = BEGIN + 2100 * MS, .to_us = BEGIN + 2500 * MS};

	add(1, 100, 90, &halt);
	cr_assert_eq(result.nseconds, 1u);
	expect(0, 3, 1, 90, 0.4);
	free(result.second);
}
