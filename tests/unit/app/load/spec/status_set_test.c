/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of HTTP status codes. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "load/spec/status_set.h"

static struct status_set set;
static char why[200], text[STATUS_TEXT];

static const char *
printed(const char *said)
{
	cr_assert_eq(status_set_parse(said, &set, why, sizeof(why)), 0, "%s: %s", said, why);
	status_set_print(&set, text);
	return text;
}

Test(load_status_set, classes_codes_and_ranges)
{
	cr_expect_str_eq(printed("2xx"), "2xx");
	cr_expect(status_set_has(&set, 200) && status_set_has(&set, 299));
	cr_expect(!status_set_has(&set, 300) && !status_set_has(&set, 199));
	cr_expect_str_eq(printed("301"), "301");
	cr_expect(status_set_has(&set, 301) && !status_set_has(&set, 200));
	cr_expect_str_eq(printed("400-404,200"), "200,400-404");
	cr_expect_str_eq(printed("5XX,2Xx"), "2xx,5xx");
}

/* Two loads of the same set have the same text. */
Test(load_status_set, one_text_whatever_it_was_written_like)
{
	cr_expect_str_eq(printed("302,301,303,301-302"), "301-303");
	cr_expect_str_eq(printed("200-299"), "2xx");
	cr_expect_str_eq(printed("200-399"), "2xx,3xx");
	cr_expect_str_eq(printed("299-400"), "299,3xx,400");
	cr_expect_str_eq(printed("200-599"), "2xx,3xx,4xx,5xx");
}

Test(load_status_set, none_is_2xx)
{
	struct status_set none = {.bit = {0}}, full = status_set_or_default(&none);

	status_set_print(&none, text);
	cr_expect_str_eq(text, "2xx");
	cr_expect(status_set_has(&full, 204) && !status_set_has(&full, 302));
	printed("404");
	full = status_set_or_default(&set);
	cr_expect(status_set_has(&full, 404) && !status_set_has(&full, 200));
}

Test(load_status_set, the_longest_text_has_room)
{
	char again[STATUS_TEXT];

	memset(&set, 0, sizeof(set));
	for (unsigned code = STATUS_FINAL; code < STATUS_FIRST + STATUS_CODES; code += 2)
		status_set_add(&set, code, code);
	status_set_print(&set, text);
	cr_expect_lt(strlen(text), sizeof(text) - 1);
	snprintf(again, sizeof(again), "%s", text);
	cr_expect_str_eq(printed(again), again);
}

Test(load_status_set, what_is_no_status)
{
	static const struct {
		const char *text, *says;
	} row[] = {{"", "number is missing"}, {"abc", "'abc' is not a number"},
	        {"100", "200 to 599"}, {"600", "200 to 599"}, {"1xx", "not a number"},
	        {"6xx", "not a number"}, {"200,", "missing"}, {",200", "missing"},
	        {"300-200", "below"}, {"200-", "missing"}, {"2xxx", "not a number"},
	        {"200-2xx", "not a number"}, {"99999999999999999999", ""}};

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		cr_expect_eq(status_set_parse(row[i].text, &set, why, sizeof(why)), -EINVAL,
		        "%s was taken", row[i].text);
		cr_expect(strstr(why, row[i].says) != NULL, "%s: %s", row[i].text, why);
	}
}
