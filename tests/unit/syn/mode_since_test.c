/* SPDX-License-Identifier: BSD-3-Clause */
/* The start of a flood. */
#include <criterion/criterion.h>

#include "syn/mode.h"

/* The start of a flood, as `show syn` prints it. */

Test(syn_mode_since, always_since_it_was_set)
{
	struct syn_mode m;

	syn_mode_init(&m, SYN_COOKIE_AUTO, 100, 1000);
	syn_mode_set(&m, SYN_COOKIE_ALWAYS, 5000);
	cr_expect_eq(m.stateless_ms, 5000);
	syn_mode_set(&m, SYN_COOKIE_ALWAYS, 6000);
	cr_expect_eq(m.stateless_ms, 5000, "said again, it goes on");
	syn_mode_set(&m, SYN_COOKIE_OFF, 7000);
	syn_mode_set(&m, SYN_COOKIE_ALWAYS, 8000);
	cr_expect_eq(m.stateless_ms, 8000);
}

Test(syn_mode_since, auto_since_the_rate_was_too_high)
{
	struct syn_mode m;

	syn_mode_init(&m, SYN_COOKIE_AUTO, 100, 1000);
	for (unsigned i = 0; i < 100; i++)
		syn_mode_syn(&m, 0, 1000);
	syn_mode_turn(&m, 2000, 0, 1000);
	cr_expect(m.stateless);
	cr_expect_eq(m.stateless_ms, 2000);
	syn_mode_turn(&m, 3000, 0, 1000);
	cr_expect_eq(m.stateless_ms, 2000);
}

Test(syn_mode_since, auto_since_the_window_in_which_the_pool_was_half_full)
{
	struct syn_mode m;

	syn_mode_init(&m, SYN_COOKIE_AUTO, 100, 1000);
	syn_mode_turn(&m, 2000, 0, 1000);
	syn_mode_syn(&m, 500, 1000);
	cr_expect(m.stateless);
	cr_expect_eq(m.stateless_ms, 2000);
}

/* 32 bits of milliseconds wrap after 49 days. */
Test(syn_mode_since, long_ago_does_not_become_now)
{
	struct syn_mode m;
	uint32_t now_ms = 1000;

	syn_mode_init(&m, SYN_COOKIE_ALWAYS, 100, now_ms);
	for (unsigned day = 1; day < 200; day++) {
		now_ms += 86400 * 1000;
		syn_mode_turn(&m, now_ms, 0, 1000);
		if (day < 24) {
			cr_expect_eq(now_ms - m.stateless_ms, day * 86400 * 1000);
			cr_expect_eq(now_ms - m.loud_ms, day * 86400 * 1000);
		} else {
			cr_expect_geq(now_ms - m.stateless_ms, 24u * 86400 * 1000);
			cr_expect_geq(now_ms - m.loud_ms, 24u * 86400 * 1000);
		}
	}
}
