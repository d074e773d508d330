/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that are not for us, or whose addresses are impossible, are counted and get no
 * answer. */
#include <criterion/criterion.h>
#include <errno.h>

#include "stack/private.h"
#include "stack/rig.h"
#include "wire/checksum.h"

static struct rig *
serving(void)
{
	static struct rig_log log;
	struct rig *r = rig_new(NULL, 1000000);

	rig_listen(r, 80, &rig_quiet, &log);
	return r;
}

/* One SYN, no answer, one drop for this reason. */
static void
expect_silence(struct say w, enum drop why)
{
	struct rig *r = serving();

	w.flags = TCP_SYN;
	w.seq = 1000;
	w.wnd = 8000;
	rig_say(r, w);
	rig_turn(r);
	cr_expect_null(rig_next(r), "%s was answered", drop_name(why));
	cr_expect_eq(rig_drops(r, why), 1, "%s was not counted", drop_name(why));
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
}

#define silent(why, ...) expect_silence((struct say) {__VA_ARGS__}, why)

/* The CERT advisory CA-1997-28 named it. */
Test(stack_addresses, land)
{
	silent(DROP_IP_LAND, .src = rig_ip(10, 0, 0, 2), .sport = 80);
}

/* RFC 1122 3.2.1.3 */
Test(stack_addresses, martians)
{
	silent(DROP_IP_MARTIAN, .src = rig_ip(0, 0, 0, 1));
	silent(DROP_IP_MARTIAN, .src = rig_ip(127, 0, 0, 1));
	silent(DROP_IP_MARTIAN, .src = rig_ip(224, 0, 0, 1));
	silent(DROP_IP_MARTIAN, .src = rig_ip(239, 255, 255, 250));
	silent(DROP_IP_MARTIAN, .src = rig_ip(255, 255, 255, 255));
	silent(DROP_IP_MARTIAN, .src = rig_ip(10, 0, 0, 255));
}

/* 240/4, the networks that hosts or carriers give to themselves, and the lowest address
 * of a network: hosts, as in Linux. */
Test(stack_addresses, unusual_hosts_are_answered)
{
	const be32 hosts[] = {rig_ip(240, 0, 0, 1), rig_ip(255, 255, 255, 254),
	        rig_ip(169, 254, 1, 1), rig_ip(100, 64, 0, 1), rig_ip(198, 18, 0, 1),
	        rig_ip(10, 0, 0, 0), rig_ip(10, 0, 1, 255)};
	struct rig *r = serving();

	for (unsigned i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		const struct rig_out *o;

		rig_tcp(r, .src = hosts[i], .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
		rig_turn(r);
		o = rig_next(r);
		cr_assert_not_null(o, "%u", i);
		cr_expect_eq(o->seg.flags, TCP_SYN | TCP_ACK);
		cr_expect_eq(o->seg.key.laddr, hosts[i]);
	}
	cr_expect_eq(rig_drops(r, DROP_IP_MARTIAN), 0);
	cr_expect_eq(rig_free(r), 0);
}

/* An answer to this address would go to all hosts on the link. */
Test(stack_addresses, source_mac_of_a_group)
{
	static const uint8_t all[ETH_ALEN] = {255, 255, 255, 255, 255, 255};
	static const uint8_t group[ETH_ALEN] = {1, 0, 0x5e, 0, 0, 1};

	silent(DROP_IP_MARTIAN, .src_mac = all);
	silent(DROP_IP_MARTIAN, .src_mac = group);
}

Test(stack_addresses, not_our_ip)
{
	silent(DROP_IP_NOT_OURS, .dst = rig_ip(10, 0, 0, 3));
	silent(DROP_IP_NOT_OURS, .dst = rig_ip(10, 0, 0, 255));
	silent(DROP_IP_NOT_OURS, .dst = rig_ip(10, 0, 1, 2)); /* the other port's */
	silent(DROP_IP_NOT_OURS, .dst = rig_ip(255, 255, 255, 255));
}

Test(stack_addresses, not_our_mac)
{
	static const uint8_t all[ETH_ALEN] = {255, 255, 255, 255, 255, 255};

	silent(DROP_ETH_DST, .dst_mac = rig_peer_mac);
	silent(DROP_ETH_DST, .dst_mac = all);
}

Test(stack_addresses, port_zero)
{
	struct rig *r = serving();
	uint8_t frame[100];
	unsigned len = rig_build(&(struct say) {.flags = TCP_SYN, .wnd = 8000}, frame);
	uint64_t sum;

	memset(frame + 34, 0, 2);
	memset(frame + 34 + 16, 0, 2);
	sum = checksum_add(checksum_pseudo(frame + 26, 6, 20), frame + 34, 20);
	*(be16 *)(void *)(frame + 34 + 16) = (be16)~checksum_fold(sum);
	cr_expect_eq(rig_push(r, 0, frame, len), DROP_TCP_PORT_ZERO);
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_free(r), 0);
}

/* The header's length and checksum, made right again. */
static void
mend_ip(uint8_t *frame, unsigned header)
{
	memset(frame + 24, 0, 2);
	*(be16 *)(void *)(frame + 24) = (be16)~checksum_fold(
	        checksum_add(0, frame + 14, header));
}

/* RFC 791: options are passed over, and the answer has none. */
Test(stack_addresses, ip_options_are_survived)
{
	struct rig *r = serving();
	uint8_t frame[140];
	unsigned len = rig_build(
	        &(struct say) {.flags = TCP_SYN, .wnd = 8000, .seq = 77}, frame);
	const struct rig_out *o;

	memmove(frame + 34 + 40, frame + 34, len - 34);
	memset(frame + 34, 1, 40); /* NOPs */
	frame[14] = 0x4f;
	frame[17] = (uint8_t)(len - 14 + 40);
	mend_ip(frame, 60);
	cr_assert_eq(rig_push(r, 0, frame, len + 40), DROP_NONE);
	rig_turn(r);
	o = rig_next(r);
	cr_assert_not_null(o);
	cr_expect_eq(o->seg.flags, TCP_SYN | TCP_ACK);
	cr_expect_eq(o->seg.ack, 78);
	cr_expect_eq(o->seg.l4, 34);
	cr_expect_eq(rig_free(r), 0);
}

/* First, middle and last fragment alike. */
Test(stack_addresses, fragments_are_dropped)
{
	static const uint16_t field[] = {IPV4_MF, IPV4_MF | 100, 185};
	struct rig *r = serving();

	for (unsigned i = 0; i < 3; i++) {
		uint8_t frame[100];
		unsigned len = rig_build(&(struct say) {.flags = TCP_SYN, .wnd = 8000}, frame);

		*(be16 *)(void *)(frame + 20) = cpu_to_be16(field[i]);
		mend_ip(frame, 20);
		cr_expect_eq(rig_push(r, 0, frame, len), DROP_IP_FRAGMENT);
	}
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_IP_FRAGMENT), 3);
	cr_expect_eq(rig_free(r), 0);
}

/* A port without an address answers nothing, whatever it is asked. */
Test(stack_addresses, a_port_without_an_address_is_silent)
{
	struct rig *r = serving();
	struct stack_port bare = rig_ports[1];
	uint8_t arp[42];
	uint8_t never = LIMIT_PORTS - 1; /* stack_set_port() was never called */

	bare.ip = 0;
	cr_assert_eq(stack_set_port(r->st, 1, &bare, r->now), 0);
	build_arp_request(arp, rig_peer_mac, rig_ip(10, 0, 1, 1), 0, NULL);
	rig_push(r, 1, arp, sizeof(arp));
	rig_push(r, never, arp, sizeof(arp));
	build_arp_request(arp, rig_peer_mac, 0, 0, NULL);
	rig_push(r, 1, arp, sizeof(arp));
	rig_push(r, never, arp, sizeof(arp));
	rig_tcp(r, .port = 1, .dst = rig_ip(10, 0, 1, 2), .flags = TCP_SYN);
	rig_turn(r);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_ARP_NOT_OURS), 4);
	cr_expect_eq(rig_drops(r, DROP_IP_NOT_OURS), 1);
	cr_expect_eq(rig_free(r), 0);
}

/* RFC 3021: a /31 has two hosts and no broadcast address; a /32 neither. */
Test(stack_addresses, point_to_point_links_have_no_broadcast)
{
	struct rig *r = serving();
	struct stack_port p = rig_ports[0];

	for (unsigned i = 0; i < 2; i++) {
		p.netmask = i == 0 ? rig_ip(255, 255, 255, 254) : UINT32_MAX;
		cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
		rig_tcp(r, .src = rig_ip(10, 0, 0, 3), .sport = (uint16_t)(1000 + i),
		        .flags = TCP_SYN, .wnd = 100);
		rig_turn(r);
		cr_expect_not_null(rig_next(r));
	}
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_addresses, nonsense_ports_are_refused)
{
	struct rig *r = serving();
	struct stack_port p = rig_ports[0];

	cr_expect_eq(stack_set_port(r->st, LIMIT_PORTS, &p, r->now), -EINVAL);
	p.mtu = 575;
	cr_expect_eq(stack_set_port(r->st, 0, &p, r->now), -EINVAL);
	cr_expect_eq(rig_free(r), 0);
}
