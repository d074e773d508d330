/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 792; errors as RFC 5927 wants them looked at. */
#include <criterion/criterion.h>

#include "stack/private.h"
#include "stack/rig.h"
#include "wire/checksum.h"

/* An ICMP message of len bytes behind its first 8. */
static unsigned
build_icmp(
        uint8_t *f, uint8_t type, uint8_t code, uint16_t last, const void *body, unsigned len)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(void *)(f + 14);
	struct icmp_hdr *icmp = (struct icmp_hdr *)(void *)(f + 34);

	memcpy(f, rig_ports[0].mac, ETH_ALEN);
	memcpy(f + 6, rig_peer_mac, ETH_ALEN);
	f[12] = 8;
	f[13] = 0;
	*ip = (struct ipv4_hdr) {.version_ihl = 0x45,
	        .total_length = cpu_to_be16((uint16_t)(28 + len)),
	        .ttl = 3,
	        .protocol = IPPROTO_ICMP_,
	        .src = rig_ip(10, 0, 0, 1),
	        .dst = rig_ports[0].ip};
	ip->checksum = checksum_ipv4(ip);
	*icmp = (struct icmp_hdr) {.type = type, .code = code, .sequence = cpu_to_be16(last)};
	memcpy(f + 42, body, len);
	icmp->checksum = (be16)~checksum_fold(checksum_add(0, f + 34, 8 + len));
	return 42 + len;
}

static void
push_icmp(struct rig *r, uint8_t type, uint8_t code, uint16_t last, const void *body,
        unsigned len)
{
	uint8_t frame[2048];

	cr_assert_eq(rig_push(r, 0, frame, build_icmp(frame, type, code, last, body, len)),
	        DROP_NONE);
}

Test(stack_icmp, echo_of_every_size_comes_back_whole)
{
	struct rig *r = rig_new(NULL, 1000000);

	for (unsigned len = 0; len < 1472; len += len < 70 ? 1 : 61) {
		push_icmp(r, ICMP_ECHO, 0, 9, rig_stream, len);
		rig_turn(r);
		const struct rig_out *o = rig_next(r);

		cr_assert_not_null(o);
		cr_assert_eq(o->parsed, DROP_NONE, "size %u", len);
		cr_assert(o->in_place);
		cr_expect_eq(o->seg.frame[34], ICMP_ECHO_REPLY);
		cr_expect_eq(o->seg.len, len);
		cr_expect_arr_eq(o->seg.text, rig_stream, len);
		cr_expect_eq(o->seg.key.laddr, rig_ip(10, 0, 0, 1));
		cr_expect_eq(o->seg.key.raddr, rig_ports[0].ip);
		cr_expect_arr_eq(o->seg.frame, rig_peer_mac, ETH_ALEN);
	}
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_icmp, echo_is_limited)
{
	struct stack_conf few = {.max_conns = 16, .rst_per_s = 4};
	struct rig *r = rig_new(&few, 1000000);

	for (unsigned i = 0; i < 10; i++)
		push_icmp(r, ICMP_ECHO, 0, 0, "ping", 4);
	rig_turn(r);
	cr_expect_eq(r->nout, 4);
	cr_expect_eq(rig_drops(r, DROP_ICMP_RATE), 6);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_icmp, other_types_are_not_served)
{
	struct rig *r = rig_new(NULL, 1000000);

	push_icmp(r, ICMP_ECHO_REPLY, 0, 0, "ping", 4);
	push_icmp(r, 13, 0, 0, "timestamp...", 12);
	push_icmp(r, 5, 1, 0, "redirect................................", 40);
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_ICMP_TYPE), 3);
	cr_expect_eq(rig_free(r), 0);
}

/* A connection with segments in flight, and the first of them as a router would
 * quote it. */
struct flight {
	struct rig *r;
	struct rig_log log;
	uint32_t iss;
	unsigned sent; /* segments */
	uint8_t quote[600];
	unsigned len;
};

static struct flight *
flight_new(uint32_t bytes)
{
	struct flight *f = calloc(1, sizeof(*f));
	struct tcp_opts mss = {.present = SEG_OPT_MSS, .mss = 1460};
	const struct rig_out *o;

	f->r = rig_new(NULL, 1000000);
	f->log.send = bytes;
	rig_listen(f->r, 80, &rig_source, &f->log);
	f->iss = rig_handshake(f->r, 40000, mss, 60000) - 1;
	o = rig_next(f->r);
	cr_assert_not_null(o);
	cr_assert_eq(o->seg.seq, f->iss + 1);
	cr_assert_eq(o->seg.len, bytes < 1460 ? bytes : 1460);
	f->sent = f->r->nout - 1;
	f->len = o->seg.frame_len - 14u < sizeof(f->quote) ? o->seg.frame_len - 14u
	                                                   : sizeof(f->quote);
	memcpy(f->quote, o->seg.frame + 14, f->len);
	rig_forget(f->r);
	return f;
}

static void
flight_free(struct flight *f)
{
	cr_expect_eq(rig_free(f->r), 0);
	free(f);
}

/* RFC 5927 5.2: the connection stays, its timers decide. */
Test(stack_icmp, errors_that_match_are_noted)
{
	struct flight *f = flight_new(1000);

	push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_HOST, 0, f->quote, 28);
	push_icmp(f->r, ICMP_TIME_EXCEEDED, 0, 0, f->quote, 28);
	push_icmp(f->r, ICMP_SOURCE_QUENCH, 0, 0, f->quote, 28);
	push_icmp(f->r, ICMP_PARAMETER, 0, 0, f->quote, f->len);
	rig_turn(f->r);
	cr_expect_null(rig_next(f->r));
	cr_expect_eq(rig_drops(f->r, DROP_ICMP_IGNORED), 3);
	/* RFC 6633 3: discarded, or an open in want of an answer was "unreachable" */
	cr_expect_eq(rig_drops(f->r, DROP_ICMP_TYPE), 1);
	cr_expect_eq(f->log.closed, 0);
	flight_free(f);
}

/* RFC 5927 4: the sequence number is in flight, the flow is ours. */
Test(stack_icmp, errors_that_do_not_match_change_nothing)
{
	struct flight *f = flight_new(1000);
	uint8_t q[60];
	unsigned n = 0;

	for (unsigned at = 0; at < 27; at++) {
		/* version; protocol; addresses; ports; sequence number */
		if (at != 0 && at != 9 && at < 12)
			continue;
		memcpy(q, f->quote, sizeof(q));
		q[at] ^= 0x80;
		push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 600, q, 28);
		n++;
	}
	/* one octet before, and one behind the text in flight */
	memcpy(q, f->quote, sizeof(q));
	be32_store(q + 24, f->iss);
	push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 600, q, 28);
	be32_store(q + 24, f->iss + 1001);
	push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 600, q, 28);
	rig_turn(f->r);
	cr_expect_null(rig_next(f->r));
	cr_expect_eq(rig_drops(f->r, DROP_ICMP_UNMATCHED), n + 2);
	flight_free(f);
}

/* RFC 1191 3, 6.4: smaller pieces, at once, and from the first on. */
Test(stack_icmp, fragmentation_needed_lowers_the_mss)
{
	struct flight *f = flight_new(1460 * 5);
	const struct rig_out *o;
	uint32_t at = f->iss + 1;

	cr_assert_eq(f->sent, 5);
	push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 1200, f->quote, 28);
	rig_turn(f->r);
	while ((o = rig_next(f->r)) != NULL) {
		if (o->seg.kind != SEG_TCP)
			continue;
		cr_expect_eq(o->seg.seq, at);
		cr_expect_leq(o->seg.len, 1160);
		at += o->seg.len;
	}
	cr_expect_eq(at, f->iss + 1 + 1460 * 5, "all was sent again");
	flight_free(f);
}

/* RFC 1191 3: no router has an MTU of 68, and 0 is that of an old one. */
Test(stack_icmp, a_bogus_mtu_does_little_harm)
{
	static const uint16_t mtu[] = {0, 1, 68, 575};

	for (unsigned i = 0; i < 4; i++) {
		struct flight *f = flight_new(1460 * 2);
		const struct rig_out *o;

		push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, mtu[i], f->quote, 28);
		rig_turn(f->r);
		do
			o = rig_next(f->r);
		while (o != NULL && o->seg.kind != SEG_TCP);
		cr_assert_not_null(o);
		cr_expect_eq(o->seg.len, 576 - 40, "MTU %u", mtu[i]);
		flight_free(f);
	}
}

Test(stack_icmp, a_larger_mtu_is_ignored)
{
	struct flight *f = flight_new(1460 * 2);

	push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 1500, f->quote, 28);
	push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 65535, f->quote, 28);
	rig_turn(f->r);
	cr_expect_null(rig_next(f->r));
	cr_expect_eq(rig_drops(f->r, DROP_ICMP_IGNORED), 2);
	flight_free(f);
}

/* Each frame has the length of its content, so that a read behind it is seen. */
Test(stack_icmp, a_quotation_cut_off_anywhere_is_survived)
{
	struct flight *f = flight_new(1000);

	for (unsigned len = 0; len < 28; len++)
		push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, 576, f->quote, len);
	rig_turn(f->r);
	cr_expect_null(rig_next(f->r));
	cr_expect_eq(rig_drops(f->r, DROP_ICMP_UNMATCHED), 28);

	/* with IPv4 options in the quoted header, too */
	memmove(f->quote + 60, f->quote + 20, 40);
	f->quote[0] = 0x4f;
	for (unsigned len = 20; len < 68; len++)
		push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_HOST, 0, f->quote, len);
	rig_turn(f->r);
	cr_expect_eq(rig_drops(f->r, DROP_ICMP_UNMATCHED), 28 + 48);
	push_icmp(f->r, ICMP_UNREACHABLE, ICMP_UNREACH_HOST, 0, f->quote, 68);
	rig_turn(f->r);
	cr_expect_eq(rig_drops(f->r, DROP_ICMP_IGNORED), 1);
	flight_free(f);
}

/* An error that quotes a forged segment is looked up and counted, and has no other effect. */
Test(stack_icmp, a_flood_of_made_up_errors_leaves_no_trace)
{
	struct flight *f = flight_new(1000);
	struct stack_usage before = stack_usage(f->r->st), after;
	uint8_t q[28];

	memcpy(q, f->quote, sizeof(q));
	for (unsigned i = 0; i < 5000; i++) {
		be32_store(q + 16, i * 2654435761u);                   /* destination */
		be32_store(q + 20, 80u << 16 | (i * 40503u & 0xffff)); /* ports */
		be32_store(q + 24, i * 69069u);
		push_icmp(
		        f->r, i % 2 ? ICMP_UNREACHABLE : ICMP_TIME_EXCEEDED, i % 6, 600, q, 28);
		if (i % 100 == 99)
			rig_turn(f->r);
	}
	cr_expect_null(rig_next(f->r));
	cr_expect_eq(rig_drops(f->r, DROP_ICMP_UNMATCHED), 5000);
	after = stack_usage(f->r->st);
	cr_expect_arr_eq((uint8_t *)&before, (uint8_t *)&after, sizeof(before));
	cr_expect_eq(f->log.closed, 0);
	flight_free(f);
}

/* A host that pings as fast as it can has its part of the answers, and another host has its
 * own. */
Test(stack_icmp, a_flood_of_echoes_does_not_silence_another)
{
	struct stack_conf some = {
	        .max_conns = 16, .rst_per_s = 1024, .secret = "a test's secret"};
	struct rig *r = rig_new(&some, 1000000);
	uint8_t frame[64];
	unsigned n;

	for (unsigned i = 0; i < 400; i++)
		push_icmp(r, ICMP_ECHO, 0, 0, "ping", 4);
	rig_turn(r);
	cr_expect_eq(r->nout, 1024 / 16);
	cr_expect_eq(rig_drops(r, DROP_ICMP_RATE), 400 - 1024 / 16);
	rig_forget(r);
	n = build_icmp(frame, ICMP_ECHO, 0, 0, "ping", 4);
	frame[14 + 15] = 77; /* 10.0.0.77 */
	r->csum_ok = SEG_CSUM_IP;
	rig_push(r, 0, frame, n);
	rig_turn(r);
	cr_expect_eq(r->nout, 1);
	cr_expect_eq(rig_free(r), 0);
}
