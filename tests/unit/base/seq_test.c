/* SPDX-License-Identifier: BSD-3-Clause */
/* Serial arithmetic of sequence numbers. */
#include <criterion/criterion.h>

#include "base/be.h"
#include "base/clock.h"
#include "base/seq.h"

/* RFC 9293 3.4 */
Test(seq, order_holds_across_the_wrap)
{
	uint32_t low = 0xfffffff0, high = 0x10;

	cr_expect(seq_lt(low, high));
	cr_expect(seq_leq(low, high));
	cr_expect(seq_gt(high, low));
	cr_expect(seq_geq(high, low));
	cr_expect_not(seq_lt(high, low));
	cr_expect_eq(seq_max(low, high), high);
	cr_expect_eq(seq_min(low, high), low);
}

Test(seq, equal_is_neither_before_nor_behind)
{
	cr_expect_not(seq_lt(7, 7));
	cr_expect_not(seq_gt(7, 7));
	cr_expect(seq_leq(7, 7));
	cr_expect(seq_geq(7, 7));
}

Test(be, loads_and_stores_at_any_alignment)
{
	uint8_t b[9] = {0};

	be32_store(b + 1, 0x01020304);
	be16_store(b + 7, 0x0506);

	cr_expect_arr_eq(b, ((uint8_t[]) {0, 1, 2, 3, 4, 0, 0, 5, 6}), 9);
	cr_expect_eq(be32_load(b + 1), 0x01020304u);
	cr_expect_eq(be16_load(b + 7), 0x0506);
}

Test(clock, milliseconds_wrap_and_microseconds_do_not)
{
	struct clock c = clock_from_us(((UINT64_C(1) << 32) + 5) * US_PER_MILLISECOND + 999);

	cr_expect_eq(c.ms, 5u);
	cr_expect_eq(c.us, UINT64_C(4294967301999));
}
