/* SPDX-License-Identifier: BSD-3-Clause */
/* The resources of the http service that no peer can take: its memory, and its order. */
#include "base/be.h"
#include "http_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

/* RFC 9110 6.6.1, and the promise that sent bytes do not change. */
Test(http_page, date_moves_to_a_rendering_that_is_free)
{
	struct server s = server_with_body(10);
	struct http_page *p = &s.http->page;
	uint32_t first;

	http_page_set_date(p, 784111777);
	first = p->current;
	cr_expect_not_null(memmem(http_page_at(p, first, HTTP_CLOSE), p->head_len[HTTP_CLOSE],
	        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 37));
	http_page_set_date(p, 784111778);
	cr_expect_eq(p->current, first);
	p->held[first] = 1;
	http_page_set_date(p, 784111779);
	cr_expect_neq(p->current, first);
	cr_expect_not_null(memmem(http_page_at(p, first, HTTP_KEEP), 80, "08:49:38", 8));
	cr_expect_not_null(memmem(http_page_at(p, p->current, HTTP_KEEP), 80, "08:49:39", 8));
	for (unsigned i = 0; i < HTTP_RENDERINGS; i++)
		p->held[i] = 1;
	http_page_set_date(p, 784111780);
	cr_expect_eq(p->current, HTTP_RENDERINGS);
	cr_expect_not_null(memmem(http_page_at(p, p->current, HTTP_KEEP), 80, "08:49:40", 8));
	p->held[7] = 0;
	http_page_set_date(p, 784111781);
	cr_expect_eq(p->current, 7u);
	memset(p->held, 0, sizeof(p->held));
	server_end(&s);
}

/* Peers that never acknowledge hold all renderings: others are answered out of
 * buffers. */
Test(http_limits, held_renderings_do_not_stop_responses)
{
	struct server s = server_with_body(100);
	struct hf_conn *c[HTTP_RENDERINGS + 8];

	for (unsigned i = 0; i < HTTP_RENDERINGS + 8; i++) {
		c[i] = client(&s);
		client_says(c[i], GET_ROOT);
		cr_expect_eq(response_only(c[i]).body_len, 100u);
		cr_expect_eq(s.core.bufs_out > 0, i >= HTTP_RENDERINGS);
		s.core.now_us += 1000000;
	}
	for (unsigned i = 0; i < HTTP_RENDERINGS + 8; i++) {
		fake_ack(c[i], c[i]->unacked);
		fake_end(c[i], HF_CLOSED);
	}
	server_end(&s);
}

/* One that always has something unacknowledged still gets the new date. */
Test(http_limits, busy_connection_does_not_keep_an_old_date)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	client_says(c, GET_ROOT);
	s.core.now_us += 1000000;
	client_says(c, GET_ROOT);
	cr_expect_eq(c->sends, 3u); /* header section copied, body by pointer */
	fake_ack_all(c);
	client_says(c, GET_ROOT);
	cr_expect_eq(c->sends, 4u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

Test(http_limits, big_body_goes_by_pointer_and_holds_the_next_request_back)
{
	struct server s = server_with_body(1000000);
	struct hf_conn *c = client(&s);
	size_t at = 0;

	client_says(c, GET_ROOT GET_ROOT);
	cr_expect_eq(response_next(c, &at, false).body_len, 1000000u);
	cr_expect_eq(at, c->out_len);
	cr_expect_eq(c->piece[1].at, s.conf.body->bytes);
	cr_expect_eq(records_used(&s), 1u);
	cr_expect_eq(c->recv_room, HTTP_SECTION_MAX - strlen(GET_ROOT));
	fake_ack(c, 700000);
	cr_expect_eq(at, c->out_len);
	fake_ack(c, 100000);
	cr_expect_eq(response_next(c, &at, false).body_len, 1000000u);
	cr_expect_eq(at, c->out_len);
	cr_expect_eq(records_used(&s), 0u);
	cr_expect_gt(c->recv_room, HTTP_SECTION_MAX);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

Test(http_limits, pipelining_is_bounded_by_what_the_peer_reads)
{
	struct server s = server_with_body(4000);
	struct hf_conn *c = client(&s);
	char text[54 * 27 + 1] = "";
	unsigned rounds = 0;
	size_t at = 0, responses = 0;

	for (unsigned i = 0; i < 54; i++)
		strcat(text, GET_ROOT);
	while (rounds < 100 && fake_data(c, text, 54 * 27) == 54 * 27)
		rounds++;
	cr_expect_lt(rounds, 10u);
	cr_expect_lt(c->unacked, (256u << 10) + 8192);
	while (c->unacked > 0)
		fake_ack(c, c->unacked);
	while (at < c->out_len) {
		response_next(c, &at, false);
		responses++;
	}
	cr_expect_geq(responses, rounds * 54);
	fake_peer_closed(c);
	cr_expect(c->closed);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* -ENOBUFS with nothing under way: only a retransmission can bring it back. */
Test(http_limits, no_descriptor_takes_nothing)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	s.core.descriptors = 0;
	cr_expect_eq(fake_data(c, GET_ROOT, 27), 0u);
	cr_expect_eq(fake_data(c, GET_ROOT "GET", 30), 0u);
	cr_expect_eq(records_used(&s), 0u);
	s.core.descriptors = FAKE_MANY;
	client_says(c, GET_ROOT);
	cr_expect_eq(response_only(c).status, 200u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* The same while the record holds the request's beginning. */
Test(http_limits, no_descriptor_gives_back_what_just_came)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	client_says(c, "GET / HTTP/1.1\r\nHo");
	s.core.descriptors = 0;
	cr_expect_eq(fake_data(c, "st: x\r\n\r\n", 9), 0u);
	s.core.descriptors = FAKE_MANY;
	client_says(c, "st: x\r\n\r\n");
	cr_expect_eq(response_only(c).status, 200u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* The answer under way continues with room(). */
Test(http_limits, no_descriptor_waits_for_room)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	size_t at = 0;

	s.core.descriptors = 1;
	client_says(c, GET_ROOT GET_ROOT);
	response_next(c, &at, false);
	cr_expect_eq(at, c->out_len);
	fake_ack(c, 10);
	cr_expect_eq(at, c->out_len);
	fake_peer_closed(c);
	cr_expect_not(c->closed);
	s.core.descriptors = 1;
	fake_ack(c, 10);
	response_next(c, &at, false);
	cr_expect_eq(at, c->out_len);
	cr_expect(c->closed);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

Test(http_limits, body_that_found_no_descriptor_follows_later)
{
	struct server s = server_with_body(100000);
	struct hf_conn *c = client(&s);

	s.core.descriptors = 1;
	client_says(c, "GET / HTTP/1.0\r\n\r\n");
	cr_expect_eq(c->sends, 1u);
	cr_expect_not(c->lingers);
	fake_ack(c, 1);
	s.core.descriptors = 1;
	fake_ack(c, 1);
	cr_expect(c->lingers);
	cr_expect_eq(response_only(c).body_len, 100000u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* A response that can never be finished is better cut off than left to hang. */
Test(http_limits, body_that_nothing_will_bring_is_aborted)
{
	struct server s = server_with_body(100000);
	struct hf_conn *c = client(&s);

	s.core.descriptors = 1;
	client_says(c, GET_ROOT);
	s.core.descriptors = -1; /* another holder gets the acknowledged buffer */
	fake_ack(c, c->unacked);
	cr_expect(c->aborted);
	s.core.descriptors = FAKE_MANY;
	fake_end(c, HF_ABORTED);
	server_end(&s);
}

Test(http_limits, no_buffer_for_an_error_takes_nothing)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	s.core.bufs = 0;
	cr_expect_eq(fake_data(c, "BREW / HTTP/1.1\r\n", 17), 0u);
	cr_expect_not(c->lingers);
	s.core.bufs = FAKE_MANY;
	client_says(c, "BREW / HTTP/1.1\r\n");
	cr_expect_eq(response_only(c).status, 501u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* While the last response is not queued in full, more requests are forgotten. */
Test(http_limits, bytes_after_the_last_request_cost_nothing)
{
	struct server s = server_with_body(100000);
	struct hf_conn *c = client(&s);

	s.core.descriptors = 1;
	client_says(c, "GET / HTTP/1.0\r\n\r\n" GET_ROOT);
	client_says(c, GET_ROOT GET_ROOT);
	cr_expect_eq(records_used(&s), 0u);
	cr_expect_not(c->lingers);
	s.core.descriptors = 1;
	fake_ack(c, 1);
	cr_expect(c->lingers);
	cr_expect_eq(response_only(c).body_len, 100000u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* Peers that never finish a request have all small records; with `apart`, each peer has a /24
 * of its own. They came 1 ms after each other. */
static struct hf_conn **
slow_peers(struct server *s, bool apart)
{
	uint32_t n = s->http->store.shelf[HTTP_SMALL].pool.capacity;
	struct hf_conn **slow = calloc(n, sizeof(*slow));

	for (uint32_t i = 0; i < n; i++) {
		slow[i] = client(s);
		slow[i]->peer.addr = cpu_to_be32(0x0a000001 + (apart ? i << 8 : 0));
		client_says(slow[i], "GET / HT");
		s->core.now_us += 1000;
	}
	return slow;
}

static void
slow_peers_end(struct server *s, struct hf_conn **slow)
{
	for (uint32_t i = 0; i < s->http->store.shelf[HTTP_SMALL].pool.capacity; i++)
		fake_end(slow[i], HF_RESET);
	free(slow);
}

/* A request in two segments waits for no other: the slowest peer loses its record at once. */
Test(http_limits, slow_peers_hold_no_other_up)
{
	struct server s = server_with_body(100);
	struct hf_conn **slow = slow_peers(&s, true), *late = client(&s), *whole = client(&s);

	client_says(whole, GET_ROOT);
	cr_expect_eq(response_only(whole).status, 200u);
	client_says(slow[0], "TP/1.1\r\nHost: x\r\n\r\nGET"); /* it is alive */
	client_says(late, "GET / HT");
	cr_expect_eq(response_only(slow[1]).status, 408u);
	cr_expect(slow[1]->lingers);
	cr_expect_eq(slow[2]->out_len, 0u);
	client_says(slow[1], "TP/1.1\r\n");
	client_says(late, "TP/1.1\r\nHost: x\r\n\r\n");
	cr_expect_eq(response_only(late).status, 200u);
	slow_peers_end(&s, slow);
	fake_end(late, HF_CLOSED);
	fake_end(whole, HF_CLOSED);
	server_end(&s);
}

/* A /24 above its share makes room for its own peers. It also makes room for others, before an
 * older peer that is alone. */
Test(http_limits, crowd_of_slow_peers_loses_its_own_records)
{
	struct server s = server_with_body(100);
	struct hf_conn *alone = client(&s), *late = client(&s), *more = client(&s);
	struct hf_conn **slow;

	alone->peer.addr = cpu_to_be32(0xc0000201);
	late->peer.addr = cpu_to_be32(0xc6336401);
	more->peer.addr = cpu_to_be32(0x0a000002);
	client_says(alone, "GET / HT");
	s.core.now_us += 1000;
	slow = slow_peers(&s, false); /* their last one took the first one's */
	cr_expect_eq(response_only(slow[0]).status, 408u);
	client_says(late, "GET / HT");
	cr_expect_eq(response_only(slow[1]).status, 408u);
	client_says(more, "GET / HT");
	cr_expect_eq(response_only(slow[2]).status, 408u);
	client_says(alone, "TP/1.1\r\nHost: x\r\n\r\n");
	cr_expect_eq(response_only(alone).status, 200u);
	slow_peers_end(&s, slow);
	fake_end(alone, HF_CLOSED);
	fake_end(late, HF_CLOSED);
	fake_end(more, HF_CLOSED);
	server_end(&s);
}

/* A request moves to a large record when the small one is full. The client sees no difference.
 */
Test(http_limits, section_outgrows_its_record)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	char line[101];

	memset(line, 'a', 100);
	line[1] = ':';
	line[98] = '\r';
	line[99] = '\n';
	line[100] = '\0';
	client_says(c, "GET / HTTP/1.1\r\nHost: x\r\n");
	for (unsigned i = 0; i < 80; i++) {
		client_says(c, line);
		cr_expect_eq(records_used(&s), 1u);
	}
	cr_expect_eq(s.http->store.shelf[HTTP_LARGE].pool.used, 1u);
	client_says(c, "\r\n");
	cr_expect_eq(response_only(c).status, 200u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* Large records have their own order: a request that takes one from another continues. */
Test(http_limits, slow_peers_with_long_sections_hold_no_other_up)
{
	struct server s = server_with_body(100);
	uint32_t n = s.http->store.shelf[HTTP_LARGE].pool.capacity;
	struct hf_conn **slow = calloc(n, sizeof(*slow)), *late = client(&s);
	char text[1500] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
	uint32_t len = (uint32_t)strlen(text);

	memset(text + len, 'a', 1200);
	for (uint32_t i = 0; i < n; i++) {
		slow[i] = client(&s);
		client_says(slow[i], text);
	}
	client_says(late, text);
	cr_expect_eq(response_only(slow[0]).status, 408u);
	client_says(late, "\r\n\r\n");
	cr_expect_eq(response_only(late).status, 200u);
	for (uint32_t i = 0; i < n; i++)
		fake_end(slow[i], HF_RESET);
	fake_end(late, HF_CLOSED);
	free(slow);
	server_end(&s);
}

static uint32_t
draw(uint64_t *s, uint32_t below)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return (uint32_t)(*s >> 20) % below;
}

static uint32_t
random_stream(uint64_t *seed, char *out, uint32_t max)
{
	static const char *const pieces[] = {GET_ROOT, GET_ROOT, GET_ROOT,
	        "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
	        "GET /a HTTP/1.1\r\nHost: x\r\nB: c\r\n\r\n",
	        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789", "\r\n",
	        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
	        "junk"};
	uint32_t len = 0;

	for (uint32_t n = draw(seed, 40); n > 0; n--) {
		uint32_t common = draw(seed, 30) != 0 ? 8 : 10;
		const char *p = pieces[draw(seed, common)];

		if (len + strlen(p) > max)
			break;
		memcpy(out + len, p, strlen(p));
		len += (uint32_t)strlen(p);
	}
	return len;
}

/* With any cut, any pace of acknowledgements, and shortages now and then, the peer reads a
 * prefix of the best answer. It reads all of it unless the service gave up. */
static void
run_stream(struct server *s, uint64_t *seed, const char *text, uint32_t len)
{
	struct hf_conn *best = client(s), *c = client(s);
	uint32_t at = 0;
	bool fin = false;

	fake_data_all(best, text, len);
	while (best->unacked > 0)
		fake_ack_all(best);
	for (unsigned step = 0; step < 2000 && !c->aborted; step++) {
		bool calm = step > 1000;

		s->core.descriptors = calm ? FAKE_MANY : (int)draw(seed, 4);
		s->core.bufs = calm ? FAKE_MANY : (int)draw(seed, 3);
		if (at < len && draw(seed, 2))
			at += fake_data(c, text + at, 1 + draw(seed, len - at));
		else if (c->unacked > 0)
			fake_ack(c, 1 + draw(seed, c->unacked));
		else if (at == len && !fin && !c->closed) {
			fin = true;
			fake_peer_closed(c);
		}
	}
	s->core.descriptors = s->core.bufs = FAKE_MANY;
	if (!c->aborted) {
		cr_assert_eq(at, len);
		cr_assert(c->closed || c->lingers, "it did not close");
		cr_assert_eq(c->out_len, best->out_len);
	}
	cr_assert(c->out_len <= best->out_len);
	cr_assert(c->out_len == 0 || memcmp(c->out, best->out, c->out_len) == 0);
	fake_end(c, HF_CLOSED);
	fake_end(best, HF_CLOSED);
	cr_assert_eq(s->core.bufs_out, 0);
	cr_assert_eq(records_used(s), 0u);
}

Test(http_limits, any_stream_at_any_pace)
{
	static const uint32_t bodies[] = {0, 60, 4096, 300000};
	uint64_t seed = 0x9e3779b97f4a7c15;
	char text[2048];

	for (unsigned i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct server s = server_with_body(bodies[i]);

		for (unsigned round = 0; round < (bodies[i] > 5000 ? 10 : 150); round++) {
			uint32_t len = random_stream(&seed, text, sizeof(text));

			run_stream(&s, &seed, text, len);
			s.core.now_us += 300000;
		}
		server_end(&s);
	}
}
