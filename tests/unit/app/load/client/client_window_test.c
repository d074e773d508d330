/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections of several requests at the end of the window, their timeouts, and requests that
 * wait for their turn. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "client_rig.h"

#define COMPLETED LOAD_ERROR_COUNT
#define S         UINT64_C(1000000)

static bool
says_close(const struct hf_conn *c)
{
	return memmem(c->out, c->out_len, "Connection: close", 17) != NULL;
}

/* It finishes the request that is under way, and closes. */
Test(client_window, end_finishes_the_request_under_way_and_closes)
{
	for (enum load_close close = LOAD_CLOSE_FIN; close <= LOAD_CLOSE_SERVER; close++) {
		struct rig *r = rig_new();
		struct hf_conn *c;

		r->spec.requests = 1000;
		r->spec.close = close;
		r->spec.timeout_ms = 60000;
		c = rig_one(r);
		rig_says(r, 0, RIG_ANSWER);
		rig_turn(r, 0);
		rig_turn(r, 10 * S);
		cr_expect_not(c->closed || c->aborted, "one is under way");
		rig_says(r, 0, RIG_ANSWER);
		rig_turn(r, 0);
		cr_expect_eq(c->sends, 2u);
		cr_expect_eq(c->closed, close != LOAD_CLOSE_RST);
		cr_expect_eq(c->aborted, close == LOAD_CLOSE_RST);
		rig_gone(r, 0, c->aborted ? HF_ABORTED : HF_CLOSED);
		rig_expect_one(r, COMPLETED);
		cr_expect_eq(rig_tally(r)->closed_by_us, 0u, "it was not asked to");
		rig_turn(r, 0);
		cr_expect(load_client_done(r->client));
		rig_end(r);
	}
}

Test(client_window, stop_does_the_same)
{
	struct rig *r = rig_new();

	r->spec.requests = 1000;
	rig_one(r);
	load_client_stop(r->client, false);
	rig_turn(r, 1);
	cr_expect_not(r->conn[0]->closed);
	rig_says(r, 0, RIG_ANSWER);
	cr_expect(r->conn[0]->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

/* One answer there is for each: without any it would be no exchange. */
Test(client_window, opened_behind_the_end_asks_once_and_says_that_it_is_the_last)
{
	struct rig *r = rig_new();

	r->spec.requests = 1000;
	r->spec.close = LOAD_CLOSE_SERVER;
	r->spec.timeout_ms = 60000;
	rig_start(r);
	rig_turn(r, 0);
	rig_turn(r, 10 * S);
	rig_opened(r, 0);
	cr_expect(says_close(r->conn[0]));
	rig_says(r, 0, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	cr_expect_not(r->conn[0]->closed, "the server goes first");
	rig_fin(r, 0);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

Test(client_window, what_is_still_to_be_asked_is_not_asked)
{
	struct rig *r = rig_new();

	r->spec.requests = 1000;
	r->spec.timeout_ms = 60000;
	r->core.descriptors = 1;
	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_turn(r, 0);
	cr_expect_eq(r->conn[0]->sends, 1u);
	r->core.descriptors = FAKE_MANY;
	rig_turn(r, 10 * S);
	cr_expect_eq(r->conn[0]->sends, 1u);
	cr_expect(r->conn[0]->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

Test(client_window, echo_finishes_its_round)
{
	struct rig *r = rig_new();

	r->spec.url.kind = LOAD_ECHO;
	r->spec.payload = 4;
	r->spec.requests = 1000;
	r->spec.timeout_ms = 60000;
	rig_one(r);
	rig_turn(r, 10 * S);
	rig_bytes(r, 0, r->conn[0]->out, 4);
	cr_expect(r->conn[0]->closed);
	cr_expect_eq(r->conn[0]->sends, 1u);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

/* A connection of good requests may take as long as it likes. */
Test(client_window, timeout_is_of_each_request)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.requests = 5;
	r->spec.timeout_ms = 1000;
	c = rig_one(r);
	for (unsigned i = 0; i < 4; i++) {
		rig_wait(r, 900000);
		cr_expect_not(c->aborted, "after %u answers", i);
		rig_says(r, 0, RIG_ANSWER);
		rig_turn(r, 0);
	}
	rig_wait(r, 999999);
	cr_expect_not(c->aborted);
	rig_turn(r, 1);
	cr_expect(c->aborted);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, LOAD_ERROR_timeout);
	rig_end(r);
}

/* Requests that began to wait later expire later, whichever connection was opened first. */
Test(client_window, timeouts_come_in_the_order_of_the_requests)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 2;
	r->spec.requests = 5;
	r->spec.timeout_ms = 1000;
	rig_start(r);
	rig_turn(r, 0);
	rig_opened(r, 0);
	rig_opened(r, 1);
	rig_wait(r, 500000);
	rig_says(r, 0, RIG_ANSWER);
	rig_turn(r, 0);
	rig_wait(r, 500000);
	cr_expect(r->conn[1]->aborted);
	cr_expect_not(r->conn[0]->aborted);
	rig_wait(r, 500000);
	cr_expect(r->conn[0]->aborted);
	rig_end(r);
}

/* Many wait for room: a turn looks at no more than it can serve, and the first come first. */
Test(client_window, those_without_room_are_served_in_their_order_and_a_turn_is_bounded)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 1000;
	r->core.descriptors = 0;
	rig_start(r);
	while (r->n < 1000)
		rig_turn(r, 1);
	for (unsigned i = 0; i < 1000; i++)
		rig_opened(r, i);
	r->core.descriptors = 10;
	rig_turn(r, 1);
	for (unsigned i = 0; i < 20; i++)
		cr_expect_eq(r->conn[i]->sends, i < 10 ? 1u : 0u, "%u", i);
	r->core.descriptors = FAKE_MANY;
	rig_turn(r, 1);
	cr_expect_eq(r->conn[10]->sends, 1u);
	cr_expect_eq(r->conn[10 + 255]->sends, 1u);
	cr_expect_eq(r->conn[10 + 256]->sends, 0u, "in the next turn");
	for (unsigned i = 0; i < 3; i++)
		rig_turn(r, 1);
	cr_expect_eq(r->conn[999]->sends, 1u);
	rig_end(r);
}

/* Counted from the sending, not from when it could have been. */
Test(client_window, request_that_waited_counts_from_its_sending)
{
	struct rig *r = rig_new();

	r->core.descriptors = 0;
	rig_one(r);
	rig_turn(r, 5000);
	r->core.descriptors = 1;
	rig_turn(r, 5000);
	r->core.now_us += 7;
	rig_says(r, 0, RIG_ANSWER);
	cr_expect_eq(rig_tally(r)->request.max_us, 7u);
	rig_end(r);
}

/* Due in the window: those count, whenever they end. */
Test(client_window, due_ones_are_counted_and_their_ends_too)
{
	struct rig *r = rig_new();
	const struct load_tally *t;

	r->spec.concurrency = 0;
	r->spec.rate = 10;
	r->spec.warmup_s = 1;
	r->spec.duration_s = 1;
	r->spec.timeout_ms = 60000;
	rig_start(r);
	t = rig_tally(r);
	for (unsigned i = 0; i < 30; i++)
		rig_turn(r, S / 10);
	cr_expect_eq(t->window_due, 10u);
	cr_expect_eq(t->intended, 15u);
	while (r->n > 0) {
		rig_opened(r, 0);
		rig_says(r, 0, RIG_ANSWER);
		rig_gone(r, 0, HF_CLOSED);
	}
	cr_expect_eq(t->window_completed, 0u);
	cr_expect_eq(t->window_due_completed, 10u);
	cr_expect_eq(t->window_due_requests, 10u);
	cr_expect_eq(t->whole_trend.n, 10);
	cr_expect_float_eq(t->whole_trend.at, 4.5, 1e-3, "0, 0.1 .. 0.9 s after its beginning");
	rig_end(r);
}

/* Its place was free before the window began: its latencies are not of the window, and so it
 * is not due in it. */
Test(client_window, closed_loop_is_due_when_its_place_was_free)
{
	struct rig *r = rig_new();
	const struct load_tally *t;

	r->spec.warmup_s = 1;
	r->spec.timeout_ms = 60000;
	rig_start(r);
	t = rig_tally(r);
	rig_turn(r, 0);
	rig_opened(r, 0);
	rig_turn(r, S - 10);
	rig_says(r, 0, RIG_ANSWER);
	rig_gone(r, 0, HF_CLOSED);
	rig_turn(r, 20);
	cr_expect_eq(t->attempted, 2u);
	cr_expect(t->window_due == 0 && t->window_due_attempted == 0);
	rig_opened(r, 0);
	rig_says(r, 0, RIG_ANSWER);
	rig_gone(r, 0, HF_CLOSED);
	rig_turn(r, 20);
	cr_expect(t->window_due == 1 && t->window_due_attempted == 1);
	rig_end(r);
}

/* A try without a free source port has used its place: the next one is due from then. */
Test(client_window, failures_are_of_the_window_in_which_they_were_due)
{
	struct rig *r = rig_new();
	const struct load_tally *t;

	r->spec.warmup_s = 1;
	rig_start(r);
	t = rig_tally(r);
	rig_turn(r, 0);
	rig_opened(r, 0);
	rig_gone(r, 0, HF_RESET);
	r->refuse = -EADDRNOTAVAIL;
	rig_turn(r, S - 10);
	cr_expect(t->error[LOAD_ERROR_reset] == 1 && t->error[LOAD_ERROR_no_source] == 1);
	rig_turn(r, 5000);
	cr_expect_eq(t->error[LOAD_ERROR_no_source], 2u);
	rig_turn(r, 5000);
	cr_expect_eq(t->error[LOAD_ERROR_no_source], 3u);
	cr_expect(t->window_due == 1 && t->window_due_failed == 1);
	cr_expect_eq(t->window_due_no_source, 1u);
	r->refuse = 0;
	rig_turn(r, 5000);
	rig_gone(r, 0, HF_REFUSED);
	cr_expect(t->window_due_attempted == 2 && t->window_due_failed == 2);
	rig_turn(r, 0);
	load_client_stop(r->client, true);
	rig_turn(r, 0);
	rig_gone(r, 0, HF_ABORTED);
	cr_expect_eq(t->error[LOAD_ERROR_stopped], 1u);
	cr_expect(t->window_due_attempted == 3 && t->window_due_failed == 2);
	rig_end(r);
}

Test(client_window, echo_that_waits_for_room_at_the_end_is_over)
{
	struct rig *r = rig_new();

	r->spec.url.kind = LOAD_ECHO;
	r->spec.payload = 4;
	r->spec.requests = 1000;
	r->spec.timeout_ms = 60000;
	r->core.descriptors = 1;
	rig_one(r);
	rig_bytes(r, 0, r->conn[0]->out, 4);
	cr_expect_eq(r->conn[0]->sends, 1u);
	r->core.descriptors = FAKE_MANY;
	rig_turn(r, 10 * S);
	cr_expect_eq(r->conn[0]->sends, 1u);
	cr_expect(r->conn[0]->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

/* The peer has answered; the room is ours. */
Test(client_window, request_that_waits_for_room_does_not_time_out)
{
	for (enum load_kind kind = LOAD_HTTP; kind <= LOAD_ECHO;
	        kind += LOAD_ECHO - LOAD_HTTP) {
		struct rig *r = rig_new();
		struct hf_conn *c;

		r->spec.url.kind = kind;
		r->spec.payload = kind == LOAD_ECHO ? 4 : 0;
		r->spec.requests = 2;
		r->core.descriptors = 1;
		c = rig_one(r);
		if (kind == LOAD_ECHO)
			rig_bytes(r, 0, c->out, 4);
		else
			rig_says(r, 0, RIG_ANSWER);
		rig_wait(r, 3 * S);
		cr_expect(c->sends == 1 && !c->aborted);
		r->core.descriptors = FAKE_MANY;
		rig_turn(r, 1);
		cr_expect_eq(c->sends, 2u);
		rig_wait(r, S - 1);
		cr_expect_not(c->aborted);
		rig_turn(r, 1);
		cr_expect(c->aborted);
		rig_gone(r, 0, HF_ABORTED);
		rig_expect_one(r, LOAD_ERROR_timeout);
		rig_end(r);
	}
}
