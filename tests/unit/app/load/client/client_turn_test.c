/* SPDX-License-Identifier: BSD-3-Clause */
/* The connections that a turn opens: their time, their source, and their end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "client_rig.h"

#define COMPLETED LOAD_ERROR_COUNT
#define S         UINT64_C(1000000)

static void
serve(struct rig *r, unsigned i)
{
	rig_opened(r, i);
	rig_says(r, i, RIG_ANSWER);
	rig_gone(r, i, HF_CLOSED);
}

static struct rig *
open_loop(double rate, double warmup_s, double duration_s)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 0;
	r->spec.rate = rate;
	r->spec.warmup_s = warmup_s;
	r->spec.duration_s = duration_s;
	rig_start(r);
	return r;
}

Test(client_turn, closed_loop_replaces_what_has_ended)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 10;
	rig_start(r);
	rig_turn(r, 0);
	cr_expect_eq(r->n, 10u);
	rig_turn(r, 1);
	cr_expect_eq(r->n, 10u);
	serve(r, 3);
	serve(r, 7);
	rig_turn(r, 1);
	cr_expect_eq(r->n, 10u);
	cr_expect_eq(rig_tally(r)->attempted, 12u);
	cr_expect_eq(rig_tally(r)->intended, 12u);
	rig_end(r);
}

Test(client_turn, opens_no_more_than_a_batch)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 1000;
	rig_start(r);
	rig_turn(r, 0);
	cr_expect_eq(r->n, 64u);
	rig_turn(r, 0);
	cr_expect_eq(r->n, 128u);
	rig_end(r);
}

Test(client_turn, open_loop_opens_what_is_due_and_catches_up)
{
	struct rig *r = open_loop(1000, 0, 10);

	rig_turn(r, 0);
	cr_expect_eq(r->n, 1u);
	rig_turn(r, 999);
	cr_expect_eq(r->n, 1u);
	rig_turn(r, 1);
	cr_expect_eq(r->n, 2u);
	rig_turn(r, 100 * 1000); /* a stall */
	cr_expect_eq(rig_tally(r)->intended, 102u);
	cr_expect_eq(r->n, 66u);
	rig_turn(r, 0);
	cr_expect_eq(r->n, 102u);
	rig_end(r);
}

/* A stall must not hide itself by the connections that it kept from being opened. */
Test(client_turn, latency_counts_from_the_intended_start)
{
	struct rig *r = open_loop(1000, 0, 10);
	const struct load_tally *t;

	rig_turn(r, 0);
	serve(r, 0);
	rig_turn(r, 20 * 1000 + 500);
	cr_expect_eq(r->n, 20u);
	while (r->n > 0)
		serve(r, 0);
	t = rig_tally(r);
	cr_expect_eq(t->completed, 21u);
	/* 0 and then 19.5, 18.5, ... 0.5 ms ago */
	cr_expect_eq(t->whole.max_us, 19500u);
	cr_expect_eq(t->whole.sum_us, 200000u);
	cr_expect_eq(t->connect.sum_us, 200000u);
	cr_expect_eq(t->first_byte.sum_us, 200000u);
	cr_expect_eq(t->request.sum_us, 0u, "from its sending");
	rig_end(r);
}

Test(client_turn, each_latency_ends_at_its_own_event)
{
	struct rig *r = rig_new();
	const struct load_tally *t;

	r->spec.requests = 2;
	rig_start(r);
	rig_turn(r, 0);
	r->core.now_us += 1;
	rig_opened(r, 0);
	r->core.now_us += 10;
	rig_says(r, 0, "HTTP/1.1 200 OK\r\nContent-Le");
	r->core.now_us += 100;
	rig_says(r, 0, "ngth: 0\r\n\r\n");
	rig_turn(r, 0);
	r->core.now_us += 1000;
	rig_says(r, 0, RIG_ANSWER);
	r->core.now_us += 10000;
	rig_gone(r, 0, HF_CLOSED);
	t = rig_tally(r);
	cr_expect(t->connect.count == 1 && t->connect.sum_us == 1);
	cr_expect(t->first_byte.count == 1 && t->first_byte.sum_us == 11);
	cr_expect(t->request.count == 2 && t->request.sum_us == 110 + 1000);
	cr_expect(t->whole.count == 1 && t->whole.sum_us == 11111);
	rig_end(r);
}

/* Completed ones count where they end, latencies where they were to start. */
Test(client_turn, steady_window_is_its_own)
{
	struct rig *r = rig_new();
	const struct load_tally *t;

	r->spec.warmup_s = 1;
	r->spec.duration_s = 1;
	r->spec.timeout_ms = 60000;
	rig_start(r);
	t = rig_tally(r);
	rig_turn(r, 0);
	serve(r, 0);
	cr_expect(t->window_completed == 0 && t->window_requests == 0 && t->whole.count == 0);
	rig_turn(r, 0);
	r->core.now_us += S; /* started before, ended in it */
	serve(r, 0);
	cr_expect(t->window_completed == 1 && t->window_requests == 1 && t->whole.count == 0);
	rig_turn(r, 0);
	serve(r, 0);
	cr_expect(t->window_completed == 2 && t->whole.count == 1 && t->connect.count == 1);
	rig_turn(r, 0);
	r->core.now_us += S; /* started in it, ended behind */
	serve(r, 0);
	cr_expect(t->window_completed == 2 && t->window_requests == 2 && t->whole.count == 2);
	rig_end(r);
}

Test(client_turn, nothing_is_opened_after_the_duration_and_the_rest_ends)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 2;
	r->spec.timeout_ms = 20000;
	rig_start(r);
	rig_turn(r, 0);
	rig_turn(r, 10 * S - 1);
	cr_expect_not(load_client_done(r->client));
	rig_turn(r, 1);
	serve(r, 0);
	rig_turn(r, 1);
	cr_expect_eq(r->n, 1u);
	cr_expect_not(load_client_done(r->client));
	serve(r, 0);
	rig_turn(r, 1);
	cr_expect(load_client_done(r->client));
	cr_expect_eq(r->calls, 2u);
	rig_end(r);
}

/* They were due, and that is all. */
Test(client_turn, what_was_not_opened_by_the_end_is_only_intended)
{
	struct rig *r = open_loop(100, 0, 1);

	rig_turn(r, 0);
	rig_turn(r, 5 * S);
	cr_expect_eq(rig_tally(r)->intended, 100u);
	cr_expect_eq(rig_tally(r)->attempted, 1u);
	rig_end(r);
}

Test(client_turn, stop_opens_no_more_and_lets_the_rest_end)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 2;
	rig_start(r);
	rig_turn(r, 0);
	load_client_stop(r->client, false);
	serve(r, 0);
	rig_turn(r, 1);
	cr_expect_eq(r->n, 1u);
	cr_expect_not(r->conn[0]->aborted);
	cr_expect_not(load_client_done(r->client));
	serve(r, 0);
	rig_turn(r, 1);
	cr_expect(load_client_done(r->client));
	cr_expect_eq(rig_tally(r)->completed, 2u);
	rig_end(r);
}

Test(client_turn, cut_ends_all_that_is_open)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 60;
	r->spec.close = LOAD_CLOSE_SERVER;
	rig_start(r);
	rig_turn(r, 0);
	rig_opened(r, 1);
	rig_opened(r, 2);
	rig_says(r, 2, RIG_ANSWER);
	load_client_stop(r->client, true);
	load_client_stop(r->client, false);
	rig_turn(r, 1);
	for (unsigned i = 0; i < 60; i++)
		cr_expect(r->conn[i]->aborted);
	while (r->n > 0)
		rig_gone(r, 0, HF_ABORTED);
	rig_turn(r, 1);
	cr_expect(load_client_done(r->client));
	cr_expect_eq(rig_tally(r)->error[LOAD_ERROR_stopped], 60u);
	rig_end(r);
}

/* One timeout for all: the order of opening is the order of expiry. */
Test(client_turn, overdue_ones_are_aborted_in_their_order)
{
	struct rig *r = rig_new();

	r->spec.timeout_ms = 100;
	r->spec.warmup_s = 5;
	r->spec.concurrency = 500; /* one each 10 ms */
	rig_start(r);
	for (unsigned i = 0; i < 8; i++)
		rig_turn(r, i == 0 ? 0 : 10000);
	cr_assert_eq(r->n, 8u);
	serve(r, 4); /* out of the middle, the ends */
	serve(r, 6);
	serve(r, 0);
	r->refuse = -ENOBUFS;
	rig_turn(r, 29999 + 10000); /* the oldest that is left was the second */
	for (unsigned i = 0; i < r->n; i++)
		cr_expect_not(r->conn[i]->aborted);
	rig_turn(r, 1);
	cr_expect(r->conn[0]->aborted);
	cr_expect_not(r->conn[1]->aborted);
	rig_turn(r, 10000);
	cr_expect(r->conn[1]->aborted);
	cr_expect_not(r->conn[2]->aborted);
	rig_turn(r, 20000);
	cr_expect(r->conn[2]->aborted);
	cr_expect_not(r->conn[3]->aborted);
	rig_gone(r, 1, HF_ABORTED);
	rig_gone(r, 0, HF_ABORTED);
	cr_expect_eq(rig_tally(r)->error[LOAD_ERROR_timeout], 2u);
	rig_end(r);
}

Test(client_turn, one_behind_the_latest_that_ended_has_its_turn)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 3;
	rig_start(r);
	rig_turn(r, 0);
	serve(r, 2);
	rig_turn(r, 1);
	rig_wait(r, S);
	cr_assert_eq(r->n, 3u);
	for (unsigned i = 0; i < 3; i++)
		cr_expect(r->conn[i]->aborted);
	rig_end(r);
}

Test(client_turn, timeout_is_of_the_whole_connection)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	c = rig_one(r);
	rig_wait(r, S / 2);
	rig_says(r, 0, RIG_ANSWER);
	cr_expect(c->closed);
	rig_wait(r, S / 2 - 1);
	cr_expect_not(c->aborted);
	rig_turn(r, 1); /* the peer never closed */
	cr_expect(c->aborted);
	rig_turn(r, S);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, LOAD_ERROR_timeout);
	rig_end(r);
}

Test(client_turn, want_of_a_source_port_counts_and_rests)
{
	static const struct {
		int err;
		enum load_error error;
	} refusal[] = {{-EADDRNOTAVAIL, LOAD_ERROR_no_source},
	        {-ENETUNREACH, LOAD_ERROR_unreachable}, {-EINVAL, LOAD_ERROR_unreachable}};

	for (unsigned i = 0; i < 3; i++) {
		struct rig *r = rig_new();

		r->spec.concurrency = 50;
		rig_start(r);
		r->refuse = refusal[i].err;
		rig_turn(r, 0);
		cr_expect_eq(r->calls, 1u);
		for (unsigned t = 0; t < 99; t++)
			rig_turn(r, 10);
		cr_expect_eq(r->calls, 1u, "a millisecond's rest");
		rig_turn(r, 10);
		cr_expect_eq(r->calls, 2u);
		cr_expect_eq(rig_tally(r)->error[refusal[i].error], 2u);
		cr_expect_eq(rig_tally(r)->attempted, 2u);
		cr_expect_eq(rig_tally(r)->intended, 2u);
		r->refuse = 0;
		rig_turn(r, 1000);
		cr_expect_eq(r->n, 50u);
		rig_end(r);
	}
}

Test(client_turn, want_of_room_is_put_off)
{
	struct rig *r = open_loop(1000, 0, 10);

	r->refuse = -ENOBUFS;
	rig_turn(r, 5000);
	cr_expect_eq(r->calls, 1u);
	cr_expect_eq(rig_tally(r)->put_off, 1u);
	cr_expect_eq(rig_tally(r)->attempted, 0u);
	cr_expect_eq(rig_tally(r)->intended, 6u);
	r->refuse = 0;
	rig_turn(r, 0);
	cr_expect_eq(r->n, 6u);
	rig_end(r);
}

Test(client_turn, full_pool_is_put_off)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 10;
	r->conf.max_conns = 4;
	rig_start(r);
	rig_turn(r, 0);
	cr_expect_eq(r->n, 4u);
	cr_expect_eq(r->calls, 4u);
	cr_expect_eq(rig_tally(r)->put_off, 1u);
	serve(r, 1);
	rig_turn(r, 0);
	cr_expect_eq(r->n, 4u);
	rig_end(r);
}

Test(client_turn, stack_that_ends_is_asked_no_more)
{
	struct rig *r = rig_new();

	rig_start(r);
	r->refuse = -ESHUTDOWN;
	rig_turn(r, 0);
	rig_turn(r, 10000);
	cr_expect_eq(r->calls, 1u);
	cr_expect_eq(rig_tally(r)->attempted, 0u);
	cr_expect(load_client_done(r->client));
	rig_end(r);
}

static uint32_t
source_of(const struct rig *r, unsigned i)
{
	return be32_to_cpu(r->how[i].local.addr);
}

Test(client_turn, sources_go_round)
{
	for (unsigned share = 0; share < 2; share++) {
		struct rig *r = rig_new();

		r->spec.concurrency = 40;
		r->conf.share = share;
		r->conf.shares = 2;
		r->conf.source_first = 0x0a000010;
		r->conf.source_count = 8;
		rig_start(r);
		rig_turn(r, 0);
		cr_assert_eq(r->n, 20u);
		for (unsigned i = 0; i < 20; i++)
			cr_expect_eq(source_of(r, i), 0x0a000010 + (i + 4 * share) % 8);
		rig_end(r);
	}
}

Test(client_turn, scattered_sources_are_all_used_and_the_same_by_seed)
{
	uint32_t first[3][64];
	unsigned seen[8] = {0};

	for (unsigned run = 0; run < 3; run++) {
		struct rig *r = rig_new();

		r->spec.concurrency = 64;
		r->conf.source_first = 0x0a000010;
		r->conf.source_count = 8;
		r->conf.scattered = true;
		r->conf.seed = run / 2;
		rig_start(r);
		rig_turn(r, 0);
		for (unsigned i = 0; i < 64; i++) {
			first[run][i] = source_of(r, i);
			cr_assert(first[run][i] - 0x0a000010 < 8);
			seen[first[run][i] - 0x0a000010]++;
		}
		rig_end(r);
	}
	for (unsigned i = 0; i < 8; i++)
		cr_expect(seen[i] > 8 && seen[i] < 48, "%u", seen[i]);
	cr_expect_eq(memcmp(first[0], first[1], sizeof(first[0])), 0);
	cr_expect_neq(memcmp(first[0], first[2], sizeof(first[0])), 0);
}

Test(client_turn, without_sources_the_ports_own_address_is_used)
{
	struct rig *r = rig_new();

	rig_one(r);
	cr_expect_eq(r->how[0].local.addr, 0u);
	rig_end(r);
}
