/* SPDX-License-Identifier: BSD-3-Clause */
/* SYN-ACKs in the buffer of their SYN. */
#include <criterion/criterion.h>

#include "wire/build.h"
#include "wire/parse.h"
#include "wire/syn_ack.h"

#define ROOM 128

static const uint8_t ours[ETH_ALEN] = {2, 0, 0, 0, 0, 1};
static const uint8_t theirs[ETH_ALEN] = {2, 0, 0, 0, 0, 9};

static const uint8_t kinds[] = {SEG_OPT_MSS, SEG_OPT_WSCALE, SEG_OPT_SACK_OK, SEG_OPT_TS};

static struct tcp_out
syn(uint8_t opts)
{
	return (struct tcp_out) {
	        .key = {cpu_to_be32(0xc0000201), cpu_to_be32(0x0a010203), cpu_to_be16(80),
	                cpu_to_be16(51234)},
	        .seq = 0xfffffffe,
	        .flags = TCP_SYN,
	        .wnd = 64240,
	        .opts = {.present = opts, .mss = 1460, .wscale = 7, .tsval = 0x01020304},
	};
}

/* A SYN with these options, parsed. */
static struct seg
arrived(uint8_t *frame, uint8_t opts)
{
	struct build_l2 l2 = {.src = theirs, .dst = ours};
	struct tcp_out o = syn(opts);
	struct seg s = {.frame = frame, .room = ROOM, .buf = frame};

	s.frame_len = (uint16_t)build_tcp(frame, &o, &l2);
	cr_assert_eq(parse_frame(&s), DROP_NONE);
	return s;
}

static uint8_t tos, ttl;

static unsigned
by_build_tcp(uint8_t *frame, const struct seg *s, bool offload)
{
	struct build_l2 l2 = {
	        .src = ours, .dst = theirs, .offload_ip = offload, .offload_tcp = offload};
	struct tcp_out o = {
	        .key = s->key,
	        .seq = 0x89abcdef,
	        .ack = s->seq + 1,
	        .wnd = 65535,
	        .flags = TCP_SYN | TCP_ACK,
	        .tos = tos,
	        .ttl = ttl,
	        .opts = {.present = SEG_OPT_MSS | s->opts,
	                .mss = 1400,
	                .wscale = 3,
	                .tsval = 0xa1b2c3d4,
	                .tsecr = s->tsval},
	};

	return build_tcp(frame, &o, &l2);
}

/* Every set of options, checksums made and left to the port. */
Test(wire_syn_ack, same_bytes_as_build_tcp)
{
	uint8_t frame[ROOM], expected[ROOM];

	for (unsigned set = 0; set < 64; set++) {
		bool offload = set & 16;
		struct syn_ack_template t = {.offload_ip = offload, .offload_tcp = offload};
		uint8_t opts = 0;
		struct seg s;
		unsigned len;

		for (unsigned i = 0; i < 4; i++)
			opts |= (set >> i & 1) ? kinds[i] : 0;
		syn_ack_prepare(&t, ours, 1400, 3, 65535);
		if (set & 32)
			syn_ack_mark(&t, tos = 0xb8, ttl = 200);
		s = arrived(frame, opts);
		len = by_build_tcp(expected, &s, offload);
		cr_assert(syn_ack_build(&s, &t, 0x89abcdef, 0xa1b2c3d4));
		cr_expect_eq(s.frame_len, len, "set %u", set);
		cr_expect_arr_eq(s.frame, expected, len, "set %u", set);
	}
}

/* build_tcp() answers these SYNs. */
Test(wire_syn_ack, not_with_ip_options_and_not_without_room)
{
	uint8_t frame[ROOM], before[ROOM];
	struct syn_ack_template t = {.offload_ip = false};
	struct seg s;

	syn_ack_prepare(&t, ours, 1400, 3, 65535);
	for (unsigned i = 0; i < 2; i++) {
		s = arrived(frame, SEG_OPT_MSS);
		memcpy(before, frame, s.frame_len);
		if (i == 0)
			s.room = 93;
		else
			s.l4 += 4;
		cr_expect_not(syn_ack_build(&s, &t, 1, 2));
		cr_expect_arr_eq(frame, before, s.frame_len);
	}
}
