/* SPDX-License-Identifier: BSD-3-Clause */
/* A pool of records. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "conn/pool.h"

Test(pool, last_given_is_first_taken)
{
	struct pool p;
	uint32_t a, b, c;

	cr_assert_eq(pool_create(&p, 8, 64, -1), 0);
	a = pool_take(&p);
	b = pool_take(&p);
	c = pool_take(&p);
	pool_give(&p, a);
	pool_give(&p, c);
	pool_give(&p, b);
	cr_expect_eq(pool_take(&p), b);
	cr_expect_eq(pool_take(&p), c);
	cr_expect_eq(pool_take(&p), a);
	pool_destroy(&p);
}

Test(pool, exhausted_says_none_and_recovers)
{
	struct pool p;
	uint8_t taken[100] = {0};
	uint32_t i;

	cr_assert_eq(pool_create(&p, 100, 12, -1), 0);
	for (unsigned k = 0; k < 100; k++) {
		i = pool_take(&p);
		cr_assert_lt(i, 100);
		cr_assert_eq(taken[i]++, 0);
	}
	cr_expect_eq(p.used, 100);
	cr_expect_eq(pool_take(&p), POOL_NONE);
	cr_expect_eq(p.used, 100);
	pool_give(&p, 42);
	cr_expect_eq(pool_take(&p), 42);
	cr_expect_eq(pool_take(&p), POOL_NONE);
	pool_destroy(&p);
}

Test(pool, records_of_64_bytes_are_aligned_and_apart)
{
	struct pool p;
	uint32_t i[50];

	cr_assert_eq(pool_create(&p, 50, 192, -1), 0);
	for (unsigned k = 0; k < 50; k++) {
		i[k] = pool_take(&p);
		cr_assert_eq((uintptr_t)pool_at(&p, i[k]) % 64, 0);
		cr_assert_eq(pool_index(&p, pool_at(&p, i[k])), i[k]);
		memset(pool_at(&p, i[k]), (int)k, 192);
	}
	for (unsigned k = 0; k < 50; k++)
		for (unsigned byte = 0; byte < 192; byte++)
			cr_assert_eq(((uint8_t *)pool_at(&p, i[k]))[byte], k);
	pool_destroy(&p);
}

Test(pool, fresh_records_are_zero)
{
	struct pool p;

	cr_assert_eq(pool_create(&p, 1000, 128, -1), 0);
	cr_expect_geq(p.bytes, 1000 * 128);
	for (unsigned k = 0; k < p.bytes; k++)
		cr_assert_eq(p.base[k], 0);
	pool_destroy(&p);
}

Test(pool, impossible_sizes_are_refused)
{
	struct pool p;

	cr_expect_eq(pool_create(&p, 0, 64, -1), -EINVAL);
	cr_expect_eq(pool_create(&p, 10, 0, -1), -EINVAL);
	cr_expect_eq(pool_create(&p, 10, 6, -1), -EINVAL);
	cr_expect_eq(pool_create(&p, UINT32_MAX, 64, -1), -EINVAL);
}

Test(pool, destroyed_gives_none)
{
	struct pool p;

	cr_assert_eq(pool_create(&p, 10, 64, -1), 0);
	pool_destroy(&p);
	cr_expect_eq(pool_take(&p), POOL_NONE);
}
