/* SPDX-License-Identifier: BSD-3-Clause */
/* The registry, and the small services. */
#include "service/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "../fake_hf.h"
#include "service/wall.h"

static struct idle_conf idle = {DEFAULT_IDLE_MS};

Test(services, each_name_has_its_service)
{
	unsigned n = 0;

	for (; service_names[n] != NULL; n++) {
		const struct hf_service *s = service_by_name(service_names[n]);

		cr_assert_not_null(s, "%s", service_names[n]);
		cr_expect_str_eq(s->name, service_names[n]);
	}
	cr_expect_eq(n, 5u);
	cr_expect_null(service_by_name("gopher"));
	cr_expect_null(service_by_name(""));
}

Test(wall, formats)
{
	char http[WALL_HTTP_BYTES + 1], line[WALL_LINE_MAX];

	wall_http(http, 784111777); /* RFC 9110 5.6.7's own example */
	cr_expect_str_eq(http, "Sun, 06 Nov 1994 08:49:37 GMT");
	wall_line(line, 784111777);
	cr_expect_str_eq(line, "Sunday, November 6, 1994 08:49:37-UTC\r\n");
}

Test(wall, ticks_once_a_second)
{
	struct wall w = {0};

	cr_expect(wall_tick(&w, 5));
	cr_expect_not(wall_tick(&w, 5));
	cr_expect(wall_tick(&w, 5 + 1000000));
	cr_expect_not(wall_tick(&w, 5 + 1000000));
	cr_expect_geq(w.next_us, 5u + 1000000u);
	cr_expect_leq(w.next_us, 5u + 2000000u);
}

/* RFC 862 */
Test(echo, bytes_come_back_out_of_their_packet)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_echo, &idle);

	cr_expect_eq(fake_data(c, "hello", 5), 5u);
	cr_expect_eq(fake_data(c, " world", 6), 6u);
	cr_expect_eq(h.bufs_out, 2);
	cr_assert_eq(c->out_len, 11u);
	cr_expect_eq(memcmp(c->out, "hello world", 11), 0);
	fake_ack(c, 6);
	cr_expect_eq(h.bufs_out, 1);
	fake_ack(c, 5);
	cr_expect_eq(h.bufs_out, 0);
	fake_end(c, HF_CLOSED);
}

/* Half-close: bytes that came before the peer's FIN still go back. */
Test(echo, goes_on_after_the_peers_fin)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_echo, &idle);

	cr_expect_eq(fake_data(c, "last", 4), 4u);
	cr_expect_not(c->shut || c->closed);
	fake_peer_closed(c);
	cr_expect(c->closed && !c->aborted);
	cr_expect_eq(c->unacked, 4u);
	fake_ack_all(c);
	cr_expect_eq(h.bufs_out, 0);
	fake_end(c, HF_CLOSED);
}

Test(echo, offers_less_the_more_is_under_way)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_echo, &idle);
	uint32_t full = c->recv_room;
	static char bytes[1000];

	cr_expect_eq(full, 128u << 10);
	cr_expect_eq(fake_data(c, bytes, 1000), 1000u);
	cr_expect_eq(c->recv_room, full - 1000);
	while (fake_data(c, bytes, 1000) > 0)
		;
	cr_expect_leq(c->unacked, full);
	cr_expect_gt(c->unacked, full - 1000);
	cr_expect_eq(c->recv_room, full - c->unacked);
	fake_ack_all(c);
	cr_expect_eq(c->recv_room, full);
	cr_expect_eq(fake_data(c, bytes, 1000), 1000u);
	fake_end(c, HF_RESET);
	cr_expect_eq(h.bufs_out, 0);
}

/* Each packet has one byte, and the client does not read: it cannot hold the core's packets. */
Test(echo, packets_held_are_bounded)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_echo, &idle);
	unsigned refused = 0;

	for (unsigned i = 0; i < 2000; i++)
		refused += fake_data(c, "x", 1) == 0;
	cr_expect_eq(h.bufs_out, FAKE_PIECES);
	cr_expect_eq(refused, 2000u - (unsigned)FAKE_PIECES);
	/* It moves on as the peer reads, and never gets more. */
	for (unsigned i = 0; i < 5000; i++) {
		fake_ack(c, 1 + i % 3 > c->unacked ? c->unacked : 1 + i % 3);
		fake_data(c, "xyz", 1 + i % 3);
		cr_assert_leq(h.bufs_out, FAKE_PIECES);
		cr_assert_geq(c->recv_room + c->unacked, 128u << 10);
	}
	cr_expect_gt(c->out_len, 5000u);
	fake_end(c, HF_RESET);
}

Test(echo, bulk_is_not_held_up_by_the_bound)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_echo, &idle);
	static char bytes[1460];

	for (unsigned i = 0; i < 40; i++)
		cr_assert_eq(fake_data(c, bytes, 1460), 1460u);
	for (unsigned i = 0; i < 5000; i++) {
		cr_assert_eq(fake_data(c, bytes, 1460), 1460u, "segment %u", i);
		fake_ack(c, 1460);
	}
	fake_end(c, HF_RESET);
}

Test(echo, takes_nothing_when_no_packet_can_be_kept)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_echo, &idle);

	h.bufs = 0;
	cr_expect_eq(fake_data(c, "hello", 5), 0u);
	h.bufs = 10;
	h.descriptors = 0;
	cr_expect_eq(fake_data(c, "hello", 5), 0u);
	cr_expect_eq(h.bufs_out, 0);
	h.descriptors = 10;
	cr_expect_eq(fake_data(c, "hello", 5), 5u);
	cr_expect_eq(c->out_len, 5u);
	fake_end(c, HF_RESET);
}

/* RFC 863 */
Test(discard, takes_all_says_nothing_and_closes_with_the_peer)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_discard, &idle);

	cr_expect_eq(fake_data(c, "hello", 5), 5u);
	cr_expect_eq(c->out_len, 0u);
	cr_expect_not(c->closed);
	fake_peer_closed(c);
	cr_expect(c->closed);
	fake_end(c, HF_CLOSED);
}

/* RFC 867 */
Test(daytime, sends_one_line_and_closes)
{
	struct hf_core h = fake_core();
	void *self = service_daytime.create(NULL, -1);
	struct hf_conn *c = fake_open(&h, &service_daytime, self);
	char month[16], day[16];
	int mday, year, hour, minute, second;

	cr_expect(c->lingers);
	cr_assert_gt(c->out_len, 2u);
	cr_expect_eq(memcmp(c->out + c->out_len - 6, "-UTC\r\n", 6), 0);
	cr_expect_null(memchr(c->out, '\n', c->out_len - 1));
	c->out[c->out_len - 2] = '\0';
	cr_expect_eq(sscanf((char *)c->out, "%15[A-Za-z], %15[A-Za-z] %d, %d %d:%d:%d", day,
	                     month, &mday, &year, &hour, &minute, &second),
	        7);
	c->out[c->out_len - 2] = '\r';
	fake_ack_all(c);
	fake_end(c, HF_CLOSED);
	cr_expect_eq(h.bufs_out, 0);
	service_daytime.destroy(self);
}

Test(daytime, without_a_buffer_it_aborts)
{
	struct hf_core h = fake_core();
	void *self = service_daytime.create(NULL, -1);
	struct hf_conn *c;

	h.bufs = 0;
	c = fake_open(&h, &service_daytime, self);
	cr_expect(c->aborted);
	fake_end(c, HF_ABORTED);
	h.bufs = 1;
	h.descriptors = 0;
	c = fake_open(&h, &service_daytime, self);
	cr_expect(c->aborted);
	cr_expect_eq(h.bufs_out, 0);
	fake_end(c, HF_ABORTED);
	service_daytime.destroy(self);
}

/* RFC 864: 72 of 95 characters a line, one further each line. */
static void
expect_pattern(const uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t line = i / 74, col = i % 74;
		uint8_t want = col == 72   ? '\r'
		               : col == 73 ? '\n'
		                           : (uint8_t)(' ' + (line + col) % 95);

		cr_assert_eq(out[i], want, "byte %zu", i);
	}
}

Test(chargen, pattern_is_endless_and_paced_by_the_reader)
{
	struct hf_core h = fake_core();
	void *self = service_chargen.create(NULL, -1);
	struct hf_conn *c = fake_open(&h, &service_chargen, self);

	cr_expect_gt(c->unacked, 0u);
	for (unsigned i = 0; i < 300; i++) {
		cr_assert_leq(c->unacked, 256u << 10);
		cr_assert_eq(fake_data(c, "stop", 4), 4u);
		fake_ack(c, c->unacked < 9973 ? c->unacked : 9973);
	}
	cr_expect_gt(c->out_len, 300u * 9973u);
	expect_pattern(c->out, c->out_len);
	fake_end(c, HF_RESET);
	service_chargen.destroy(self);
}

Test(chargen, stops_when_the_peer_closes)
{
	struct hf_core h = fake_core();
	void *self = service_chargen.create(NULL, -1);
	struct hf_conn *c = fake_open(&h, &service_chargen, self);
	size_t len;

	fake_peer_closed(c);
	cr_expect(c->closed);
	len = c->out_len;
	fake_ack_all(c);
	cr_expect_eq(c->out_len, len);
	cr_expect_not(c->aborted);
	fake_end(c, HF_CLOSED);
	service_chargen.destroy(self);
}

Test(chargen, short_of_descriptors_it_waits_or_gives_up)
{
	struct hf_core h = fake_core();
	void *self = service_chargen.create(NULL, -1);
	struct hf_conn *c;

	h.descriptors = 1;
	c = fake_open(&h, &service_chargen, self);
	cr_expect_eq(c->sends, 1u);
	cr_expect_not(c->aborted);
	h.descriptors = 1;
	fake_ack(c, 100);
	cr_expect_eq(c->sends, 2u);
	h.descriptors = 0;
	fake_end(c, HF_RESET);
	h.descriptors = 0;
	c = fake_open(&h, &service_chargen, self);
	cr_expect(c->aborted);
	fake_end(c, HF_ABORTED);
	service_chargen.destroy(self);
}

/* A client that rests for too long is reset. A client that is active in time is not. */
Test(idle, echo_and_discard_end_idle_peers)
{
	static const struct hf_service *const services[] = {&service_echo, &service_discard};

	for (unsigned i = 0; i < 2; i++) {
		struct idle_conf conf = {20000};
		void *self = services[i]->create(&conf, -1);
		struct hf_core h = fake_core();
		struct hf_conn *c = fake_open(&h, services[i], self);

		conf.idle_ms = 1; /* an open listener keeps its settings */
		fake_wait(c, 19999);
		cr_expect_eq(fake_data(c, "x", 1), 1u);
		fake_wait(c, 19999);
		cr_expect_not(c->aborted);
		fake_wait(c, 1);
		cr_expect(c->aborted);
		fake_end(c, HF_TIMEOUT);
		services[i]->destroy(self);
	}
}

/* The client sends nothing, but reads the bytes that come back. */
Test(idle, echo_waits_for_slow_readers)
{
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_echo, &idle);

	fake_data(c, "hello", 5);
	fake_wait(c, DEFAULT_IDLE_MS - 1);
	fake_ack(c, 1);
	fake_wait(c, DEFAULT_IDLE_MS - 1);
	cr_expect_not(c->aborted);
	fake_wait(c, 1);
	cr_expect(c->aborted);
	fake_end(c, HF_TIMEOUT);
}

Test(idle, chargen_ends_peers_that_do_not_read)
{
	struct idle_conf conf = {20000};
	void *self = service_chargen.create(&conf, -1);
	struct hf_core h = fake_core();
	struct hf_conn *c = fake_open(&h, &service_chargen, self);

	fake_wait(c, 19999);
	fake_ack(c, 1000);
	fake_wait(c, 19999);
	cr_expect_not(c->aborted);
	fake_wait(c, 1);
	cr_expect(c->aborted);
	fake_end(c, HF_TIMEOUT);
	service_chargen.destroy(self);
}
