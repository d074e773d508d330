/* SPDX-License-Identifier: BSD-3-Clause */
/* The timing wheel: order, horizon, wrap of ticks, and bounded moves. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/seq.h"
#include "timer/wheel.h"

/* A record larger than its node, so that a wrong stride shows. */
struct record {
	struct wheel_node node;
	uint32_t guard[2];
};

struct bench {
	struct wheel w;
	struct record *r;
	uint32_t n;
};

static struct bench
bench_at(uint32_t n, uint32_t now)
{
	struct bench b = {.r = calloc(n, sizeof(struct record)), .n = n};

	cr_assert_not_null(b.r);
	for (uint32_t i = 0; i < n; i++)
		wheel_node_init(&b.r[i].node);
	wheel_init(&b.w, b.r, sizeof(struct record), now);
	return b;
}

static void
bench_end(struct bench *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		cr_assert(b->r[i].guard[0] == 0 && b->r[i].guard[1] == 0);
	free(b->r);
}

/* Armed at `when`, a lone timer is silent one tick before and fires then. */
static void
expect_fires_exactly(uint32_t now, uint32_t when)
{
	struct bench b = bench_at(1, now);
	uint32_t due[4];

	wheel_arm(&b.w, 0, when);
	cr_assert(wheel_armed(&b.r[0].node));
	cr_assert_eq(wheel_expire(&b.w, when - 1, due, 4), 0, "%u from %u: early", when, now);
	cr_assert_eq(wheel_expire(&b.w, when, due, 4), 1, "%u from %u: late", when, now);
	cr_assert_eq(due[0], 0);
	cr_assert_not(wheel_armed(&b.r[0].node));
	cr_assert_eq(b.w.armed, 0);
	bench_end(&b);
}

static void
expect_fires_around(uint32_t now, uint32_t distance)
{
	expect_fires_exactly(now, now + distance - 1);
	expect_fires_exactly(now, now + distance);
	expect_fires_exactly(now, now + distance + 1);
}

Test(wheel, fires_at_its_tick_around_each_level_boundary)
{
	static const uint32_t starts[] = {0, 1, 255, 256, 257, 0xfffe, 0xffff, 0x10000,
	        0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xdeadbeef};

	for (unsigned i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		for (unsigned bits = 2; bits < 31; bits++)
			expect_fires_around(starts[i], UINT32_C(1) << bits);
}

Test(wheel, fires_across_the_wrap_of_the_tick)
{
	for (unsigned bits = 2; bits < 31; bits++)
		expect_fires_around(UINT32_MAX - 1, UINT32_C(1) << bits);
	expect_fires_exactly(UINT32_MAX, 0);
	expect_fires_exactly(UINT32_MAX - 255, 0);
}

Test(wheel, horizon_is_2_to_the_31_minus_1)
{
	expect_fires_exactly(0, INT32_MAX);
	expect_fires_exactly(0xc0000001, 0xc0000001 + INT32_MAX);
}

Test(wheel, present_and_past_fire_at_the_next_expiry_even_of_the_same_tick)
{
	struct bench b = bench_at(3, 1000);
	uint32_t due[4];

	wheel_arm(&b.w, 0, 1000);
	wheel_arm(&b.w, 1, 999);
	wheel_arm(&b.w, 2, 1000 + 0x80000000u);
	cr_expect_eq(wheel_expire(&b.w, 1000, due, 4), 3);
	cr_expect_eq(b.w.now, 1000);
	cr_expect_eq(wheel_expire(&b.w, 1000, due, 4), 0);
	bench_end(&b);
}

Test(wheel, clock_that_goes_back_moves_nothing)
{
	struct bench b = bench_at(1, 1000);
	uint32_t due[4];

	wheel_arm(&b.w, 0, 1001);
	cr_expect_eq(wheel_expire(&b.w, 900, due, 4), 0);
	cr_expect_eq(b.w.now, 1000);
	cr_expect_eq(wheel_expire(&b.w, 1001, due, 4), 1);
	bench_end(&b);
}

Test(wheel, disarmed_does_not_fire_wherever_it_stood_in_its_slot)
{
	for (uint32_t gone = 0; gone < 3; gone++) {
		struct bench b = bench_at(3, 0);
		uint32_t due[4];

		for (uint32_t i = 0; i < 3; i++)
			wheel_arm(&b.w, i, 5000);
		wheel_disarm(&b.w, gone);
		cr_expect_not(wheel_armed(&b.r[gone].node));
		cr_expect_eq(b.w.armed, 2);
		cr_expect_eq(wheel_expire(&b.w, 6000, due, 4), 2);
		cr_expect(due[0] != gone && due[1] != gone);
		bench_end(&b);
	}
}

Test(wheel, expiry_follows_the_order_of_ticks)
{
	struct bench b = bench_at(40, 77);
	uint32_t due[40];

	for (uint32_t i = 0; i < 40; i++)
		wheel_arm(&b.w, i, 77 + (i * 7 % 40) * 1000);
	cr_assert_eq(wheel_expire(&b.w, 77 + 100000, due, 40), 40);
	for (uint32_t i = 0; i < 40; i++)
		cr_assert_eq(due[i] * 7 % 40, i);
	bench_end(&b);
}

Test(wheel, bounded_expiry_stays_at_its_tick_and_resumes)
{
	struct bench b = bench_at(5, 0);
	uint32_t due[2];

	for (uint32_t i = 0; i < 5; i++)
		wheel_arm(&b.w, i, 300);
	cr_expect_eq(wheel_expire(&b.w, 90000, due, 2), 2);
	cr_expect_eq(b.w.now, 300);
	cr_expect_eq(wheel_expire(&b.w, 90000, due, 2), 2);
	cr_expect_eq(wheel_expire(&b.w, 90000, due, 2), 1);
	cr_expect_eq(b.w.now, 90000);
	bench_end(&b);
}

Test(wheel, what_is_due_but_not_taken_may_be_disarmed_and_joined)
{
	struct bench b = bench_at(6, 0);
	uint32_t due[8];
	unsigned n, seen[6] = {0};

	for (uint32_t i = 0; i < 5; i++)
		wheel_arm(&b.w, i, 300);
	cr_assert_eq(wheel_expire(&b.w, 1000, due, 2), 2);
	for (uint32_t i = 0; i < 5; i++)
		if (wheel_armed(&b.r[i].node)) {
			wheel_disarm(&b.w, i);
			seen[i]++;
			break;
		}
	wheel_arm(&b.w, 5, 300);      /* into the tick that is half expired */
	wheel_arm(&b.w, due[0], 700); /* passed by the clock, not by the wheel */
	seen[due[1]]++;
	n = wheel_expire(&b.w, 1000, due, 8);
	cr_assert_eq(n, 4);
	for (unsigned k = 0; k < n; k++)
		seen[due[k]]++;
	for (unsigned i = 0; i < 6; i++)
		cr_expect_eq(seen[i], 1, "record %u", i);
	bench_end(&b);
}

/* A jump visits the ticks that have work, not those between. Walking 2^30
 * ticks for each of these thousand jumps would not end. */
Test(wheel, idle_ticks_are_skipped)
{
	struct bench b = bench_at(2, 0);
	uint32_t due[4], now = 0;

	wheel_arm(&b.w, 0, 0);
	for (unsigned k = 0; k < 1000; k++) {
		unsigned n = wheel_expire(&b.w, now, due, 4);

		for (unsigned j = 0; j < n; j++)
			wheel_arm(&b.w, due[j], now + (UINT32_C(1) << 30) - 3);
		now += UINT32_C(1) << 30;
		cr_assert_eq(b.w.armed, 1);
	}
	bench_end(&b);
}

Test(wheel, storm_at_one_tick_is_taken_in_portions_each_once)
{
	enum { N = 100000, PORTION = 64 };
	struct bench b = bench_at(N, 12345);
	uint8_t *seen = calloc(N, 1);
	uint32_t due[PORTION];
	unsigned n, total = 0, turns = 0;

	for (uint32_t i = 0; i < N; i++)
		wheel_arm(&b.w, i, 12345 + 70000);
	cr_assert_eq(wheel_expire(&b.w, 12345 + 69999, due, PORTION), 0);
	do {
		n = wheel_expire(&b.w, 12345 + 70000 + turns++ / 100, due, PORTION);
		for (unsigned k = 0; k < n; k++)
			cr_assert_eq(seen[due[k]]++, 0);
		total += n;
	} while (n == PORTION);
	cr_expect_eq(total, N);
	cr_expect_eq(b.w.armed, 0);
	free(seen);
	bench_end(&b);
}

/* The records of one slot of a higher level move down in portions. */
static void
expect_moved_in_portions(uint32_t distance, uint32_t apart)
{
	enum { N = 5000, PORTION = 64, MOVES = 100 };
	struct bench b = bench_at(N, 12345);
	uint32_t due[PORTION], now = 12345 + distance, last = 0;
	unsigned total = 0, calls = 0, n;

	for (uint32_t i = 0; i < N; i++)
		wheel_arm(&b.w, i, now + i % 50 * apart);
	for (; total < N; now += n == 0 && !wheel_moving(&b.w)) {
		uint32_t moves = MOVES;

		n = wheel_expire_some(&b.w, now, due, PORTION, &moves);
		cr_assert_leq(moves, MOVES, "no more than it was allowed");
		for (unsigned k = 0; k < n; k++) {
			uint32_t when = b.r[due[k]].node.when;

			cr_assert(seq_leq(when, now), "early");
			cr_assert(total + k == 0 || seq_geq(when, last), "out of order");
			last = when;
		}
		total += n;
		cr_assert_lt(calls++, 100000);
	}
	cr_expect_geq(calls, N / MOVES);
	cr_expect_eq(b.w.armed, 0);
	bench_end(&b);
}

Test(wheel, slot_is_moved_down_in_portions_and_ticks_keep_their_order)
{
	for (unsigned bits = 9; bits < 31; bits += 4) {
		expect_moved_in_portions(UINT32_C(1) << bits, 0);
		expect_moved_in_portions(UINT32_C(1) << bits, 3);
		expect_moved_in_portions((UINT32_C(1) << bits) + 77, 200);
	}
}

/* A call without moves left advances by later calls only. */
Test(wheel, without_moves_left_it_stands_and_goes_on_later)
{
	struct bench b = bench_at(10, 0);
	uint32_t due[16], moves = 3;

	for (uint32_t i = 0; i < 10; i++)
		wheel_arm(&b.w, i, 600 + i);
	cr_expect_eq(wheel_expire_some(&b.w, 1000, due, 16, &moves), 0);
	cr_expect_eq(moves, 0);
	cr_expect_eq(b.w.now, 512, "where the slot begins");
	cr_expect(wheel_moving(&b.w));
	moves = 6;
	wheel_settle(&b.w, &moves);
	cr_expect_eq(b.w.now, 512);
	cr_expect(wheel_moving(&b.w));
	moves = 5;
	cr_expect_eq(wheel_expire_some(&b.w, 1000, due, 16, &moves), 10);
	cr_expect_eq(moves, 4);
	cr_expect_eq(b.w.now, 1000);
	bench_end(&b);
}

/* The record may be the first, a middle one or the last of those that move down. */
Test(wheel, what_is_on_its_way_down_may_be_disarmed)
{
	for (uint32_t gone = 0; gone < 8; gone++) {
		struct bench b = bench_at(8, 0);
		uint32_t due[16], moves = 3;

		for (uint32_t i = 0; i < 8; i++)
			wheel_arm(&b.w, i, 600);
		cr_assert_eq(wheel_expire_some(&b.w, 1000, due, 16, &moves), 0);
		wheel_disarm(&b.w, gone);
		cr_expect_eq(wheel_expire(&b.w, 1000, due, 16), 7);
		for (unsigned k = 0; k < 7; k++)
			cr_expect_neq(due[k], gone);
		cr_expect_not(wheel_moving(&b.w));
		bench_end(&b);
	}
}

Test(wheel, all_on_their_way_down_may_be_disarmed)
{
	struct bench b = bench_at(8, 0);
	uint32_t due[16], moves = 0;

	for (uint32_t i = 0; i < 8; i++)
		wheel_arm(&b.w, i, 600);
	cr_assert_eq(wheel_expire_some(&b.w, 1000, due, 16, &moves), 0);
	cr_assert(wheel_moving(&b.w));
	for (uint32_t i = 0; i < 8; i++)
		wheel_disarm(&b.w, i);
	cr_expect_not(wheel_moving(&b.w));
	cr_expect_eq(wheel_expire_some(&b.w, 1000, due, 16, &moves), 0);
	cr_expect_eq(b.w.now, 1000);
	bench_end(&b);
}

/* The tick is as far ahead as the slot's level reaches, while half of the slot is still there.
 */
Test(wheel, what_is_armed_while_a_slot_moves_waits_for_its_own_tick)
{
	struct bench b = bench_at(12, 0);
	uint32_t due[16], moves = 3;

	for (uint32_t i = 0; i < 10; i++)
		wheel_arm(&b.w, i, 600);
	cr_assert_eq(wheel_expire_some(&b.w, 560, due, 16, &moves), 0);
	cr_assert(wheel_moving(&b.w) && b.w.now == 512);
	wheel_arm(&b.w, 10, 512 + 65535);
	wheel_arm(&b.w, 11, 512 + 65536);
	cr_expect_eq(wheel_expire(&b.w, 600, due, 16), 10);
	cr_expect_eq(wheel_expire(&b.w, 512 + 65534, due, 16), 0);
	cr_expect_eq(wheel_expire(&b.w, 512 + 65535, due, 16), 1);
	cr_expect_eq(wheel_expire(&b.w, 512 + 65536, due, 16), 1);
	bench_end(&b);
}

static uint64_t
rnd(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Distances of all magnitudes, some of them past. */
static uint32_t
rnd_distance(uint64_t *s)
{
	uint32_t d = (uint32_t)rnd(s) & ((UINT32_C(1) << rnd(s) % 27) - 1);

	return rnd(s) % 16 == 0 ? -(d % 500) : d;
}

/* The model: when each record is due, and whether it is armed. */
struct model {
	uint32_t when;
	bool armed;
};

static void
model_toggle(struct bench *b, struct model *m, uint64_t *s)
{
	uint32_t i = (uint32_t)(rnd(s) % b->n);

	cr_assert_eq(wheel_armed(&b->r[i].node), m[i].armed);
	if (m[i].armed) {
		wheel_disarm(&b->w, i);
	} else {
		m[i].when = b->w.now + rnd_distance(s);
		wheel_arm(&b->w, i, m[i].when);
	}
	m[i].armed = !m[i].armed;
}

static void
model_expire(struct bench *b, struct model *m, uint32_t now, unsigned max, uint32_t moves)
{
	uint32_t due[64];
	unsigned n = wheel_expire_some(&b->w, now, due, max, &moves);

	for (unsigned k = 0; k < n; k++) {
		cr_assert(m[due[k]].armed, "%u fired twice", due[k]);
		cr_assert(seq_leq(m[due[k]].when, now), "%u fired early", due[k]);
		m[due[k]].armed = false;
	}
	if (n == max || wheel_moving(&b->w))
		return;
	cr_assert_eq(b->w.now, now);
	for (uint32_t i = 0; i < b->n; i++)
		cr_assert(!m[i].armed || seq_gt(m[i].when, now), "%u is late", i);
}

static void
against_model(uint64_t seed, uint32_t start, uint32_t moves)
{
	enum { N = 300 };
	struct bench b = bench_at(N, start);
	struct model m[N] = {0};
	uint64_t s = seed;
	uint32_t now = start;

	for (unsigned step = 0; step < 20000; step++) {
		for (unsigned k = rnd(&s) % 8; k > 0; k--)
			model_toggle(&b, m, &s);
		/* Mostly small steps; a jump now and then. */
		if (b.w.now == now)
			now += (uint32_t)rnd(&s) &
			       ((UINT32_C(1) << (rnd(&s) % 8 ? rnd(&s) % 10 : rnd(&s) % 25)) -
			               1);
		model_expire(&b, m, now, 1 + rnd(&s) % 64, moves);
	}
	bench_end(&b);
}

Test(wheel, random_operations_agree_with_a_naive_model)
{
	against_model(0x9e3779b97f4a7c15u, 0, UINT32_MAX);
	against_model(0x2545f4914f6cdd1du, 0x7fff0000, UINT32_MAX);
	against_model(0xd1342543de82ef95u, 0xffff0000, UINT32_MAX);
}

Test(wheel, random_operations_with_few_moves_agree_with_it_too)
{
	against_model(0x9e3779b97f4a7c15u, 0, 1);
	against_model(0x2545f4914f6cdd1du, 0x7fff0000, 2);
	against_model(0xd1342543de82ef95u, 0xffff0000, 7);
}
