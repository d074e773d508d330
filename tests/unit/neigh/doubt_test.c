/* SPDX-License-Identifier: BSD-3-Clause */
/* Is it still there, and where? Polls, claims, silence and progress. */
#include "lan.h"

Test(neigh, stale_is_asked_by_unicast_when_used_and_refreshed)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_stale(&l, 1, mac_a);
	expect_mac(&l, 1, mac_a);
	expect_mac(&l, 1, mac_a);
	cr_expect_eq(l.asked, 1);
	cr_expect(l.unicast);
	cr_expect_arr_eq(l.dst, mac_a, ETH_ALEN);
	cr_expect_eq(lan_hears(&l, 1, mac_a, true), DROP_NONE);
	expect_state(&l, 1, NEIGH_REACHABLE);
	neigh_destroy(l.n);
}

/* RFC 1122 2.3.2.1 (2): after N polls without an answer the entry goes. */
Test(neigh, stale_without_answers_is_incomplete_and_broadcast_for)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_stale(&l, 1, mac_a);
	for (unsigned k = 0; k < NEIGH_ASKS; k++) {
		expect_mac(&l, 1, mac_a);
		cr_expect_eq(l.asked, k + 1);
		cr_expect(l.unicast);
		lan_pass_ms(&l, NEIGH_RETRY_MS);
	}
	cr_expect_null(lan_mac(&l, 1));
	expect_state(&l, 1, NEIGH_INCOMPLETE);
	cr_expect_eq(l.asked, NEIGH_ASKS + 1);
	cr_expect_not(l.unicast);
	neigh_destroy(l.n);
}

/* The second question is broadcast. Only the old MAC counts while it answers. */
Test(neigh, claim_of_another_mac_is_looked_into)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 2000);
	for (unsigned answers_us = 0; answers_us < 2; answers_us++) {
		cr_expect_eq(lan_hears(&l, 1, mac_b, answers_us), DROP_ARP_CLAIM);
		expect_state(&l, 1, NEIGH_STALE);
		cr_expect_eq(l.asked, 2, "once, whatever is claimed");
		cr_expect_not(l.unicast);
	}
	expect_mac(&l, 1, mac_a);
	cr_expect_eq(lan_hears(&l, 1, mac_a, true), DROP_NONE);
	expect_state(&l, 1, NEIGH_REACHABLE);
	lan_pass_ms(&l, 10000);
	expect_mac(&l, 1, mac_a);
	cr_expect_eq(l.asked, 2);
	neigh_destroy(l.n);
}

/* It answers the two questions of a doubt, and the old one neither of them. */
Test(neigh, claimant_that_answers_has_it_after_the_doubt)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 2000);
	cr_expect_eq(lan_hears(&l, 1, mac_b, false), DROP_ARP_CLAIM);
	cr_expect_eq(lan_hears(&l, 1, mac_b, true), DROP_ARP_CLAIM);
	cr_expect_eq(lan_hears(&l, 1, mac_c, true), DROP_ARP_CLAIM, "the first one counts");
	lan_pass_ms(&l, NEIGH_DOUBT_MS);
	cr_expect_eq(l.asked, 3);
	cr_expect_not(l.unicast);
	lan_pass_ms(&l, NEIGH_DOUBT_MS - 1);
	cr_expect_arr_eq(lan_entry(&l, 1).mac, mac_a, ETH_ALEN);
	lan_pass_ms(&l, 1);
	expect_state(&l, 1, NEIGH_REACHABLE);
	expect_mac(&l, 1, mac_b);
	cr_expect_eq(l.asked, 3);
	neigh_destroy(l.n);
}

/* A packet that is no answer to us is not believed, however often it comes. */
Test(neigh, claimant_that_only_announces_has_nothing_while_polls_last)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 2000);
	for (unsigned ms = 0; ms < 2300; ms += 100) {
		cr_expect_eq(lan_hears(&l, 1, mac_b, false), DROP_ARP_CLAIM);
		cr_expect_arr_eq(lan_entry(&l, 1).mac, mac_a, ETH_ALEN);
		lan_pass_ms(&l, 100);
	}
	neigh_destroy(l.n);
}

/* One question, or its answer, may be lost. */
Test(neigh, old_mac_that_answers_the_second_question_stays)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 2000);
	lan_hears(&l, 1, mac_b, false);
	lan_hears(&l, 1, mac_b, true);
	lan_pass_ms(&l, NEIGH_DOUBT_MS);
	lan_hears(&l, 1, mac_b, true);
	cr_expect_eq(lan_hears(&l, 1, mac_a, true), DROP_NONE);
	lan_pass_ms(&l, 5000);
	expect_state(&l, 1, NEIGH_REACHABLE);
	expect_mac(&l, 1, mac_a);
	neigh_destroy(l.n);
}

/* RFC 1122 2.3.2.1: one doubt a second. A claim in between is not forgotten. */
Test(neigh, claim_soon_after_a_question_waits_for_its_second)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 300);
	lan_hears(&l, 1, mac_b, false);
	expect_mac(&l, 1, mac_a);
	cr_expect_eq(l.asked, 1);
	lan_pass_ms(&l, 1000);
	cr_expect_eq(l.asked, 2);
	cr_expect_not(l.unicast);
	neigh_destroy(l.n);
}

/* A claim that traffic bears out does not wait for the second to end. */
Test(neigh, claim_and_silence_are_asked_about_at_once)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_hears(&l, 1, mac_b, false);
	lan_pass_ms(&l, NEIGH_DOUBT_MS - 1);
	neigh_unanswered(l.n, host(1), &hint, l.now);
	cr_expect_eq(l.asked, 1);
	lan_pass_ms(&l, 1);
	neigh_unanswered(l.n, host(1), &hint, l.now);
	cr_expect_eq(l.asked, 2);
	cr_expect_not(l.unicast, "there is a claim");
	neigh_destroy(l.n);
}

/* The old MAC first, and by unicast: mostly the silence is not the link's. */
Test(neigh, unanswered_traffic_is_a_doubt)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, NEIGH_DOUBT_MS - 1);
	neigh_unanswered(l.n, host(1), &hint, l.now);
	cr_expect_eq(l.asked, 1, "it was there a moment ago");
	lan_pass_ms(&l, 1);
	neigh_unanswered(l.n, host(1), &hint, l.now);
	neigh_unanswered(l.n, host(1), &hint, l.now);
	cr_expect_eq(l.asked, 2);
	cr_expect(l.unicast);
	cr_expect_arr_eq(l.dst, mac_a, ETH_ALEN);
	lan_pass_ms(&l, NEIGH_DOUBT_MS);
	cr_expect_eq(l.asked, 3);
	cr_expect_not(l.unicast);
	cr_expect_eq(lan_hears(&l, 1, mac_b, true), DROP_ARP_CLAIM);
	lan_pass_ms(&l, NEIGH_DOUBT_MS);
	expect_mac(&l, 1, mac_b);
	neigh_destroy(l.n);
}

Test(neigh, unanswered_traffic_and_an_answer_change_nothing)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	neigh_unanswered(l.n, host(1), &hint, l.now);
	cr_expect_eq(lan_count(&l), 0);
	lan_resolve(&l, 1, mac_a);
	lan_pass_ms(&l, 5000);
	neigh_unanswered(l.n, host(1), &hint, l.now);
	cr_expect_eq(lan_hears(&l, 1, mac_a, true), DROP_NONE);
	lan_pass_ms(&l, 5000);
	expect_state(&l, 1, NEIGH_REACHABLE);
	cr_expect_eq(l.asked, 2);
	neigh_destroy(l.n);
}

/* The entry is unused, and no host answers at first. The first later answer counts. */
Test(neigh, doubt_ends_within_three_seconds_of_itself)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	for (unsigned late = 0; late < 2; late++) {
		lan_open(&l, (struct neigh_conf) {0}, 5000000);
		lan_resolve(&l, 1, mac_a);
		lan_pass_ms(&l, 5000);
		neigh_unanswered(l.n, host(1), &hint, l.now);
		for (unsigned ms = 0; ms < 2000; ms += 20)
			lan_pass_ms(&l, 20);
		expect_state(&l, 1, NEIGH_STALE);
		if (late)
			cr_expect_eq(lan_hears(&l, 1, mac_b, true), DROP_NONE);
		for (unsigned ms = 0; ms < 1000; ms += 20)
			lan_pass_ms(&l, 20);
		expect_state(&l, 1, late ? NEIGH_REACHABLE : NEIGH_INCOMPLETE);
		cr_expect_not(l.unicast);
		neigh_destroy(l.n);
	}
}

/* The timer polls: the connection that used the entry first may be silent now. */
Test(neigh, poll_goes_on_without_use)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	lan_stale(&l, 1, mac_a);
	expect_mac(&l, 1, mac_a);
	for (unsigned s = 0; s < NEIGH_ASKS; s++) {
		cr_expect_eq(l.asked, s + 1);
		cr_expect(l.unicast);
		lan_pass_ms(&l, NEIGH_RETRY_MS);
	}
	expect_state(&l, 1, NEIGH_INCOMPLETE);
	cr_expect_eq(l.asked, NEIGH_ASKS + 1);
	cr_expect_not(l.unicast);
	neigh_destroy(l.n);
}

/* A host that has moved, or a gateway's stand-in, that answers nothing of ours: three
 * seconds, and one more for the question of a moment ago. */
Test(neigh, claim_is_believed_once_the_old_mac_is_silent)
{
	struct lan l;
	unsigned ms;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	neigh_pin(l.n, host(1), l.now);
	lan_hears(&l, 1, mac_a, true);
	lan_hears(&l, 1, mac_b, false);
	for (ms = 0; lan_mac(&l, 1) != NULL; ms += 100)
		lan_pass_ms(&l, 100);
	cr_expect(ms >= 2000 && ms <= 4000, "%u ms", ms);
	cr_expect_not(l.unicast, "the question is broadcast");
	cr_expect_eq(lan_hears(&l, 1, mac_b, true), DROP_NONE);
	expect_state(&l, 1, NEIGH_REACHABLE);
	expect_mac(&l, 1, mac_b);
	neigh_destroy(l.n);
}

/* The gateway answers each time that it is asked, and the link is full of lies. */
Test(neigh, flood_of_claims_changes_no_gateway_and_asks_once_a_second)
{
	struct lan l;
	unsigned heard;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	neigh_pin(l.n, host(1), l.now);
	lan_hears(&l, 1, mac_a, true);
	heard = l.asked;
	for (unsigned ms = 0; ms < 10000; ms++) {
		uint8_t lie[ETH_ALEN] = {2, 9, 9, 9, (uint8_t)(ms >> 8), (uint8_t)ms};

		for (unsigned i = 0; i < 4; i++) {
			lan_hears(&l, 1, lie, i & 1);
			expect_mac(&l, 1, mac_a);
		}
		if (l.asked != heard)
			cr_expect_eq(lan_hears(&l, 1, mac_a, true), DROP_NONE);
		heard = l.asked;
		lan_pass_ms(&l, 1);
	}
	cr_expect_leq(l.asked, 11, "%u requests", l.asked);
	neigh_destroy(l.n);
}

/* RFC 1122 2.3.2.1 (4): a connection that makes progress is as good as an answer. */
Test(neigh, heard_peer_is_reachable_and_not_asked)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {.reachable_ms = 7000}, 5000000);
	neigh_confirm(l.n, host(1), mac_a, l.now);
	for (unsigned i = 0; i < 20; i++) {
		lan_pass_ms(&l, 4000);
		cr_expect_not(neigh_heard(l.n, host(1), mac_a, &hint, l.now));
		expect_state(&l, 1, NEIGH_REACHABLE);
		expect_mac(&l, 1, mac_a);
	}
	cr_expect_eq(l.asked, 0);
	cr_expect_eq(hint, 0);
	lan_pass_ms(&l, 7000);
	expect_state(&l, 1, NEIGH_STALE);
	neigh_destroy(l.n);
}

Test(neigh, heard_peer_is_used)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {.capacity = 2}, 5000000);
	neigh_confirm(l.n, host(1), mac_a, l.now);
	lan_pass_ms(&l, 10);
	neigh_confirm(l.n, host(2), mac_a, l.now);
	lan_pass_ms(&l, 10);
	neigh_heard(l.n, host(1), mac_a, &hint, l.now);
	lan_mac(&l, 3);
	expect_state(&l, 1, NEIGH_REACHABLE);
	expect_state(&l, 2, NEIGH_FREE);
	neigh_destroy(l.n);
}

/* An entry that was evicted while its peer was silent comes back, and ends a question. */
Test(neigh, heard_peer_is_known)
{
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	cr_expect(neigh_heard(l.n, host(1), mac_a, &hint, l.now));
	expect_state(&l, 1, NEIGH_REACHABLE);
	lan_mac(&l, 2);
	hint = NEIGH_NONE;
	cr_expect(neigh_heard(l.n, host(2), mac_b, &hint, l.now));
	expect_mac(&l, 2, mac_b);
	neigh_destroy(l.n);
}

/* Another way in than out is no proof of the way out; and a doubt is ARP's. */
Test(neigh, heard_from_another_mac_or_in_doubt_proves_nothing)
{
	static const uint8_t zero[ETH_ALEN];
	struct lan l;
	uint16_t hint = NEIGH_NONE;

	lan_open(&l, (struct neigh_conf) {0}, 5000000);
	neigh_confirm(l.n, host(1), mac_a, l.now);
	cr_expect_not(neigh_heard(l.n, host(1), mac_b, &hint, l.now));
	cr_expect_not(neigh_heard(l.n, host(1), zero, &hint, l.now));
	expect_state(&l, 1, NEIGH_STALE);
	lan_pass_ms(&l, 10);
	lan_hears(&l, 1, mac_b, false);
	neigh_heard(l.n, host(1), mac_a, &hint, l.now);
	expect_state(&l, 1, NEIGH_STALE);
	lan_hears(&l, 1, mac_b, true);
	lan_pass_ms(&l, NEIGH_DOUBT_MS);
	neigh_heard(l.n, host(1), mac_a, &hint, l.now);
	lan_pass_ms(&l, NEIGH_DOUBT_MS);
	expect_mac(&l, 1, mac_b);
	neigh_destroy(l.n);
}

/* A poll, for which no packet waits, has what the rate leaves. */
Test(neigh, polls_leave_room_for_questions)
{
	struct lan l;

	lan_open(&l, (struct neigh_conf) {.ask_per_s = 200}, 5000000);
	for (unsigned i = 0; i < 100; i++)
		neigh_confirm(l.n, host(i), mac_a, l.now);
	for (unsigned i = 0; i < 100; i++)
		expect_mac(&l, i, mac_a);
	cr_expect_eq(l.asked, 10, "%u", l.asked);
	for (unsigned i = 200; i < 300; i++)
		lan_mac(&l, i);
	cr_expect_eq(l.asked, 20, "%u", l.asked);
	cr_expect_not(l.unicast);
	neigh_destroy(l.n);
}
