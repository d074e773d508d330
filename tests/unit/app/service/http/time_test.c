/* SPDX-License-Identifier: BSD-3-Clause */
/* How long the http service waits for its peers. */
#include "http_peer.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#define POST_1000 "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"

/* A client that only connects holds a connection for as long as a header section may take. */
Test(http_time, a_peer_that_asks_nothing_is_closed_without_a_word)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	fake_wait(c, 59999);
	cr_expect_not(c->lingers);
	fake_wait(c, 1);
	cr_expect(c->lingers);
	cr_expect_eq(c->out_len, 0u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* RFC 9110 15.5.9; no byte of it, however often one comes, puts the end off. */
Test(http_time, half_a_request_ends_with_408)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	fake_wait(c, 30000);
	client_says(c, "GET / HTTP/1.1\r\nA: ");
	for (unsigned i = 0; i < 59; i++) {
		fake_wait(c, 1000);
		client_says(c, "a");
	}
	fake_wait(c, 999);
	cr_expect_eq(c->out_len, 0u);
	fake_wait(c, 1);
	cr_expect_eq(response_only(c).status, 408u);
	cr_expect(c->lingers);
	cr_expect_eq(records_used(&s), 0u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

Test(http_time, idle_connection_is_kept_alive_for_so_long)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	for (unsigned i = 0; i < 5; i++) {
		client_says(c, GET_ROOT);
		fake_ack_all(c);
		fake_wait(c, 74999);
		cr_expect_not(c->lingers);
	}
	client_says(c, "\r\n"); /* is nothing */
	fake_wait(c, 1);
	cr_expect(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* RFC 9112 2.2: empty lines before a request are ignored, and so cannot put its end off. */
Test(http_time, empty_lines_in_pieces_do_not_count)
{
	static const char *const pieces[][2] = {{"\r", "\n"}, {"\n\r", "\n\r"}};

	for (unsigned i = 0; i < 2; i++) {
		struct server s = server_with_body(100);
		struct hf_conn *c = client(&s);

		client_says(c, GET_ROOT);
		fake_ack_all(c);
		for (unsigned k = 0; k < 10 && !c->lingers; k++) {
			client_says(c, pieces[i][k % 2]);
			fake_wait(c, 40000);
		}
		cr_expect(c->lingers, "pieces %u", i);
		fake_end(c, HF_CLOSED);
		server_end(&s);
	}
}

/* The next request has the time of a header section from its first byte on. */
Test(http_time, next_request_has_its_own_time)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	size_t at = 0;

	client_says(c, GET_ROOT);
	fake_ack_all(c);
	fake_wait(c, 70000);
	client_says(c, "GET");
	fake_wait(c, 59999);
	cr_expect_not(c->lingers);
	fake_wait(c, 1);
	response_next(c, &at, false);
	cr_expect_eq(response_next(c, &at, false).status, 408u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* The response to its request is on its way: no second one. */
Test(http_time, content_that_does_not_come_ends_it)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	client_says(c, POST_1000);
	fake_ack_all(c);
	fake_wait(c, 59000);
	client_says(c, "0123456789");
	fake_wait(c, 1000);
	cr_expect_not(c->lingers, "ten bytes are worth 20 ms");
	fake_wait(c, 20);
	cr_expect(c->lingers);
	cr_expect_eq(response_only(c).status, 405u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* 500 bytes a second are enough, and after it the next request may take its time. */
Test(http_time, content_that_comes_slowly_is_awaited)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	static char part[501];

	memset(part, 'x', 500);
	client_says(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
	fake_ack_all(c);
	for (unsigned i = 0; i < 200; i++) {
		fake_wait(c, 1000);
		cr_assert_not(c->lingers, "after %u s", i);
		client_says(c, part);
	}
	fake_wait(c, 74999);
	cr_expect_not(c->lingers);
	client_says(c, GET_ROOT);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

Test(http_time, a_peer_that_does_not_read_is_reset)
{
	struct server s = server_with_body(100000);
	struct hf_conn *c = client(&s);

	client_says(c, GET_ROOT);
	fake_wait(c, 30000);
	fake_ack(c, 50000);
	fake_wait(c, 59999);
	cr_expect_not(c->aborted);
	fake_wait(c, 1);
	cr_expect(c->aborted);
	fake_end(c, HF_ABORTED);
	server_end(&s);
}

/* A byte now and then is not reading. */
Test(http_time, a_peer_that_reads_a_byte_at_a_time_is_reset)
{
	struct server s = server_with_body(100000);
	struct hf_conn *c = client(&s);
	unsigned seconds = 0;

	client_says(c, GET_ROOT);
	while (!c->aborted && seconds < 1000) {
		fake_ack(c, 1);
		fake_wait(c, 1000);
		seconds++;
	}
	cr_expect(seconds >= 60 && seconds <= 62, "%u s", seconds);
	fake_end(c, HF_ABORTED);
	server_end(&s);
}

Test(http_time, a_slow_reader_gets_all)
{
	struct server s = server_with_body(200000);
	struct hf_conn *c = client(&s);

	client_says(c, GET_ROOT);
	while (c->unacked > 0) {
		fake_wait(c, 1000);
		cr_assert_not(c->aborted, "%u bytes left", c->unacked);
		fake_ack(c, c->unacked < 550 ? c->unacked : 550);
	}
	fake_wait(c, 74999);
	cr_expect_not(c->lingers);
	fake_wait(c, 1);
	cr_expect(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* Requests that wait do not lose their time meanwhile. */
Test(http_time, request_behind_a_long_response_is_not_too_late)
{
	struct server s = server_with_body(1000000);
	struct hf_conn *c = client(&s);
	size_t at = 0;

	client_says(c, GET_ROOT "GET / HT");
	for (unsigned i = 0; i < 9; i++) {
		fake_wait(c, 50000);
		fake_ack(c, 100000);
	}
	cr_expect_not(c->lingers || c->aborted);
	client_says(c, "TP/1.1\r\nHost: x\r\n\r\n");
	response_next(c, &at, false);
	cr_expect_eq(response_next(c, &at, false).status, 200u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* A peer that has closed its half, and does not read. */
Test(http_time, half_closed_peer_has_an_end)
{
	struct server s = server_with_body(1000000);
	struct hf_conn *c = client(&s);

	client_says(c, GET_ROOT GET_ROOT);
	fake_peer_closed(c);
	cr_expect_not(c->closed);
	fake_wait(c, 60000);
	cr_expect(c->aborted);
	fake_end(c, HF_ABORTED);
	server_end(&s);
}

Test(http_time, all_are_settings)
{
	struct server s = server_with_body(1000);
	struct hf_conn *c[4];

	s.conf.timeout_ms[HTTP_CLIENT_HEADER] = 1000;
	s.conf.timeout_ms[HTTP_CLIENT_BODY] = 2000;
	s.conf.timeout_ms[HTTP_KEEPALIVE] = 3000;
	s.conf.timeout_ms[HTTP_SEND] = 4000;
	server_again(&s);
	for (unsigned i = 0; i < 4; i++)
		c[i] = client(&s);
	client_says(c[0], "GET");
	client_says(c[1], POST_1000);
	fake_ack_all(c[1]);
	client_says(c[2], GET_ROOT);
	fake_ack_all(c[2]);
	client_says(c[3], GET_ROOT);
	for (unsigned i = 0; i < 4; i++) {
		fake_wait(c[i], 999);
		cr_expect_not(c[i]->lingers || c[i]->aborted, "%u", i);
		fake_wait(c[i], 1);
		cr_expect(c[i]->lingers || c[i]->aborted, "%u", i);
		fake_end(c[i], HF_CLOSED);
	}
	server_end(&s);
}
