/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that are written: TCP segments, echo replies, ARP packets. */
#include <criterion/criterion.h>

#include "frames.h"
#include "wire/build.h"

#define L2(...)                                                          \
	((struct build_l2) {.src = (const uint8_t[]) {2, 0, 0, 0, 0, 2}, \
	        .dst = (const uint8_t[]) {2, 0, 0, 0, 0, 1},             \
	        __VA_ARGS__})

static struct tcp_out
out_ack(void)
{
	struct tcp_out o = {
	        .seq = 0x01020304,
	        .ack = 0xa0b0c0d0,
	        .wnd = 0x1234,
	        .flags = TCP_ACK,
	};

	memcpy(&o.key.raddr, PEER_ADDR, 4);
	memcpy(&o.key.laddr, OUR_ADDR, 4);
	o.key.rport = cpu_to_be16(PEER_PORT);
	o.key.lport = cpu_to_be16(OUR_PORT);
	return o;
}

static bool
sums_hold(const uint8_t *f)
{
	unsigned len = get16(f + 16) - 20u;

	return naive_sum(0, f + 14, 20) == 0xffff &&
	       naive_sum(naive_pseudo(f + 14, len), f + 34, len) == 0xffff;
}

/* A frame in an allocation of exactly its size, freed by the next one. */
static uint8_t *
built(const struct tcp_out *o, struct build_l2 l2)
{
	static uint8_t *frame;
	unsigned size = build_tcp_size(o);

	free(frame);
	frame = malloc(size);
	memset(frame, 0xa5, size);
	cr_assert_eq(build_tcp(frame, o, &l2), size);
	return frame;
}

Test(build_tcp, ack_byte_by_byte)
{
	const uint8_t want[54] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, /* Ethernet */
	        0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0x26, 0xce, 10, 0, 0, 2, 10, 0, 0, 1, 0,
	        80, 0x9c, 0x40, 1, 2, 3, 4, 0xa0, 0xb0, 0xc0, 0xd0, 0x50, 0x10, 0x12, 0x34,
	        0x87, 0x86, 0, 0};
	struct tcp_out o = out_ack();
	uint8_t *f = built(&o, L2());

	cr_expect_eq(build_tcp_size(&o), 54u);
	cr_expect_arr_eq(f, want, 54);
}

/* DSCP 46 (RFC 3246), and a hop or all of them. */
Test(build_tcp, type_of_service_and_time_to_live)
{
	static const uint8_t ttl[] = {0, 1, 64, 255};

	for (unsigned i = 0; i < sizeof(ttl); i++) {
		struct tcp_out o = out_ack();
		uint8_t *f;

		o.tos = 46 << 2;
		o.ttl = ttl[i];
		f = built(&o, L2());
		cr_expect_eq(f[15], 46 << 2);
		cr_expect_eq(f[22], ttl[i] != 0 ? ttl[i] : 64);
		cr_expect(sums_hold(f));
	}
}

Test(build_tcp, timestamps_and_payload)
{
	struct tcp_out o = out_ack();
	const uint8_t text[5] = "hello";
	uint8_t *f;

	o.flags |= TCP_PSH;
	o.opts = (struct tcp_opts) {
	        .present = SEG_OPT_TS, .tsval = 0x01020304, .tsecr = 0x05060708};
	o.piece[0] = (struct tcp_text) {text, 5};
	o.npieces = 1;
	o.len = 5;
	f = built(&o, L2());

	cr_expect_eq(build_tcp_size(&o), 71u);
	cr_expect_eq(get16(f + 16), 57u);
	cr_expect_eq(f[46], 0x80);
	cr_expect_eq(f[47], TCP_ACK | TCP_PSH);
	cr_expect_arr_eq(f + 54, ((uint8_t[]) {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}), 12);
	cr_expect_arr_eq(f + 66, text, 5);
	cr_expect(sums_hold(f));
}

Test(build_tcp, syn_with_all_options)
{
	struct tcp_out o = out_ack();
	uint8_t *f;

	o.flags = TCP_SYN | TCP_ACK;
	o.opts = (struct tcp_opts) {
	        .present = SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS,
	        .mss = 1460,
	        .wscale = 7,
	        .tsval = 1,
	        .tsecr = 2,
	};
	f = built(&o, L2());

	cr_expect_eq(f[46], 0xa0);
	cr_expect_arr_eq(f + 54,
	        ((uint8_t[]) {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}),
	        20);
	cr_expect(sums_hold(f));
}

/* Pieces of odd lengths: the next one stands at an odd offset in the sum. */
Test(build_tcp, pieces_of_every_parity_are_one_text)
{
	uint8_t text[4][70], want[280];

	for (unsigned i = 0; i < sizeof(text); i++)
		text[i / 70][i % 70] = (uint8_t)(i * 151 + 7);
	for (unsigned mix = 0; mix < 256; mix++) {
		struct tcp_out o = out_ack();
		uint8_t *f;

		o.npieces = 4;
		for (unsigned i = 0; i < 4; i++) {
			unsigned len = (const unsigned[]) {0, 1, 8, 67}[mix >> 2 * i & 3];

			o.piece[i] = (struct tcp_text) {text[i], len};
			memcpy(want + o.len, text[i], len);
			o.len += len;
		}
		f = built(&o, L2());
		cr_assert(memcmp(f + 54, want, o.len) == 0, "mix %u", mix);
		cr_assert(sums_hold(f), "mix %u", mix);

		f = built(&o, L2(.offload_tcp = true));
		cr_assert(memcmp(f + 54, want, o.len) == 0, "mix %u", mix);
	}
}

/* The state that hardware expects: the pseudo-header's sum in TCP, with the length and not
 * complemented, and 0 in IPv4. Completed, the frame is sound. */
Test(build_tcp, offloaded_checksums_are_left_to_the_port)
{
	struct tcp_out o = out_ack();
	uint8_t *f;

	o.piece[0] = (struct tcp_text) {(const uint8_t *)"odd", 3};
	o.npieces = 1;
	o.len = 3;
	f = built(&o, L2(.offload_ip = true, .offload_tcp = true));

	cr_expect_eq(get16(f + 24), 0u);
	cr_expect_eq(get16(f + 50), naive_pseudo(f + 14, 23));
	put16(f + 24, ~naive_sum(0, f + 14, 20));
	put16(f + 50, ~naive_sum(0, f + 34, 23));
	cr_expect(sums_hold(f));

	f = built(&o, L2(.offload_tcp = true));
	cr_expect_eq(naive_sum(0, f + 14, 20), 0xffffu);
	f = built(&o, L2(.offload_ip = true));
	cr_expect_eq(get16(f + 24), 0u);
	cr_expect_eq(naive_sum(naive_pseudo(f + 14, 23), f + 34, 23), 0xffffu);
}

/* An answer in the buffer of its question has the bytes of an answer in a new one. */
Test(build_tcp, in_place_of_the_answered_segment)
{
	struct frame f = frame_tcp(.seq = 7, .flags = TCP_SYN,
	        .opts = (uint8_t[]) {2, 4, 5, 180}, .opts_len = 4);
	struct seg s = frame_seg(&f);
	struct tcp_out o = {.flags = TCP_SYN | TCP_ACK, .asked_by = &s};
	uint8_t fresh[58];

	cr_assert_eq(parse_frame(&s), DROP_NONE);
	o.key = s.key;
	o.ack = s.seq + 1;
	o.opts = (struct tcp_opts) {.present = SEG_OPT_MSS, .mss = 1400};
	cr_assert_eq(build_tcp(fresh, &o, &L2()), 58u);
	cr_assert_eq(build_tcp(s.frame, &o, &L2()), 58u);

	cr_expect_arr_eq(s.frame, fresh, 58);
	cr_expect(sums_hold(s.frame));
	seg_free(&s);
}

/* Through the parser and back, whatever the numbers. */
Test(build_tcp, the_parser_reads_what_was_built)
{
	srand(11);
	for (unsigned i = 0; i < 20000; i++) {
		struct tcp_out o = out_ack();
		uint8_t text[130];
		struct seg s = {0};

		for (unsigned k = 0; k < sizeof(text); k++)
			text[k] = (uint8_t)rand();
		memcpy(&o.key, text, sizeof(o.key));
		o.key.rport |= 1;
		o.key.lport |= 1;
		o.seq = (uint32_t)rand() << 1;
		o.ack = (uint32_t)rand() << 1;
		o.wnd = (uint16_t)rand();
		o.flags = (uint8_t)rand();
		o.opts = (struct tcp_opts) {.present = (uint8_t)(rand() & 15), .tsval = o.ack};
		o.len = (uint32_t)rand() % sizeof(text);
		o.piece[0] = (struct tcp_text) {text, o.len};
		o.npieces = 1;
		s.frame = built(&o, L2());
		s.frame_len = (uint16_t)build_tcp_size(&o);

		cr_assert_eq(parse_frame(&s), DROP_NONE);
		/* The parser takes the peer's address for ours in the frame that we send. */
		cr_assert_eq(s.key.raddr, o.key.laddr);
		cr_assert_eq(s.key.laddr, o.key.raddr);
		cr_assert_eq(s.key.rport, o.key.lport);
		cr_assert_eq(s.key.lport, o.key.rport);
		cr_assert(s.seq == o.seq && s.ack == o.ack && s.wnd == o.wnd);
		cr_assert(s.flags == o.flags && s.len == o.len);
		cr_assert_eq(s.tsval, o.opts.present & SEG_OPT_TS ? o.ack : 0);
		cr_assert_eq(memcmp(s.text, text, o.len), 0);
	}
}

/* RFC 1122 3.2.2.6 */
Test(build_echo_reply, turns_the_request_around)
{
	struct frame f = frame_echo(NULL, 0, "odd", 3);
	struct seg s = frame_seg(&f);

	cr_assert_eq(parse_frame(&s), DROP_NONE);
	build_echo_reply(&s, OUR_MAC);

	cr_expect_arr_eq(s.frame, PEER_MAC, 6);
	cr_expect_arr_eq(s.frame + 6, OUR_MAC, 6);
	cr_expect_arr_eq(s.frame + 26, OUR_ADDR, 4);
	cr_expect_arr_eq(s.frame + 30, PEER_ADDR, 4);
	cr_expect_eq(s.frame[22], 64);
	cr_expect_eq(s.frame[34], ICMP_ECHO_REPLY);
	cr_expect_eq(get16(s.frame + 38), 0xbeefu);
	cr_expect_eq(get16(s.frame + 40), 3u);
	cr_expect_arr_eq(s.frame + 42, "odd", 3);
	cr_expect_eq(s.frame_len, 45);
	cr_expect_eq(naive_sum(0, s.frame + 14, 20), 0xffffu);
	cr_expect_eq(naive_sum(0, s.frame + 34, 11), 0xffffu);
	seg_free(&s);
}

Test(build_echo_reply, leaves_the_requests_ip_options_out)
{
	struct frame f = frame_echo((uint8_t[]) {7, 7, 4, 0, 0, 0, 0, 0}, 8, "odd", 3);
	struct seg s = frame_seg(&f);

	cr_assert_eq(parse_frame(&s), DROP_NONE);
	build_echo_reply(&s, OUR_MAC);

	cr_expect_eq(s.frame_len, 45);
	cr_expect_eq(s.frame[14], 0x45);
	cr_expect_eq(get16(s.frame + 16), 31u);
	cr_expect_eq(s.l4, 34);
	cr_expect_eq(s.text, s.frame + 42);
	cr_expect_arr_eq(s.text, "odd", 3);
	cr_expect_eq(naive_sum(0, s.frame + 14, 20), 0xffffu);
	cr_expect_eq(naive_sum(0, s.frame + 34, 11), 0xffffu);
	seg_free(&s);
}

/* RFC 1624: no text, id or sequence number for which the update goes wrong. */
Test(build_echo_reply, checksum_holds_for_every_request)
{
	for (unsigned i = 0; i < 65536; i++) {
		struct frame f = frame_echo(NULL, 0, "", 0);
		struct seg s;

		put16(f.b + 38, i);
		put16(f.b + 40, 0);
		frame_fix(&f);
		s = frame_seg(&f);
		cr_assert_eq(parse_frame(&s), DROP_NONE);
		build_echo_reply(&s, OUR_MAC);
		cr_assert_eq(naive_sum(0, s.frame + 34, 8), 0xffffu, "id %x", i);
		seg_free(&s);
	}
}

/* RFC 826 */
Test(build_arp, reply_in_place)
{
	struct frame f = frame_arp(1);
	struct seg s = frame_seg(&f);

	cr_assert_eq(parse_frame(&s), DROP_NONE);
	build_arp_reply(&s, OUR_MAC);

	cr_expect_arr_eq(s.frame, PEER_MAC, 6);
	cr_expect_arr_eq(s.frame + 6, OUR_MAC, 6);
	cr_expect_eq(get16(s.frame + 20), 2u);
	cr_expect_arr_eq(s.frame + 22, OUR_MAC, 6);
	cr_expect_arr_eq(s.frame + 28, OUR_ADDR, 4);
	cr_expect_arr_eq(s.frame + 32, PEER_MAC, 6);
	cr_expect_arr_eq(s.frame + 38, PEER_ADDR, 4);
	cr_expect_eq(s.frame_len, 42);
	cr_expect_eq(parse_frame(&s), DROP_NONE);
	seg_free(&s);
}

Test(build_arp, request_is_broadcast_or_to_the_known_address)
{
	const uint8_t broadcast[6] = {255, 255, 255, 255, 255, 255};
	be32 ours, target;
	uint8_t b[42];
	struct seg s = {.frame = b, .frame_len = 42};

	memcpy(&ours, OUR_ADDR, 4);
	memcpy(&target, PEER_ADDR, 4);
	memset(b, 0xa5, sizeof(b));
	cr_assert_eq(build_arp_request(b, OUR_MAC, ours, target, NULL), 42u);
	cr_expect_arr_eq(b, broadcast, 6);
	cr_expect_arr_eq(b + 6, OUR_MAC, 6);
	cr_expect_arr_eq(b + 22, OUR_MAC, 6);
	cr_expect_arr_eq(b + 32, ((uint8_t[6]) {0}), 6);
	cr_expect_eq(parse_frame(&s), DROP_NONE);
	cr_expect_eq(s.key.raddr, ours);
	cr_expect_eq(s.key.laddr, target);
	cr_expect_eq(get16(b + 20), 1u);

	build_arp_request(b, OUR_MAC, ours, target, PEER_MAC);
	cr_expect_arr_eq(b, PEER_MAC, 6);
}
