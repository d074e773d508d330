/* SPDX-License-Identifier: BSD-3-Clause */
/* The times at which connections of a load begin. */
#include "load/client/pace.h"

#include <math.h>

#include <criterion/criterion.h>

#define BEGIN UINT64_C(1000000007)
#define S     UINT64_C(1000000)

static struct pace
open_loop(double rate, double warmup_s, double duration_s, unsigned share, unsigned shares)
{
	struct load_spec spec = {.rate = rate, .warmup_s = warmup_s, .duration_s = duration_s};
	struct pace p;

	pace_init(&p, &spec, share, shares, BEGIN);
	return p;
}

static struct pace
closed_loop(uint32_t concurrency, double warmup_s, unsigned share, unsigned shares)
{
	struct load_spec spec = {
	        .concurrency = concurrency, .warmup_s = warmup_s, .duration_s = 10};
	struct pace p;

	pace_init(&p, &spec, share, shares, BEGIN);
	return p;
}

Test(pace, ramp_starts_half_of_what_the_full_rate_would)
{
	struct pace p = open_loop(1000, 4, 10, 0, 1);

	cr_expect_eq(pace_due(&p, BEGIN), 1u);
	cr_expect_float_eq((double)pace_due(&p, BEGIN + 2 * S), 500, 1.1); /* R t^2 / 2W */
	cr_expect_float_eq((double)pace_due(&p, BEGIN + 4 * S), 2000, 1.1);
	cr_expect_float_eq((double)pace_due(&p, BEGIN + 5 * S), 3000, 1.1);
}

Test(pace, ramp_never_steps_back_nor_jumps)
{
	struct pace p = open_loop(10000, 2, 2, 0, 1);
	uint64_t then = pace_start_us(&p, 0), gap = UINT64_MAX - 1;

	for (uint64_t n = 1; n < 30000; n++) {
		uint64_t at = pace_start_us(&p, n);

		cr_assert_geq(at, then);
		cr_assert_leq(at - then, gap + 1, "slower at the %lu-th", n); /* rounding */
		gap = at - then > 100 ? at - then : 100;
		then = at;
	}
}

Test(pace, all_cores_together_are_one)
{
	struct pace one = open_loop(7777, 1, 3, 0, 1);

	for (unsigned shares = 2; shares < 7; shares++) {
		for (unsigned share = 0; share < shares; share++) {
			struct pace p = open_loop(7777, 1, 3, share, shares);

			for (uint64_t n = 0; n < 2000; n++)
				cr_assert_eq(pace_start_us(&p, n),
				        pace_start_us(&one, n * shares + share));
		}
	}
}

Test(pace, nothing_drifts_in_ten_million_starts)
{
	const double rate = 2999999; /* a third of a microsecond, and a bit */
	struct pace p = open_loop(rate, 0, 3600, 0, 1);

	for (uint64_t n = 1; n <= 10000000; n += 99991) {
		double want = (double)n * 1e6 / rate;

		cr_assert_float_eq((double)(pace_start_us(&p, n) - BEGIN), want, 1.0);
	}
	cr_expect_float_eq((double)pace_due(&p, BEGIN + 10 * S - 1), 10 * rate, 2);
}

/* Connections are due when their start has come, in whatever steps time passes. */
Test(pace, due_agrees_with_every_start)
{
	static const uint64_t step[] = {1, 13, 977, 50000, 400000};

	for (unsigned s = 0; s < 5; s++) {
		for (unsigned share = 0; share < 3; share++) {
			struct pace p = open_loop(12345, 0.5, 1, share, 3);

			for (uint64_t t = 0; t < 1499999; t += step[s]) {
				uint64_t due = pace_due(&p, BEGIN + t);

				cr_assert(due == 0 || pace_start_us(&p, due - 1) <= BEGIN + t);
				cr_assert_gt(pace_start_us(&p, due), BEGIN + t);
				if (step[s] == 1 && t > 20000)
					break;
			}
		}
	}
}

Test(pace, nothing_is_due_before_the_beginning)
{
	struct pace p = open_loop(1e6, 0, 1, 0, 1);

	cr_expect_eq(pace_due(&p, 0), 0u);
	cr_expect_eq(pace_due(&p, BEGIN - 1), 0u);
}

Test(pace, nothing_more_is_due_after_the_end)
{
	for (unsigned share = 0; share < 3; share++) {
		struct pace late = open_loop(1000, 0, 2, share, 3);
		struct pace p = late;
		uint64_t sum = 0;

		for (uint64_t t = 0; t < 3 * S; t += 500)
			sum = pace_due(&p, BEGIN + t);
		cr_expect_eq(sum, pace_due(&late, BEGIN + 60 * S), "a stall over the end");
		cr_expect_eq(sum, share < 2 ? 667u : 666u);
		cr_expect_eq(pace_due(&p, BEGIN + 61 * S), sum);
	}
}

Test(pace, steady_window_is_behind_the_warm_up)
{
	struct pace p = open_loop(1000, 1.5, 2, 0, 1);

	cr_expect_not(pace_steady(&p, BEGIN + 1499999));
	cr_expect(pace_steady(&p, BEGIN + 1500000));
	cr_expect(pace_steady(&p, BEGIN + 3499999));
	cr_expect_not(pace_steady(&p, BEGIN + 3500000));
}

Test(pace, closed_loop_grows_evenly_and_then_stays)
{
	struct pace p = closed_loop(1000, 2, 0, 1);

	cr_expect_eq(pace_room(&p, BEGIN - 1), 0u);
	cr_expect_eq(pace_room(&p, BEGIN), 1u);
	cr_expect_float_eq((double)pace_room(&p, BEGIN + S / 2), 250, 1.1);
	cr_expect_float_eq((double)pace_room(&p, BEGIN + S), 500, 1.1);
	cr_expect_eq(pace_room(&p, BEGIN + 2 * S), 1000u);
	cr_expect_eq(pace_room(&p, BEGIN + 12 * S - 1), 1000u);
	cr_expect_eq(pace_room(&p, BEGIN + 12 * S), 0u);
}

Test(pace, closed_loop_is_dealt_out_whole)
{
	for (uint32_t concurrency = 1; concurrency < 20; concurrency++) {
		for (uint64_t t = 0; t < 3 * S; t += S / 7) {
			struct pace one = closed_loop(concurrency, 2, 0, 1);
			uint32_t sum = 0;

			for (unsigned share = 0; share < 6; share++) {
				struct pace p = closed_loop(concurrency, 2, share, 6);

				sum += pace_room(&p, BEGIN + t);
			}
			cr_assert_eq(sum, pace_room(&one, BEGIN + t));
		}
	}
}

/* A window is judged by exactly the connections that are due in it. */
Test(pace, what_is_due_in_the_warm_up_is_counted_apart)
{
	static const double rates[] = {1, 33, 50, 333, 7777, 100000};

	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		for (unsigned share = 0; share < 3; share++) {
			struct pace p = open_loop(rates[i], 1, 4, share, 3);
			uint64_t n = 0;

			while (pace_start_us(&p, n) < p.steady_us)
				n++;
			cr_expect_eq(p.warm_due, n, "rate %g, share %u", rates[i], share);
		}
	}
	cr_expect_eq(open_loop(1000, 0, 1, 0, 1).warm_due, 0u);
}
