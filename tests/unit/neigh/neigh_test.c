/* SPDX-License-Identifier: BSD-3-Clause */
/* The states of a neighbour, and the effect of ARP packets on them. */
#include "lan.h"

/* A look neither asks nor makes an entry. */
Test(neigh, look_tells_and_sends_nothing)
{
	struct lan l;
	const uint8_t *mac;

	lan_open(&l, (struct neigh_conf) {0}, 1000000);
	cr_expect_eq(neigh_look(l.n, host(1), &mac), NEIGH_FREE);
	cr_expect_null(mac);
	cr_expect_eq(lan_count(&l), 0);
	lan_mac(&l, 1);
	cr_expect_eq(neigh_look(l.n, host(1), &mac), NEIGH_INCOMPLETE);
	cr_expect_null(mac);
	lan_hears(&l, 1, mac_a, true);
	cr_expect_eq(neigh_look(l.n, host(1), &mac), NEIGH_REACHABLE);
	cr_assert_not_null(mac);
	cr_expect_arr_eq(mac, mac_a, ETH_ALEN);
	lan_hears(&l, 1, mac_b, false);
	cr_expect_eq(neigh_look(l.n, host(1), &mac), NEIGH_STALE);
	cr_expect_arr_eq(mac, mac_a, ETH_ALEN);
	cr_expect_eq(l.asked, 1);
	neigh_destroy(l.n);
}

Test(neigh, unknown_is_asked_by_broadcast_and_incomplete)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	cr_expect_null(lan_mac(&l, 1));
	cr_expect_eq(l.asked, 1);
	cr_expect_eq(l.target, host(1));
	cr_expect_not(l.unicast);
	expect_state(&l, 1, NEIGH_INCOMPLETE);
	cr_expect_null(lan_mac(&l, 1));
	cr_expect_eq(l.asked, 1, "asked again at each use");
	neigh_destroy(l.n);
}

Test(neigh, incomplete_becomes_reachable_by_the_answer)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	expect_state(&l, 1, NEIGH_REACHABLE);
	expect_mac(&l, 1, mac_a);
	cr_expect_eq(l.asked, 1);
	neigh_destroy(l.n);
}

/* RFC 1122 2.3.2.1: not more often than once a second. */
Test(neigh, incomplete_is_asked_each_second_three_times_then_failed)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_mac(&l, 1);
	lan_pass_ms(&l, 999);
	cr_expect_eq(l.asked, 1);
	lan_pass_ms(&l, 1);
	cr_expect_eq(l.asked, 2);
	lan_pass_ms(&l, 1000);
	cr_expect_eq(l.asked, 3);
	lan_pass_ms(&l, 999);
	expect_state(&l, 1, NEIGH_INCOMPLETE);
	lan_pass_ms(&l, 1);
	expect_state(&l, 1, NEIGH_FAILED);
	cr_expect_eq(l.asked, 3);
	neigh_destroy(l.n);
}

Test(neigh, failed_is_not_asked_for_a_while_and_then_anew)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_fail(&l, 1);
	lan_pass_ms(&l, NEIGH_HOLD_MS - 1);
	cr_expect_null(lan_mac(&l, 1));
	cr_expect_eq(l.asked, 3);
	lan_pass_ms(&l, 1);
	expect_state(&l, 1, NEIGH_FREE);
	cr_expect_null(lan_mac(&l, 1));
	cr_expect_eq(l.asked, 4);
	neigh_destroy(l.n);
}

/* A caller waits for the answer. RFC 1122 2.3.2.1: it is asked once a second all the same. */
Test(neigh, failed_is_asked_once_a_second_if_insisted_on)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	neigh_insist(l.n, host(1), l.now);
	cr_expect_eq(l.asked, 0, "no packet has needed it");
	lan_mac(&l, 1);
	for (unsigned ms = 0; ms < 20000; ms += 5) {
		lan_pass_ms(&l, 5);
		neigh_insist(l.n, host(1), l.now);
		lan_mac(&l, 1);
		cr_assert_eq(l.asked, 1 + (ms + 5) / 1000, "after %u ms", ms + 5);
	}
	lan_hears(&l, 1, mac_a, true);
	expect_mac(&l, 1, mac_a);
	neigh_insist(l.n, host(1), l.now);
	cr_expect_eq(l.asked, 21, "it is known");
	neigh_destroy(l.n);
}

Test(neigh, failed_and_announced_is_stale)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_fail(&l, 1);
	cr_expect_eq(lan_hears(&l, 1, mac_a, false), DROP_NONE);
	expect_state(&l, 1, NEIGH_STALE);
	expect_mac(&l, 1, mac_a);
	neigh_destroy(l.n);
}

Test(neigh, reachable_is_stale_after_its_time_and_still_usable)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.reachable_ms = 7000}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 6999);
	expect_state(&l, 1, NEIGH_REACHABLE);
	lan_pass_ms(&l, 1);
	expect_state(&l, 1, NEIGH_STALE);
	cr_expect_eq(l.asked, 1, "asked although it is unused");
	expect_mac(&l, 1, mac_a);
	neigh_destroy(l.n);
}

Test(neigh, confirmed_peer_is_stale_and_usable)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	neigh_confirm(l.n, host(1), mac_a, l.now);
	expect_state(&l, 1, NEIGH_STALE);
	cr_expect_eq(l.asked, 0);
	expect_mac(&l, 1, mac_a);
	neigh_destroy(l.n);
}

Test(neigh, confirm_ends_incomplete)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	cr_assert_null(lan_mac(&l, 1));
	neigh_confirm(l.n, host(1), mac_a, l.now);
	expect_state(&l, 1, NEIGH_STALE);
	expect_mac(&l, 1, mac_a);
	neigh_destroy(l.n);
}

Test(neigh, confirm_changes_no_usable_mac)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	neigh_confirm(l.n, host(1), mac_b, l.now);
	expect_state(&l, 1, NEIGH_REACHABLE);
	expect_mac(&l, 1, mac_a);
	neigh_destroy(l.n);
}

Test(neigh, unsolicited_packets_cannot_fill)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	for (unsigned i = 1; i < 5000; i++) {
		cr_assert_eq(lan_hears(&l, i, mac_a, true), DROP_ARP_UNSOLICITED);
		cr_assert_eq(lan_hears(&l, i, mac_a, false), DROP_ARP_UNSOLICITED);
	}
	cr_expect_eq(lan_count(&l), 0);
	neigh_destroy(l.n);
}

/* Asked, but that was not the answer: usable, and asked again when used. */
Test(neigh, incomplete_and_announced_is_stale)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	cr_assert_null(lan_mac(&l, 1));
	cr_expect_eq(lan_hears(&l, 1, mac_a, false), DROP_NONE);
	expect_state(&l, 1, NEIGH_STALE);
	expect_mac(&l, 1, mac_a);
	cr_expect_eq(l.asked, 2);
	cr_expect(l.unicast);
	neigh_destroy(l.n);
}

Test(neigh, announcement_of_the_same_mac_changes_nothing)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.reachable_ms = 7000}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 6000);
	cr_expect_eq(lan_hears(&l, 1, mac_a, false), DROP_NONE);
	expect_state(&l, 1, NEIGH_REACHABLE);
	lan_pass_ms(&l, 1000);
	expect_state(&l, 1, NEIGH_STALE);
	neigh_destroy(l.n);
}

Test(neigh, group_and_zero_macs_are_refused)
{
	static const uint8_t all[ETH_ALEN] = {255, 255, 255, 255, 255, 255};
	static const uint8_t group[ETH_ALEN] = {1, 0, 0x5e, 0, 0, 1};
	static const uint8_t zero[ETH_ALEN] = {0};
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	cr_assert_null(lan_mac(&l, 1));
	cr_expect_eq(lan_hears(&l, 1, all, true), DROP_ARP_MALFORMED);
	cr_expect_eq(lan_hears(&l, 1, group, true), DROP_ARP_MALFORMED);
	cr_expect_eq(lan_hears(&l, 1, zero, true), DROP_ARP_MALFORMED);
	neigh_confirm(l.n, host(2), group, l.now);
	expect_state(&l, 1, NEIGH_INCOMPLETE);
	expect_state(&l, 2, NEIGH_FREE);
	neigh_destroy(l.n);
}

Test(neigh, failed_gateway_is_asked_again_after_the_hold)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	neigh_pin(l.n, host(1), l.now);
	for (unsigned k = 0; k < NEIGH_ASKS; k++)
		lan_pass_ms(&l, NEIGH_RETRY_MS);
	expect_state(&l, 1, NEIGH_FAILED);
	lan_pass_ms(&l, NEIGH_HOLD_MS);
	expect_state(&l, 1, NEIGH_INCOMPLETE);
	cr_expect_eq(l.asked, NEIGH_ASKS + 1);
	cr_expect(lan_entry(&l, 1).pinned);
	neigh_destroy(l.n);
}

Test(neigh, milliseconds_may_wrap)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0},
	        (UINT64_C(1) << 32) * US_PER_MILLISECOND - 1500 * US_PER_MILLISECOND);
	lan_mac(&l, 1);
	lan_pass_ms(&l, 1000);
	cr_expect_eq(l.asked, 2);
	lan_pass_ms(&l, 999);
	cr_expect_eq(l.asked, 2);
	lan_pass_ms(&l, 1);
	cr_expect_eq(l.asked, 3);
	lan_hears(&l, 1, mac_a, true);
	lan_pass_ms(&l, 59999);
	expect_state(&l, 1, NEIGH_REACHABLE);
	lan_pass_ms(&l, 1);
	expect_state(&l, 1, NEIGH_STALE);
	neigh_destroy(l.n);
}
