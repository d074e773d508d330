/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser: sound frames, and each reason of a drop. */
#include <criterion/criterion.h>

#include "frames.h"
#include "wire/options.h"

#define BYTES(...) ((const uint8_t[]) {__VA_ARGS__})

static struct seg seg; /* the last one parsed */

static enum drop
parse_with(const struct frame *f, uint8_t csum_ok)
{
	enum drop why;

	free(seg.frame);
	seg = frame_seg(f);
	seg.csum_ok = csum_ok;
	why = parse_frame(&seg);
	if (why == DROP_NONE)
		cr_assert_neq(seg.kind, SEG_NONE);
	else
		cr_assert_eq(seg.kind, SEG_NONE);
	cr_assert_eq(memcmp(seg.frame, f->b, f->len), 0, "the frame was written to");
	return why;
}

static enum drop
parse(const struct frame *f)
{
	return parse_with(f, 0);
}

static void
expect_addresses(void)
{
	cr_expect_arr_eq(&seg.key.raddr, PEER_ADDR, 4);
	cr_expect_arr_eq(&seg.key.laddr, OUR_ADDR, 4);
}

static void
expect_no_options(void)
{
	cr_expect_eq(seg.opts, 0);
	cr_expect_eq(seg.mss, 0);
	cr_expect_eq(seg.wscale, 0);
	cr_expect_eq(seg.tsval, 0u);
	cr_expect_eq(seg.tsecr, 0u);
	cr_expect_eq(seg.nsack, 0);
	cr_expect_null(seg.sack);
}

Test(parse_tcp, every_field_is_where_it_belongs)
{
	struct frame f = frame_tcp(.seq = 0x01020304, .ack = 0xa0b0c0d0, .wnd = 0x1234,
	        .flags = TCP_PSH | TCP_ACK, .text = BYTES('a', 'b', 'c'), .text_len = 3);

	f.b[15] = 0xb8;
	frame_fix(&f);
	cr_assert_eq(parse(&f), DROP_NONE);

	expect_addresses();
	cr_expect_eq(be16_to_cpu(seg.key.rport), PEER_PORT);
	cr_expect_eq(be16_to_cpu(seg.key.lport), OUR_PORT);
	cr_expect_eq(seg.kind, SEG_TCP);
	cr_expect_eq(seg.seq, 0x01020304u);
	cr_expect_eq(seg.ack, 0xa0b0c0d0u);
	cr_expect_eq(seg.wnd, 0x1234);
	cr_expect_eq(seg.flags, TCP_PSH | TCP_ACK);
	cr_expect_eq(seg.len, 3u);
	cr_expect_eq(seg.text, seg.frame + 54);
	cr_expect_eq(seg.frame_len, 57);
	cr_expect_eq(seg.l3, 14);
	cr_expect_eq(seg.l4, 34);
	expect_no_options();
}

Test(parse_tcp, what_is_not_its_business_stays)
{
	struct frame f = frame_tcp(.flags = TCP_ACK);

	cr_assert_eq(parse(&f), DROP_NONE);
	cr_expect_eq(seg.hash, 0xa5a5a5a5u);
	cr_expect_eq(seg.ref, 0xa5a5a5a5u);
	cr_expect_eq(seg.port, 0xa5);
	cr_expect_eq(seg.room, 0xa5a5);
	cr_expect_eq((uintptr_t)seg.buf, (uintptr_t)0xa5a5a5a5a5a5a5a5);
}

Test(parse_tcp, timestamps_alone)
{
	struct frame f = frame_tcp(.flags = TCP_ACK,
	        .opts = BYTES(1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8), .opts_len = 12,
	        .text = BYTES('x'), .text_len = 1);

	cr_assert_eq(parse(&f), DROP_NONE);
	cr_expect_eq(seg.opts, SEG_OPT_TS);
	cr_expect_eq(seg.tsval, 0x01020304u);
	cr_expect_eq(seg.tsecr, 0x05060708u);
	cr_expect_eq(*seg.text, 'x');
	cr_expect_null(seg.sack);
}

Test(parse_tcp, the_usual_syn)
{
	const uint8_t opts[] = {
	        2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7};
	struct frame f = frame_tcp(.flags = TCP_SYN, .opts = opts, .opts_len = 20);

	cr_assert_eq(parse(&f), DROP_NONE);
	cr_expect_eq(seg.opts, SEG_OPT_MSS | SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE);
	cr_expect_eq(seg.mss, 1460);
	cr_expect_eq(seg.wscale, 7);
	cr_expect_eq(seg.tsval, 0x01020304u);
	cr_expect_eq(seg.tsecr, 0u);

	/* The same bytes without SYN offer nothing (RFC 9293 3.2). */
	f = frame_tcp(.flags = TCP_ACK, .opts = opts, .opts_len = 20);
	cr_assert_eq(parse(&f), DROP_NONE);
	cr_expect_eq(seg.opts, SEG_OPT_TS);
	cr_expect_eq(seg.mss, 0);
}

/* Any byte of the usual SYN's options changed: read as the general parser does. */
Test(parse_tcp, nearly_the_usual_syn)
{
	for (unsigned i = 0; i < 20; i++) {
		for (unsigned v = 0; v < 256; v++) {
			uint8_t opts[] = {
			        2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7};
			struct seg want = {.flags = TCP_SYN};
			struct frame f;

			opts[i] = (uint8_t)v;
			f = frame_tcp(.flags = TCP_SYN, .opts = opts, .opts_len = 20);
			cr_assert_eq(parse(&f), DROP_NONE);
			options_parse(opts, 20, &want);
			cr_assert_eq(seg.opts, want.opts, "%u = %u", i, v);
			cr_assert_eq(seg.mss, want.mss);
			cr_assert_eq(seg.wscale, want.wscale);
			cr_assert_eq(seg.tsval, want.tsval);
			cr_assert_eq(seg.tsecr, want.tsecr);
		}
	}
}

Test(parse_tcp, ip_options_are_skipped)
{
	struct frame f = frame_tcp(.seq = 5, .flags = TCP_ACK, .ip_opts = BYTES(1, 1, 1, 0),
	        .ip_opts_len = 4, .text = BYTES('q'), .text_len = 1);

	cr_assert_eq(parse(&f), DROP_NONE);
	expect_addresses();
	cr_expect_eq(be16_to_cpu(seg.key.rport), PEER_PORT);
	cr_expect_eq(be16_to_cpu(seg.key.lport), OUR_PORT);
	cr_expect_eq(seg.seq, 5u);
	cr_expect_eq(seg.l4, 38);
	cr_expect_eq(seg.text, seg.frame + 58);
	cr_expect_eq(*seg.text, 'q');
}

Test(parse_tcp, ethernet_padding_is_cut_off)
{
	struct frame f = frame_tcp(.flags = TCP_ACK, .padding = 6);

	cr_assert_eq(parse(&f), DROP_NONE);
	cr_expect_eq(seg.len, 0u);
	cr_expect_eq(seg.frame_len, 54);
}

Test(parse_tcp, every_payload_length_is_summed_right)
{
	static uint8_t text[1460];

	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 37 + i / 256);
	for (unsigned len = 0; len <= sizeof(text); len++) {
		struct frame f = frame_tcp(.flags = TCP_ACK, .text = text, .text_len = len);

		cr_assert_eq(parse(&f), DROP_NONE, "%u", len);
		cr_assert_eq(seg.len, len);
		f.b[f.len - 1] ^= 0x10;
		cr_assert_eq(parse(&f), DROP_TCP_CHECKSUM, "%u", len);
	}
}

/* Each reason, by a frame that causes it, in the order in which headers are read. */
Test(parse_tcp, a_wrong_byte_has_its_reason)
{
	static const struct {
		unsigned at;
		uint8_t value;
		bool fix;
		enum drop why;
	} cases[] = {
	        {12, 0x81, false, DROP_ETH_TYPE}, /* a VLAN tag */
	        {13, 0xdd, false, DROP_ETH_TYPE},
	        {14, 0x65, false, DROP_IP_VERSION},
	        {14, 0x44, false, DROP_IP_HEADER_LENGTH},
	        {14, 0x40, false, DROP_IP_HEADER_LENGTH},
	        {14, 0x4f, false, DROP_IP_HEADER_LENGTH},
	        {16, 0xff, false, DROP_IP_TOTAL_LENGTH},
	        {17, 19, false, DROP_IP_TOTAL_LENGTH},
	        {17, 42, false, DROP_IP_TOTAL_LENGTH},
	        {15, 1, false, DROP_IP_CHECKSUM},
	        {24, 9, false, DROP_IP_CHECKSUM},
	        {33, 9, false, DROP_IP_CHECKSUM},
	        {20, 0x20, true, DROP_IP_FRAGMENT}, /* MF */
	        {20, 0x01, true, DROP_IP_FRAGMENT}, /* offset */
	        {21, 0x01, true, DROP_IP_FRAGMENT},
	        {23, 17, true, DROP_IP_PROTOCOL},
	        {46, 0x40, true, DROP_TCP_OFFSET},
	        {46, 0x60, true, DROP_TCP_OFFSET},
	        {46, 0xf0, true, DROP_TCP_OFFSET},
	        {50, 0x99, false, DROP_TCP_CHECKSUM},
	        {41, 0x99, false, DROP_TCP_CHECKSUM},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame f = frame_tcp(.flags = TCP_ACK, .seq = 9);

		f.b[cases[i].at] = cases[i].value;
		if (cases[i].fix)
			frame_fix(&f);
		cr_expect_eq(parse(&f), cases[i].why, "case %u: %s", i, drop_name(parse(&f)));
	}
}

/* RFC 791: the reserved bit and DF are no fragment. */
Test(parse_tcp, unfragmented_whatever_the_flags)
{
	struct frame f = frame_tcp(.flags = TCP_ACK);

	f.b[20] = 0xc0;
	frame_fix(&f);
	cr_expect_eq(parse(&f), DROP_NONE);
}

Test(parse_tcp, port_zero_is_no_port)
{
	struct frame f = frame_tcp(.flags = TCP_SYN);

	put16(f.b + 34, 0);
	frame_fix(&f);
	cr_expect_eq(parse(&f), DROP_TCP_PORT_ZERO);
	f = frame_tcp(.flags = TCP_SYN);
	put16(f.b + 36, 0);
	frame_fix(&f);
	cr_expect_eq(parse(&f), DROP_TCP_PORT_ZERO);
}

Test(parse_tcp, datagram_shorter_than_its_header)
{
	struct frame f = frame_tcp(.flags = TCP_ACK);

	put16(f.b + 16, 39);
	put16(f.b + 24, 0);
	put16(f.b + 24, ~naive_sum(0, f.b + 14, 20));
	cr_expect_eq(parse(&f), DROP_TCP_SHORT);
}

Test(parse_checksum, what_the_port_verified_is_not_summed_again)
{
	struct frame f = frame_tcp(.flags = TCP_ACK);

	f.b[24] ^= 1;
	cr_expect_eq(parse_with(&f, 0), DROP_IP_CHECKSUM);
	cr_expect_eq(parse_with(&f, SEG_CSUM_L4), DROP_IP_CHECKSUM);
	cr_expect_eq(parse_with(&f, SEG_CSUM_IP), DROP_NONE);
	f.b[50] ^= 1;
	cr_expect_eq(parse_with(&f, SEG_CSUM_IP), DROP_TCP_CHECKSUM);
	cr_expect_eq(parse_with(&f, SEG_CSUM_IP | SEG_CSUM_L4), DROP_NONE);

	f = frame_echo(NULL, 0, "hi", 2);
	f.b[36] ^= 1;
	cr_expect_eq(parse_with(&f, 0), DROP_ICMP_CHECKSUM);
	/* its word is about TCP: ICMP is always summed */
	cr_expect_eq(parse_with(&f, SEG_CSUM_L4), DROP_ICMP_CHECKSUM);
}

Test(parse_icmp, text_is_what_follows_the_header)
{
	struct frame f = frame_echo(NULL, 0, "ping", 4);

	cr_assert_eq(parse(&f), DROP_NONE);
	expect_addresses();
	cr_expect_eq(seg.kind, SEG_ICMP);
	cr_expect_eq(seg.key.rport, 0);
	cr_expect_eq(seg.key.lport, 0);
	cr_expect_eq(seg.flags, 0);
	cr_expect_eq(seg.l3, 14);
	cr_expect_eq(seg.l4, 34);
	cr_expect_eq(seg.len, 4u);
	cr_expect_arr_eq(seg.text, "ping", 4);
	cr_expect_eq(seg.frame_len, 46);
	expect_no_options();
}

Test(parse_icmp, shorter_than_its_header)
{
	struct frame f = frame_echo(NULL, 0, "", 0);

	cr_expect_eq(parse(&f), DROP_NONE);
	put16(f.b + 16, 27);
	put16(f.b + 24, 0);
	put16(f.b + 24, ~naive_sum(0, f.b + 14, 20));
	cr_expect_eq(parse(&f), DROP_ICMP_SHORT);
}

/* RFC 826 */
Test(parse_arp, sender_is_the_peer_and_target_is_us)
{
	for (unsigned oper = 1; oper <= 2; oper++) {
		struct frame f = frame_arp(oper);

		f.len = 60; /* with padding */
		cr_assert_eq(parse(&f), DROP_NONE);
		expect_addresses();
		cr_expect_eq(seg.kind, SEG_ARP);
		cr_expect_eq(seg.l3, 14);
		cr_expect_eq(seg.frame_len, 42);
		cr_expect_eq(seg.len, 0u);
		cr_expect_eq(seg.key.rport, 0);
		expect_no_options();
	}
}

Test(parse_arp, any_other_shape_is_malformed)
{
	static const struct {
		unsigned at;
		uint8_t value;
	} cases[] = {{14, 1}, {15, 6}, {16, 0x86}, {17, 1}, {18, 8}, {19, 16}, {20, 1}, {21, 0},
	        {21, 3}};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame f = frame_arp(1);

		f.b[cases[i].at] = cases[i].value;
		cr_expect_eq(parse(&f), DROP_ARP_MALFORMED, "case %u", i);
	}
}

static const uint8_t SYN_OPTS[] = {
        2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7};
static const uint8_t SACK_OPTS[] = {
        1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2};

/* One of each kind. */
static struct frame
example(unsigned i)
{
	switch (i) {
	case 0:
		return frame_tcp(.flags = TCP_ACK);
	case 1:
		return frame_tcp(.flags = TCP_ACK, .opts = SACK_OPTS, .opts_len = 12,
		        .text = SYN_OPTS, .text_len = 13);
	case 2:
		return frame_tcp(.flags = TCP_SYN, .opts = SYN_OPTS, .opts_len = 20);
	case 3:
		return frame_tcp(.flags = TCP_ACK, .opts = SACK_OPTS, .opts_len = 24,
		        .ip_opts = BYTES(1, 1, 1, 1, 1, 1, 1, 0), .ip_opts_len = 8);
	case 4:
		return frame_echo(NULL, 0, "payload", 7);
	case 5:
		return frame_echo(BYTES(1, 1, 1, 0), 4, "x", 1);
	default:
		return frame_arp(1);
	}
}

#define EXAMPLES 7

/* Cut off at every byte: no frame passes and, under ASan, none is overread. */
Test(parse_robust, every_truncation_is_caught)
{
	for (unsigned i = 0; i < EXAMPLES; i++) {
		struct frame f = example(i);
		unsigned whole = f.len;

		cr_assert_eq(parse(&f), DROP_NONE, "example %u", i);
		for (f.len = 0; f.len < whole; f.len++) {
			cr_assert_neq(parse(&f), DROP_NONE, "example %u at %u", i, f.len);
			/* The result is the same without checksums. */
			cr_assert_neq(parse_with(&f, SEG_CSUM_IP | SEG_CSUM_L4), DROP_NONE);
			if (f.len < 14)
				cr_assert_eq(parse(&f), DROP_ETH_SHORT);
		}
	}
}

/* Each byte of the headers takes each value. A frame that still passes stays inside its bounds.
 * Checksums are not verified, since they would hide the other checks. */
Test(parse_robust, every_corrupted_byte_stays_in_bounds)
{
	for (unsigned i = 0; i < EXAMPLES; i++) {
		struct frame f = example(i);

		for (unsigned at = 12; at < f.len; at++) {
			uint8_t was = f.b[at];

			for (unsigned v = 0; v < 256; v++) {
				f.b[at] = (uint8_t)v;
				if (parse_with(&f, SEG_CSUM_IP | SEG_CSUM_L4) != DROP_NONE)
					continue;
				cr_assert(seg.frame_len <= f.len);
				cr_assert_eq(seg.text + seg.len, seg.frame + seg.frame_len);
				cr_assert(
				        seg.nsack == 0 || seg.sack + 8 * seg.nsack <= seg.text);
			}
			f.b[at] = was;
		}
	}
}
