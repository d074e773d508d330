/* SPDX-License-Identifier: BSD-3-Clause */
/* The effect of each ICMP error on an open, and the reason that the application hears (RFC 9293
 * 3.9.2.2, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1). */
#include <criterion/criterion.h>
#include <errno.h>

#include "stack/private.h"
#include "stack/rig.h"
#include "wire/checksum.h"

#define PEER     rig_ip(10, 0, 0, 1)
#define GIVEN_UP 190000 /* ms: beyond all retransmissions of a SYN */

struct noted {
	unsigned closed;
	enum hf_reason why;
};

static void
note_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct noted *n = self;

	(void)h;
	(void)c;
	n->closed++;
	n->why = why;
}

static const struct hf_service noting = {.name = "noting", .closed = note_closed};

static void
answer_arp(struct rig *r)
{
	uint8_t frame[42];
	struct arp_hdr *h = (struct arp_hdr *)(void *)(frame + 14);

	build_arp_request(frame, rig_peer_mac, PEER, rig_ports[0].ip, rig_ports[0].mac);
	h->oper = cpu_to_be16(ARP_REPLY);
	memcpy(h->tha, rig_ports[0].mac, ETH_ALEN);
	cr_assert_eq(rig_push(r, 0, frame, sizeof(frame)), DROP_NONE);
	rig_turn(r);
}

/* A connection in SYN-SENT, and its SYN as a router quotes it. */
static struct rig *
open_to_peer(struct noted *n, uint8_t quote[28])
{
	struct hf_open how = {.peer = {PEER, cpu_to_be16(80)}};
	struct rig *r = rig_new(NULL, 1000000);
	const struct rig_out *o;

	*n = (struct noted) {0};
	cr_assert_eq(hf_connect((struct hf_core *)&r->st->tcp, &noting, n, &how, NULL), 0);
	rig_turn(r);
	answer_arp(r);
	do
		o = rig_next(r);
	while (o != NULL && o->seg.kind != SEG_TCP);
	cr_assert_not_null(o);
	memcpy(quote, o->seg.frame + 14, 28);
	rig_forget(r);
	return r;
}

static void
push_error(struct rig *r, uint8_t type, uint8_t code, const uint8_t quote[28])
{
	uint8_t f[42 + 28];
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(void *)(f + 14);
	struct icmp_hdr *icmp = (struct icmp_hdr *)(void *)(f + 34);

	memcpy(f, rig_ports[0].mac, ETH_ALEN);
	memcpy(f + 6, rig_peer_mac, ETH_ALEN);
	f[12] = 8;
	f[13] = 0;
	*ip = (struct ipv4_hdr) {.version_ihl = 0x45,
	        .total_length = cpu_to_be16(28 + 28),
	        .ttl = 3,
	        .protocol = IPPROTO_ICMP_,
	        .src = rig_ip(10, 0, 0, 254),
	        .dst = rig_ports[0].ip};
	ip->checksum = checksum_ipv4(ip);
	*icmp = (struct icmp_hdr) {.type = type, .code = code};
	memcpy(f + 42, quote, 28);
	icmp->checksum = (be16)~checksum_fold(checksum_add(0, f + 34, 8 + 28));
	cr_assert_eq(rig_push(r, 0, f, sizeof(f)), DROP_NONE);
	rig_turn(r);
}

/* A timer may use the error, or no application waits any more. The next hop's MAC stays known.
 */
static void
wait_for_the_end(struct rig *r, const struct noted *n)
{
	for (unsigned ms = 0; ms < GIVEN_UP && n->closed == 0; ms++) {
		rig_wait(r, 1);
		for (const struct rig_out *o; (o = rig_next(r)) != NULL;)
			if (o->seg.kind == SEG_ARP) {
				rig_forget(r);
				answer_arp(r);
				break;
			}
		rig_forget(r);
	}
}

Test(stack_icmp_reasons, each_is_told_as_errno_would)
{
	static const struct {
		uint8_t type, code;
		bool hard;
		enum hf_reason why;
		int err;
	} rows[] = {
	        {ICMP_UNREACHABLE, 0, false, HF_NET_UNREACHABLE, ENETUNREACH},
	        {ICMP_UNREACHABLE, 1, false, HF_HOST_UNREACHABLE, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 2, true, HF_NO_PROTOCOL, ENOPROTOOPT},
	        {ICMP_UNREACHABLE, 3, true, HF_REFUSED, ECONNREFUSED},
	        {ICMP_UNREACHABLE, 5, false, HF_NET_UNREACHABLE, ENETUNREACH},
	        {ICMP_UNREACHABLE, 6, false, HF_NET_UNREACHABLE, ENETUNREACH},
	        {ICMP_UNREACHABLE, 7, false, HF_HOST_UNREACHABLE, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 8, false, HF_HOST_UNREACHABLE, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 9, true, HF_PROHIBITED, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 10, true, HF_PROHIBITED, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 11, false, HF_NET_UNREACHABLE, ENETUNREACH},
	        {ICMP_UNREACHABLE, 12, false, HF_HOST_UNREACHABLE, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 13, true, HF_PROHIBITED, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 14, true, HF_PROHIBITED, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 15, true, HF_PROHIBITED, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 16, false, HF_HOST_UNREACHABLE, EHOSTUNREACH},
	        {ICMP_UNREACHABLE, 255, false, HF_HOST_UNREACHABLE, EHOSTUNREACH},
	        {ICMP_TIME_EXCEEDED, 0, true, HF_HOST_UNREACHABLE, EHOSTUNREACH},
	        {ICMP_TIME_EXCEEDED, 1, false, HF_HOST_UNREACHABLE, EHOSTUNREACH},
	        {ICMP_PARAMETER, 0, false, HF_BAD_PROTOCOL, EPROTO},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t quote[28];
		struct noted n;
		struct rig *r = open_to_peer(&n, quote);

		push_error(r, rows[i].type, rows[i].code, quote);
		cr_expect_eq(
		        n.closed, rows[i].hard, "type %u code %u", rows[i].type, rows[i].code);
		if (!rows[i].hard)
			wait_for_the_end(r, &n);
		cr_expect_eq(n.closed, 1);
		cr_expect_eq(n.why, rows[i].why, "type %u code %u: %s", rows[i].type,
		        rows[i].code, hf_reason_name(n.why));
		cr_expect_eq(hf_reason_errno(n.why), rows[i].err);
		cr_expect_eq(stack_counters(r->st)->conn_refused, rows[i].why == HF_REFUSED);
		cr_expect_eq(
		        stack_counters(r->st)->conn_unreachable, rows[i].why != HF_REFUSED);
		cr_expect_eq(rig_free(r), 0);
	}
}

/* "Too big" is not about the way; a SYN fits. */
Test(stack_icmp_reasons, too_big_is_no_reason)
{
	uint8_t quote[28];
	struct noted n;
	struct rig *r = open_to_peer(&n, quote);

	push_error(r, ICMP_UNREACHABLE, ICMP_UNREACH_FRAG, quote);
	wait_for_the_end(r, &n);
	cr_expect_eq(n.why, HF_TIMEOUT);
	cr_expect_eq(rig_free(r), 0);
}
