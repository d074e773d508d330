/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "app_rig.h"

static struct value v;
static char why[160];

static int
parse(enum arg kind, const char *word)
{
	why[0] = '\0';
	memset(&v, 0, sizeof(v));
	return value_parse(&rig_lexicon, kind, word, &v, why, sizeof(why));
}

static void
expect_bad(enum arg kind, const char *word, const char *reason)
{
	cr_expect_eq(parse(kind, word), -EINVAL, "%s was taken", word);
	cr_expect_not_null(
	        strstr(why, reason), "%s: '%s' does not say '%s'", word, why, reason);
}

Test(values_addr, four_numbers_in_network_order)
{
	char text[ADDR_TEXT];

	cr_assert_eq(parse(ARG_ADDR, "192.0.2.1"), 0);
	cr_expect_eq(v.addr, cpu_to_be32(0xc0000201));
	cr_expect_str_eq(addr_text(v.addr, text), "192.0.2.1");
	cr_expect_eq(parse(ARG_ADDR, "0.0.0.0"), 0);
	cr_expect_eq(parse(ARG_ADDR, "255.255.255.255"), 0);
}

Test(values_addr, says_what_is_wrong)
{
	expect_bad(ARG_ADDR, "192.0.2.300", "300 is more than 255");
	expect_bad(ARG_ADDR, "192.0.2", "four numbers");
	expect_bad(ARG_ADDR, "192.0.2.1.5", "four numbers");
	expect_bad(ARG_ADDR, "192.0..1", "missing");
	expect_bad(ARG_ADDR, "192.0.2.", "missing");
	expect_bad(ARG_ADDR, "192.0.2.x", "'x' is not a number");
	expect_bad(ARG_ADDR, "192.0.2.010", "octal");
	expect_bad(ARG_ADDR, "-1.0.2.1", "'-1' is not a number");
	expect_bad(ARG_ADDR, "", "four numbers");
}

/* Any address that is written comes back. */
Test(values_addr, round_trip)
{
	uint32_t x = 1;

	for (unsigned i = 0; i < 20000; i++) {
		char text[ADDR_TEXT];

		x = x * 1664525u + 1013904223u;
		cr_assert_eq(parse(ARG_ADDR, addr_text(x, text)), 0, "%s: %s", text, why);
		cr_assert_eq(v.addr, x);
	}
}

Test(values_prefix, address_and_length)
{
	cr_assert_eq(parse(ARG_PREFIX, "10.1.2.3/8"), 0);
	cr_expect_eq(v.addr, cpu_to_be32(0x0a010203));
	cr_expect_eq(v.number, 8);
	expect_bad(ARG_PREFIX, "10.1.2.3", "prefix length is missing");
	expect_bad(ARG_PREFIX, "10.1.2.3/33", "33 is more than 32");
	expect_bad(ARG_PREFIX, "10.1.2.3/0", "1 to 32");
	expect_bad(ARG_PREFIX, "10.1.2.3/", "missing");
	expect_bad(ARG_PREFIX, "10.1.2.3/24/1", "not a number");
}

Test(values_endpoint, address_and_port)
{
	cr_assert_eq(parse(ARG_ENDPOINT, "0.0.0.0:80"), 0);
	cr_expect_eq(v.addr, 0);
	cr_expect_eq(v.port, cpu_to_be16(80));
	cr_expect_eq(parse(ARG_ENDPOINT, "1.2.3.4:65535"), 0);
	expect_bad(ARG_ENDPOINT, "1.2.3.4", "port is missing");
	expect_bad(ARG_ENDPOINT, "1.2.3.4:0", "1 to 65535");
	expect_bad(ARG_ENDPOINT, "1.2.3.4:65536", "65536 is more than 65535");
	expect_bad(ARG_ENDPOINT, "1.2.3.4:99999999999999999999999", "too large");
}

Test(values_bytes, units_are_powers_of_1024)
{
	cr_assert_eq(parse(ARG_BYTES, "1500"), 0);
	cr_expect_eq(v.number, 1500);
	cr_assert_eq(parse(ARG_BYTES, "64K"), 0);
	cr_expect_eq(v.number, 65536);
	cr_assert_eq(parse(ARG_BYTES, "100m"), 0);
	cr_expect_eq(v.number, 100ull << 20);
	cr_assert_eq(parse(ARG_BYTES, "1G"), 0);
	cr_expect_eq(v.number, 1ull << 30);
	expect_bad(ARG_BYTES, "K", "missing");
	expect_bad(ARG_BYTES, "many", "not a number");
	expect_bad(ARG_BYTES, "18446744073709551615G", "");
}

Test(values_service, one_of_those_that_are_there)
{
	cr_assert_eq(parse(ARG_SERVICE, "echo"), 0);
	cr_expect_str_eq(v.text, "echo");
	expect_bad(ARG_SERVICE, "htpp", "nearest is 'http'");
	expect_bad(ARG_SERVICE, "gopher", "no service");
}

Test(values_state, in_any_case_becomes_the_rfcs)
{
	cr_assert_eq(parse(ARG_STATE, "time-wait"), 0);
	cr_expect_str_eq(v.text, "TIME-WAIT");
	expect_bad(ARG_STATE, "ESTABLISHD", "nearest is 'ESTABLISHED'");
}

Test(values_path, not_empty_and_not_longer_than_its_room)
{
	char longest[VALUE_TEXT + 1];

	memset(longest, 'a', sizeof(longest));
	longest[VALUE_TEXT] = '\0';
	expect_bad(ARG_PATH, longest, "longer than");
	longest[VALUE_TEXT - 1] = '\0';
	cr_expect_eq(parse(ARG_PATH, longest), 0);
	expect_bad(ARG_PATH, "", "empty");
}
