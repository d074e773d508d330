/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 1122 2.3.2.2: a packet whose address is being asked for by ARP is saved. */
#include <criterion/criterion.h>

#include "stack/private.h"
#include "stack/rig.h"

static const uint8_t mac_a[ETH_ALEN] = {2, 0, 0, 0, 0, 0xa};
static const uint8_t mac_b[ETH_ALEN] = {2, 0, 0, 0, 0, 0xb};
#define HOST_A  rig_ip(10, 0, 0, 7)
#define HOST_B  rig_ip(10, 0, 0, 8)
#define GATEWAY rig_ip(10, 0, 0, 254)

/* A SYN as a timer or an application says it: no segment shows the way. */
static bool
say(struct rig *r, be32 to, uint16_t lport, uint32_t seq)
{
	uint16_t hint = NEIGH_NONE;
	struct tcp_out o = {
	        .key = {.raddr = to,
	                .laddr = rig_ports[0].ip,
	                .rport = cpu_to_be16(80),
	                .lport = cpu_to_be16(lport)},
	        .seq = seq,
	        .flags = TCP_SYN,
	        .wnd = 8000,
	        .neigh = &hint,
	};

	return stack_emit(r->st, &o);
}

/* An ARP answer for all that port 0 asks. */
static void
hear(struct rig *r, be32 host, const uint8_t *mac)
{
	uint8_t frame[42];

	build_arp_request(frame, mac, host, rig_ports[0].ip, NULL);
	((struct arp_hdr *)(void *)(frame + 14))->oper = cpu_to_be16(ARP_REPLY);
	cr_assert_eq(rig_push(r, 0, frame, sizeof(frame)), DROP_NONE);
	rig_turn(r);
}

/* The next TCP segment that was sent; ARP requests are passed over. */
static const struct rig_out *
next_tcp(struct rig *r)
{
	const struct rig_out *o = rig_next(r);

	while (o != NULL && o->seg.kind != SEG_TCP)
		o = rig_next(r);
	return o;
}

static void
expect(struct rig *r, const uint8_t *mac, uint16_t sport, uint32_t seq)
{
	const struct rig_out *o = next_tcp(r);

	cr_assert_not_null(o, "nothing more was sent");
	cr_expect_eq(o->parsed, DROP_NONE);
	cr_expect_arr_eq(o->seg.frame, mac, ETH_ALEN);
	cr_expect_arr_eq(o->seg.frame + ETH_ALEN, rig_ports[0].mac, ETH_ALEN);
	cr_expect_eq(be16_to_cpu(o->seg.key.rport), sport);
	cr_expect_eq(o->seg.seq, seq);
}

static uint32_t
waiting(const struct rig *r)
{
	return stack_usage(r->st).waiting;
}

Test(stack_waiting, what_waits_is_sent_in_order_once_the_mac_is_known)
{
	struct rig *r = rig_new(NULL, 1000000);

	for (uint16_t i = 0; i < 5; i++)
		cr_expect(say(r, HOST_A, (uint16_t)(5000 + i), 100 + i));
	rig_turn(r);
	cr_expect_null(next_tcp(r));
	cr_expect_eq(waiting(r), 5);
	hear(r, HOST_A, mac_a);
	for (uint16_t i = 0; i < 5; i++)
		expect(r, mac_a, (uint16_t)(5000 + i), 100 + i);
	cr_expect_null(next_tcp(r));
	cr_expect_eq(waiting(r), 0);
	cr_expect_eq(rig_drops(r, DROP_NEIGH_UNRESOLVED), 0);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_waiting, others_go_on_waiting)
{
	struct rig *r = rig_new(NULL, 1000000);

	say(r, HOST_A, 5000, 1);
	say(r, HOST_B, 5001, 2);
	say(r, HOST_A, 5002, 3);
	hear(r, HOST_A, mac_a);
	expect(r, mac_a, 5000, 1);
	expect(r, mac_a, 5002, 3);
	cr_expect_null(next_tcp(r));
	cr_expect_eq(waiting(r), 1);
	hear(r, HOST_B, mac_b);
	expect(r, mac_b, 5001, 2);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_waiting, for_far_hosts_the_gateway_is_waited_for)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct stack_port p = rig_ports[0];

	p.gateway = GATEWAY;
	cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
	say(r, rig_ip(192, 0, 2, 1), 5000, 1);
	say(r, rig_ip(198, 51, 100, 1), 5001, 2);
	hear(r, GATEWAY, mac_b);
	expect(r, mac_b, 5000, 1);
	expect(r, mac_b, 5001, 2);
	cr_expect_eq(rig_free(r), 0);
}

/* The peer is to get one SYN, not all that were repeated meanwhile. */
Test(stack_waiting, a_segment_sent_again_replaces_what_waits)
{
	struct rig *r = rig_new(NULL, 1000000);

	say(r, HOST_A, 5000, 1);
	say(r, HOST_A, 5001, 1);
	rig_wait(r, 1000);
	cr_expect(say(r, HOST_A, 5000, 1));
	say(r, HOST_A, 5000, 2);
	cr_expect_eq(waiting(r), 3);
	hear(r, HOST_A, mac_a);
	expect(r, mac_a, 5000, 1);
	expect(r, mac_a, 5001, 1);
	expect(r, mac_a, 5000, 2);
	cr_expect_null(next_tcp(r));
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_waiting, no_more_than_its_bound_wait)
{
	struct rig *r = rig_new(NULL, 1000000);

	for (unsigned i = 0; i < WAITING_MAX; i++)
		cr_expect(say(r, HOST_A, (uint16_t)(5000 + i), 1));
	cr_expect_not(say(r, HOST_A, 6000, 1));
	cr_expect_not(say(r, HOST_B, 6001, 1));
	cr_expect(say(r, HOST_A, 5007, 1), "what replaces another needs no room");
	cr_expect_eq(rig_drops(r, DROP_NEIGH_UNRESOLVED), 2);
	cr_expect_eq(waiting(r), WAITING_MAX);
	hear(r, HOST_A, mac_a);
	for (unsigned i = 0; i < WAITING_MAX; i++)
		expect(r, mac_a, (uint16_t)(5000 + i), 1);
	cr_expect_null(next_tcp(r));
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 1122 2.3.2.1: three questions, a second apart. */
Test(stack_waiting, is_dropped_without_an_answer)
{
	struct rig *r = rig_new(NULL, 1000000);

	say(r, HOST_A, 5000, 1);
	rig_wait(r, 1500);
	say(r, HOST_A, 5001, 1);
	rig_wait(r, 1300);
	cr_expect_eq(waiting(r), 2);
	rig_wait(r, 500);
	cr_expect_eq(waiting(r), 0, "the younger one, too: ARP has given up");
	cr_expect_eq(rig_drops(r, DROP_NEIGH_UNRESOLVED), 2);
	cr_expect_not(say(r, HOST_A, 5002, 1), "no question leaves for a while");
	cr_expect_eq(rig_drops(r, DROP_NEIGH_UNRESOLVED), 3);
	cr_expect_null(next_tcp(r));
	cr_expect_eq(rig_free(r), 0);
}

/* ARP may be asking still, when its rate has made it late. */
Test(stack_waiting, is_dropped_when_it_is_too_old)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct neigh *n = r->st->port[0].neigh;
	uint16_t hint = NEIGH_NONE;
	const uint8_t *mac;

	r->st->tcp.now = r->now;
	for (unsigned i = 0; i < 300; i++)
		neigh_mac(n, rig_ip(10, 9, i / 250, i % 250 + 1), &hint, r->now);
	say(r, HOST_A, 5000, 1);
	rig_wait(r, WAITING_MS - 100);
	cr_expect_eq(waiting(r), 1);
	rig_wait(r, 150);
	cr_expect_eq(waiting(r), 0);
	cr_expect_eq(neigh_look(n, HOST_A, &mac), NEIGH_INCOMPLETE);
	cr_expect_eq(rig_drops(r, DROP_NEIGH_UNRESOLVED), 1);
	cr_expect_eq(rig_free(r), 0);
}

/* A request of its own makes a neighbour usable, as an answer does. */
Test(stack_waiting, any_way_to_learn_the_mac_will_do)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	uint8_t frame[42];

	say(r, HOST_A, 5000, 1);
	build_arp_request(frame, mac_a, HOST_A, rig_ports[0].ip, NULL);
	rig_push(r, 0, frame, sizeof(frame));
	rig_turn(r);
	expect(r, mac_a, 5000, 1);

	/* the handshake of the neighbour that is waited for (10.0.0.1) does so, too */
	rig_listen(r, 80, &rig_quiet, &log);
	say(r, rig_ip(10, 0, 0, 1), 5001, 2);
	rig_tcp(r, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = next_tcp(r)->seg.seq + 1, .wnd = 8000);
	cr_expect_eq(waiting(r), 1);
	rig_turn(r);
	cr_expect_eq(log.opened, 1);
	expect(r, rig_peer_mac, 5001, 2);
	cr_expect_eq(rig_free(r), 0);
}

/* No turn comes after the end: the waiting packet was not sent, and its owner hears so. */
Test(stack_waiting, the_end_does_not_wait)
{
	struct rig *r = rig_new(NULL, 1000000);

	say(r, HOST_A, 5000, 1);
	stack_abort_all(r->st, r->now);
	cr_expect_eq(waiting(r), 0);
	cr_expect_eq(rig_drops(r, DROP_NEIGH_UNRESOLVED), 1);
	say(r, HOST_A, 5000, 1);
	cr_expect_eq(rig_free(r), 0, "a stack that is destroyed leaves no buffer");
}
