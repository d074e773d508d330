/* SPDX-License-Identifier: BSD-3-Clause */
/* The services while the stack drains. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http/http_peer.h"
#include "service/rest.h"

#define LONG 10000 /* ms that are left */

/* RFC 9112 9.6 */
Test(http_drain, a_request_that_comes_is_the_last_one_and_hears_so)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	struct response r;
	size_t at = 0;

	client_says(c, GET_ROOT);
	r = response_next(c, &at, false);
	cr_expect_not(response_has(&r, "Connection: close"));
	fake_ack_all(c);
	fake_drain(c, LONG);
	cr_expect_not(c->lingers);
	fake_wait(c, REST_DRAINING_MS - 1);
	client_says(c, GET_ROOT);
	r = response_next(c, &at, false);
	cr_expect_eq(r.status, 200u);
	cr_expect(response_has(&r, "\r\nConnection: close\r\n"));
	cr_expect(c->lingers && !c->aborted);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* Error answers say it, too, and so does an answer to an unknown path. */
Test(http_drain, every_answer_says_so)
{
	static const char *const requests[] = {"GET /none HTTP/1.1\r\nHost: x\r\n\r\n",
	        "DELETE / HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
	        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"};

	for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct server s = server_with_body(100);
		struct hf_conn *c = client(&s);
		struct response r;
		size_t at = 0;

		fake_drain(c, LONG);
		client_says(c, requests[i]);
		r = response_next(c, &at, i == 2);
		cr_expect(response_has(&r, "\r\nConnection: close\r\n"), "%s", requests[i]);
		cr_expect(c->lingers);
		fake_end(c, HF_CLOSED);
		server_end(&s);
	}
}

/* The end is orderly: a client that asks behind it hears a FIN, and asks elsewhere (RFC 9112
 * 9.3.1). */
Test(http_drain, an_idle_connection_gets_a_fin)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	client_says(c, GET_ROOT);
	fake_ack_all(c);
	fake_drain(c, LONG);
	fake_wait(c, REST_DRAINING_MS - 1);
	cr_expect_not(c->lingers);
	fake_wait(c, 1);
	cr_expect(c->lingers && !c->aborted);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* One that was just opened may have its request under way. */
Test(http_drain, a_connection_without_a_request_gets_a_fin)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s), *late;

	fake_drain(c, LONG);
	late = client(&s);
	fake_wait(c, REST_DRAINING_MS);
	cr_expect(c->lingers);
	fake_wait(late, 0);
	cr_expect(late->lingers, "opened while it drains");
	fake_end(c, HF_CLOSED);
	fake_end(late, HF_CLOSED);
	server_end(&s);
}

/* The FIN has to arrive before the time is over. */
Test(http_drain, a_short_one_leaves_half_of_its_time)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	fake_drain(c, 200);
	fake_wait(c, 99);
	cr_expect_not(c->lingers);
	fake_wait(c, 1);
	cr_expect(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* The second half of a request has the time that it has without a drain. */
Test(http_drain, a_request_under_way_is_answered)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	struct response r;

	client_says(c, "GET / HTTP/1.1\r\nHo");
	fake_drain(c, LONG);
	fake_wait(c, 5 * REST_DRAINING_MS);
	cr_expect_not(c->lingers || c->aborted);
	client_says(c, "st: x\r\n\r\n");
	r = response_only(c);
	cr_expect(response_has(&r, "\r\nConnection: close\r\n"));
	cr_expect(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* Its response said that the connection stays: so it waits for the next request. */
Test(http_drain, a_response_under_way_is_read_and_then_it_rests)
{
	struct server s = server_with_body(1000000);
	struct hf_conn *c = client(&s);

	client_says(c, GET_ROOT);
	fake_drain(c, LONG);
	fake_wait(c, 2000);
	fake_ack(c, 500000);
	fake_wait(c, 2000);
	cr_expect_not(c->lingers || c->aborted);
	fake_ack_all(c);
	fake_wait(c, REST_DRAINING_MS - 1);
	cr_expect_not(c->lingers);
	fake_wait(c, 1);
	cr_expect(c->lingers && !c->aborted);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* Requests that wait for their turn: the first of them is answered, and is the last. */
Test(http_drain, pipelined_requests_end_with_the_first_answer)
{
	struct server s = server_with_body(300000);
	struct hf_conn *c = client(&s);
	struct response r;
	size_t at = 0;

	client_says(c, GET_ROOT GET_ROOT GET_ROOT);
	r = response_next(c, &at, false);
	cr_expect_eq(at, c->out_len, "more than SEND_MAX: the others wait");
	cr_expect_not(response_has(&r, "Connection: close"));
	fake_drain(c, LONG);
	fake_ack_all(c);
	r = response_next(c, &at, false);
	cr_expect(response_has(&r, "\r\nConnection: close\r\n"));
	cr_expect_eq(at, c->out_len);
	cr_expect(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

static struct idle_conf idle = {DEFAULT_IDLE_MS};

/* Bytes under way come back. After a moment without new ones the connection closes. */
Test(idle_drain, echo_says_all_and_closes)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_echo, &idle);

	fake_data(c, "a", 1);
	fake_drain(c, LONG);
	fake_wait(c, REST_DRAINING_MS - 1);
	cr_expect_eq(fake_data(c, "b", 1), 1u);
	fake_wait(c, REST_DRAINING_MS - 1);
	cr_expect_not(c->lingers || c->aborted);
	cr_expect_eq(c->out_len, 2u);
	fake_ack_all(c);
	fake_wait(c, REST_DRAINING_MS);
	cr_expect(c->lingers && !c->aborted);
	fake_end(c, HF_CLOSED);
}

Test(idle_drain, discard_closes_its_half_and_goes_on)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_discard, &idle);

	fake_drain(c, LONG);
	cr_expect(c->shut && !c->lingers);
	fake_wait(c, REST_DRAINING_MS - 1);
	cr_expect_eq(fake_data(c, "x", 1), 1u);
	fake_wait(c, REST_DRAINING_MS - 1);
	cr_expect_not(c->lingers);
	fake_wait(c, 1);
	cr_expect(c->lingers && !c->aborted);
	fake_end(c, HF_CLOSED);
}

/* Whole lines, and then the end. */
Test(idle_drain, chargen_ends_behind_what_is_queued)
{
	struct hf_core h = fake_core();
	void *self = service_chargen.create(NULL, -1);
	struct hf_conn *c = fake_open(&h, &service_chargen, self);
	size_t len = c->out_len;

	fake_drain(c, LONG);
	cr_expect(c->lingers && !c->aborted);
	cr_expect_eq(memcmp(c->out + len - 2, "\r\n", 2), 0);
	fake_end(c, HF_CLOSED);
	c = fake_open(&h, &service_chargen, self);
	cr_expect(c->lingers, "opened while it drains");
	fake_end(c, HF_CLOSED);
	service_chargen.destroy(self);
}
