/* SPDX-License-Identifier: BSD-3-Clause */
/* The limits of answers to strangers (docs/decisions/0011-answers-to-strangers.md). */
#include <criterion/criterion.h>

#include "base/answers.h"

#define PER_S 32768u
#define ALICE 0x0a000001u
#define BOB   0x0a000002u

static const uint8_t secret[16] = "a fixed secret.";

static struct answers
fresh(enum answers_kind kind, uint32_t per_s)
{
	struct answers a;

	answers_init(&a, kind, per_s, secret, 1);
	return a;
}

/* Ask as often as the limit allows. Returns the number of answers. */
static unsigned
exhaust(struct answers *a, uint64_t who, uint64_t now_us)
{
	unsigned n = 0;

	while (answers_take(a, who, now_us))
		n++;
	return n;
}

static uint64_t
rnd(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return *s >> 33;
}

Test(answers, all_addresses_together_get_exactly_the_rate)
{
	static const uint32_t rate[] = {0, 1, 5, 63, 64, 1000, 32767, 32768, 100003};

	for (unsigned kind = ANSWERS_FAIR; kind <= ANSWERS_SECRET; kind++) {
		for (unsigned i = 0; i < sizeof(rate) / sizeof(rate[0]); i++) {
			struct answers a = fresh(kind, rate[i]);

			for (uint64_t second = 7; second < 10; second++) {
				unsigned n = 0;

				for (uint32_t who = 0; who < 16 * ANSWERS_PARTS; who++)
					n += exhaust(&a, who, second * US_PER_SECOND);
				cr_expect_eq(n, rate[i], "%u of %u", n, rate[i]);
				cr_expect_eq(a.left, 0);
			}
		}
	}
}

/* Bounds: n seconds begin in no more than n + 1 of the clock's. */
Test(answers, any_second_has_at_most_twice_the_rate)
{
	static unsigned given[4 * 1000]; /* by millisecond */
	struct answers a = fresh(ANSWERS_SECRET, 2000);
	uint64_t s = 1;

	for (unsigned ms = 0; ms < 4000; ms++) {
		/* idle and flood take turns, of random lengths */
		unsigned asks = (ms / 170) % 3 == 2 ? (unsigned)(rnd(&s) % 300) : 0;

		for (unsigned i = 0; i < asks; i++)
			given[ms] += answers_take(&a, rnd(&s) % 500, 999 + ms * 1000u);
	}
	for (unsigned from = 0; from < 3000; from++) {
		unsigned sum = 0;

		for (unsigned ms = from; ms < from + 1000; ms++)
			sum += given[ms];
		cr_assert_leq(sum, 2 * 2000, "%u from millisecond %u on", sum, from);
	}
}

/* An attacker that knows the grid of seconds gets two seconds' worth at a border. */
Test(answers, seconds_are_the_clocks_and_not_the_first_askers)
{
	struct answers a = fresh(ANSWERS_FAIR, 5);

	cr_expect_eq(exhaust(&a, ALICE, 3 * US_PER_SECOND + 900000), 5);
	cr_expect_eq(exhaust(&a, ALICE, 4 * US_PER_SECOND - 1), 0);
	cr_expect_eq(exhaust(&a, ALICE, 4 * US_PER_SECOND), 5);
	cr_expect_eq(exhaust(&a, ALICE, 5 * US_PER_SECOND - 1), 0);
}

Test(answers, an_idle_hour_saves_nothing_up)
{
	struct answers a = fresh(ANSWERS_FAIR, 5);

	cr_expect_eq(exhaust(&a, ALICE, US_PER_SECOND), 5);
	cr_expect_eq(exhaust(&a, ALICE, 3600 * (uint64_t)US_PER_SECOND), 5);
}

/* A part may be shared, by chance: not for long. */
static unsigned
seconds_in_which_bob_suffers(enum answers_kind kind, unsigned seconds)
{
	unsigned n = 0;

	for (uint64_t second = 1; second <= seconds; second++) {
		struct answers quiet = fresh(kind, PER_S), loud = quiet;

		exhaust(&loud, ALICE, second * US_PER_SECOND);
		n += exhaust(&loud, BOB, second * US_PER_SECOND) !=
		     exhaust(&quiet, BOB, second * US_PER_SECOND);
	}
	return n;
}

Test(answers, a_spent_part_takes_nothing_from_another)
{
	cr_expect_leq(seconds_in_which_bob_suffers(ANSWERS_SECRET, 4 * ANSWERS_PARTS), 12);
	cr_expect_leq(seconds_in_which_bob_suffers(ANSWERS_FAIR, 64 * ANSWERS_PARTS_FAIR), 96);
}

static bool
share_a_part(uint64_t one, uint64_t other, uint64_t now_us)
{
	struct answers a = fresh(ANSWERS_SECRET, PER_S), b = a;

	exhaust(&a, one, now_us);
	return exhaust(&a, other, now_us) != exhaust(&b, other, now_us);
}

/* About 16 of them share Alice's part; a second later hardly one still does. */
Test(answers, parts_are_dealt_anew_each_second)
{
	unsigned together = 0, still = 0;

	for (uint64_t who = 0; who < 16 * ANSWERS_PARTS; who++) {
		if (!share_a_part(ALICE, who, US_PER_SECOND))
			continue;
		together++;
		still += share_a_part(ALICE, who, 2 * US_PER_SECOND);
	}
	cr_expect_geq(together, 6);
	cr_expect_leq(still, 2);
}

/* No answer at all is a share that is dealt as well, so it proves nothing. */
Test(answers, a_secret_share_is_anything_from_none_to_twice_the_mean)
{
	unsigned seen[2 * ANSWERS_SHARE + 1] = {0};

	for (uint64_t second = 0; second < 65 * 40; second++) {
		struct answers a = fresh(ANSWERS_SECRET, PER_S);
		unsigned n = exhaust(&a, ALICE, second * US_PER_SECOND);

		cr_assert_leq(n, 2 * ANSWERS_SHARE);
		seen[n]++;
	}
	for (unsigned n = 0; n <= 2 * ANSWERS_SHARE; n++)
		cr_expect(
		        seen[n] >= 12 && seen[n] <= 75, "%u answers in %u seconds", n, seen[n]);
}

Test(answers, a_fair_share_is_a_sixteenth_always)
{
	for (uint64_t second = 0; second < 50; second++) {
		struct answers a = fresh(ANSWERS_FAIR, PER_S);

		cr_assert_eq(
		        exhaust(&a, ALICE, second * US_PER_SECOND), PER_S / ANSWERS_PARTS_FAIR);
	}
}

/* Refusals to another address in between change nothing. */
Test(answers, refused_stays_refused_and_no_one_else_is)
{
	struct answers a = fresh(ANSWERS_FAIR, PER_S);

	exhaust(&a, ALICE, US_PER_SECOND);
	for (uint64_t who = 0; who < 100; who++)
		answers_take(&a, who, US_PER_SECOND);
	cr_expect_not(answers_take(&a, ALICE, US_PER_SECOND));
	cr_expect(answers_take(&a, ALICE, 2 * US_PER_SECOND));
}

Test(answers, each_use_deals_in_its_own_way)
{
	unsigned same = 0;

	for (uint64_t who = 0; who < 200; who++) {
		struct answers a, b;

		answers_init(&a, ANSWERS_SECRET, PER_S, secret, 1);
		answers_init(&b, ANSWERS_SECRET, PER_S, secret, 2);
		same += exhaust(&a, who, 0) == exhaust(&b, who, 0);
	}
	cr_expect_leq(same, 20);
}
