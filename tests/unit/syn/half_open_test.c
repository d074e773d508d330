/* SPDX-License-Identifier: BSD-3-Clause */
/* Half-open records, their queues and their timers. */
#include "syn/half_open.h"

#include <criterion/criterion.h>

#define CAPACITY 8

static const struct flow_key somebody = {.raddr = 0x0200000a};

static struct half_opens
pool(void)
{
	static const uint8_t secret[16];
	struct half_opens h;
	struct prf prf;

	prf_init(&prf, secret);
	cr_assert_eq(half_opens_create(&h, CAPACITY, &prf, -1), 0);
	return h;
}

/* All that are left, in the order in which they would go. */
static void
expect_order(struct half_opens *h, const uint32_t *order, unsigned n, int line)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t first = half_open_oldest(h);

		cr_assert_eq(first, order[i], "line %d: number %u is %u, expected %u", line, i,
		        first, order[i]);
		half_open_give(h, first);
	}
	cr_expect_eq(half_open_oldest(h), POOL_NONE, "line %d: there are more", line);
	cr_expect_eq(h->pool.used, 0);
}

#define EXPECT_ORDER(h, ...)                              \
	expect_order(h, (const uint32_t[]) {__VA_ARGS__}, \
	        sizeof((const uint32_t[]) {__VA_ARGS__}) / sizeof(uint32_t), __LINE__)

/* The cost of a record without a proved peer. */
Test(syn_half_open, record_is_a_cache_line)
{
	struct half_opens h = pool();

	cr_expect_eq(sizeof(struct half_open), 64);
	cr_expect_eq((uintptr_t)half_open_at(&h, 0) % 64, 0);
	cr_expect_eq((uintptr_t)half_open_at(&h, 1) - (uintptr_t)half_open_at(&h, 0), 64);
	half_opens_destroy(&h);
}

Test(syn_half_open, pool_is_bounded)
{
	struct half_opens h = pool();

	for (unsigned i = 0; i < CAPACITY; i++)
		cr_expect_neq(half_open_take(&h, &somebody, 1000), POOL_NONE);
	cr_expect_eq(half_open_take(&h, &somebody, 1000), POOL_NONE);
	cr_expect_eq(h.pool.used, CAPACITY);
	half_open_give(&h, 3);
	cr_expect_eq(half_open_take(&h, &somebody, 1000), 3);
	cr_expect_eq(half_open_take(&h, &somebody, 1000), POOL_NONE);
	half_opens_destroy(&h);
}

Test(syn_half_open, nothing_is_due_in_an_empty_pool)
{
	struct half_opens h = pool();

	cr_expect_eq(half_open_due(&h, 0), POOL_NONE);
	cr_expect_eq(half_open_oldest(&h), POOL_NONE);
	half_opens_destroy(&h);
}

Test(syn_half_open, due_in_its_millisecond_and_not_before)
{
	struct half_opens h = pool();
	uint32_t a = half_open_take(&h, &somebody, 1000),
	         b = half_open_take(&h, &somebody, 1001);

	cr_expect_eq(half_open_due(&h, 999), POOL_NONE);
	cr_expect_eq(half_open_due(&h, 1000), a);
	cr_expect_eq(half_open_due(&h, 5000), a, "it is still where it was");
	half_open_give(&h, a);
	cr_expect_eq(half_open_due(&h, 1000), POOL_NONE);
	cr_expect_eq(half_open_due(&h, 1001), b);
	half_opens_destroy(&h);
}

Test(syn_half_open, due_where_milliseconds_wrap)
{
	struct half_opens h = pool();
	uint32_t a = half_open_take(&h, &somebody, 5);

	cr_expect_eq(half_open_due(&h, 0xfffffff0u), POOL_NONE);
	cr_expect_eq(half_open_due(&h, 4), POOL_NONE);
	cr_expect_eq(half_open_due(&h, 5), a);
	half_opens_destroy(&h);
}

/* RFC 6298 5.5: each waits as long as its number of retransmissions says. */
Test(syn_half_open, again_waits_in_the_next_queue)
{
	struct half_opens h = pool();
	uint32_t a = half_open_take(&h, &somebody, 1000), b;

	cr_expect(!half_open_at(&h, a)->again);
	half_open_again(&h, a, 3000);
	cr_expect_eq(half_open_at(&h, a)->rexmits, 1);
	cr_expect(half_open_at(&h, a)->again, "Karn: which one is acknowledged is not known");
	b = half_open_take(&h, &somebody, 2500);
	cr_expect_eq(half_open_due(&h, 2499), POOL_NONE);
	cr_expect_eq(half_open_due(&h, 2500), b);
	half_open_give(&h, b);
	cr_expect_eq(half_open_due(&h, 2999), POOL_NONE);
	cr_expect_eq(half_open_due(&h, 3000), a);
	half_opens_destroy(&h);
}

Test(syn_half_open, as_many_queues_as_retransmissions)
{
	struct half_opens h = pool();
	uint32_t a = half_open_take(&h, &somebody, 0);

	for (uint32_t i = 1; i <= LIMIT_RETRIES; i++) {
		cr_expect_eq(half_open_due(&h, i - 1), a);
		half_open_again(&h, a, i);
		cr_expect_eq(half_open_at(&h, a)->rexmits, i);
		cr_expect_eq(half_open_due(&h, i - 1), POOL_NONE);
	}
	cr_expect_eq(half_open_oldest(&h), a);
	half_open_give(&h, a);
	cr_expect_eq(half_open_oldest(&h), POOL_NONE);
	half_opens_destroy(&h);
}

/* A peer without an answer after several retransmissions is the least likely to exist. */
Test(syn_half_open, oldest_is_of_the_most_retransmissions_then_of_age)
{
	struct half_opens h = pool();
	uint32_t a = half_open_take(&h, &somebody, 1000),
	         b = half_open_take(&h, &somebody, 1000);
	uint32_t c = half_open_take(&h, &somebody, 1000),
	         d = half_open_take(&h, &somebody, 1000);

	half_open_again(&h, c, 3000);
	half_open_again(&h, b, 3000);
	half_open_again(&h, b, 7000);
	EXPECT_ORDER(&h, b, c, a, d);
	half_opens_destroy(&h);
}

/* The record is at the head, the tail and in the middle of a queue. */
Test(syn_half_open, a_listener_that_leaves_keeps_the_others_in_order)
{
	for (unsigned gone = 0; gone < 4; gone++) {
		struct half_opens h = pool();
		uint32_t i[4], last, left[3];
		unsigned n = 0;

		for (unsigned k = 0; k < 4; k++)
			i[k] = half_open_take(&h, &somebody, 1000 + k);
		half_open_give(&h, i[gone]);
		for (unsigned k = 0; k < 4; k++)
			if (k != gone)
				left[n++] = i[k];
		last = half_open_take(&h, &somebody, 2000);
		EXPECT_ORDER(&h, left[0], left[1], left[2], last);
		half_opens_destroy(&h);
	}
}

Test(syn_half_open, moved_on_from_anywhere_in_its_queue)
{
	for (unsigned moved = 0; moved < 3; moved++) {
		struct half_opens h = pool();
		uint32_t i[3];

		for (unsigned k = 0; k < 3; k++)
			i[k] = half_open_take(&h, &somebody, 1000 + k);
		half_open_again(&h, i[moved], 3000);
		EXPECT_ORDER(&h, i[moved], i[moved == 0 ? 1 : 0], i[moved == 2 ? 1 : 2]);
		half_opens_destroy(&h);
	}
}

/* A slot of the flow table may be stale for the rest of a burst. */
Test(syn_half_open, a_connection_that_was_left_is_not_found)
{
	struct half_opens h = pool();
	struct flow_key k = {1, 2, 3, 4}, other = {1, 2, 3, 5};
	uint32_t a = half_open_take(&h, &somebody, 1000);

	half_open_at(&h, a)->key = k;
	cr_expect(half_open_is(&h, a, &k));
	cr_expect(!half_open_is(&h, a, &other));
	half_open_give(&h, a);
	cr_expect(!half_open_is(&h, a, &k));
	half_opens_destroy(&h);
}

Test(syn_half_open, newcomer_has_nothing_of_its_predecessor)
{
	struct half_opens h = pool();
	uint32_t a = half_open_take(&h, &somebody, 1000);

	half_open_again(&h, a, 3000);
	half_open_at(&h, a)->replies = 15;
	half_open_give(&h, a);
	cr_assert_eq(half_open_take(&h, &somebody, 5000), a);
	cr_expect_eq(half_open_at(&h, a)->rexmits, 0);
	cr_expect_eq(half_open_at(&h, a)->replies, 0);
	cr_expect(!half_open_at(&h, a)->again);
	cr_expect_eq(half_open_due(&h, 4999), POOL_NONE);
	cr_expect_eq(half_open_due(&h, 5000), a);
	half_opens_destroy(&h);
}
