/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock of a core: its rate is measured, and it never goes back. */
#include "base/clock_line.h"

#include <criterion/criterion.h>

#define HZ      UINT64_C(2500000000) /* the guess */
#define BOOT_NS UINT64_C(1790000000000000000)
#define MS      UINT64_C(1000000)
#define SECOND  NS_PER_SECOND

/* The world outside: a TSC, the kernel's clock, the time of day, and a core whose turn takes
 * N ns. The time that it tells never goes back. */
struct world {
	double tsc;
	double tsc_per_ns;
	uint64_t kernel_ns;
	int64_t day_ahead_ns; /* day less kernel */
	uint64_t turn_ns;
	struct clock_line line;
	uint64_t told_tsc;
	uint64_t told_ns;
	uint64_t longest_ns; /* that a turn was told to have taken */
	unsigned looks;
	uint64_t noise; /* the longest noise of a look, in ns */
	uint64_t random;
};

static uint64_t
rnd(struct world *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static struct clock_look
look(struct world *w)
{
	uint64_t late = w->noise != 0 ? rnd(w) % w->noise : 0;

	return (struct clock_look) {
	        .tsc = (uint64_t)w->tsc,
	        .kernel_ns = w->kernel_ns + late,
	        .day_ns = w->kernel_ns + late + (uint64_t)w->day_ahead_ns,
	};
}

/* A TSC that is faster than guessed by this factor. */
static struct world
world_new(double ppm)
{
	struct world w = {
	        .tsc = 12345678,
	        .tsc_per_ns = (double)HZ / 1e9 * (1 + ppm / 1e6),
	        .kernel_ns = 5 * SECOND,
	        .day_ahead_ns = (int64_t)BOOT_NS,
	        .turn_ns = 50000,
	        .random = 88172645463325252u,
	};
	struct clock_look first = look(&w);

	clock_line_init(&w.line, &first, HZ);
	w.told_ns = first.day_ns;
	w.told_tsc = first.tsc;
	return w;
}

static void
turn(struct world *w)
{
	uint64_t ns;

	if (clock_line_due(&w->line, (uint64_t)w->tsc, w->told_tsc)) {
		struct clock_look l = look(w);

		clock_line_look(&w->line, &l, w->told_ns);
		w->looks++;
	}
	ns = clock_line_ns(&w->line, (uint64_t)w->tsc);
	cr_assert_geq(ns, w->told_ns, "back by %llu ns", (unsigned long long)(w->told_ns - ns));
	if (ns - w->told_ns > w->longest_ns)
		w->longest_ns = ns - w->told_ns;
	w->told_ns = ns;
	w->told_tsc = (uint64_t)w->tsc;
}

static void
pass(struct world *w, uint64_t ns)
{
	w->tsc += (double)ns * w->tsc_per_ns;
	w->kernel_ns += ns;
}

static void
run(struct world *w, uint64_t ns)
{
	for (uint64_t t = 0; t < ns; t += w->turn_ns) {
		pass(w, w->turn_ns);
		turn(w);
	}
}

/* The told time less the kernel's, both since the start. */
static int64_t
off_ns(const struct world *w)
{
	return (int64_t)(w->told_ns - BOOT_NS - w->kernel_ns);
}

static double
rate_ppm(const struct world *w)
{
	double hz = w->tsc_per_ns * 1e9;

	return ((double)clock_line_hz(&w->line) - hz) / hz * 1e6;
}

static void
expect_near(const struct world *w, int64_t ns, double ppm)
{
	cr_expect_leq(off_ns(w), ns);
	cr_expect_geq(off_ns(w), -ns);
	cr_expect_lt(rate_ppm(w), ppm);
	cr_expect_gt(rate_ppm(w), -ppm);
}

/* A guess of 0 comes from a machine without a value: the measured rate counts once two
 * measurements agree. */
Test(clock_line, guess_that_is_far_off_is_given_up)
{
	static const double ppm[] = {300000, -300000, 2000000};

	for (unsigned i = 0; i < sizeof(ppm) / sizeof(ppm[0]); i++) {
		struct world w = world_new(ppm[i]);

		run(&w, 30 * SECOND);
		expect_near(&w, 1000, 0.1);
	}
}

/* EAL rounds a rate to 10 MHz, or worse. */
Test(clock_line, wrong_guess_of_the_rate_is_corrected_within_a_second)
{
	static const double ppm[] = {0, 40, -40, 1485, -1485, 2000, -2000, 40000, -40000};

	for (unsigned i = 0; i < sizeof(ppm) / sizeof(ppm[0]); i++) {
		struct world w = world_new(ppm[i]);

		run(&w, SECOND);
		expect_near(&w, 1000, 0.1);
		run(&w, 10 * SECOND);
		expect_near(&w, 100, 0.1);
		cr_expect_lt(w.longest_ns, 53000, "as a turn took, and 4 %% of guess");
	}
}

Test(clock_line, looks_become_rare)
{
	struct world w = world_new(1485);

	run(&w, 2 * SECOND);
	w.looks = 0;
	run(&w, 20 * SECOND);
	cr_expect_leq(w.looks, 21);
	cr_expect_geq(w.looks, 19);
}

/* An hour between two turns: as long as it was. */
Test(clock_line, long_turn_is_told_as_long_as_it_was)
{
	struct world w = world_new(1485);

	run(&w, 3 * SECOND);
	pass(&w, 3600 * SECOND);
	turn(&w);
	expect_near(&w, 100000, 1);
	run(&w, 3 * SECOND);
	expect_near(&w, 100, 0.1);
}

/* NTP makes the kernel's clock faster or slower by up to 500 ppm. */
Test(clock_line, follows_the_kernels_rate_as_ntp_changes_it)
{
	struct world w = world_new(-300);

	run(&w, 3 * SECOND);
	w.tsc_per_ns *= 1 + 500e-6;
	run(&w, 4 * SECOND);
	w.longest_ns = 0;
	run(&w, 20 * SECOND);
	expect_near(&w, 1000, 2);
	cr_expect_lt(w.longest_ns, 50100);
	w.tsc_per_ns *= 1 - 900e-6;
	run(&w, 30 * SECOND);
	expect_near(&w, 1000, 2);
}

/* chrony changes a rate by at most 8.3 %. */
Test(clock_line, follows_a_kernel_that_is_slewed_fast)
{
	struct world w = world_new(0);

	run(&w, 3 * SECOND);
	w.tsc_per_ns *= 1.083;
	run(&w, 20 * SECOND);
	expect_near(&w, 1000, 1);
	w.tsc_per_ns /= 1.083;
	run(&w, 20 * SECOND);
	expect_near(&w, 1000, 1);
}

/* Looks that say something between now and a microsecond ago. */
Test(clock_line, noise_of_looks_does_not_add_up)
{
	struct world w = world_new(1485);

	w.noise = 1000;
	run(&w, 5 * SECOND);
	for (unsigned i = 0; i < 30; i++) {
		run(&w, SECOND);
		expect_near(&w, 4000, 5);
	}
}

/* A step of the machine's clock, by an hour or since 1970, moves the time of day and nothing
 * else. */
Test(clock_line, time_of_day_that_is_set_moves_no_timer)
{
	static const int64_t by_s[] = {1, -1, 3600, -3600, -1790000000};

	for (unsigned i = 0; i < 5; i++) {
		struct world w = world_new(100);

		run(&w, 3 * SECOND);
		cr_expect_eq(clock_line_ahead_us(&w.line), 0);
		w.day_ahead_ns += by_s[i] * (int64_t)SECOND;
		run(&w, 2 * SECOND);
		expect_near(&w, 100, 0.1);
		cr_expect_lt(w.longest_ns, 51000);
		cr_expect_eq(clock_line_ahead_us(&w.line), by_s[i] * 1000000);
		cr_expect_leq(clock_line_day_ns(&w.line, (uint64_t)w.tsc) - w.kernel_ns -
		                      (uint64_t)w.day_ahead_ns + 100,
		        200);
	}
}

/* The machine was suspended, and the TSC stood still or began anew. */
Test(clock_line, time_that_the_tsc_did_not_see_has_passed_all_the_same)
{
	for (unsigned anew = 0; anew < 2; anew++) {
		struct world w = world_new(1485);

		run(&w, 3 * SECOND);
		w.kernel_ns += 600 * SECOND;
		if (anew)
			w.tsc = 1000;
		run(&w, 2 * SECOND);
		expect_near(&w, 1000, 0.1);
		run(&w, 2 * SECOND);
		expect_near(&w, 100, 0.1);
	}
}

/* The process moves to another machine or socket, whose TSC is ahead or behind. */
Test(clock_line, leap_of_the_tsc_is_not_told_as_time)
{
	static const double by_s[] = {0.1, 1.5, 3600, 1e5, -0.1, -1.5, -4};

	for (unsigned i = 0; i < sizeof(by_s) / sizeof(by_s[0]); i++) {
		struct world w = world_new(1485);

		run(&w, 5 * SECOND);
		/* more than a look sees at once, and the next one is a second off */
		w.tsc += by_s[i] * 1e9 * w.tsc_per_ns;
		w.longest_ns = 0;
		run(&w, SECOND);
		cr_expect_leq(w.longest_ns, by_s[i] == 0.1 ? 100100000 : 1100000,
		        "leap of %f s: %llu", by_s[i], (unsigned long long)w.longest_ns);
		run(&w, 12 * SECOND);
		expect_near(&w, 1000, 0.1);
	}
}

/* A rate of nothing is no rate: a period that is made of it has no length. */
Test(clock_line, leap_beyond_all_measure_is_no_rate)
{
	struct world w = world_new(0);
	struct clock_look now = look(&w);

	for (unsigned i = 1; i <= 3; i++) {
		now.tsc += UINT64_C(1) << 62;
		now.kernel_ns += 1000;
		now.day_ns += 1000;
		clock_line_look(&w.line, &now, w.told_ns);
		cr_expect_gt(w.line.rate, 0u);
		cr_expect_eq(clock_line_ns(&w.line, now.tsc), BOOT_NS + 5 * SECOND + i * 1000);
	}
}

/* The other machine's TSC runs at another rate. */
Test(clock_line, learns_the_rate_of_another_tsc)
{
	struct world w = world_new(1485);

	run(&w, 5 * SECOND);
	w.tsc *= 3;
	w.tsc_per_ns *= 1.4;
	run(&w, 20 * SECOND);
	expect_near(&w, 1000, 0.1);
}

/* Whatever happens, time goes on, and comes back to the kernel's. */
Test(clock_line, time_never_goes_back_whatever_happens)
{
	struct world w = world_new(-2000);

	w.turn_ns = 500000;
	w.noise = 300;
	for (unsigned i = 0; i < 400; i++) {
		switch (rnd(&w) % 6) {
		case 0:
			w.tsc += (double)(rnd(&w) % (1000 * SECOND));
			break;
		case 1:
			w.tsc *= 0.5;
			break;
		case 2:
			w.kernel_ns += rnd(&w) % (5 * SECOND);
			break;
		case 3:
			w.day_ahead_ns += (int64_t)(rnd(&w) % (100 * SECOND)) -
			                  (int64_t)(50 * SECOND);
			break;
		default:
			break;
		}
		run(&w, rnd(&w) % (2 * SECOND));
	}
	run(&w, 300 * SECOND);
	expect_near(&w, 1000, 3);
}
