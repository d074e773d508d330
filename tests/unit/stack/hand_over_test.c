/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments that arrive at a core that did not open their flow. */
#include <criterion/criterion.h>

#include "stack/rig.h"

#define CORES 4
#define CORE  1 /* ours */

/* Core 1 of 4, whose source ports are 20,000 to 29,999. */
static struct rig *
rig_of_core(const struct steer *steer)
{
	struct stack_conf conf = {.max_conns = 64,
	        .core = CORE,
	        .port_first = 20000,
	        .port_last = 29999,
	        .rst_per_s = 63}; /* so few are not dealt out in parts */
	struct rig *r = rig_new(&conf, 1000000);
	struct stack_port p = rig_ports[0];

	p.steer = steer;
	cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
	return r;
}

static struct steer
by_ports(void)
{
	struct steer s;

	steer_init_ports(&s, CORES);
	return s;
}

/* A server's answer to a connection that some core opened from this port. */
static void
answer(struct rig *r, uint16_t lport, uint8_t flags)
{
	rig_tcp(r, .sport = 80, .dport = lport, .flags = flags, .seq = 1000, .ack = 77,
	        .wnd = 8000);
}

static uint64_t
handed_over(struct rig *r)
{
	return stack_counters(r->st)->handed_over;
}

Test(stack_hand_over, a_segment_of_another_core_goes_there)
{
	static const uint8_t flags[] = {
	        TCP_SYN | TCP_ACK, TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST, TCP_RST | TCP_ACK, 0};
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);

	for (unsigned i = 0; i < sizeof(flags); i++) {
		answer(r, (uint16_t)(20002 + 4 * i), flags[i]);
		rig_turn(r);
		cr_expect_eq(r->handed, i + 1, "flags %02x", flags[i]);
		cr_expect_eq(r->handed_to, 2u);
	}
	cr_expect_eq(handed_over(r), sizeof(flags));
	cr_expect_eq(rig_drops(r, DROP_TCP_CLOSED), 0);
	cr_expect_null(rig_next(r), "whose it is answers");
	cr_expect_eq(rig_free(r), 0);
}

/* Our table and key name the owner, even if the port did not follow them. */
Test(stack_hand_over, rss_says_which_core_owns_it)
{
	uint8_t key[STEER_KEY_MAX];
	static const uint16_t reta[4] = {0, 1, 2, 3};
	struct steer s;
	struct rig *r;
	unsigned others = 0;

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(37 * i + 11);
	steer_init_rss(&s, CORES, key, reta, 4, true);
	r = rig_of_core(&s);
	for (uint16_t port = 20000; port < 20064; port++) {
		struct flow_key k = {.raddr = rig_ip(10, 0, 0, 1),
		        .laddr = rig_ports[0].ip,
		        .rport = cpu_to_be16(80),
		        .lport = cpu_to_be16(port)};
		unsigned core = steer_core(&s, &k);

		answer(r, port, TCP_SYN | TCP_ACK);
		rig_turn(r);
		others += core != CORE;
		cr_expect_eq(r->handed, others);
		if (core != CORE)
			cr_expect_eq(r->handed_to, core);
	}
	cr_expect_gt(others, 16u);
	cr_expect_lt(others, 64u);
	cr_expect_eq(
	        rig_drops(r, DROP_TCP_CLOSED) + rig_drops(r, DROP_TCP_RST_RATE), 64 - others);
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 9293 3.10.7.1: no core has opened the flow, and this core owns it. */
Test(stack_hand_over, the_owner_resets_what_it_does_not_know)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);

	answer(r, 20001, TCP_SYN | TCP_ACK);
	rig_turn(r);
	cr_expect_eq(r->handed, 0u);
	cr_assert_not_null(rig_next(r));
	cr_expect_eq(r->out[0].seg.flags, TCP_RST);
	cr_expect_eq(rig_free(r), 0);
}

/* However the cores disagree, a segment goes from one to another once. */
Test(stack_hand_over, what_came_that_way_is_not_sent_round)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);

	answer(r, 20002, TCP_ACK);
	rig_turn_shared(r);
	cr_expect_eq(r->handed, 0u);
	cr_assert_not_null(rig_next(r));
	cr_expect_eq(r->out[0].seg.flags, TCP_RST);
	answer(r, 20002, TCP_ACK);
	rig_turn(r);
	cr_expect_eq(r->handed, 1u, "the next one that the port brings is");
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_hand_over, syns_and_ports_of_no_client_stay)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);
	static const uint16_t outside[] = {19998, 30002, 80, 65534};

	answer(r, 20002, TCP_SYN);
	rig_turn(r);
	for (unsigned i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		answer(r, outside[i], TCP_ACK);
		rig_turn(r);
	}
	cr_expect_eq(r->handed, 0u);
	cr_expect_eq(rig_drops(r, DROP_TCP_CLOSED) + rig_drops(r, DROP_TCP_RST_RATE), 5);
	answer(r, 29998, TCP_ACK);
	rig_turn(r);
	cr_expect_eq(r->handed, 1u, "the last of the range is in it");
	cr_expect_eq(rig_free(r), 0);
}

/* A service's port in the source range, and its connections: they are where
 * the SYN came. */
Test(stack_hand_over, what_a_listener_has_stays)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);
	struct rig_log log = {0};
	uint32_t iss;

	rig_listen(r, 20002, &rig_quiet, &log);
	answer(r, 20002, TCP_ACK);
	rig_turn(r);
	cr_expect_eq(rig_next(r)->seg.flags, TCP_RST);
	answer(r, 20002, TCP_SYN);
	rig_turn(r);
	iss = rig_next(r)->seg.seq;
	rig_tcp(r, .sport = 80, .dport = 20002, .flags = TCP_ACK, .seq = 1001, .ack = iss + 1,
	        .wnd = 8000);
	rig_turn(r);
	cr_expect_eq(log.opened, 1u);
	cr_expect_eq(r->handed, 0u);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_hand_over, a_full_inbox_loses_it_with_a_reason)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);

	r->inbox_full = true;
	answer(r, 20002, TCP_ACK);
	rig_turn(r);
	cr_expect_eq(rig_drops(r, DROP_HAND_OVER), 1);
	cr_expect_eq(handed_over(r), 0);
	cr_expect_null(rig_next(r), "a reset would be wrong: the flow is another's");
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_hand_over, one_core_hands_nothing_over)
{
	struct rig *r = rig_new(NULL, 1000000);

	answer(r, 20002, TCP_ACK);
	rig_turn(r);
	cr_expect_eq(r->handed, 0u);
	cr_expect_eq(rig_next(r)->seg.flags, TCP_RST);
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 5227 2.4: all cores hear of it. The core that received it has answered. */
Test(stack_hand_over, arp_that_came_that_way_is_not_answered)
{
	struct rig *r = rig_new(NULL, 1000000);
	uint8_t frame[42];

	build_arp_request(frame, rig_peer_mac, rig_ip(10, 0, 0, 1), rig_ports[0].ip, NULL);
	rig_push(r, 0, frame, sizeof(frame));
	rig_turn_shared(r);
	cr_expect_null(rig_next(r));
	rig_push(r, 0, frame, sizeof(frame));
	rig_turn(r);
	cr_expect_not_null(rig_next(r));
	cr_expect_eq(rig_free(r), 0);
}
