/* SPDX-License-Identifier: BSD-3-Clause */
/* The counts of a load. */
#include <criterion/criterion.h>

#include "load/client/tally.h"

/* Each field its own number, so that none can stand for another. */
static void
number(struct load_tally *t, uint64_t first)
{
	uint64_t *field = &t->intended;

	while (field < (uint64_t *)&t->connect)
		*field++ = first++;
}

Test(load_tally, each_counter_is_added_to_its_own)
{
	static struct load_tally sum, a, b;
	uint64_t *field = &sum.intended;

	number(&a, 1);
	number(&b, 1000);
	load_tally_add(&sum, &a);
	load_tally_add(&sum, &b);
	for (uint64_t i = 0; field < (uint64_t *)&sum.connect; field++, i++)
		cr_expect_eq(*field, 1 + i + 1000 + i, "field %lu", (unsigned long)i);
	cr_expect_eq(sum.open, a.open + b.open);
}

Test(load_tally, each_histogram_is_added_to_its_own)
{
	static struct load_tally sum, one;

	histogram_add(&one.connect, 1);
	histogram_add(&one.first_byte, 2);
	histogram_add(&one.whole, 3);
	histogram_add(&one.request, 4);
	histogram_add(&one.lateness, 5);
	histogram_add(&one.gaps, 6);
	trend_add(&one.whole_trend, 1, 7);
	load_tally_add(&sum, &one);
	load_tally_add(&sum, &one);
	cr_expect_eq(sum.connect.bucket[1], 2);
	cr_expect_eq(sum.first_byte.bucket[2], 2);
	cr_expect_eq(sum.whole.bucket[3], 2);
	cr_expect_eq(sum.request.bucket[4], 2);
	cr_expect_eq(sum.lateness.bucket[5], 2);
	cr_expect_eq(sum.gaps.bucket[6], 2);
	cr_expect(sum.whole_trend.n == 2 && sum.whole_trend.took == 14);
}

Test(load_tally, errors_are_all_kinds_together)
{
	static struct load_tally t;

	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++)
		t.error[e] = UINT64_C(1) << e;
	cr_expect_eq(load_tally_errors(&t), (UINT64_C(1) << LOAD_ERROR_COUNT) - 1);
}

Test(load_tally, a_kind_of_error_has_its_name_and_a_text)
{
	cr_expect_str_eq(load_error_names[LOAD_ERROR_short_answer], "short_answer");
	cr_expect_str_eq(load_error_texts[LOAD_ERROR_short_answer],
	        "the peer closed before its answer was complete");
	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++)
		cr_expect(load_error_names[e] != NULL && load_error_texts[e] != NULL);
}

Test(load_tally, a_halt_is_read_whole_or_not_at_all)
{
	static struct load_tally t;
	const struct load_halt halt = {
	        .from_us = 1, .to_us = 2, .attempted = 3, .completed = 4, .open = 5};
	struct load_halt got;

	cr_expect_not(load_tally_halt(&t, &got), "there was none");
	load_tally_halted(&t, &halt);
	cr_assert(load_tally_halt(&t, &got));
	cr_expect(got.from_us == 1 && got.to_us == 2 && got.attempted == 3);
	cr_expect(got.completed == 4 && got.open == 5);
	t.halt.version++; /* its core is writing the next one */
	cr_expect_not(load_tally_halt(&t, &got));
}
