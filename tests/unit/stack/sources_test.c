/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses that connections are opened from, the way to a peer, and clients. */
#include <criterion/criterion.h>
#include <errno.h>

#include "stack/private.h"
#include "stack/rig.h"

#define FIRST    ((10u << 24) + 100) /* 10.0.0.100 */
#define COUNT    10u
#define PEER     rig_ip(10, 0, 0, 1)
#define SYN_ACK  (TCP_SYN | TCP_ACK)
#define START_US 1000000

static const struct hf_service mute = {.name = "mute"};

static struct stack_conf
conf_with(uint32_t first, uint32_t count)
{
	return (struct stack_conf) {
	        .max_conns = 256,
	        .max_time_wait = 64,
	        .max_kept = 512,
	        .msl_ms = 1000,
	        .source_first = first,
	        .source_count = count,
	        .secret = "a test's secret",
	};
}

static struct rig *
sourced(void)
{
	struct stack_conf conf = conf_with(FIRST, COUNT);

	return rig_new(&conf, START_US);
}

static be32
source(uint32_t i)
{
	return cpu_to_be32(FIRST + i);
}

static struct hf_core *
core_of(const struct rig *r)
{
	return (struct hf_core *)&r->st->tcp;
}

static void
push_arp(struct rig *r, uint8_t port, uint16_t oper, be32 spa, be32 tpa)
{
	uint8_t frame[42];
	struct arp_hdr *h = (struct arp_hdr *)(void *)(frame + 14);

	build_arp_request(
	        frame, rig_peer_mac, spa, tpa, oper == ARP_REPLY ? rig_ports[port].mac : NULL);
	h->oper = cpu_to_be16(oper);
	memcpy(h->tha, rig_ports[port].mac, ETH_ALEN);
	cr_assert_eq(rig_push(r, port, frame, sizeof(frame)), DROP_NONE);
}

/* The next frame is our question for hop; answered, in a turn. */
static void
answer_arp(struct rig *r, be32 hop)
{
	const struct rig_out *o = rig_next(r);

	cr_assert_not_null(o, "no address was asked for");
	cr_assert_eq(o->seg.kind, SEG_ARP);
	cr_assert_eq(o->seg.key.laddr, hop, "the wrong one was asked for");
	push_arp(r, o->port, ARP_REPLY, hop, rig_ports[o->port].ip);
	rig_turn(r);
}

static struct hf_conn *
open_from(struct rig *r, be32 laddr, be32 raddr)
{
	struct hf_open how = {
	        .peer = {raddr, cpu_to_be16(80)}, .local = {laddr, cpu_to_be16(2000)}};
	struct hf_conn *c = NULL;

	cr_assert_eq(hf_connect(core_of(r), &mute, NULL, &how, &c), 0);
	rig_turn(r);
	return c;
}

static int
try_open(struct rig *r, be32 laddr, be32 raddr)
{
	struct hf_open how = {.peer = {raddr, cpu_to_be16(80)}, .local = {laddr, 0}};

	return hf_connect(core_of(r), &mute, NULL, &how, NULL);
}

/* The next frame: its flags, or -1. */
static int
next_flags(struct rig *r, struct seg *s)
{
	const struct rig_out *o = rig_next(r);

	if (o == NULL || o->seg.kind != SEG_TCP)
		return -1;
	*s = o->seg;
	return o->seg.flags;
}

/* RFC 826: on each port, for the first as for the last, and for no other */
Test(stack_sources, arp_is_answered)
{
	struct rig *r = sourced();

	for (uint8_t port = 0; port < RIG_PORTS; port++) {
		for (uint32_t i = 0; i < COUNT; i++) {
			const struct rig_out *o;

			push_arp(r, port, ARP_REQUEST, rig_ip(10, 0, port, 1), source(i));
			rig_turn(r);
			o = rig_next(r);
			cr_assert_not_null(o);
			cr_expect_eq(o->seg.key.raddr, source(i));
			cr_expect_arr_eq(o->seg.frame + 22, rig_ports[port].mac, ETH_ALEN);
		}
		push_arp(r, port, ARP_REQUEST, rig_ip(10, 0, port, 1), source(COUNT));
		push_arp(r, port, ARP_REQUEST, rig_ip(10, 0, port, 1), source(UINT32_MAX));
	}
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 5227 2.4: another host has one of them */
Test(stack_sources, conflict_is_noticed)
{
	struct rig *r = sourced();

	push_arp(r, 0, ARP_REQUEST, source(3), source(3));
	rig_turn(r);
	cr_expect_eq(rig_drops(r, DROP_ARP_CONFLICT), 1);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_free(r), 0);
}

/* A segment to the last address is ours. A segment to the next address is not. */
Test(stack_sources, packets_are_taken)
{
	struct rig *r = sourced();
	struct rig_log log = {0};
	struct seg s = {0};

	rig_listen(r, 80, &rig_quiet, &log);
	rig_tcp(r, .dst = source(COUNT - 1), .flags = TCP_SYN, .wnd = 100);
	rig_turn(r);
	cr_assert_eq(next_flags(r, &s), SYN_ACK);
	cr_expect_eq(s.key.raddr, source(COUNT - 1));
	rig_tcp(r, .dst = source(COUNT), .flags = TCP_SYN, .wnd = 100);
	rig_tcp(r, .dst = source(UINT32_MAX), .flags = TCP_SYN, .wnd = 100);
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_IP_NOT_OURS), 2);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_sources, land)
{
	struct rig *r = sourced();

	rig_tcp(r, .src = source(0), .flags = TCP_SYN);
	rig_tcp(r, .src = source(5), .dst = source(5), .flags = TCP_SYN);
	rig_tcp(r, .src = source(COUNT - 1), .dst = source(0), .flags = TCP_SYN);
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_IP_LAND), 3);
	cr_expect_eq(rig_free(r), 0);
}

/* this holds although no address of ours lies outside the range */
Test(stack_sources, land_where_the_ports_addresses_are_sources)
{
	struct stack_conf conf = conf_with(10u << 24, 512);
	struct rig *r = rig_new(&conf, START_US);

	rig_tcp(r, .src = rig_ip(10, 0, 0, 7), .flags = TCP_SYN);
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_IP_LAND), 1);
	cr_expect_eq(rig_free(r), 0);
}

/* The SYN has the source, waits for ARP, and the answer finds the connection. */
Test(stack_sources, opened_from_one)
{
	struct rig *r = sourced();
	struct seg s = {0};

	open_from(r, source(4), PEER);
	answer_arp(r, PEER);
	cr_assert_eq(next_flags(r, &s), TCP_SYN);
	cr_expect_eq(s.key.raddr, source(4));
	cr_expect_eq(s.key.laddr, PEER);
	cr_expect_arr_eq(s.frame, rig_peer_mac, ETH_ALEN);
	rig_tcp(r, .dst = source(4), .sport = 80, .dport = 2000, .flags = SYN_ACK, .seq = 77,
	        .ack = s.seq + 1, .wnd = 100);
	rig_turn(r);
	cr_expect_eq(next_flags(r, &s), TCP_ACK);
	cr_expect_eq(s.ack, 78);
	cr_expect_eq(stack_counters(r->st)->conn_connected, 1);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_sources, local_must_be_ours)
{
	struct rig *r = sourced();

	cr_expect_eq(try_open(r, source(0), PEER), 0);
	cr_expect_eq(try_open(r, rig_ports[0].ip, PEER), 0);
	cr_expect_eq(try_open(r, 0, PEER), 0);
	cr_expect_eq(try_open(r, source(COUNT), PEER), -EADDRNOTAVAIL);
	cr_expect_eq(try_open(r, rig_ports[1].ip, PEER), -EADDRNOTAVAIL, "the other port's");
	rig_turn(r);
	cr_expect_eq(rig_free(r), 0);
}

/* A port's own address may lie among them. */
Test(stack_sources, range_around_the_ports_address)
{
	struct stack_conf conf = conf_with((10u << 24) + 2, 5);
	struct rig *r = rig_new(&conf, START_US);

	cr_expect_eq(try_open(r, rig_ports[0].ip, PEER), 0);
	cr_expect_eq(try_open(r, rig_ip(10, 0, 0, 6), PEER), 0);
	rig_turn(r);
	cr_expect_eq(rig_free(r), 0);
}

static int
create_with(uint32_t count)
{
	struct stack_conf conf = conf_with(FIRST, count);
	struct stack_io io = {0};
	struct stack *st;
	int rc = stack_create(&st, &conf, &io, -1, clock_from_us(START_US));

	if (rc == 0)
		stack_destroy(st);
	return rc;
}

Test(stack_sources, at_most_the_bound)
{
	cr_expect_eq(create_with(LIMIT_SOURCES), 0);
	cr_expect_neq(create_with(40000), 0);
}

/* RFC 9293 3.6.1: the record knows which of 32,000 addresses it is about */
Test(stack_sources, time_wait_of_32000_addresses)
{
	struct stack_conf conf = conf_with(FIRST, LIMIT_SOURCES);
	struct rig *r = rig_new(&conf, START_US);
	static const uint32_t which[] = {0, 1, 255, 16384, LIMIT_SOURCES - 1};
	struct seg s = {0};

	for (unsigned i = 0; i < 5; i++) {
		struct hf_conn *c = open_from(r, source(which[i]), PEER);
		uint32_t ack;

		if (i == 0)
			answer_arp(r, PEER);
		cr_assert_eq(next_flags(r, &s), TCP_SYN);
		ack = s.seq + 1;
		rig_tcp(r, .dst = source(which[i]), .sport = 80, .dport = 2000,
		        .flags = SYN_ACK, .seq = 77, .ack = ack, .wnd = 100);
		rig_turn(r);
		hf_close(core_of(r), c);
		rig_turn(r);
		rig_tcp(r, .dst = source(which[i]), .sport = 80, .dport = 2000,
		        .flags = TCP_ACK | TCP_FIN, .seq = 78, .ack = ack + 1, .wnd = 100);
		rig_turn(r);
		rig_forget(r);
		cr_assert_eq(stack_usage(r->st).time_wait, i + 1);
	}
	for (unsigned i = 0; i < 5; i++) {
		rig_tcp(r, .dst = source(which[i]), .sport = 80, .dport = 2000,
		        .flags = TCP_ACK | TCP_FIN, .seq = 78, .wnd = 100);
		rig_turn(r);
		cr_assert_eq(next_flags(r, &s), TCP_ACK);
		cr_expect_eq(s.key.raddr, source(which[i]));
		cr_expect_eq(s.ack, 79);
	}
	/* the same ports at a neighbour's address: no connection */
	rig_tcp(r, .dst = source(2), .sport = 80, .dport = 2000, .flags = TCP_ACK | TCP_FIN,
	        .seq = 78, .wnd = 100);
	rig_turn(r);
	cr_expect_eq(next_flags(r, &s), TCP_RST);
	rig_wait(r, 2100);
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
}

/* The way */

static void
give_gateway(struct rig *r, uint8_t port)
{
	struct stack_port p = rig_ports[port];

	p.gateway = rig_ip(10, 0, port, 254);
	cr_assert_eq(stack_set_port(r->st, port, &p, r->now), 0);
}

/* RFC 1122 3.3.1.1: on the link, or else the gateway */
Test(stack_route, by_network_then_by_gateway)
{
	struct rig *r = rig_new(NULL, START_US);
	struct seg s = {0};

	cr_expect_eq(try_open(r, 0, rig_ip(192, 168, 1, 1)), -ENETUNREACH);
	give_gateway(r, 1);
	rig_turn(r);
	rig_forget(r);
	open_from(r, 0, rig_ip(10, 0, 0, 9));
	answer_arp(r, rig_ip(10, 0, 0, 9));
	cr_assert_eq(next_flags(r, &s), TCP_SYN);
	cr_expect_eq(s.key.raddr, rig_ports[0].ip);
	cr_expect_arr_eq(s.frame + 6, rig_ports[0].mac, ETH_ALEN);
	rig_forget(r);

	push_arp(r, 1, ARP_REPLY, rig_ip(10, 0, 1, 254), rig_ports[1].ip);
	rig_turn(r);
	open_from(r, 0, rig_ip(192, 168, 1, 1));
	cr_assert_eq(next_flags(r, &s), TCP_SYN);
	cr_expect_eq(s.key.raddr, rig_ports[1].ip);
	cr_expect_eq(s.key.laddr, rig_ip(192, 168, 1, 1));
	cr_expect_arr_eq(s.frame + 6, rig_ports[1].mac, ETH_ALEN);
	cr_expect_arr_eq(s.frame, rig_peer_mac, ETH_ALEN);
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 9293 3.9.2.3 (MUST-46): no connection to an address that no host has, nor to ourselves */
Test(stack_route, not_to_what_cannot_be_a_peer)
{
	struct rig *r = sourced();

	give_gateway(r, 0);
	cr_expect_eq(try_open(r, 0, rig_ip(224, 0, 0, 1)), -EINVAL);
	cr_expect_eq(try_open(r, 0, rig_ip(255, 255, 255, 255)), -EINVAL);
	cr_expect_eq(try_open(r, 0, rig_ip(127, 0, 0, 1)), -EINVAL);
	cr_expect_eq(try_open(r, 0, 0), -EINVAL);
	cr_expect_eq(try_open(r, 0, rig_ip(10, 0, 0, 255)), -EINVAL);
	cr_expect_eq(try_open(r, 0, rig_ports[0].ip), -EINVAL);
	cr_expect_eq(try_open(r, 0, rig_ports[1].ip), -EINVAL);
	cr_expect_eq(try_open(r, 0, source(1)), -EINVAL);
	rig_turn(r);
	cr_expect_eq(stack_usage(r->st).conns, 0);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_route, asks_and_knows)
{
	struct rig *r = rig_new(NULL, START_US);
	uint8_t port = 99;

	cr_expect_eq(
	        stack_route_to(r->st, rig_ip(192, 168, 1, 1), &port, r->now), STACK_ROUTE_NONE);
	cr_expect_null(rig_next(r));
	cr_expect_eq(
	        stack_route_to(r->st, rig_ip(10, 0, 1, 7), &port, r->now), STACK_ROUTE_ASKING);
	cr_expect_eq(port, 1);
	answer_arp(r, rig_ip(10, 0, 1, 7));
	cr_expect_eq(
	        stack_route_to(r->st, rig_ip(10, 0, 1, 7), &port, r->now), STACK_ROUTE_KNOWN);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_route, no_peer_answers)
{
	struct rig *r = rig_new(NULL, START_US);
	enum stack_route way = STACK_ROUTE_ASKING;
	uint8_t port;

	for (unsigned i = 0; i < 100 && way == STACK_ROUTE_ASKING; i++) {
		way = stack_route_to(r->st, PEER, &port, r->now);
		rig_wait(r, 100);
	}
	cr_expect_eq(way, STACK_ROUTE_FAILED);
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 1812 5.2.4.3: the longest prefix, whichever port comes first. */
Test(stack_route, the_most_specific_network_is_the_way)
{
	struct rig *r = rig_new(NULL, START_US);
	struct stack_port wide = rig_ports[0];
	uint8_t port = 99;

	wide.netmask = rig_ip(255, 0, 0, 0);
	cr_assert_eq(stack_set_port(r->st, 0, &wide, r->now), 0);
	stack_route_to(r->st, rig_ip(10, 0, 1, 9), &port, r->now);
	cr_expect_eq(port, 1);
	stack_route_to(r->st, rig_ip(10, 0, 2, 9), &port, r->now);
	cr_expect_eq(port, 0);
	cr_expect_eq(rig_free(r), 0);
}

static void
give_host_route(struct rig *r, uint8_t port, be32 gateway)
{
	struct stack_port p = rig_ports[port];

	p.netmask = UINT32_MAX;
	p.gateway = gateway;
	cr_assert_eq(stack_set_port(r->st, port, &p, r->now), 0);
}

/* A /32 as clouds give it: the gateway is a neighbour though no prefix says so, and all
 * others are behind it. */
Test(stack_route, a_gateway_outside_of_the_network_is_on_the_link)
{
	const be32 gateway = rig_ip(169, 254, 1, 1);
	struct rig *r = rig_new(NULL, START_US);
	struct seg s = {0};
	uint8_t port = 99;

	give_gateway(r, 0);
	give_host_route(r, 1, gateway);
	rig_turn(r);
	rig_forget(r);
	push_arp(r, 1, ARP_REPLY, gateway, rig_ports[1].ip);
	rig_turn(r);
	cr_expect_eq(stack_route_to(r->st, gateway, &port, r->now), STACK_ROUTE_KNOWN);
	cr_expect_eq(port, 1, "its own link, and not behind another gateway");

	open_from(r, 0, gateway);
	cr_assert_eq(next_flags(r, &s), TCP_SYN);
	cr_expect_eq(s.key.laddr, gateway);
	cr_expect_arr_eq(s.frame, rig_peer_mac, ETH_ALEN);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_route, all_are_behind_the_gateway_of_a_host_route)
{
	const be32 gateway = rig_ip(10, 0, 0, 1);
	struct rig *r = rig_new(NULL, START_US);
	const be32 far[] = {rig_ip(10, 0, 0, 3), rig_ip(10, 0, 0, 255), rig_ip(8, 8, 8, 8),
	        rig_ip(240, 1, 2, 3)};
	struct seg s = {0};
	uint8_t port;

	give_host_route(r, 0, gateway);
	push_arp(r, 0, ARP_REPLY, gateway, rig_ports[0].ip);
	rig_turn(r);
	rig_forget(r);
	for (unsigned i = 0; i < 4; i++) {
		cr_expect_eq(stack_route_to(r->st, far[i], &port, r->now), STACK_ROUTE_KNOWN);
		open_from(r, 0, far[i]);
		cr_assert_eq(next_flags(r, &s), TCP_SYN);
		cr_expect_eq(s.key.laddr, far[i]);
		cr_expect_arr_eq(s.frame, rig_peer_mac, ETH_ALEN);
	}
	cr_expect_eq(rig_free(r), 0);
}

/* The gateway stands for all that is behind it. */
Test(stack_route, through_the_gateway)
{
	struct rig *r = rig_new(NULL, START_US);
	uint8_t port = 99;

	give_gateway(r, 1);
	push_arp(r, 1, ARP_REPLY, rig_ip(10, 0, 1, 254), rig_ports[1].ip);
	rig_turn(r);
	stack_route_to(r->st, rig_ip(8, 8, 8, 8), &port, r->now);
	push_arp(r, 1, ARP_REPLY, rig_ip(10, 0, 1, 254), rig_ports[1].ip);
	rig_turn(r);
	cr_expect_eq(
	        stack_route_to(r->st, rig_ip(8, 8, 8, 8), &port, r->now), STACK_ROUTE_KNOWN);
	cr_expect_eq(port, 1);
	cr_expect_eq(rig_free(r), 0);
}

/* An open to a host that is not there: HF_HOST_UNREACHABLE, and nothing stays. */
static void
note_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct rig_log *log = self;

	(void)h;
	(void)c;
	log->closed++;
	log->why = why;
}

static const struct hf_service noting = {.name = "noting", .closed = note_closed};

Test(stack_route, open_to_an_address_without_a_host)
{
	struct rig *r = rig_new(NULL, START_US);
	struct hf_open how = {.peer = {PEER, cpu_to_be16(80)}};
	struct rig_log log = {0};

	cr_assert_eq(hf_connect(core_of(r), &noting, &log, &how, NULL), 0);
	rig_wait(r, 2990);
	cr_expect_eq(log.closed, 0);
	rig_wait(r, 100);
	cr_expect_eq(log.closed, 1);
	cr_expect_eq(log.why, HF_HOST_UNREACHABLE);
	rig_wait(r, 3000);
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
}
