/* SPDX-License-Identifier: BSD-3-Clause */
/* The decision whether SYNs are a flood. */
#include "syn/mode.h"

#include <criterion/criterion.h>

#include "syn/keys.h"

#define RATE     10000
#define CAPACITY 1000
#define TWO_MS   (2 * COOKIE_EPOCH_MS)

struct clocked {
	struct syn_mode m;
	uint32_t ms;
	uint32_t used;
};

static struct clocked
begin(enum syn_cookie set, uint32_t at_ms)
{
	struct clocked c = {.ms = at_ms};

	syn_mode_init(&c.m, set, RATE, at_ms);
	return c;
}

/* Time passes, with a turn in each millisecond and N SYNs a second. M in a thousand of them
 * complete their handshake. */
static void
go_on(struct clocked *c, uint32_t ms, uint32_t per_s, uint32_t proved_permille)
{
	uint32_t syns = 0, proved = 0;

	for (uint32_t i = 1; i <= ms; i++) {
		c->ms++;
		syn_mode_turn(&c->m, c->ms, c->used, CAPACITY);
		for (; (uint64_t)syns * 1000 < (uint64_t)per_s * i; syns++)
			syn_mode_syn(&c->m, c->used, CAPACITY);
		for (; (uint64_t)proved * 1000 < (uint64_t)syns * proved_permille; proved++)
			syn_mode_proved(&c->m);
	}
}

/* RFC 4987 3.6: as long as there is room, a SYN is remembered. */
Test(syn_mode, auto_begins_stateful)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	cr_expect(!c.m.stateless);
	c.used = CAPACITY / 2 - 1;
	go_on(&c, 5000, RATE / 2, 0);
	cr_expect(!c.m.stateless);
	cr_expect_eq(c.m.to_stateless, 0);
}

Test(syn_mode, auto_half_a_pool_is_enough_at_once)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	syn_mode_syn(&c.m, CAPACITY / 2 - 1, CAPACITY);
	cr_expect(!c.m.stateless);
	syn_mode_syn(&c.m, CAPACITY / 2, CAPACITY);
	cr_expect(c.m.stateless);
	cr_expect_eq(c.m.to_stateless, 1);
	syn_mode_syn(&c.m, CAPACITY / 2, CAPACITY);
	cr_expect_eq(c.m.to_stateless, 1, "counted once");
}

Test(syn_mode, auto_rate_of_the_unproved_is_enough)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	go_on(&c, 1000, RATE - RATE / 20, 0);
	cr_expect(!c.m.stateless);
	go_on(&c, 1000, RATE + RATE / 20, 0);
	cr_expect(c.m.stateless);
	cr_expect_eq(c.m.to_stateless, 1);
	cr_expect_lt(c.m.rate > RATE ? c.m.rate - RATE : RATE - c.m.rate, RATE / 10);
}

/* Many honest clients are no flood. */
Test(syn_mode, auto_completed_handshakes_do_not_count)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	go_on(&c, 2000, 100 * RATE, 1000);
	cr_expect(!c.m.stateless);
	go_on(&c, 1000, 20 * RATE, 960);
	cr_expect(!c.m.stateless);
	go_on(&c, 1000, 20 * RATE, 940);
	cr_expect(c.m.stateless);
}

/* Handshakes of an earlier window's SYNs earn nothing. */
Test(syn_mode, rate_is_never_below_zero)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	for (unsigned i = 0; i < 1000000; i++)
		syn_mode_proved(&c.m);
	go_on(&c, 100, 0, 0);
	cr_expect_eq(c.m.rate, 0);
	go_on(&c, 300, 2 * RATE, 0);
	cr_expect(c.m.stateless);
}

static void
expect_back_after_two_epochs(struct clocked *c)
{
	go_on(c, TWO_MS - 1000, 0, 0);
	cr_expect(c->m.stateless, "too early");
	go_on(c, 1300, 0, 0);
	cr_expect(!c->m.stateless, "too late");
	cr_expect_eq(c->m.to_stateful, 1);
}

Test(syn_mode, back_after_two_quiet_epochs_after_a_flood)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	go_on(&c, 1000, 2 * RATE, 0);
	cr_assert(c.m.stateless);
	expect_back_after_two_epochs(&c);
}

/* The pool may become empty before the next look. */
Test(syn_mode, back_after_two_quiet_epochs_after_a_full_pool)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	go_on(&c, 10 * COOKIE_EPOCH_MS, 0, 0);
	syn_mode_syn(&c.m, CAPACITY / 2, CAPACITY);
	cr_assert(c.m.stateless);
	expect_back_after_two_epochs(&c);
}

Test(syn_mode, a_quarter_of_the_rate_is_loud)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	go_on(&c, 1000, 2 * RATE, 0);
	go_on(&c, 2 * TWO_MS, RATE / 4 + 100, 0);
	cr_expect(c.m.stateless);
	go_on(&c, TWO_MS + 200, RATE / 4 - 100, 0);
	cr_expect(!c.m.stateless);
}

Test(syn_mode, a_quarter_of_the_pool_is_loud)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	go_on(&c, 1000, 2 * RATE, 0);
	c.used = CAPACITY / 4;
	go_on(&c, 2 * TWO_MS, 0, 0);
	cr_expect(c.m.stateless);
	c.used--;
	go_on(&c, TWO_MS + 200, 0, 0);
	cr_expect(!c.m.stateless);
}

/* One loud moment begins the two epochs anew. */
Test(syn_mode, quiet_is_quiet_all_the_time)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	go_on(&c, 1000, 2 * RATE, 0);
	go_on(&c, TWO_MS - 2000, 0, 0);
	go_on(&c, 300, RATE / 2, 0);
	go_on(&c, TWO_MS - 2000, 0, 0);
	cr_expect(c.m.stateless);
	go_on(&c, 2300, 0, 0);
	cr_expect(!c.m.stateless);
}

Test(syn_mode, always_is_stateless_whatever_comes)
{
	struct clocked c = begin(SYN_COOKIE_ALWAYS, 1000);

	cr_expect(c.m.stateless);
	go_on(&c, 2 * TWO_MS, 0, 0);
	cr_expect(c.m.stateless);
}

Test(syn_mode, off_is_stateful_whatever_comes)
{
	struct clocked c = begin(SYN_COOKIE_OFF, 1000);

	c.used = CAPACITY;
	go_on(&c, 1000, 10 * RATE, 0);
	cr_expect(!c.m.stateless);
	cr_expect_gt(c.m.rate, RATE, "it is measured all the same");
}

Test(syn_mode, set_takes_effect_at_once)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	syn_mode_set(&c.m, SYN_COOKIE_ALWAYS, c.ms);
	cr_expect(c.m.stateless);
	syn_mode_set(&c.m, SYN_COOKIE_OFF, c.ms);
	cr_expect(!c.m.stateless);
	syn_mode_set(&c.m, SYN_COOKIE_OFF, c.ms);
	cr_expect_eq(c.m.to_stateless, 1);
	cr_expect_eq(c.m.to_stateful, 1);
}

Test(syn_mode, always_to_auto_goes_back_in_its_own_time)
{
	struct clocked c = begin(SYN_COOKIE_ALWAYS, 1000);

	go_on(&c, 2 * TWO_MS, 0, 0);
	syn_mode_set(&c.m, SYN_COOKIE_AUTO, c.ms);
	cr_expect(c.m.stateless);
	expect_back_after_two_epochs(&c);
}

Test(syn_mode, milliseconds_may_wrap)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 0u - 500);

	go_on(&c, 1000, 2 * RATE, 0);
	cr_assert(c.m.stateless);
	expect_back_after_two_epochs(&c);
	c = begin(SYN_COOKIE_AUTO, 0u - 50000);
	go_on(&c, 1000, 2 * RATE, 0);
	cr_assert(c.m.stateless);
	expect_back_after_two_epochs(&c);
}

/* A turn may be late: SYNs per second count all the same. */
Test(syn_mode, a_long_window_is_divided_by_its_length)
{
	struct clocked c = begin(SYN_COOKIE_AUTO, 1000);

	for (unsigned i = 0; i < RATE; i++)
		syn_mode_syn(&c.m, 0, CAPACITY);
	syn_mode_turn(&c.m, 3000, 0, CAPACITY);
	cr_expect_eq(c.m.rate, RATE / 2);
	cr_expect(!c.m.stateless);
}
