/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>

#include "base/bucket.h"

/* Ask each step_us for so long; returns how many were had. */
static unsigned
had(uint32_t per_s, uint64_t step_us, uint64_t for_us)
{
	struct bucket b;
	unsigned n = 0;

	bucket_init(&b, per_s, 0);
	while (bucket_take(&b, 0))
		;
	for (uint64_t us = step_us; us <= for_us; us += step_us)
		while (bucket_take(&b, us))
			n++;
	return n;
}

Test(bucket, holds_a_second)
{
	struct bucket b;
	unsigned n = 0;

	bucket_init(&b, 100, 5);
	while (bucket_take(&b, 5))
		n++;
	cr_expect_eq(n, 100);
	while (bucket_take(&b, 5 + 3600 * UINT64_C(1000000)))
		n++;
	cr_expect_eq(n, 200);
}

Test(bucket, fractions_are_not_lost)
{
	cr_expect_eq(had(10000, 150, 3000000), 30000);
	cr_expect_eq(had(10000, 7, 700000), 7000);
	cr_expect_leq(had(3, 1000, 10000000), 30);
	cr_expect_geq(had(3, 1000, 10000000), 29);
}

Test(bucket, limits_beyond_a_token_a_microsecond)
{
	cr_expect_leq(had(1500000, 1, 1000), 1500);
	cr_expect_leq(had(4000000000u, 1, 100), 400000);
}
