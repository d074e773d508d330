/* SPDX-License-Identifier: BSD-3-Clause */
/* The keys of cookies: epochs, masters, beacons. */
#include "syn/keys.h"

#include <criterion/criterion.h>
#include <string.h>

#define EPOCH    1000u /* where a test begins */
#define BEGIN_US (EPOCH * COOKIE_EPOCH_US)

static struct cookie_masters
masters(unsigned n, const uint32_t *id, const uint64_t *epoch)
{
	struct cookie_masters m = {.n = n};

	for (unsigned i = 0; i < n; i++) {
		m.master[i].id = id[i];
		m.master[i].not_before_s = epoch[i] * COOKIE_EPOCH_S;
		memset(m.master[i].key, (int)id[i], sizeof(m.master[i].key));
	}
	return m;
}

static struct cookie_masters
one(uint32_t id)
{
	return masters(1, &id, (const uint64_t[]) {0});
}

static uint64_t
made(const struct prf *key)
{
	return prf_one(key, (struct prf_block) {1, 2}).lo;
}

static uint64_t
made_now(const struct cookie_keys *k)
{
	return made(&k->of[k->epoch & 1].key);
}

static void
go_to(struct cookie_keys *k, uint64_t us)
{
	cookie_keys_turn(k, us);
}

Test(syn_keys, epoch_is_64_seconds_of_the_wall_clock)
{
	struct cookie_masters m = one(7);
	struct cookie_keys k;

	cookie_keys_init(&k, &m, NULL, BEGIN_US + 5);
	cr_expect_eq(k.epoch, EPOCH);
	go_to(&k, BEGIN_US + 63999999);
	cr_expect_eq(k.epoch, EPOCH);
	go_to(&k, BEGIN_US + 64000000);
	cr_expect_eq(k.epoch, EPOCH + 1);
}

/* A key that leaks late opens nothing. */
Test(syn_keys, each_epoch_has_a_key_of_its_own)
{
	struct cookie_masters m = one(7);
	struct cookie_keys k;
	uint64_t seen[8];

	cookie_keys_init(&k, &m, NULL, BEGIN_US);
	for (unsigned i = 0; i < 8; i++) {
		go_to(&k, BEGIN_US + i * COOKIE_EPOCH_US);
		seen[i] = made_now(&k);
		for (unsigned j = 0; j < i; j++)
			cr_expect_neq(seen[i], seen[j]);
		if (i > 0)
			cr_expect_eq(made(&k.of[(k.epoch - 1) & 1].key), seen[i - 1],
			        "the last one is kept");
		cr_expect_neq(made(&k.ts), seen[i]);
	}
}

/* The masters give the keys: to cores, to hosts, and to a host that begins later. */
Test(syn_keys, same_masters_same_keys_whenever_one_began)
{
	struct cookie_masters m = one(7), n = one(8);
	struct cookie_keys a, b, c;

	cookie_keys_init(&a, &m, NULL, BEGIN_US - 77 * COOKIE_EPOCH_US);
	go_to(&a, BEGIN_US);
	cookie_keys_init(&b, &m, NULL, BEGIN_US + 3000000);
	cookie_keys_init(&c, &n, NULL, BEGIN_US);
	for (unsigned e = 0; e < 2; e++) {
		cr_expect_eq(made(&a.of[e].key), made(&b.of[e].key));
		cr_expect_neq(made(&a.of[e].key), made(&c.of[e].key));
	}
	cr_expect_eq(made(&a.ts), made(&b.ts));
	cr_expect_neq(made(&a.ts), made(&c.ts));
}

/* A clock that was set, forward or back. */
Test(syn_keys, clock_may_jump_by_many_epochs)
{
	struct cookie_masters m = one(7);
	struct cookie_keys k, fresh;

	cookie_keys_init(&k, &m, NULL, BEGIN_US);
	go_to(&k, BEGIN_US + 12345 * COOKIE_EPOCH_US + 1);
	cookie_keys_init(&fresh, &m, NULL, BEGIN_US + 12345 * COOKIE_EPOCH_US);
	cr_expect_eq(k.epoch, fresh.epoch);
	for (unsigned e = 0; e < 2; e++)
		cr_expect_eq(made(&k.of[e].key), made(&fresh.of[e].key));
	cr_expect_eq(k.epoch_ends_us, BEGIN_US + 12346 * COOKIE_EPOCH_US);
}

Test(syn_keys, master_is_the_latest_whose_time_has_come)
{
	static const uint32_t id[] = {30, 10, 20};
	static const uint64_t from[] = {EPOCH + 4, EPOCH - 9, EPOCH + 2};
	struct cookie_masters m = masters(3, id, from);
	struct cookie_keys k;

	cookie_keys_init(&k, &m, NULL, BEGIN_US);
	for (unsigned e = 0; e < 6; e++) {
		go_to(&k, BEGIN_US + e * COOKIE_EPOCH_US);
		cr_expect_eq(k.of[k.epoch & 1].id,
		        e < 2   ? 10u
		        : e < 4 ? 20u
		                : 30u,
		        "epoch %u", e);
	}
}

/* The change comes when the epoch begins: within an epoch nothing changes. */
Test(syn_keys, master_changes_between_epochs_only)
{
	struct cookie_masters m = masters(
	        2, (const uint32_t[]) {1, 2}, (const uint64_t[]) {0, EPOCH});
	struct cookie_keys k;

	m.master[1].not_before_s++;
	cookie_keys_init(&k, &m, NULL, BEGIN_US + 30000000);
	cr_expect_eq(k.of[k.epoch & 1].id, 1);
	go_to(&k, BEGIN_US + COOKIE_EPOCH_US);
	cr_expect_eq(k.of[k.epoch & 1].id, 2);
}

Test(syn_keys, all_masters_in_the_future_the_first_serves)
{
	struct cookie_masters m = masters(
	        2, (const uint32_t[]) {1, 2}, (const uint64_t[]) {EPOCH + 9, EPOCH + 5});
	struct cookie_keys k;

	cookie_keys_init(&k, &m, NULL, BEGIN_US);
	cr_expect_eq(k.of[k.epoch & 1].id, 2);
}

/* RFC 7323 7.1: a clock that moved by its own offset would break PAWS. */
Test(syn_keys, clocks_stay_when_masters_are_added)
{
	struct cookie_masters old = one(7), new = masters(2, (const uint32_t[]) {9, 7},
	                                            (const uint64_t[]) {EPOCH + 5, 0});
	struct cookie_keys k;
	uint64_t before;

	cookie_keys_init(&k, &old, NULL, BEGIN_US);
	before = made(&k.ts);
	cookie_keys_replace(&k, &new, BEGIN_US + 1);
	cr_expect_eq(made(&k.ts), before);
}

Test(syn_keys, former_masters_hold_until_the_next_epoch_ends)
{
	struct cookie_masters old = one(7), new = one(8);
	struct cookie_keys k, was;

	cookie_keys_init(&k, &old, NULL, BEGIN_US);
	was = k;
	cookie_keys_replace(&k, &new, BEGIN_US + 10000000);
	cr_expect_neq(made_now(&k), made_now(&was), "new ones count at once");
	for (unsigned e = 0; e < 2; e++) {
		cr_assert(k.of[e].has_former);
		cr_expect_eq(made(&k.of[e].former), made(&was.of[e].key));
	}
	go_to(&k, BEGIN_US + COOKIE_EPOCH_US);
	cr_assert(k.of[EPOCH & 1].has_former);
	cr_expect_eq(made(&k.of[EPOCH & 1].former), made(&was.of[EPOCH & 1].key));
	cr_expect(!k.of[(EPOCH + 1) & 1].has_former, "no cookie was made under them since");
	go_to(&k, BEGIN_US + 2 * COOKIE_EPOCH_US);
	cr_expect(!k.of[0].has_former && !k.of[1].has_former);
}

/* A file that is read again is not a replacement. */
Test(syn_keys, same_masters_again_change_nothing)
{
	struct cookie_masters old = one(7), new = one(8), same;
	struct cookie_keys k;
	uint64_t former;

	memset(&same, 0xff, sizeof(same));
	same.n = new.n;
	same.shared = new.shared;
	same.master[0].id = new.master[0].id;
	same.master[0].not_before_s = new.master[0].not_before_s;
	memcpy(same.master[0].key, new.master[0].key, 16);
	cookie_keys_init(&k, &old, NULL, BEGIN_US);
	cookie_keys_replace(&k, &new, BEGIN_US);
	former = made(&k.of[0].former);
	cookie_keys_replace(&k, &same, BEGIN_US + 1);
	cr_expect_eq(made(&k.of[0].former), former);
	same.master[0].key[15] ^= 1;
	cookie_keys_replace(&k, &same, BEGIN_US + 2);
	cr_expect_neq(made(&k.of[0].former), former);
}

Test(syn_keys, cookies_are_expected_for_two_epochs_after_the_last)
{
	struct cookie_masters m = one(7);
	struct cookie_keys k;

	cookie_keys_init(&k, &m, NULL, BEGIN_US);
	cr_expect(!cookie_keys_expect(&k), "none was ever sent");
	cookie_keys_sent(&k);
	for (unsigned e = 0; e < 5; e++) {
		go_to(&k, BEGIN_US + e * COOKIE_EPOCH_US);
		cr_expect_eq(cookie_keys_expect(&k), e <= 2, "epoch %u", e);
	}
}

/* All cores accept the cookies of one core. */
Test(syn_keys, beacon_is_seen_by_other_cores)
{
	struct cookie_masters m = one(7);
	struct cookie_beacon beacon = {0};
	struct cookie_keys a, b;

	cookie_keys_init(&a, &m, &beacon, BEGIN_US);
	cookie_keys_init(&b, &m, &beacon, BEGIN_US);
	cookie_keys_sent(&a);
	cr_expect(cookie_keys_expect(&b));
	go_to(&b, BEGIN_US + 2 * COOKIE_EPOCH_US);
	cr_expect(cookie_keys_expect(&b));
	go_to(&b, BEGIN_US + 3 * COOKIE_EPOCH_US);
	cr_expect(!cookie_keys_expect(&b));
}

/* Cores do not begin their turns at the same moment. */
Test(syn_keys, beacon_of_a_core_that_is_an_epoch_ahead)
{
	struct cookie_masters m = one(7);
	struct cookie_beacon beacon = {0};
	struct cookie_keys ahead, behind;

	cookie_keys_init(&behind, &m, &beacon, BEGIN_US - 1);
	cookie_keys_init(&ahead, &m, &beacon, BEGIN_US);
	cookie_keys_sent(&behind);
	cookie_keys_sent(&ahead);
	cr_expect(cookie_keys_expect(&behind));
}

/* Cookies of other hosts come here, too, and we do not know when. */
Test(syn_keys, shared_masters_always_expect)
{
	struct cookie_masters m = one(7);
	struct cookie_keys k;

	m.shared = true;
	cookie_keys_init(&k, &m, NULL, BEGIN_US);
	cr_expect(cookie_keys_expect(&k));
	go_to(&k, BEGIN_US + 9 * COOKIE_EPOCH_US);
	cr_expect(cookie_keys_expect(&k));
}

Test(syn_keys, drawn_masters_are_one_from_the_secret)
{
	struct cookie_masters m, n;

	cookie_masters_draw(&m, (const uint8_t *)"sixteen octets!");
	cookie_masters_draw(&n, (const uint8_t *)"sixteen octets?");
	cr_expect_eq(m.n, 1);
	cr_expect_eq(m.master[0].not_before_s, 0);
	cr_expect(!m.shared);
	cr_expect_neq(memcmp(m.master[0].key, n.master[0].key, 16), 0);
}

/* A host that is ahead makes the next epoch's cookies already. */
Test(syn_keys, next_epoch_counts_in_the_last_seconds)
{
	struct cookie_masters m = one(7);
	struct cookie_keys k, ahead;
	const uint64_t at[] = {0, 30000000, 59999999};
	const uint64_t last[] = {60000000, 61000000, 63999999};

	cookie_keys_init(&ahead, &m, NULL, BEGIN_US + COOKIE_EPOCH_US);
	for (unsigned fresh = 0; fresh < 2; fresh++) {
		cookie_keys_init(&k, &m, NULL, BEGIN_US - COOKIE_EPOCH_US);
		for (unsigned i = 0; i < 3; i++) {
			if (fresh)
				cookie_keys_init(&k, &m, NULL, BEGIN_US + at[i]);
			go_to(&k, BEGIN_US + at[i]);
			cr_expect_null(cookie_keys_named(&k, EPOCH + 1));
			cr_expect_null(cookie_keys_named(&k, EPOCH + 2));
		}
		for (unsigned i = 0; i < 3; i++) {
			if (fresh)
				cookie_keys_init(&k, &m, NULL, BEGIN_US + last[i]);
			go_to(&k, BEGIN_US + last[i]);
			cr_assert_not_null(cookie_keys_named(&k, EPOCH + 1));
			cr_expect_eq(
			        made(&cookie_keys_named(&k, EPOCH + 1)->key), made_now(&ahead));
			cr_expect_null(cookie_keys_named(&k, EPOCH + 2));
			cr_expect_eq(k.epoch, EPOCH);
		}
		go_to(&k, BEGIN_US + COOKIE_EPOCH_US);
		cr_expect_eq(k.epoch, EPOCH + 1);
		cr_expect_null(cookie_keys_named(&k, EPOCH + 2));
	}
}

/* By its own master, if that begins then. */
Test(syn_keys, next_epoch_has_its_own_master)
{
	static const uint32_t id[] = {10, 20};
	static const uint64_t from[] = {0, EPOCH + 1};
	struct cookie_masters m = masters(2, id, from);
	struct cookie_keys k;

	cookie_keys_init(&k, &m, NULL, BEGIN_US);
	go_to(&k, BEGIN_US + 62000000);
	cr_expect_eq(k.of[k.epoch & 1].id, 10);
	cr_expect_eq(cookie_keys_named(&k, EPOCH + 1)->id, 20);
}

/* A host whose clock is set back has the keys of that time, as other hosts do. */
Test(syn_keys, clock_that_is_set_back_goes_back)
{
	static const uint64_t back_s[] = {1, 64, 3600, 365 * 86400};
	struct cookie_masters m = one(7), n = one(8);

	for (unsigned i = 0; i < 4; i++) {
		uint64_t begin_us = BEGIN_US + UINT64_C(366 * 86400) * 1000000;
		uint64_t now_us = begin_us / COOKIE_EPOCH_US * COOKIE_EPOCH_US -
		                  back_s[i] * 1000000;
		struct cookie_keys k, fresh;

		cookie_keys_init(&k, &m, NULL, begin_us / COOKIE_EPOCH_US * COOKIE_EPOCH_US);
		cookie_keys_replace(&k, &n, begin_us / COOKIE_EPOCH_US * COOKIE_EPOCH_US);
		go_to(&k, now_us);
		cookie_keys_init(&fresh, &n, NULL, now_us);
		cr_expect_eq(k.epoch, fresh.epoch);
		cr_expect_eq(made_now(&k), made_now(&fresh));
		cr_expect(k.of[k.epoch & 1].has_former, "the former still hold");
		cr_expect_eq(k.former.n, 1, "and are there");
	}
}
