/* SPDX-License-Identifier: BSD-3-Clause */
/* Servers that close kept connections, or keep connections that they should close (RFC
 * 9112 9.3.1 and 9.6). None of it is an error. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "client_rig.h"

#define COMPLETED LOAD_ERROR_COUNT
#define S         UINT64_C(1000000)

/* Three requests on a connection; the first is answered, the second is asked. */
static struct rig *
asked_again(void)
{
	struct rig *r = rig_new();

	r->spec.requests = 3;
	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_turn(r, 0);
	cr_assert_eq(r->conn[0]->sends, 2u);
	return r;
}

static void
answer_the_rest(struct rig *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		rig_says(r, 0, RIG_ANSWER);
		rig_turn(r, 0);
	}
	cr_expect(r->conn[0]->closed);
	rig_gone(r, 0, HF_CLOSED);
}

/* RFC 9112 9.6: the server goes first, but the client does not wait for ever. */
Test(client_idle, server_that_does_not_close_is_closed_after_a_second)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.close = LOAD_CLOSE_SERVER;
	r->spec.timeout_ms = 10000;
	c = rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	fake_wait(c, 999);
	cr_expect_not(c->closed);
	fake_wait(c, 1);
	cr_expect(c->closed);
	cr_expect_not(c->aborted);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	cr_expect_eq(rig_tally(r)->closed_by_us, 1u);
	rig_end(r);
}

Test(client_idle, server_that_announced_its_close_and_does_not_is_closed_too)
{
	struct rig *r = rig_new();

	r->spec.close = LOAD_CLOSE_SERVER;
	r->spec.requests = 3;
	rig_one(r);
	rig_says(r, 0, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	fake_wait(r->conn[0], 1000);
	cr_expect(r->conn[0]->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

/* A timeout shorter than the wait for the FIN makes no error of it. */
Test(client_idle, whole_answer_is_never_a_timeout)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.close = LOAD_CLOSE_SERVER;
	r->spec.timeout_ms = 300;
	c = rig_one(r);
	rig_wait(r, 200000);
	rig_says(r, 0, RIG_ANSWER);
	rig_wait(r, 100000);
	cr_expect(c->closed);
	cr_expect_not(c->aborted);
	rig_wait(r, 299999); /* the close has its own */
	cr_expect_not(c->aborted);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	cr_expect_eq(rig_tally(r)->closed_by_us, 1u);
	rig_end(r);
}

Test(client_idle, server_that_closes_in_time_is_not_closed_by_us)
{
	struct rig *r = rig_new();

	r->spec.close = LOAD_CLOSE_SERVER;
	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_fin(r, 0);
	fake_wait(r->conn[0], 1000);
	rig_gone(r, 0, HF_CLOSED);
	cr_expect_eq(rig_tally(r)->closed_by_us, 0u);
	rig_end(r);
}

/* The FIN may stand in the very segment that ends the answer: nothing is asked of it. */
Test(client_idle, fin_with_the_answer_ends_it_in_order)
{
	struct rig *r = rig_new();

	r->spec.requests = 3;
	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_fin(r, 0);
	cr_expect(r->conn[0]->closed);
	rig_turn(r, 0);
	cr_expect_eq(r->conn[0]->sends, 1u);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	cr_expect_eq(rig_tally(r)->closed_idle, 0u);
	rig_end(r);
}

static void
goes_on_elsewhere(bool fin, enum hf_reason why)
{
	struct rig *r = asked_again();
	const struct load_tally *t = rig_tally(r);

	r->spec.concurrency = 1;
	if (fin)
		rig_fin(r, 0);
	rig_gone(r, 0, why);
	cr_expect_eq(t->closed_idle, 1u);
	cr_expect(t->completed == 0 && load_tally_errors(t) == 0 && t->open == 1);
	rig_turn(r, 0);
	cr_assert_eq(r->n, 1u, "a new one, and the closed loop's place is not free");
	cr_expect_eq(t->attempted, 1u);
	rig_opened(r, 0);
	cr_expect_eq(r->conn[0]->sends, 1u);
	answer_the_rest(r, 2); /* the one that was lost, and the third */
	rig_expect_one(r, COMPLETED);
	cr_expect(t->requests == 3 && t->connected == 2 && t->connect.count == 1);
	cr_expect(t->first_byte.count == 1 && t->whole.count == 1);
	rig_end(r);
}

/* RFC 9112 9.3.1 */
Test(client_idle, fin_or_rst_that_meets_the_next_request_is_no_error_and_the_rest_is_asked_anew)
{
	goes_on_elsewhere(true, HF_CLOSED);
	goes_on_elsewhere(true, HF_RESET); /* our request met a socket that is no more */
	goes_on_elsewhere(false, HF_RESET);
}

/* A server that gives nothing on a connection is not asked for ever. */
Test(client_idle, connection_that_brought_nothing_is_an_error)
{
	static const enum load_error as[] = {LOAD_ERROR_short_answer, LOAD_ERROR_reset};

	for (unsigned i = 0; i < 2; i++) {
		struct rig *r = asked_again();

		rig_gone(r, 0, HF_RESET);
		rig_turn(r, 0);
		rig_opened(r, 0);
		if (i == 0)
			rig_fin(r, 0);
		rig_gone(r, 0, i == 0 ? HF_CLOSED : HF_RESET);
		rig_expect_one(r, as[i]);
		cr_expect_eq(rig_tally(r)->closed_idle, 1u);
		rig_end(r);
	}
}

Test(client_idle, first_byte_of_the_answer_makes_it_an_error)
{
	struct rig *r = asked_again();

	rig_says(r, 0, "H");
	rig_fin(r, 0);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, LOAD_ERROR_short_answer);
	cr_expect_eq(rig_tally(r)->closed_idle, 0u);
	rig_end(r);
}

/* RFC 9110 9.2.2: a POST may have been done; it is not sent again by itself. */
Test(client_idle, post_is_not_repeated)
{
	struct rig *r = rig_new();

	r->spec.requests = 3;
	r->spec.payload = 10;
	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_turn(r, 0);
	rig_fin(r, 0);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	cr_expect_eq(rig_tally(r)->closed_idle, 1u);
	rig_end(r);
}

Test(client_idle, echo_that_is_closed_between_rounds_is_short)
{
	struct rig *r = rig_new();

	r->spec.url.kind = LOAD_ECHO;
	r->spec.payload = 4;
	r->spec.requests = 3;
	rig_one(r);
	rig_bytes(r, 0, r->conn[0]->out, 4);
	rig_fin(r, 0);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, LOAD_ERROR_short_answer);
	rig_end(r);
}

Test(client_idle, without_room_it_goes_on_in_a_later_turn)
{
	struct rig *r = asked_again();

	rig_gone(r, 0, HF_RESET);
	r->refuse = -ENOBUFS;
	rig_turn(r, 10);
	rig_turn(r, 10);
	cr_expect_eq(r->n, 0u);
	cr_expect_eq(rig_tally(r)->open, 1u);
	r->refuse = 0;
	rig_turn(r, 10);
	cr_assert_eq(r->n, 1u);
	rig_opened(r, 0);
	answer_the_rest(r, 2);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

Test(client_idle, no_way_back_is_its_error)
{
	struct rig *r = asked_again();

	rig_gone(r, 0, HF_RESET);
	r->refuse = -EADDRNOTAVAIL;
	rig_turn(r, 10);
	cr_expect_eq(rig_tally(r)->error[LOAD_ERROR_no_source], 2u, "it, and the next one");
	cr_expect_eq(rig_tally(r)->open, 0u);
	rig_end(r);
}

/* Answers that have come count. */
Test(client_idle, end_of_the_window_ends_it_in_order)
{
	struct rig *r = asked_again();

	rig_gone(r, 0, HF_RESET);
	r->refuse = -ENOBUFS;
	rig_turn(r, 10);
	rig_turn(r, 10 * S);
	rig_expect_one(r, COMPLETED);
	rig_turn(r, 1);
	cr_expect(load_client_done(r->client));
	rig_end(r);
}

Test(client_idle, cut_ends_it_as_stopped)
{
	struct rig *r = asked_again();

	rig_gone(r, 0, HF_RESET);
	load_client_stop(r->client, true);
	rig_turn(r, 10);
	rig_expect_one(r, LOAD_ERROR_stopped);
	cr_expect(load_client_done(r->client));
	rig_end(r);
}
