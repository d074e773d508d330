/* SPDX-License-Identifier: BSD-3-Clause */
/* The program's own part of the latencies: late starts, and times without a look. */
#include <errno.h>

#include <criterion/criterion.h>

#include "client_rig.h"

#define S UINT64_C(1000000)

static struct rig *
open_loop(double rate, double duration_s)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 0;
	r->spec.rate = rate;
	r->spec.duration_s = duration_s;
	rig_start(r);
	return r;
}

/* The frames of a turn go to the port at its end, and the next one knows when that was. */
Test(client_own, lateness_is_from_due_until_the_next_turn_begins)
{
	struct rig *r = open_loop(1000, 10);
	const struct load_tally *t = rig_tally(r);

	rig_turn(r, 300); /* the first was due 300 us ago */
	cr_expect_eq(t->lateness.count, 0u, "it has not left yet");
	rig_turn(r, 40);
	cr_expect_eq(t->lateness.count, 1u);
	cr_expect_eq(t->lateness.max_us, 340u);
	rig_turn(r, 40);
	cr_expect_eq(t->lateness.count, 1u, "once");
	rig_end(r);
}

Test(client_own, lateness_of_a_stall_is_each_ones_own)
{
	struct rig *r = open_loop(1000, 10);
	const struct load_tally *t = rig_tally(r);

	rig_turn(r, 0);
	rig_turn(r, 100000); /* 100 more are due; 64 of them open in this turn */
	rig_turn(r, 10);
	rig_turn(r, 10);
	cr_expect_eq(r->n, 101u);
	cr_expect_eq(t->lateness.count, 101u);
	/* 100 ms for the first, which was opened before it and handed over behind it; then
	 * 99, 98 .. 36 ms and a turn, 35 .. 0 ms and two */
	cr_expect_eq(t->lateness.max_us, 100000u);
	cr_expect_eq(t->lateness.sum_us, 100000u + 4950000u + 64u * 10u + 36u * 20u);
	rig_end(r);
}

Test(client_own, lateness_is_of_the_steady_window)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 0;
	r->spec.rate = 1000;
	r->spec.warmup_s = 1;
	r->spec.duration_s = 1;
	rig_start(r);
	rig_turn(r, S / 2);
	rig_turn(r, 10);
	cr_expect_gt(r->n, 0u);
	cr_expect_eq(rig_tally(r)->lateness.count, 0u);
	rig_end(r);
}

/* In the closed loop a connection is due when its place is free. */
Test(client_own, closed_loop_is_late_from_when_the_place_was_free)
{
	struct rig *r = rig_new();
	const struct load_tally *t;

	rig_start(r);
	t = rig_tally(r);
	rig_turn(r, 0);
	rig_turn(r, 7);
	cr_expect(t->lateness.count == 1 && t->lateness.sum_us == 7);
	rig_opened(r, 0);
	rig_says(r, 0, RIG_ANSWER);
	rig_gone(r, 0, HF_CLOSED);
	r->refuse = -ENOBUFS;
	rig_turn(r, 0);
	rig_turn(r, 500);
	r->refuse = 0;
	rig_turn(r, 500);
	rig_turn(r, 20);
	cr_expect(t->lateness.count == 2 && t->lateness.sum_us == 7 + 1020);
	/* the latencies show it, too */
	rig_opened(r, 0);
	cr_expect_eq(t->connect.max_us, 1020u);
	rig_end(r);
}

/* An arrival falls into a gap as often as the gap is long. */
Test(client_own, gaps_weigh_their_length)
{
	struct rig *r = open_loop(1, 10);
	const struct load_tally *t = rig_tally(r);

	rig_turn(r, 0);
	for (unsigned i = 0; i < 1000; i++)
		rig_turn(r, 1); /* polling: 1 ms in all */
	rig_turn(r, 200);
	rig_turn(r, 8800);
	cr_expect_eq(t->gaps.count, 10000u);
	cr_expect_eq(t->gaps.bucket[histogram_index(1)], 1000u);
	cr_expect_eq(t->gaps.bucket[histogram_index(200)], 200u);
	cr_expect_eq(t->gaps.bucket[histogram_index(8800)], 8800u);
	cr_expect_eq(histogram_quantile(&t->gaps, 0.5), 8800u);
	rig_end(r);
}

Test(client_own, gaps_are_of_the_steady_window_to_the_microsecond)
{
	struct rig *r = rig_new();
	const struct load_tally *t;

	r->spec.warmup_s = 1;
	r->spec.duration_s = 2;
	rig_start(r);
	t = rig_tally(r);
	rig_turn(r, 0);
	rig_turn(r, S - 300);
	cr_expect_eq(t->gaps.count, 0u);
	rig_turn(r, 1000); /* 700 of it in the window */
	cr_expect_eq(t->gaps.count, 700u);
	cr_expect_eq(t->gaps.max_us, 1000u, "what falls into it may wait for all of it");
	rig_turn(r, 1);
	rig_turn(r, 2 * S);
	rig_turn(r, 500);
	cr_expect_eq(t->gaps.count, 2 * S);
	rig_end(r);
}

Test(client_own, gaps_end_where_it_is_stopped)
{
	struct rig *r = open_loop(1, 10);
	const struct load_tally *t = rig_tally(r);

	rig_turn(r, 0);
	rig_turn(r, 100);
	load_client_stop(r->client, false);
	rig_turn(r, 50);
	rig_turn(r, 50000);
	cr_expect_eq(t->gaps.count, 150u);
	rig_end(r);
}

/* SIGSTOP halts the process: the core knows it by its own clock, whatever the kernel counts. */
Test(client_own, a_core_that_does_not_run_knows_since_when_and_what_it_had_done)
{
	struct rig *r = open_loop(1000, 10);
	const struct load_tally *t = rig_tally(r);
	struct load_halt halt;

	rig_turn(r, 0);
	rig_turn(r, 9999);
	cr_expect_eq(t->away_us, 0u, "a long turn");
	cr_expect_eq(t->attempted, 10u);
	rig_opened(r, 3);
	rig_says(r, 3, RIG_ANSWER);
	rig_gone(r, 3, HF_CLOSED);
	rig_turn(r, 20);
	cr_expect_not(load_tally_halt(t, &halt));
	rig_turn(r, 3 * S / 2);
	cr_expect_eq(t->away_us, 3 * S / 2);
	cr_assert(load_tally_halt(t, &halt));
	cr_expect_eq(halt.from_us, RIG_BEGIN + 10019);
	cr_expect_eq(halt.to_us, halt.from_us + 3 * S / 2);
	cr_expect(halt.attempted == 11 && halt.completed == 1 && halt.open == 10);
	rig_end(r);
}

/* Answers that came meanwhile were not heard: the peer is not charged with a timeout. */
Test(client_own, time_in_which_a_core_does_not_run_is_no_timeout)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.requests = 2;
	c = rig_one(r);
	rig_wait(r, 600000);
	rig_turn(r, 3 * S / 2);
	cr_expect_not(c->aborted);
	rig_wait(r, 399999);
	cr_expect_not(c->aborted);
	/* That time is not added to requests that are asked when it is over. */
	r->core.now_us += 2 * S;
	rig_says(r, 0, RIG_ANSWER);
	rig_turn(r, 0);
	cr_expect_eq(c->sends, 2u);
	rig_wait(r, 999999);
	cr_expect_not(c->aborted);
	rig_turn(r, 1);
	cr_expect(c->aborted);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, LOAD_ERROR_timeout);
	rig_end(r);
}

/* An echo is sent before the turn that knows of it. */
Test(client_own, request_that_is_sent_when_a_core_comes_back_has_its_time)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.url.kind = LOAD_ECHO;
	r->spec.payload = 4;
	r->spec.requests = 3;
	c = rig_one(r);
	r->core.now_us += 5 * S / 2;
	rig_bytes(r, 0, c->out, 4);
	cr_expect_eq(c->sends, 2u);
	rig_turn(r, 0);
	rig_wait(r, 999999);
	cr_expect_not(c->aborted);
	rig_turn(r, 1);
	cr_expect(c->aborted);
	rig_end(r);
}
