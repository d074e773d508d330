/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rate a load had, of servers that are played: n workers with a service time. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>

#include "load/report/result.h"

#define WORKERS_MAX 4096

struct server {
	unsigned workers;
	double service_s;
	bool random;  /* exponential with that mean */
	double fails; /* share of connections */
};

static double
random_share(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(*state >> 33) / (double)(UINT64_C(1) << 31);
}

/* First come, first served; warm-up of a second in which the rate grows. */
static void
play(struct load_result *r, const struct server *server, double rate, double duration_s,
        uint64_t seed)
{
	static double busy_until[WORKERS_MAX];
	struct load_tally *t = &r->total;
	uint64_t s = seed;

	memset(r, 0, sizeof(*r));
	memset(busy_until, 0, sizeof(busy_until));
	r->spec.rate = rate;
	r->spec.duration_s = r->window_s = duration_s;
	r->spec.warmup_s = 1;
	for (unsigned k = 0;; k++) {
		double due = k < rate / 2 ? sqrt(2 * k / rate) : 0.5 + k / rate, end;
		unsigned w = 0;
		bool steady = due >= 1;

		if (due >= 1 + duration_s - 1e-9)
			break;
		for (unsigned i = 1; i < server->workers; i++)
			w = busy_until[i] < busy_until[w] ? i : w;
		end = fmax(due, busy_until[w]) +
		      server->service_s * (server->random ? -log(1 - random_share(&s)) : 1);
		busy_until[w] = end;
		t->attempted++;
		t->window_due += steady;
		if (random_share(&s) < server->fails) {
			t->error[LOAD_ERROR_reset]++;
			continue;
		}
		t->connected++;
		t->completed++;
		t->window_completed += end >= 1 && end < 1 + duration_s;
		t->window_due_completed += steady;
		if (!steady)
			continue;
		histogram_add(&t->whole, (uint64_t)((end - due) * 1e6));
		trend_add(&t->whole_trend, due - 1, end - due);
	}
	load_judge(r);
}

static struct load_result r;

/* 50 a second, each in half a second: nothing is wrong with that. */
Test(load_rate, slow_server_that_keeps_up_has_reached_the_rate)
{
	const struct server slow = {.workers = 100, .service_s = 0.5};

	for (double duration = 1; duration <= 16; duration *= 2) {
		play(&r, &slow, 50, duration, 1);
		cr_expect_eq(load_cps(&r), 50.0, "%g s: %g", duration, load_cps(&r));
		cr_expect_eq(r.limit, LOAD_SIDE_NONE, "%s", r.limit_text);
	}
	cr_expect(strstr(r.limit_text, "rate of 50 a second was reached (50)") != NULL, "%s",
	        r.limit_text);
}

/* Service that takes longer than the window, too. */
Test(load_rate, very_slow_server_that_keeps_up_has_reached_the_rate)
{
	const struct server slow = {.workers = 1000, .service_s = 5};

	play(&r, &slow, 50, 4, 1);
	cr_expect_eq(load_cps(&r), 50.0);
	cr_expect_eq(r.limit, LOAD_SIDE_NONE);
}

/* It finishes all of them, each later than the one before. */
Test(load_rate, server_that_manages_half_is_the_limit)
{
	static const struct server half[] = {{.workers = 25, .service_s = 1},
	        {.workers = 1, .service_s = 0.04},
	        {.workers = 25, .service_s = 1, .random = true},
	        {.workers = 1, .service_s = 0.04, .random = true}};

	for (unsigned i = 0; i < 4; i++) {
		for (double duration = 4; duration <= 16; duration *= 2) {
			play(&r, &half[i], 50, duration, 1);
			cr_expect_eq(r.total.window_due_completed, r.total.window_due);
			cr_expect_float_eq(load_cps(&r), 25, 4, "server %u, %g s: %g", i,
			        duration, load_cps(&r));
			cr_expect_eq(r.limit, LOAD_SIDE_PEER, "%s", r.limit_text);
			cr_expect(strstr(r.limit_text, "keep up") != NULL, "%s", r.limit_text);
		}
	}
}

/* 95 % are seen, where durations do not vary. */
Test(load_rate, server_that_nearly_keeps_up_is_the_limit)
{
	const struct server nearly = {.workers = 1, .service_s = 1 / 950.0};

	play(&r, &nearly, 1000, 4, 1);
	cr_expect_eq(r.limit, LOAD_SIDE_PEER, "%s", r.limit_text);
	cr_expect_float_eq(load_cps(&r), 950, 5);
}

/* The verdict is the same each time. */
Test(load_rate, random_service_times_do_not_flap)
{
	static const struct server healthy[] = {
	        {.workers = 200, .service_s = 0.5, .random = true},
	        {.workers = 40, .service_s = 0.5, .random = true},
	        {.workers = 1, .service_s = 0.014, .random = true}};

	for (unsigned i = 0; i < 3; i++) {
		for (uint64_t seed = 1; seed <= 200; seed++) {
			play(&r, &healthy[i], 50, 4, seed);
			cr_expect_eq(r.limit, LOAD_SIDE_NONE, "server %u, seed %lu: %s", i,
			        (unsigned long)seed, r.limit_text);
			cr_expect_eq(load_cps(&r), 50.0);
		}
	}
}

Test(load_rate, failures_are_not_completed)
{
	const struct server fails = {.workers = 100, .service_s = 0.5, .fails = 0.2};

	play(&r, &fails, 50, 40, 1);
	cr_expect_float_eq(load_cps(&r), 40, 2);
	cr_expect_eq(r.limit, LOAD_SIDE_PEER);
}

/* A pause that was made up for within the window took nothing from the rate. */
Test(load_rate, stall_that_was_made_up_for_leaves_the_rate)
{
	memset(&r, 0, sizeof(r));
	r.spec.rate = 1000;
	r.window_s = r.spec.duration_s = 4;
	r.total.attempted = r.total.completed = r.total.connected = 4000;
	r.total.window_due = r.total.window_due_completed = r.total.window_completed = 4000;
	for (unsigned i = 0; i < 4000; i++) {
		double at = i / 1000.0, took = at > 3 && at < 3.6 ? 3.6 - at : 1e-3;

		trend_add(&r.total.whole_trend, at, took);
	}
	cr_expect(load_falls_behind(&r));
	load_judge(&r);
	cr_expect_eq(r.limit, LOAD_SIDE_NONE, "%s", r.limit_text);
}

/* The closed loop has no rate to keep up with. */
Test(load_rate, closed_loop_counts_what_ended_in_the_window)
{
	memset(&r, 0, sizeof(r));
	r.spec.concurrency = 10;
	r.window_s = 2;
	r.total.window_completed = 100;
	r.total.window_requests = 300;
	r.total.window_due = r.total.window_due_completed = 120;
	cr_expect_eq(load_cps(&r), 50);
	cr_expect_eq(load_rps(&r), 150);
}
