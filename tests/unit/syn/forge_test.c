/* SPDX-License-Identifier: BSD-3-Clause */
/* The hits of a forger's guesses, beside the odds of docs/decisions/0013-syn-cookies.md. The
 * seed is fixed, so that the hits are the same each time. */
#include "syn/cookie.h"

#include <criterion/criterion.h>

#include "wire/headers.h"

#define EPOCH    5000u
#define NOW_US   (EPOCH * COOKIE_EPOCH_US + 40000000)
#define NOW_MS   ((uint32_t)(NOW_US / 1000))
#define PLAIN    64 /* values of 2^30 that hold, whatever else the ACK says */
#define WITH_TS  16 /* the guess echoes a time of ours */
#define TRIES    (1u << 25)
#define EPOCH_AT 30
#define INDEX_AT 23
#define IN_EPOCH ((1u << EPOCH_AT) - 1)

static struct cookie_keys
keys(void)
{
	struct cookie_masters m;
	struct cookie_keys k;

	cookie_masters_draw(&m, (const uint8_t *)"sixteen octets!");
	cookie_keys_init(&k, &m, NULL, NOW_US);
	return k;
}

static uint64_t
next(uint64_t *r)
{
	uint64_t z = *r += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static struct seg
flow(uint32_t i)
{
	return (struct seg) {
	        .key = {0x0200000a, 0x0100000a, (be16)(i + 1024), 0x5000},
	        .seq = 0x12345678u + i,
	        .flags = TCP_ACK,
	};
}

/* The values that hold among all that differ from a cookie in their index, and among their
 * neighbours. There are no others. */
static unsigned
valid_beside(bool ts, uint32_t echo)
{
	struct cookie_keys k = keys();
	struct seg syn = flow(1), *s = &syn;
	struct cookie_found f;
	struct cookie c;
	unsigned hits = 0;

	syn.seq--;
	syn.opts = SEG_OPT_MSS | (ts ? SEG_OPT_TS : 0);
	syn.mss = 1460;
	cookie_make_burst(&k, &s, &c, 1, NOW_MS);
	for (uint32_t i = 0; i < 128 * 256; i++) {
		uint32_t by = (i / 256 << INDEX_AT) + i % 256 - 128;
		struct seg a = flow(1);

		a.ack = (c.iss & ~IN_EPOCH) + ((c.iss + by) & IN_EPOCH) + 1;
		a.opts = ts ? SEG_OPT_TS : 0;
		a.tsecr = c.tsval + echo;
		hits += cookie_check(&k, &a, NOW_MS, &f) == DROP_NONE;
	}
	return hits;
}

/* The last numbers of an older connection of the flow are near, and are no cookie. */
Test(syn_forge, no_number_near_a_cookie_holds)
{
	struct cookie_keys k = keys();
	struct seg syn = flow(1), *s = &syn;
	struct cookie_found f;
	struct cookie c;

	syn.seq--;
	cookie_make_burst(&k, &s, &c, 1, NOW_MS);
	for (uint32_t i = 1; i < 1 << 20; i++) {
		struct seg a = flow(1);

		a.ack = c.iss + 1 + (i & 1 ? i : 0 - i);
		cr_assert_neq(cookie_check(&k, &a, NOW_MS, &f), DROP_NONE, "%u beside it", i);
	}
}

/* The numerator of the odds, exactly. */
Test(syn_forge, so_many_values_hold_and_no_more)
{
	cr_expect_eq(valid_beside(false, 0), PLAIN);
	cr_expect_eq(valid_beside(true, 0), PLAIN + WITH_TS);
	cr_expect_eq(valid_beside(true, 0x40000000), PLAIN, "the clock was guessed wrong");
}

static double
exp_minus(double x)
{
	double p = 1 - x / (1 << 20);

	for (unsigned i = 0; i < 20; i++)
		p *= p;
	return p;
}

/* Between a chance of 1 in 10^4 that there are fewer, and more. */
static void
expect_poisson(unsigned hits, double mean)
{
	double p = exp_minus(mean), sum = p;
	unsigned low = 0, high = 0;

	for (unsigned i = 1; i < 200; i++) {
		if (sum < 1e-4)
			low = i;
		if (sum < 1 - 1e-4)
			high = i;
		p *= mean / i;
		sum += p;
	}
	cr_log_info("%u hits, %.2f expected\n", hits, mean);
	cr_expect(hits >= low && hits <= high, "%u hits, expected %.1f (%u to %u)", hits, mean,
	        low, high);
}

static void
forge(uint32_t epochs, bool ts, double odds, double wrong_epoch)
{
	struct cookie_keys k = keys();
	unsigned hits = 0, wrong = 0;
	uint64_t r = 42;

	for (uint32_t i = 0; i < TRIES; i++) {
		struct seg s = flow(i & 0xffff);
		struct cookie_found f;
		uint64_t chance = next(&r);
		enum drop why;

		s.ack = (uint32_t)chance;
		if (epochs == 1)
			s.ack = (s.ack & IN_EPOCH) | (EPOCH & 3) << EPOCH_AT;
		s.ack++;
		s.opts = ts ? SEG_OPT_TS : 0;
		s.tsecr = (uint32_t)(chance >> 32);
		why = cookie_check(&k, &s, NOW_MS, &f);
		hits += why == DROP_NONE;
		wrong += why == DROP_COOKIE_EPOCH;
	}
	expect_poisson(hits, TRIES * odds);
	cr_expect_float_eq((double)wrong / TRIES, wrong_epoch, 0.001);
}

/* The forger knows the epoch, as each peer that has had a cookie does. */
Test(syn_forge, guesses_hit_as_often_as_computed)
{
	forge(1, false, PLAIN / 1073741824.0, 0);
}

Test(syn_forge, an_echo_that_is_guessed_does_not_help)
{
	forge(1, true, (PLAIN + WITH_TS * 256000 / 4294967296.0) / 1073741824.0, 0);
}

/* The forger does not know the epoch. Half of its guesses cost no hash. */
Test(syn_forge, any_epoch_hits_half_as_often)
{
	forge(4, false, PLAIN / 1073741824.0 / 2, 0.5);
}
