/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests, answers and closes over HTTP. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "client_rig.h"

#define COMPLETED LOAD_ERROR_COUNT

static void
expect_request(const struct hf_conn *c, const char *text)
{
	cr_expect_eq(c->out_len, strlen(text), "%.*s", (int)c->out_len, (const char *)c->out);
	cr_expect_arr_eq(c->out, text, strlen(text));
}

/* RFC 9112 3: one send, from where it stands */
Test(client_http, opened_sends_the_request_at_once)
{
	struct rig *r = rig_new();
	const struct hf_conn *c = rig_one(r);

	expect_request(c, "GET /page HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n"
	                  "User-Agent: handfast\r\nConnection: keep-alive\r\n\r\n");
	cr_expect_eq(c->sends, 1u);
	rig_end(r);
}

/* RFC 9110 7.2: http's own port is left out; RFC 9112 9.6: the last one says close */
Test(client_http, close_server_asks_for_the_close)
{
	struct rig *r = rig_new();

	r->spec.url.port = cpu_to_be16(80);
	r->spec.close = LOAD_CLOSE_SERVER;
	expect_request(rig_one(r), "GET /page HTTP/1.1\r\nHost: 192.0.2.1\r\n"
	                           "User-Agent: handfast\r\nConnection: close\r\n\r\n");
	rig_end(r);
}

/* RFC 9110 8.6 */
Test(client_http, payload_is_posted)
{
	struct rig *r = rig_new();
	struct hf_conn *c;
	const char *text;

	r->spec.payload = 1000;
	c = rig_one(r);
	text = (const char *)c->out;
	cr_expect_eq(memcmp(text, "POST /page HTTP/1.1\r\n", 21), 0);
	cr_expect_not_null(memmem(text, c->out_len, "\r\nContent-Length: 1000\r\n", 24));
	cr_expect_eq((const char *)memmem(text, c->out_len, "\r\n\r\n", 4) + 4 + 1000,
	        text + c->out_len);
	cr_expect_eq(c->sends, 1u);
	rig_end(r);
}

Test(client_http, close_fin_closes_after_the_answer)
{
	struct rig *r = rig_new();
	struct hf_conn *c = rig_one(r);

	rig_says(r, 0, RIG_ANSWER);
	cr_expect(c->closed);
	cr_expect_not(c->aborted);
	cr_expect_eq(rig_tally(r)->completed, 0u, "not before the end");
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	cr_expect_eq(rig_tally(r)->requests, 1u);
	cr_expect_eq(rig_tally(r)->text_in, 5u);
	rig_end(r);
}

Test(client_http, close_rst_resets_after_the_answer)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.close = LOAD_CLOSE_RST;
	c = rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	cr_expect(c->aborted);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

Test(client_http, close_server_waits_for_the_fin)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.close = LOAD_CLOSE_SERVER;
	c = rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	cr_expect_not(c->closed || c->aborted);
	rig_fin(r, 0);
	cr_expect(c->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

/* RFC 9112 9.3 */
Test(client_http, several_requests_go_one_after_the_other)
{
	for (enum load_close close = LOAD_CLOSE_FIN; close <= LOAD_CLOSE_SERVER; close++) {
		struct rig *r = rig_new();
		struct hf_conn *c;

		r->spec.requests = 3;
		r->spec.close = close;
		c = rig_one(r);
		for (unsigned i = 1; i <= 3; i++) {
			cr_expect_eq(c->sends, i);
			cr_expect_eq(
			        memmem(c->out, c->out_len, "Connection: close", 17) != NULL,
			        i == 3 && close == LOAD_CLOSE_SERVER);
			rig_says(r, 0, RIG_ANSWER);
			rig_turn(r, 0);
		}
		cr_expect_eq(c->sends, 3u);
		cr_expect_eq(c->closed, close == LOAD_CLOSE_FIN);
		cr_expect_eq(c->aborted, close == LOAD_CLOSE_RST);
		rig_fin(r, 0);
		rig_gone(r, 0, close == LOAD_CLOSE_RST ? HF_ABORTED : HF_CLOSED);
		rig_expect_one(r, COMPLETED);
		cr_expect_eq(rig_tally(r)->requests, 3u);
		rig_end(r);
	}
}

static void
in_single_bytes(struct rig *r, const char *text)
{
	for (; *text != '\0'; text++)
		rig_bytes(r, 0, text, 1);
}

Test(client_http, answers_byte_by_byte_are_the_same)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.requests = 3;
	c = rig_one(r);
	in_single_bytes(r, RIG_ANSWER);
	rig_turn(r, 0);
	in_single_bytes(r, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	                   "3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\n");
	rig_turn(r, 0);
	in_single_bytes(r, RIG_ANSWER);
	cr_expect(c->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	cr_expect_eq(rig_tally(r)->requests, 3u);
	cr_expect_eq(rig_tally(r)->text_in, 13u);
	rig_end(r);
}

/* A part that equals the last answer must not hide a part that differs. */
Test(client_http, same_head_cut_anywhere_and_other_heads_are_read_right)
{
	static const char trailer[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	                              "1\r\nx\r\n0\r\nA: b\r\n\r\n";
	static const char *const text[] = {RIG_ANSWER, RIG_ANSWER,
	        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!", RIG_ANSWER, trailer,
	        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n",
	        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"};
	struct rig *r = rig_new();
	unsigned answers = 0;

	r->spec.requests = UINT32_MAX;
	rig_one(r);
	for (unsigned i = 0; i < 8; i++) {
		uint32_t len = (uint32_t)strlen(text[i]);

		for (uint32_t at = 1; at < len; at++) {
			rig_bytes(r, 0, text[i], at);
			rig_bytes(r, 0, text[i] + at, len - at);
			rig_turn(r, 0);
			rig_bytes(r, 0, text[i], len);
			rig_turn(r, 0);
			answers += 2;
			cr_assert_eq(rig_tally(r)->requests, answers, "%s at %u", text[i], at);
		}
		rig_acks(r, 0);
	}
	rig_end(r);
}

Test(client_http, bad_status_is_one_error)
{
	static const char *const text[] = {
	        "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx",
	        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
	        "HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nand so on",
	        "HTTP/1.0 400 Bad\r\n\r\n"};

	for (unsigned i = 0; i < 4; i++) {
		for (enum load_close close = LOAD_CLOSE_FIN; close <= LOAD_CLOSE_SERVER;
		        close++) {
			struct rig *r = rig_new();
			struct hf_conn *c;

			r->spec.close = close;
			r->spec.requests = 2;
			c = rig_one(r);
			rig_says(r, 0, text[i]);
			cr_expect(c->closed || c->aborted);
			cr_expect_eq(c->sends, 1u, "nothing more is asked");
			cr_expect_eq(load_tally_errors(rig_tally(r)), 0u, "not before its end");
			rig_gone(r, 0, c->aborted ? HF_ABORTED : HF_CLOSED);
			rig_expect_one(r, LOAD_ERROR_bad_status);
			cr_expect_eq(rig_tally(r)->requests, 0u);
			rig_end(r);
		}
	}
}

#define MOVED "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"

/* It is not followed, so the page that was asked for was not measured. */
Test(client_http, redirect_is_no_success)
{
	struct rig *r = rig_new();

	rig_one(r);
	rig_says(r, 0, MOVED);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, LOAD_ERROR_redirect);
	cr_expect_eq(rig_tally(r)->requests, 0u);
	cr_expect_eq(rig_tally(r)->status[302 - STATUS_FIRST], 1u);
	rig_end(r);
}

Test(client_http, redirect_that_is_wanted_completes)
{
	struct rig *r = rig_new();

	r->spec.close = LOAD_CLOSE_FIN;
	status_set_add(&r->spec.accept, 301, 302);
	rig_one(r);
	rig_says(r, 0, MOVED);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, LOAD_ERROR_COUNT);
	cr_expect_eq(rig_tally(r)->status[302 - STATUS_FIRST], 1u);
	rig_end(r);
}

/* Only the named status counts: 200 is wrong where 302 is wanted. */
Test(client_http, status_that_is_not_among_the_wanted_is_an_error)
{
	struct rig *r = rig_new();

	status_set_add(&r->spec.accept, 302, 302);
	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, LOAD_ERROR_bad_status);
	rig_end(r);
}

/* Each answer, however it came: in one piece, in many, known from before, or given up. */
Test(client_http, answers_are_counted_by_status)
{
	static const char busy[] = "HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nand so on";
	struct rig *r = rig_new();

	r->spec.close = LOAD_CLOSE_FIN;
	r->spec.requests = 3;
	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_turn(r, 0);
	rig_says(r, 0, "HTTP/1.1 20");
	rig_says(r, 0, "4 None\r\n\r\n");
	rig_turn(r, 0);
	rig_says(r, 0, busy);
	rig_gone(r, 0, HF_ABORTED);
	rig_turn(r, 1);
	rig_opened(r, 0);
	rig_says(r, 0, busy);
	rig_says(r, 0, "and more");
	rig_gone(r, 0, HF_ABORTED);
	cr_expect_eq(rig_tally(r)->status[200 - STATUS_FIRST], 1u);
	cr_expect_eq(rig_tally(r)->status[204 - STATUS_FIRST], 1u);
	cr_expect_eq(rig_tally(r)->status[503 - STATUS_FIRST], 2u);
	cr_expect_eq(rig_tally(r)->requests, 2u);
	cr_expect_eq(rig_tally(r)->error[LOAD_ERROR_bad_status], 2u);
	rig_end(r);
}

/* The second time it is known. */
Test(client_http, bad_status_that_is_known_is_an_error_again)
{
	struct rig *r = rig_new();

	rig_start(r);
	for (unsigned i = 1; i <= 3; i++) {
		rig_turn(r, 1);
		rig_opened(r, 0);
		rig_says(r, 0, "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx");
		rig_gone(r, 0, HF_CLOSED);
		cr_expect_eq(rig_tally(r)->error[LOAD_ERROR_bad_status], i);
	}
	rig_end(r);
}

/* The first error of a connection counts. */
Test(client_http, bad_status_that_then_takes_too_long_is_a_bad_status)
{
	struct rig *r = rig_new();

	rig_one(r);
	rig_says(r, 0, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	rig_wait(r, 1000000);
	cr_expect(r->conn[0]->aborted);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, LOAD_ERROR_bad_status);
	rig_end(r);
}

Test(client_http, rubbish_is_a_bad_answer)
{
	static const char *const text[] = {
	        "SSH-2.0-x\r\n", RIG_ANSWER "x", RIG_ANSWER RIG_ANSWER, "\r\n"};

	for (unsigned i = 0; i < 4; i++) {
		struct rig *r = rig_new();
		struct hf_conn *c = rig_one(r);

		rig_says(r, 0, text[i]);
		cr_expect(c->aborted);
		rig_gone(r, 0, HF_ABORTED);
		rig_expect_one(r, LOAD_ERROR_bad_answer);
		rig_end(r);
	}
}

Test(client_http, bytes_behind_the_last_answer_are_a_bad_answer)
{
	struct rig *r = rig_new();

	r->spec.close = LOAD_CLOSE_SERVER;
	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_says(r, 0, "more");
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, LOAD_ERROR_bad_answer);
	rig_end(r);
}

/* The stack answered them with RST (RFC 9293 3.10.7). */
Test(client_http, bytes_after_the_close_are_a_bad_answer)
{
	struct rig *r = rig_new();

	rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, LOAD_ERROR_bad_answer);
	rig_end(r);
}

/* RFC 9112 8 */
Test(client_http, fin_before_the_end_is_a_short_answer)
{
	static const char *const text[] = {
	        "", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"};

	for (unsigned i = 0; i < 3; i++) {
		struct rig *r = rig_new();
		struct hf_conn *c = rig_one(r);

		if (text[i][0] != '\0')
			rig_says(r, 0, text[i]);
		rig_fin(r, 0);
		cr_expect(c->closed);
		rig_gone(r, 0, HF_CLOSED);
		rig_expect_one(r, LOAD_ERROR_short_answer);
		rig_end(r);
	}
}

/* RFC 9112 6.3, last */
Test(client_http, answer_until_the_close_is_whole_by_the_fin)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.requests = 2;
	c = rig_one(r);
	rig_says(r, 0, "HTTP/1.0 200 OK\r\n\r\nhel");
	rig_says(r, 0, "lo");
	rig_fin(r, 0);
	cr_expect(c->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	cr_expect_eq(rig_tally(r)->requests, 1u);
	cr_expect_eq(rig_tally(r)->text_in, 5u);
	rig_end(r);
}

/* RFC 9112 9.3 */
Test(client_http, announced_close_ends_in_order_with_fewer_requests)
{
	for (enum load_close close = LOAD_CLOSE_FIN; close <= LOAD_CLOSE_SERVER; close++) {
		struct rig *r = rig_new();
		struct hf_conn *c;

		r->spec.requests = 100;
		r->spec.close = close;
		c = rig_one(r);
		rig_says(r, 0, RIG_ANSWER);
		rig_turn(r, 0);
		rig_says(r, 0,
		        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
		cr_expect_eq(c->sends, 2u);
		rig_fin(r, 0);
		cr_expect_eq(c->aborted, close == LOAD_CLOSE_RST);
		rig_gone(r, 0, c->aborted ? HF_ABORTED : HF_CLOSED);
		rig_expect_one(r, COMPLETED);
		cr_expect_eq(rig_tally(r)->requests, 2u);
		rig_end(r);
	}
}

Test(client_http, request_without_room_is_sent_in_a_later_turn)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->core.descriptors = 0;
	c = rig_one(r);
	cr_expect_eq(c->sends, 0u);
	rig_turn(r, 10);
	cr_expect_eq(c->sends, 0u);
	r->core.descriptors = 1;
	rig_turn(r, 10);
	cr_expect_eq(c->sends, 1u);
	rig_turn(r, 10);
	cr_expect_eq(c->sends, 1u, "once");
	rig_says(r, 0, RIG_ANSWER);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

Test(client_http, one_that_ends_while_it_waits_for_room_is_forgotten)
{
	struct rig *r = rig_new();

	r->core.descriptors = 0;
	rig_one(r);
	rig_gone(r, 0, HF_RESET);
	rig_expect_one(r, LOAD_ERROR_reset);
	for (unsigned i = 0; i < 5; i++) { /* its record is another's by then */
		rig_turn(r, 10);
		if (r->n == 1 && r->conn[0]->sends == 0 && !r->up[0])
			rig_opened(r, 0);
	}
	r->core.descriptors = 1;
	rig_turn(r, 10);
	cr_expect_eq(r->n, 1u);
	cr_expect_eq(r->conn[0]->sends, 1u);
	rig_end(r);
}

/* The answer before it was whole, nothing was asked since. */
Test(client_http, fin_between_two_answers_is_in_order)
{
	struct rig *r = rig_new();
	struct hf_conn *c;

	r->spec.requests = 2;
	r->core.descriptors = 1;
	c = rig_one(r);
	rig_says(r, 0, RIG_ANSWER);
	cr_expect_eq(c->sends, 1u);
	rig_fin(r, 0);
	cr_expect(c->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

static void
expect_reason(enum hf_reason why, unsigned until, enum load_error error)
{
	struct rig *r = rig_new();

	r->spec.close = LOAD_CLOSE_SERVER;
	rig_start(r);
	rig_turn(r, 0);
	if (until > 0)
		rig_opened(r, 0);
	if (until > 1)
		rig_says(r, 0, RIG_ANSWER);
	rig_gone(r, 0, why);
	rig_expect_one(r, error);
	rig_end(r);
}

Test(client_http, each_reason_has_its_error)
{
	expect_reason(HF_REFUSED, 0, LOAD_ERROR_refused);
	expect_reason(HF_HOST_UNREACHABLE, 0, LOAD_ERROR_unreachable);
	expect_reason(HF_NET_UNREACHABLE, 0, LOAD_ERROR_unreachable);
	expect_reason(HF_PROHIBITED, 0, LOAD_ERROR_unreachable);
	expect_reason(HF_NO_PROTOCOL, 0, LOAD_ERROR_unreachable);
	expect_reason(HF_BAD_PROTOCOL, 0, LOAD_ERROR_unreachable);
	for (unsigned until = 0; until < 3; until++) {
		expect_reason(HF_TIMEOUT, until, LOAD_ERROR_timeout);
		expect_reason(HF_STOPPED, until, LOAD_ERROR_stopped);
	}
	expect_reason(HF_CLOSED, 1, LOAD_ERROR_short_answer);
	expect_reason(HF_RESET, 1, LOAD_ERROR_reset);
	expect_reason(HF_RESET, 2, LOAD_ERROR_reset);
}
