/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of numbers as people read them. */
#include <criterion/criterion.h>

#include "text/figure.h"

Test(figure, a_count_has_commas)
{
	cr_expect_str_eq(figure_count(0).text, "0");
	cr_expect_str_eq(figure_count(999).text, "999");
	cr_expect_str_eq(figure_count(1000).text, "1,000");
	cr_expect_str_eq(figure_count(1234567).text, "1,234,567");
	cr_expect_str_eq(figure_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
}

Test(figure, an_amount_has_three_digits_or_is_whole)
{
	cr_expect_str_eq(figure_amount(0).text, "0");
	cr_expect_str_eq(figure_amount(1.234).text, "1.23");
	cr_expect_str_eq(figure_amount(1234.5).text, "1,235");
}

Test(figure, an_axis_has_units)
{
	cr_expect_str_eq(figure_short(250000).text, "250 k");
	cr_expect_str_eq(figure_short(1.5e6).text, "1.5 M");
	cr_expect_str_eq(figure_short(2e9).text, "2 G");
}

Test(figure, a_duration_has_three_digits_and_its_unit)
{
	cr_expect_str_eq(figure_duration(87).text, "87 us");
	cr_expect_str_eq(figure_duration(1234).text, "1.23 ms");
	cr_expect_str_eq(figure_duration(12345).text, "12.3 ms");
	cr_expect_str_eq(figure_duration(2050000).text, "2.05 s");
}

Test(figure, an_estimate_has_two_digits)
{
	cr_expect_str_eq(figure_estimate(0.0041).text, "4.1 ms");
	cr_expect_str_eq(figure_estimate(0.655).text, "655 ms");
	cr_expect_str_eq(figure_estimate(3.2).text, "3.2 s");
	cr_expect_str_eq(figure_estimate(12).text, "12 s");
}

Test(figure, a_share_shows_less_than_one_percent)
{
	cr_expect_str_eq(figure_percent(87.4).text, "87 %");
	cr_expect_str_eq(figure_percent(0.4).text, "0.4 %");
	cr_expect_str_eq(figure_seconds(30).text, "30 s");
	cr_expect_str_eq(figure_seconds(0.5).text, "0.50 s");
}
