/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "neigh/neigh.h"

static const uint8_t mac_a[ETH_ALEN] = {2, 0, 0, 0, 0, 0xa};
static const uint8_t mac_b[ETH_ALEN] = {2, 0, 0, 0, 0, 0xb};
static const uint8_t mac_c[ETH_ALEN] = {2, 0, 0, 0, 0, 0xc};

/* The cache, its clock, and what it asked. */
struct lan {
	struct neigh *n;
	struct clock now;
	unsigned asked;
	be32 target;
	bool unicast;
	uint8_t dst[ETH_ALEN];
};

static void
note_ask(void *ctx, be32 target, const uint8_t *dst)
{
	struct lan *l = ctx;

	l->asked++;
	l->target = target;
	l->unicast = dst != NULL;
	if (dst)
		memcpy(l->dst, dst, ETH_ALEN);
}

static void
lan_open(struct lan *l, struct neigh_conf conf, uint64_t start_us)
{
	*l = (struct lan) {.now = clock_from_us(start_us)};
	l->n = neigh_create(&conf, note_ask, l, -1);
	cr_assert_not_null(l->n);
}

static void
lan_pass_ms(struct lan *l, uint64_t ms)
{
	l->now = clock_from_us(l->now.us + ms * US_PER_MILLISECOND);
	neigh_expire(l->n, l->now);
}

static be32
host(unsigned i)
{
	return cpu_to_be32(0x0a000000 + i);
}

static const uint8_t *
lan_mac(struct lan *l, unsigned i)
{
	uint16_t hint = NEIGH_NONE;

	return neigh_mac(l->n, host(i), &hint, l->now);
}

static enum drop
lan_hears(struct lan *l, unsigned i, const uint8_t *mac, bool answers_us)
{
	return neigh_input(l->n, host(i), mac, answers_us, l->now);
}

static struct neigh_entry
lan_entry(struct lan *l, unsigned host_i)
{
	struct neigh_entry e;

	for (unsigned i = 0; neigh_entry_at(l->n, i, &e); i++)
		if (e.ip == host(host_i))
			return e;
	return (struct neigh_entry) {.state = NEIGH_FREE};
}

static unsigned
lan_count(struct lan *l)
{
	struct neigh_entry e;
	unsigned i = 0;

	while (neigh_entry_at(l->n, i, &e))
		i++;
	return i;
}

static void
expect_state(struct lan *l, unsigned i, enum neigh_state state)
{
	enum neigh_state is = (enum neigh_state)lan_entry(l, i).state;

	cr_assert_eq(
	        is, state, "%s instead of %s", neigh_state_name(is), neigh_state_name(state));
}

static void
expect_mac(struct lan *l, unsigned i, const uint8_t *mac)
{
	const uint8_t *is = lan_mac(l, i);

	cr_assert_not_null(is);
	cr_assert_arr_eq(is, mac, ETH_ALEN);
}

static void
lan_resolve(struct lan *l, unsigned i, const uint8_t *mac)
{
	cr_assert_null(lan_mac(l, i));
	cr_assert_eq(lan_hears(l, i, mac, true), DROP_NONE);
}

/* Looking neither asks nor makes an entry. */
Test(neigh, look_tells_and_asks_nobody)
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

static void
lan_fail(struct lan *l, unsigned i)
{
	cr_assert_null(lan_mac(l, i));
	for (unsigned k = 0; k < NEIGH_ASKS; k++)
		lan_pass_ms(l, NEIGH_RETRY_MS);
	expect_state(l, i, NEIGH_FAILED);
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
	cr_expect_eq(l.asked, 1, "asked though nobody uses it");
	expect_mac(&l, 1, mac_a);
	neigh_destroy(l.n);
}

static void
lan_stale(struct lan *l, unsigned i, const uint8_t *mac)
{
	lan_resolve(l, i, mac);
	lan_pass_ms(l, 60000);
	expect_state(l, i, NEIGH_STALE);
	l->asked = 0;
}

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

/* Everybody is asked at once, and the old MAC alone is listened to while it answers. */
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

/* What is not an answer to us is not believed, however often it is said. */
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

/* RFC 1122 2.3.2.1: a doubt a second; what is claimed meanwhile is not forgotten. */
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

/* Nobody uses it, and nobody answers at first: who does later, has it at once. */
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

/* A timer's business: whoever used it first may be silent now. */
Test(neigh, poll_goes_on_though_nobody_uses_it)
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
	cr_expect_not(l.unicast, "everybody is asked");
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

/* Half of the places, and no more, may be taken from those that are known. */
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
	struct neigh_conf conf = {.capacity = NEIGH_CAPACITY_MAX + 1};

	cr_expect_null(neigh_create(&conf, note_ask, NULL, -1));
	cr_expect_eq(errno, EINVAL);
}

/* However much is due, a call does not do more than so much of it. */
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

/* What was evicted while its peer said nothing comes back, and ends a question. */
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

/* Whom nobody waits for is asked with what is left. */
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

/* In parts, for a look that must not last. */
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

/* What the rate held back is asked later, not forgotten. */
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

/* Random events of a small crowd; the chains must hold together, the bound
 * stand, and what was resolved be answered with a MAC that its host sent. */
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
