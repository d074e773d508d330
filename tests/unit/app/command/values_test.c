/* SPDX-License-Identifier: BSD-3-Clause */
/* The values of commands: addresses, times, numbers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "../app_rig.h"

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
	expect_bad(ARG_SERVICE, "gopher", "not a known service");
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

Test(values_range, one_address_or_first_and_last)
{
	cr_assert_eq(parse(ARG_RANGE, "198.18.0.1-198.18.255.254"), 0);
	cr_expect_eq(v.addr, cpu_to_be32(0xc6120001));
	cr_expect_eq(v.addr_last, cpu_to_be32(0xc612fffe));
	cr_assert_eq(parse(ARG_RANGE, "198.18.0.1"), 0);
	cr_expect_eq(v.addr_last, cpu_to_be32(0xc6120001));
	expect_bad(ARG_RANGE, "198.18.0.1-", "four numbers");
	expect_bad(ARG_RANGE, "198.18.0.1-99", "four numbers");
	expect_bad(ARG_RANGE, "198.18.0.1-198.18.0.2-198.18.0.3", "four numbers");
	expect_bad(ARG_RANGE, "198.18.0.0/16", "not a number");
}

Test(values_ports, one_port_or_first_and_last)
{
	cr_assert_eq(parse(ARG_PORTS, "1024-65535"), 0);
	cr_expect_eq(v.port, cpu_to_be16(1024));
	cr_expect_eq(v.port_last, cpu_to_be16(65535));
	cr_assert_eq(parse(ARG_PORTS, "4000"), 0);
	cr_expect_eq(v.port_last, cpu_to_be16(4000));
	expect_bad(ARG_PORTS, "0-5", "1 to 65535");
	expect_bad(ARG_PORTS, "1-65536", "65536 is more than 65535");
	expect_bad(ARG_PORTS, "1-", "missing");
}

static void
expect_real(enum arg kind, const char *word, double want)
{
	cr_assert_eq(parse(kind, word), 0, "%s: %s", word, why);
	cr_expect_float_eq(v.real, want, want * 1e-12, "%s: %g", word, v.real);
}

Test(values_rate, thousands_and_millions)
{
	expect_real(ARG_LOAD_RATE, "5000", 5000);
	expect_real(ARG_LOAD_RATE, "100K", 100000);
	expect_real(ARG_LOAD_RATE, "1.5M", 1500000);
	expect_real(ARG_LOAD_RATE, "2.25m", 2250000);
	expect_real(ARG_LOAD_RATE, "100M", 100e6);
	expect_bad(ARG_LOAD_RATE, "", "missing");
	expect_bad(ARG_LOAD_RATE, "K", "'K' is not a number");
	expect_bad(ARG_LOAD_RATE, "1.M", "'.M' is not a known unit");
	expect_bad(ARG_LOAD_RATE, ".5M", "'.5M' is not a number");
	expect_bad(ARG_LOAD_RATE, "1e6", "'e6' is not a known unit");
	expect_bad(ARG_LOAD_RATE, "0x10", "'x10' is not a known unit");
	expect_bad(ARG_LOAD_RATE, "inf", "not a number");
	expect_bad(ARG_LOAD_RATE, "99999999999999999999999999999999999999999",
	        "more than 100000000");
}

Test(values_time, with_and_without_units)
{
	expect_real(ARG_DURATION, "10", 10);
	expect_real(ARG_DURATION, "90s", 90);
	expect_real(ARG_DURATION, "5m", 300);
	expect_real(ARG_DURATION, "1.5h", 5400);
	expect_real(ARG_LOAD_WARMUP, "500ms", 0.5);
	expect_real(ARG_LOAD_WARMUP, "0", 0);
	expect_real(ARG_LOAD_TIMEOUT, "250", 250);
	expect_real(ARG_LOAD_TIMEOUT, "2s", 2000);
	expect_real(ARG_MOST, "800us", 0.8);
	expect_real(ARG_MOST, "0.5", 0.5);
	expect_real(ARG_SHARE, "5", 5);
	expect_real(ARG_SHARE, "0", 0);
	expect_real(ARG_SHARE, "0.5%", 0.5);
	expect_bad(ARG_DURATION, "5d", "'d' is not a known unit");
}
