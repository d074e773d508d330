/* SPDX-License-Identifier: BSD-3-Clause */
/* The work of a turn. */
#include "engine/quota.h"

#include <criterion/criterion.h>

Test(quota, allows_its_limit_and_no_more)
{
	uint64_t taken = 0;

	cr_expect_eq(quota_take(&taken, 10, 4), 4u);
	cr_expect_eq(quota_take(&taken, 10, 4), 4u);
	cr_expect_eq(quota_take(&taken, 10, 4), 2u);
	cr_expect_eq(quota_take(&taken, 10, 4), 0u);
	cr_expect_eq(taken, 10u);
}

/* Also where more was asked for than there was: a port that refuses frames gives them
 * back, and they are captured when it takes them. */
Test(quota, what_comes_back_can_be_taken)
{
	uint64_t taken = 8;

	cr_expect_eq(quota_take(&taken, 10, 5), 2u);
	cr_expect_eq(quota_take(&taken, 10, 5), 0u);
	quota_give_back(&taken, 10, 2);
	cr_expect_eq(quota_take(&taken, 10, 5), 2u);
	quota_give_back(&taken, 10, 1);
	cr_expect_eq(quota_take(&taken, 10, 5), 1u);
}

Test(quota, without_a_limit_there_is_none)
{
	uint64_t taken = 0;

	cr_expect_eq(quota_take(&taken, 0, 64), 64u);
	quota_give_back(&taken, 0, 64);
	cr_expect_eq(taken, 0u);
}
