/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors that arrive at another core than the flow that they quote. */
#include <criterion/criterion.h>

#include "stack/private.h"
#include "stack/rig.h"
#include "wire/checksum.h"

#define CORES 64
#define CORE  1 /* ours */

static struct rig *
rig_of_core(const struct steer *steer)
{
	struct stack_conf conf = {.max_conns = 64, .core = CORE};
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

static struct steer
by_rss(void)
{
	uint8_t key[STEER_KEY_MAX];
	uint16_t reta[CORES];
	struct steer s;

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(37 * i + 11);
	for (uint16_t i = 0; i < CORES; i++)
		reta[i] = i;
	steer_init_rss(&s, CORES, key, reta, CORES, true);
	return s;
}

/* A router reports that a segment from this port to 10.9.9.9:80 did not arrive. */
static void
push_error(struct rig *r, uint8_t router, uint16_t sport)
{
	uint8_t f[14 + 20 + 8 + 28] = {[12] = 8};
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(void *)(f + 14);
	struct icmp_hdr *icmp = (struct icmp_hdr *)(void *)(f + 34);
	struct ipv4_hdr *quoted = (struct ipv4_hdr *)(void *)(f + 42);
	be16 ports[2] = {cpu_to_be16(sport), cpu_to_be16(80)};

	memcpy(f, rig_ports[0].mac, ETH_ALEN);
	memcpy(f + 6, rig_peer_mac, ETH_ALEN);
	*ip = (struct ipv4_hdr) {.version_ihl = 0x45,
	        .total_length = cpu_to_be16(sizeof(f) - 14),
	        .ttl = 3,
	        .protocol = IPPROTO_ICMP_,
	        .src = rig_ip(10, 0, 0, router),
	        .dst = rig_ports[0].ip};
	ip->checksum = checksum_ipv4(ip);
	icmp->type = ICMP_UNREACHABLE;
	*quoted = (struct ipv4_hdr) {.version_ihl = 0x45,
	        .protocol = IPPROTO_TCP_,
	        .src = rig_ports[0].ip,
	        .dst = rig_ip(10, 9, 9, 9)};
	memcpy(quoted + 1, ports, sizeof(ports));
	icmp->checksum = (be16)~checksum_fold(checksum_add(0, icmp, sizeof(f) - 34));
	cr_assert_eq(rig_push(r, 0, f, sizeof(f)), DROP_NONE);
}

/* The cost of a forged error does not grow with the number of connections, here 64. */
Test(stack_away, the_table_tells_the_one_core)
{
	struct steer s = by_rss();
	struct rig *r = rig_of_core(&s);
	unsigned handed = 0;

	rig_listen(r, 20000, &rig_quiet, NULL);
	for (uint16_t port = 20000; port < 20200; port++) {
		struct flow_key k = {.raddr = rig_ip(10, 9, 9, 9),
		        .laddr = rig_ports[0].ip,
		        .rport = cpu_to_be16(80),
		        .lport = cpu_to_be16(port)};
		unsigned core = steer_core(&s, &k);

		push_error(r, 1, port);
		rig_turn(r);
		handed += core != CORE;
		cr_expect_eq(r->handed, handed);
		if (core == CORE)
			continue;
		cr_expect_eq(r->handed_to, core);
		cr_expect_eq(r->handed_round, 0, "no other core need see it");
	}
	cr_expect_gt(handed, 100u);
	cr_expect_eq(rig_drops(r, DROP_ICMP_UNMATCHED), 200 - handed);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_away, the_source_port_tells_the_core_that_opened_it)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);

	push_error(r, 1, 20000 - 20000 % CORES + 5);
	rig_turn(r);
	cr_expect_eq(r->handed, 1u);
	cr_expect_eq(r->handed_to, 5u);
	cr_expect_eq(r->handed_round, 0);
	push_error(r, 1, 20000 - 20000 % CORES + CORE);
	rig_turn(r);
	cr_expect_eq(r->handed, 1u, "it would be ours");
	cr_expect_eq(rig_drops(r, DROP_ICMP_UNMATCHED), 1);
	cr_expect_eq(rig_free(r), 0);
}

/* It may be any core's that has accepted it. */
Test(stack_away, owner_of_an_accepted_one_is_unknown_so_it_goes_round)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);

	rig_listen(r, 443, &rig_quiet, NULL);
	push_error(r, 1, 443);
	rig_turn(r);
	cr_expect_eq(r->handed, 1u, "one copy");
	cr_expect_eq(r->handed_to, CORE + 1u);
	cr_expect_eq(r->handed_round, CORES - 2, "the core that received it sees it no more");
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_away, each_core_hands_to_the_next_what_is_not_its_own)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);

	rig_listen(r, 443, &rig_quiet, NULL);
	push_error(r, 1, 443);
	r->in[0].round = 9;
	rig_turn_shared(r);
	cr_expect_eq(r->handed, 1u);
	cr_expect_eq(r->handed_to, CORE + 1u);
	cr_expect_eq(r->handed_round, 8);
	push_error(r, 1, 443);
	r->in[0].round = 0;
	rig_turn_shared(r);
	cr_expect_eq(r->handed, 1u, "the last one keeps it");
	cr_expect_eq(rig_drops(r, DROP_ICMP_UNMATCHED), 1);
	cr_expect_eq(rig_free(r), 0);
}

/* Before anything is copied. */
Test(stack_away, there_is_a_rate)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);
	unsigned known;

	rig_listen(r, 443, &rig_quiet, NULL);
	for (unsigned i = 0; i < 20000; i++) {
		push_error(r, (uint8_t)(3 + i % 250), 20000 - 20000 % CORES + 5);
		if (i % 50 == 49)
			rig_turn(r);
	}
	known = r->handed;
	cr_expect_gt(known, 1000u);
	cr_expect_leq(known, 4096u);
	cr_expect_eq(rig_drops(r, DROP_ICMP_RATE), 20000 - known);
	for (unsigned i = 0; i < 2000; i++) {
		push_error(r, (uint8_t)(3 + i % 250), 443);
		if (i % 50 == 49)
			rig_turn(r);
	}
	cr_expect_gt(r->handed - known, 100u, "one kind does not starve the other");
	cr_expect_leq(r->handed - known, 256u);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_away, a_full_inbox_loses_it_with_a_reason)
{
	struct steer s = by_ports();
	struct rig *r = rig_of_core(&s);

	r->inbox_full = true;
	push_error(r, 1, 20000 - 20000 % CORES + 5);
	rig_turn(r);
	cr_expect_eq(rig_drops(r, DROP_HAND_OVER), 1);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_away, one_core_sends_nothing)
{
	struct rig *r = rig_new(NULL, 1000000);

	push_error(r, 1, 20000);
	rig_turn(r);
	cr_expect_eq(r->handed, 0u);
	cr_expect_eq(rig_drops(r, DROP_ICMP_UNMATCHED), 1);
	cr_expect_eq(rig_free(r), 0);
}
