/* SPDX-License-Identifier: BSD-3-Clause */
/* The bounds of a cache: entries, questions, work of a call, and the order of eviction. */
#include <errno.h>

#include "lan.h"

Test(neigh, bound_holds_and_the_longest_unused_goes)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.capacity = 4}, 5000000);
	for (unsigned i = 1; i <= 4; i++) {
		lan_resolve(&l, i, mac_a);
		lan_pass_ms(&l, 10);
	}
	expect_mac(&l, 1, mac_a);
	lan_pass_ms(&l, 10);
	lan_resolve(&l, 5, mac_b);
	expect_state(&l, 2, NEIGH_FREE);
	lan_pass_ms(&l, 10);
	lan_resolve(&l, 6, mac_b);
	expect_state(&l, 3, NEIGH_FREE);
	expect_mac(&l, 1, mac_a);
	expect_mac(&l, 4, mac_a);
	cr_expect_eq(lan_count(&l), 4);
	neigh_destroy(l.n);
}

/* Growing stale is no use of an entry. */
Test(neigh, ageing_does_not_change_the_order_of_eviction)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.capacity = 2, .reachable_ms = 7000}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 10);
	neigh_confirm(l.n, host(2), mac_b, l.now);
	lan_pass_ms(&l, 8000);
	expect_state(&l, 1, NEIGH_STALE);
	lan_mac(&l, 3);
	expect_state(&l, 1, NEIGH_FREE);
	expect_state(&l, 2, NEIGH_STALE);
	neigh_destroy(l.n);
}

Test(neigh, failed_goes_before_usable_ones)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.capacity = 4}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_fail(&l, 2);
	lan_mac(&l, 3);
	lan_pass_ms(&l, 10);
	lan_mac(&l, 4);
	lan_pass_ms(&l, 10);
	lan_mac(&l, 5);
	expect_state(&l, 2, NEIGH_FREE);
	expect_state(&l, 1, NEIGH_REACHABLE);
	neigh_destroy(l.n);
}

/* All that is known is usable, and many are asked for at once: each answer counts. */
Test(neigh, question_in_flight_keeps_its_place)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.capacity = 100}, 5000000);
	for (unsigned i = 0; i < 100; i++) {
		neigh_confirm(l.n, host(i), mac_a, l.now);
		lan_pass_ms(&l, 1);
	}
	for (unsigned i = 100; i < 150; i++)
		cr_expect_null(lan_mac(&l, i));
	for (unsigned i = 100; i < 150; i++)
		cr_expect_eq(lan_hears(&l, i, mac_b, true), DROP_NONE, "%u", i);
	cr_expect_eq(lan_count(&l), 100);
	expect_state(&l, 49, NEIGH_FREE);
	expect_state(&l, 50, NEIGH_STALE);
	neigh_destroy(l.n);
}

/* Questions may evict usable entries, but only until half of the capacity is INCOMPLETE. */
Test(neigh, too_many_questions_are_not_asked)
{
	struct lan l;
	uint16_t hint = 1;

	lan_open(&l, (struct neigh_conf) {.capacity = 100}, 5000000);
	for (unsigned i = 0; i < 100; i++) {
		neigh_confirm(l.n, host(i), mac_a, l.now);
		lan_pass_ms(&l, 1);
	}
	for (unsigned i = 100; i < 150; i++)
		lan_mac(&l, i);
	cr_expect_null(neigh_mac(l.n, host(150), &hint, l.now));
	cr_expect_eq(hint, NEIGH_NONE);
	expect_state(&l, 150, NEIGH_FREE);
	expect_state(&l, 50, NEIGH_STALE);
	lan_hears(&l, 120, mac_b, true);
	lan_mac(&l, 151);
	expect_state(&l, 151, NEIGH_INCOMPLETE);
	neigh_destroy(l.n);
}

/* Sixteen bits of a hint do not tell all places: those beyond are found by address. */
Test(neigh, capacity_beyond_the_hints)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {.capacity = 70000}, 5000000);
	for (unsigned i = 0; i < 70000; i++)
		neigh_confirm(l.n, host(i), i % 2 ? mac_a : mac_b, l.now);
	cr_expect_eq(lan_entry(&l, 0).state, NEIGH_STALE);
	for (unsigned i = 65530; i < 65540; i++) {
		const uint8_t *mac = neigh_mac(l.n, host(i), &hint, l.now);

		cr_assert_not_null(mac);
		cr_expect_arr_eq(mac, i % 2 ? mac_a : mac_b, ETH_ALEN);
		cr_expect_eq(hint, i < NEIGH_NONE ? i : NEIGH_NONE);
	}
	neigh_confirm(l.n, host(70000), mac_a, l.now);
	expect_state(&l, 70000, NEIGH_STALE);
	neigh_destroy(l.n);
}

Test(neigh, capacity_beyond_all_bounds_is_refused)
{
	struct neigh_conf conf = {.capacity = LIMIT_NEIGHBOURS + 1};

	cr_expect_null(neigh_create(&conf, note_ask, NULL, -1));
	cr_expect_eq(errno, EINVAL);
}

/* The work of a call is bounded, however many entries are due. */
Test(neigh, expiry_is_bounded)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.capacity = 2000, .ask_per_s = 1000000}, 5000000);
	for (unsigned i = 0; i < 1000; i++)
		lan_mac(&l, i);
	cr_assert_eq(l.asked, 1000);
	lan_pass_ms(&l, NEIGH_RETRY_MS);
	cr_expect_eq(l.asked, 1256, "%u", l.asked);
	for (unsigned i = 0; i < 3; i++)
		lan_pass_ms(&l, 1);
	cr_expect_eq(l.asked, 2000, "%u", l.asked);
	neigh_destroy(l.n);
}

Test(neigh, flood_of_unknown_hosts_leaves_the_gateway_and_the_known)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.capacity = 16, .ask_per_s = 100}, 5000000);
	neigh_pin(l.n, host(1), l.now);
	cr_assert_eq(l.asked, 1);
	cr_assert_eq(lan_hears(&l, 1, mac_a, true), DROP_NONE);
	lan_resolve(&l, 2, mac_b);
	for (unsigned i = 10; i < 100000; i++) {
		lan_mac(&l, i);
		if (i % 1000 == 0)
			lan_pass_ms(&l, 1);
	}
	cr_expect_eq(lan_count(&l), 16);
	expect_mac(&l, 1, mac_a);
	expect_mac(&l, 2, mac_b);
	neigh_destroy(l.n);
}

Test(neigh, pinned_never_goes_and_a_cache_of_pinned_says_full)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {.capacity = 2}, 5000000);
	neigh_pin(l.n, host(1), l.now);
	lan_mac(&l, 2);
	neigh_pin(l.n, host(2), l.now);
	cr_expect_null(neigh_mac(l.n, host(3), &hint, l.now));
	cr_expect_eq(hint, NEIGH_NONE);
	neigh_confirm(l.n, host(3), mac_a, l.now);
	expect_state(&l, 3, NEIGH_FREE);
	expect_state(&l, 1, NEIGH_INCOMPLETE);
	expect_state(&l, 2, NEIGH_INCOMPLETE);
	neigh_destroy(l.n);
}

Test(neigh, hint_finds_and_survives_another_tenant)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE, first;

	lan_open(&l, (struct neigh_conf) {.capacity = 1}, 5000000);
	cr_expect_null(neigh_mac(l.n, host(1), &hint, l.now));
	first = hint;
	cr_expect_neq(hint, NEIGH_NONE);
	lan_hears(&l, 1, mac_a, true);
	cr_expect_not_null(neigh_mac(l.n, host(1), &hint, l.now));
	cr_expect_eq(hint, first);
	lan_resolve(&l, 2, mac_b);
	cr_expect_null(neigh_mac(l.n, host(1), &hint, l.now));
	cr_expect_eq(l.target, host(1));
	hint = 60000;
	cr_expect_null(neigh_mac(l.n, host(1), &hint, l.now));
	cr_expect_eq(hint, first);
	neigh_destroy(l.n);
}

Test(neigh, requests_keep_to_their_rate)
{
	struct lan l;
	unsigned before;

	lan_open(&l, (struct neigh_conf) {.capacity = 5000, .ask_per_s = 200}, 5000000);
	for (unsigned i = 0; i < 1000; i++)
		lan_mac(&l, i);
	cr_expect_eq(l.asked, 20, "a tenth of a second's worth at once: %u", l.asked);
	before = l.asked;
	for (unsigned ms = 0; ms < 1000; ms++)
		lan_pass_ms(&l, 1);
	cr_expect_eq(l.asked - before, 200);
	neigh_destroy(l.n);
}

/* The list comes in parts, so that a look is short. */
Test(neigh, list_is_whole)
{
	struct lan l;
	struct neigh_entry e[4];
	uint32_t at = 0;
	unsigned n = 0, calls = 0;

	lan_open(&l, (struct neigh_conf) {.capacity = 16}, 5000000);
	for (unsigned i = 0; i < 10; i++)
		neigh_confirm(l.n, host(i), mac_a, l.now);
	while (at != UINT32_MAX) {
		unsigned got = neigh_list(l.n, &at, e, 4);

		for (unsigned i = 0; i < got; i++)
			cr_expect_eq(e[i].ip, host(n++));
		calls++;
	}
	cr_expect_eq(n, 10);
	cr_expect_eq(calls, 3);
	neigh_destroy(l.n);
}

/* A question that the rate held back is asked later, and not forgotten. */
Test(neigh, entry_held_back_by_the_rate_is_asked_at_expiry)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.ask_per_s = 10}, 5000000);
	lan_mac(&l, 1);
	lan_mac(&l, 2);
	cr_expect_eq(l.asked, 1);
	lan_pass_ms(&l, 100);
	cr_expect_eq(l.asked, 2);
	cr_expect_eq(l.target, host(2));
	neigh_destroy(l.n);
}

/* Random events of a few hosts. The chains must hold together, the bounds must hold, and a
 * resolved address must be answered with a MAC from which its host has sent. */
Test(neigh, random_events_keep_the_bound_and_the_macs)
{
	struct lan l;
	uint64_t s = 0x9e3779b97f4a7c15u;

	lan_open(&l, (struct neigh_conf) {.capacity = 37, .reachable_ms = 3000}, 5000000);
	neigh_pin(l.n, host(0), l.now);
	for (unsigned step = 0; step < 200000; step++) {
		unsigned i, what;
		const uint8_t *mac;

		s = s * UINT64_C(6364136223846793005) + 1442695040888963407;
		i = (unsigned)(s >> 33) % 100;
		what = (unsigned)(s >> 50) % 64;
		uint8_t its[ETH_ALEN] = {2, 0, 0, 0, (uint8_t)i, (uint8_t)(what & 1)};

		if (what < 30) {
			mac = lan_mac(&l, i);
			cr_assert(mac == NULL || (mac[0] == 2 && mac[4] == i));
		} else if (what < 60) {
			lan_hears(&l, i, its, what < 50);
		} else if (what < 62) {
			neigh_confirm(l.n, host(i), its, l.now);
		} else {
			lan_pass_ms(&l, (s >> 40) % 1500);
		}
		cr_assert_leq(lan_count(&l), 37);
		cr_assert(lan_entry(&l, 0).pinned);
	}
	neigh_destroy(l.n);
}
