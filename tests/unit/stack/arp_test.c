/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP (RFC 826, RFC 5227), and the next hop of a packet. */
#include <criterion/criterion.h>

#include "stack/private.h"
#include "stack/rig.h"

static const struct tcp_opts NONE = {.present = 0};

/* The fields of an ARP frame. */
struct arp {
	uint16_t oper;
	be32 spa, tpa;
	const uint8_t *sha;
};

static void
push_arp(struct rig *r, uint8_t port, struct arp a)
{
	uint8_t frame[42];
	struct arp_hdr *h = (struct arp_hdr *)(void *)(frame + 14);

	build_arp_request(frame, a.sha ? a.sha : rig_peer_mac, a.spa, a.tpa, NULL);
	h->oper = cpu_to_be16(a.oper);
	cr_assert_eq(rig_push(r, port, frame, sizeof(frame)), DROP_NONE);
}

static void
expect_arp(struct rig *r, uint16_t oper, be32 spa, be32 tpa, const uint8_t *eth_dst)
{
	const struct rig_out *o = rig_next(r);
	const struct arp_hdr *h;

	cr_assert_not_null(o, "no ARP packet was sent");
	cr_assert_eq(o->seg.kind, SEG_ARP);
	h = (const struct arp_hdr *)(const void *)(o->seg.frame + 14);
	cr_expect_eq(be16_to_cpu(h->oper), oper);
	cr_expect_eq(o->seg.key.raddr, spa);
	cr_expect_eq(o->seg.key.laddr, tpa);
	cr_expect_arr_eq(h->sha, rig_ports[o->port].mac, ETH_ALEN);
	cr_expect_arr_eq(o->seg.frame, eth_dst, ETH_ALEN);
}

static const uint8_t everybody[ETH_ALEN] = {255, 255, 255, 255, 255, 255};

static unsigned
neighbours(const struct rig *r, uint8_t port)
{
	struct neigh_entry e;
	unsigned n = 0;

	while (stack_neigh_at(r->st, port, n, &e))
		n++;
	return n;
}

Test(stack_arp, request_is_answered_in_place)
{
	struct rig *r = rig_new(NULL, 1000000);

	push_arp(r, 0, (struct arp) {ARP_REQUEST, rig_ip(10, 0, 0, 1), rig_ports[0].ip, NULL});
	rig_turn(r);
	expect_arp(r, ARP_REPLY, rig_ports[0].ip, rig_ip(10, 0, 0, 1), rig_peer_mac);
	cr_expect(r->out[0].in_place);
	cr_expect_eq(neighbours(r, 0), 0, "a request makes no entry");
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 5227 2.1.1, 2.6: a probe's sender is 0; it is defended against. */
Test(stack_arp, probe_for_our_address_is_answered)
{
	struct rig *r = rig_new(NULL, 1000000);

	push_arp(r, 0, (struct arp) {ARP_REQUEST, 0, rig_ports[0].ip, NULL});
	rig_turn(r);
	expect_arp(r, ARP_REPLY, rig_ports[0].ip, 0, rig_peer_mac);
	cr_expect_eq(neighbours(r, 0), 0);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_arp, request_for_another_is_not_ours)
{
	struct rig *r = rig_new(NULL, 1000000);

	push_arp(r, 0,
	        (struct arp) {ARP_REQUEST, rig_ip(10, 0, 0, 1), rig_ip(10, 0, 0, 9), NULL});
	push_arp(r, 0, (struct arp) {ARP_REQUEST, rig_ip(10, 0, 0, 1), rig_ports[1].ip, NULL});
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_ARP_NOT_OURS), 2);
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 5227 2.4 */
Test(stack_arp, conflict_is_counted_and_not_answered)
{
	struct rig *r = rig_new(NULL, 1000000);

	push_arp(r, 0, (struct arp) {ARP_REQUEST, rig_ports[0].ip, rig_ports[0].ip, NULL});
	push_arp(r, 0, (struct arp) {ARP_REPLY, rig_ports[0].ip, rig_ip(10, 0, 0, 7), NULL});
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_ARP_CONFLICT), 2);
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 826 has no host with such an address. No host would get the answer, or all would. */
Test(stack_arp, senders_of_a_group_are_malformed)
{
	struct rig *r = rig_new(NULL, 1000000);

	push_arp(r, 0,
	        (struct arp) {ARP_REQUEST, rig_ip(10, 0, 0, 1), rig_ports[0].ip, everybody});
	push_arp(r, 0, (struct arp) {ARP_REQUEST, 0, rig_ports[0].ip, everybody});
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_ARP_MALFORMED), 2);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_arp, unsolicited_replies_cannot_fill_the_cache)
{
	struct rig *r = rig_new(NULL, 1000000);

	for (unsigned i = 0; i < 300; i++)
		push_arp(r, 0,
		        (struct arp) {ARP_REPLY, rig_ip(10, 0, 0, 3 + i % 250), rig_ports[0].ip,
		                NULL});
	rig_turn(r);
	cr_expect_eq(neighbours(r, 0), 0);
	cr_expect_eq(rig_drops(r, DROP_ARP_UNSOLICITED), 300);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_arp, answers_are_limited_and_the_limit_refills)
{
	struct stack_conf few = {.max_conns = 16, .rst_per_s = 5};
	struct rig *r = rig_new(&few, 1000000);
	struct arp ask = {ARP_REQUEST, rig_ip(10, 0, 0, 1), rig_ports[0].ip, NULL};

	for (unsigned i = 0; i < 8; i++)
		push_arp(r, 0, ask);
	rig_turn(r);
	cr_expect_eq(r->nout, 5);
	cr_expect_eq(rig_drops(r, DROP_ARP_RATE), 3);
	rig_wait(r, 1000);
	push_arp(r, 0, ask);
	rig_turn(r);
	cr_expect_eq(r->nout, 6);
	cr_expect_eq(rig_free(r), 0);
}

static struct rig *
with_gateway(void)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct stack_port p = rig_ports[0];

	p.gateway = rig_ip(10, 0, 0, 254);
	cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
	return r;
}

Test(stack_arp, gateway_is_asked_for_at_start)
{
	struct rig *r = with_gateway();
	static const uint8_t mac[ETH_ALEN] = {2, 0, 0, 0, 0, 0xfe};
	struct neigh_entry e;

	rig_turn(r);
	expect_arp(r, ARP_REQUEST, rig_ports[0].ip, rig_ip(10, 0, 0, 254), everybody);
	push_arp(r, 0, (struct arp) {ARP_REPLY, rig_ip(10, 0, 0, 254), rig_ports[0].ip, mac});
	rig_turn(r);
	cr_assert(stack_neigh_at(r->st, 0, 0, &e));
	cr_expect_eq(e.state, NEIGH_REACHABLE);
	cr_expect_arr_eq(e.mac, mac, ETH_ALEN);
	cr_expect_eq(rig_free(r), 0);
}

/* A peer beyond the gateway: a segment that a timer sends goes to the MAC from which the
 * handshake came, and that is the gateway's. */
Test(stack_arp, far_peers_are_behind_the_gateway)
{
	struct rig *r = with_gateway();
	static const uint8_t mac[ETH_ALEN] = {2, 0, 0, 0, 0, 0xfe};
	be32 far = rig_ip(192, 0, 2, 77);
	struct rig_log log = {.send = 100};
	uint32_t iss;

	rig_turn(r);
	rig_forget(r);
	rig_listen(r, 80, &rig_source, &log);
	rig_tcp(r, .src = far, .src_mac = mac, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	iss = rig_next(r)->seg.seq;
	rig_tcp(r, .src = far, .src_mac = mac, .flags = TCP_ACK, .seq = 1001, .ack = iss + 1,
	        .wnd = 8000);
	rig_turn(r);
	rig_forget(r);
	rig_wait(r, 1500); /* no ACK comes */
	cr_expect_eq(neighbours(r, 0), 1);
	for (unsigned i = 0; i < r->nout; i++) {
		if (r->out[i].seg.kind == SEG_TCP)
			cr_expect_arr_eq(r->out[i].seg.frame, mac, ETH_ALEN);
		else
			cr_expect_eq(r->out[i].seg.key.laddr, rig_ip(10, 0, 0, 254));
	}
	cr_expect_geq(stack_counters(r->st)->rto_fired, 1);
	cr_expect_eq(rig_free(r), 0);
}

/* The SYN-ACK that the timer repeats has no segment to answer, and the
 * handshake has not shown yet where the peer is: made-up neighbours make no ARP. */
Test(stack_arp, what_a_half_open_connection_repeats_goes_to_the_mac_of_its_syn)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};

	rig_listen(r, 80, &rig_quiet, &log);
	rig_tcp(r, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	rig_forget(r);
	rig_wait(r, 1050);
	const struct rig_out *o = rig_next(r);

	cr_assert_not_null(o);
	cr_expect_eq(o->seg.kind, SEG_TCP);
	cr_expect_eq(o->seg.flags, TCP_SYN | TCP_ACK);
	cr_expect_arr_eq(o->seg.frame, rig_peer_mac, ETH_ALEN);
	cr_expect_null(rig_next(r));
	cr_expect_eq(neighbours(r, 0), 0);
	cr_expect_eq(rig_free(r), 0);
}

/* Half of the clock's circle after the millisecond 0. */
Test(stack_arp, the_cache_ages_whatever_the_uptime)
{
	struct rig *r = rig_new(NULL, ((UINT64_C(1) << 31) + 5) * 1000);
	struct stack_port p = rig_ports[0];

	p.gateway = rig_ip(10, 0, 0, 254);
	cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
	rig_wait(r, 2500);
	cr_expect_geq(stack_counters(r->st)->arp_asked, 3);
	cr_expect_eq(rig_free(r), 0);
}

/* A buffer that may not be written to is answered in another. */
Test(stack_arp, an_answer_without_room_is_written_into_a_copy)
{
	struct rig *r = rig_new(NULL, 1000000);
	static const uint8_t mac[ETH_ALEN] = {2, 0, 0, 0, 0, 0x99};

	push_arp(r, 0, (struct arp) {ARP_REQUEST, rig_ip(10, 0, 0, 1), rig_ports[0].ip, mac});
	r->in[0].room = 0;
	rig_turn(r);
	const struct rig_out *o = rig_next(r);

	cr_assert_not_null(o);
	cr_expect_eq(o->seg.kind, SEG_ARP);
	cr_expect_not(o->in_place);
	cr_expect_eq(rig_free(r), 0);
}

/* A port's first question waits in the stack until the turn ends. */
Test(stack_arp, a_stack_that_never_had_a_turn_leaves_no_buffer)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct stack_port p = rig_ports[0];

	p.gateway = rig_ip(10, 0, 0, 254);
	cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_arp, a_finished_handshake_tells_where_the_peer_is)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 10};
	struct neigh_entry e;

	rig_listen(r, 80, &rig_source, &log);
	rig_tcp(r, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	cr_expect_eq(neighbours(r, 0), 0, "a SYN proves nothing");
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = rig_next(r)->seg.seq + 1, .wnd = 8000);
	rig_turn(r);
	cr_assert(stack_neigh_at(r->st, 0, 0, &e));
	cr_expect_eq(e.ip, rig_ip(10, 0, 0, 1));
	cr_expect_eq(e.state, NEIGH_STALE);
	cr_expect_arr_eq(e.mac, rig_peer_mac, ETH_ALEN);
	rig_forget(r);

	/* the retransmission goes there at once, and the stale entry is polled */
	rig_wait(r, 400);
	expect_arp(r, ARP_REQUEST, rig_ports[0].ip, rig_ip(10, 0, 0, 1), rig_peer_mac);
	const struct rig_out *o = rig_next(r);

	cr_assert_not_null(o);
	cr_expect_eq(o->seg.len, 10);
	cr_expect_arr_eq(o->seg.frame, rig_peer_mac, ETH_ALEN);
	cr_expect_eq(rig_free(r), 0);
}

/* The answer goes back the way the segment came, whatever the cache says. */
Test(stack_arp, an_answer_goes_to_the_mac_that_asked)
{
	struct rig *r = rig_new(NULL, 1000000);
	static const uint8_t moved[ETH_ALEN] = {2, 0, 0, 0, 0, 0x77};
	struct rig_log log = {0};
	uint32_t ack;

	rig_listen(r, 80, &rig_answer, &log);
	ack = rig_handshake(r, 40000, NONE, 8000);
	rig_tcp(r, .src_mac = moved, .flags = TCP_ACK, .seq = 1001, .ack = ack, .wnd = 8000,
	        .text = "x", .len = 1);
	rig_turn(r);
	cr_expect_arr_eq(rig_next(r)->seg.frame, moved, ETH_ALEN);
	cr_expect_eq(rig_free(r), 0);
}

/* Forged senders of any kind get one answer each within the rate, and no entry. The gateway
 * keeps its MAC. */
Test(stack_arp, a_flood_changes_nothing)
{
	static const uint8_t mac[ETH_ALEN] = {2, 0, 0, 0, 0, 0xfe};
	struct rig *r = with_gateway();
	struct neigh_entry e;
	uint64_t drops;

	rig_turn(r);
	push_arp(r, 0, (struct arp) {ARP_REPLY, rig_ip(10, 0, 0, 254), rig_ports[0].ip, mac});
	rig_turn(r);
	rig_forget(r);
	for (unsigned i = 0; i < 500; i++) {
		uint8_t lie[ETH_ALEN] = {2, 1, 1, 1, (uint8_t)(i >> 8), (uint8_t)i};
		be32 spa = i % 2 ? rig_ip(10, 0, 0, 254) : rig_ip(10, 0, 0, 3 + i % 250);
		be32 tpa = i % 3 ? spa : rig_ports[0].ip;

		push_arp(r, 0, (struct arp) {i % 5 ? ARP_REQUEST : ARP_REPLY, spa, tpa, lie});
	}
	rig_turn(r);
	cr_assert(stack_neigh_at(r->st, 0, 0, &e));
	cr_expect_eq(e.ip, rig_ip(10, 0, 0, 254));
	cr_expect_arr_eq(e.mac, mac, ETH_ALEN);
	cr_expect_eq(neighbours(r, 0), 1);
	cr_expect_eq(rig_drops(r, DROP_ARP_CLAIM), 250);
	drops = rig_drops(r, DROP_ARP_UNSOLICITED) + rig_drops(r, DROP_ARP_NOT_OURS);
	cr_expect_geq(drops, 150);
	cr_expect_leq(r->nout, 500 / 3, "requests for us, and nothing else");
	for (unsigned i = 0; i < r->nout; i++)
		cr_expect_eq(r->out[i].seg.frame[21], ARP_REPLY);
	cr_expect_eq(rig_free(r), 0);
}
