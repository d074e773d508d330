/* SPDX-License-Identifier: BSD-3-Clause */
/* The warnings about a load that a machine cannot make. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "load/run/feasible.h"

#define PORTS 64512

/* One load on one machine, and the warning about it. */
struct row {
	double rate;
	uint32_t concurrency;
	enum load_close close;
	double duration_s;
	uint64_t addresses;
	uint64_t max_conns;
	int want;
	const char *says[4];
	const char *says_not;
};

static char text[FEASIBLE_TEXT];
static struct error e;

static int
judge(const struct row *row)
{
	struct load_spec spec = {.rate = row->rate,
	        .concurrency = row->concurrency,
	        .close = row->close,
	        .duration_s = row->duration_s};
	struct feasible_in in = {&spec, row->addresses, PORTS, 60, row->max_conns, 2};

	e = (struct error) {"", ""};
	return load_feasible(&in, text, sizeof(text), &e);
}

static void
expect_rows(const struct row *rows, unsigned n)
{
	for (const struct row *row = rows; row < rows + n; row++) {
		char all[sizeof(text) + sizeof(e)];

		cr_expect_eq(judge(row), row->want, "row %td: %s%s", row - rows, text, e.what);
		snprintf(all, sizeof(all), "%s%s\n%s", text, e.what, e.fix);
		for (unsigned i = 0; i < 4 && row->says[i] != NULL; i++)
			cr_expect_not_null(strstr(all, row->says[i]), "row %td lacks '%s':\n%s",
			        row - rows, row->says[i], all);
		if (row->says_not != NULL)
			cr_expect_null(
			        strstr(all, row->says_not), "row %td: %s", row - rows, all);
	}
}

/* RFC 9293 3.6.1: the side that closes first holds the flow for 2 MSL. RFC 6191: not if
 * timestamps tell old segments from new ones. */
Test(feasible, our_time_wait_against_addresses_and_ports)
{
	static const struct row rows[] = {
	        {1000, 0, LOAD_CLOSE_FIN, 3600, 1, 1 << 20, 0, {"at most 60,000 flows"},
	                "run out"},
	        {20000, 0, LOAD_CLOSE_FIN, 3600, 1, 1 << 24, 1,
	                {"1 address x 64,512 ports = 64,512", "run out after 3.2 s",
	                        "a flow is then free after 1 s",
	                        "with 19 addresses, --time-wait 3, rate 1075, or close rst"},
	                NULL},
	        {200000, 0, LOAD_CLOSE_FIN, 3600, 1, 1 << 24, 1,
	                {"run out after 323 ms", "200,000 flows are needed",
	                        "with 187 addresses, rate 1075"},
	                "--time-wait"},
	        {200000, 0, LOAD_CLOSE_FIN, 3600, 187, 1 << 24, 0, {"12,000,000 flows"},
	                "run out"},
	        {200000, 0, LOAD_CLOSE_FIN, 3600, 186, 1 << 24, 1, {"run out after 60 s"},
	                NULL},
	        /* short enough that no port comes twice */
	        {20000, 0, LOAD_CLOSE_FIN, 3, 1, 1 << 24, 0, {"at most 60,000 flows"},
	                "run out"},
	};

	expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

Test(feasible, a_full_table_of_time_wait_gives_ports_back)
{
	static const struct row rows[] = {
	        {100000, 0, LOAD_CLOSE_FIN, 3600, 2, 65536, 0,
	                {"at most 65,536 flows (--max-conns), each free again after 655 ms"},
	                NULL},
	        {100000, 0, LOAD_CLOSE_FIN, 3600, 1, 65536, 1, {"with 2 addresses"}, NULL},
	};

	expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

Test(feasible, the_servers_time_wait_against_a_ports_return)
{
	static const struct row rows[] = {
	        {1000, 0, LOAD_CLOSE_SERVER, 3600, 1, 1 << 20, 0, {"used again after 65 s"},
	                "to fix it"},
	        {10000, 0, LOAD_CLOSE_SERVER, 3600, 1, 1 << 20, 1,
	                {"used again after 6.5 s", "RFC 6191",
	                        "with 10 addresses, or rate 1075"},
	                "close rst"},
	        {10000, 0, LOAD_CLOSE_SERVER, 5, 1, 1 << 20, 0, {"no port is used twice"},
	                NULL},
	        {10000, 0, LOAD_CLOSE_SERVER, 3600, 10, 1 << 20, 0, {"again after 65 s"}, NULL},
	        /* a closed loop's rate is not known: up to which one is it so? */
	        {0, 10, LOAD_CLOSE_SERVER, 2, 1, 1 << 20, 0,
	                {"no port is used twice below 32,256 connections per second"}, NULL},
	};

	expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

Test(feasible, a_reset_leaves_nothing_behind)
{
	static const struct row rows[] = {
	        {1e6, 0, LOAD_CLOSE_RST, 3600, 1, 65536, 0,
	                {"none after a reset", "at 1 ms each, 1,000 are open",
	                        "each may take 65 ms"},
	                NULL},
	};

	expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Open loop: rate x life are open at a time. */
Test(feasible, a_rate_needs_room_for_what_is_open)
{
	static const struct row rows[] = {
	        {1e6, 0, LOAD_CLOSE_RST, 3600, 100, 65536, 0, {"room for 65,536"}, NULL},
	        {1e6, 0, LOAD_CLOSE_RST, 3600, 100, 4096, 1,
	                {"each may take 4.1 ms",
	                        "to fix it: --max-conns 50000 (each may then take 100 ms)"},
	                NULL},
	        {10e6, 0, LOAD_CLOSE_RST, 3600, 1, 1 << 24, 1,
	                {"`set source` with more addresses"}, "--max-conns"},
	};

	expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

Test(feasible, a_closed_loop_needs_all_of_its_connections_at_once)
{
	static const struct row rows[] = {
	        {0, 65536, LOAD_CLOSE_RST, 10, 2, 65536, 0, {"65,536 of them open at a time"},
	                NULL},
	        {0, 65536, LOAD_CLOSE_RST, 10, 1, 1 << 20, -EINVAL,
	                {"64,512 flows of 1 address x 64,512",
	                        "concurrency 64512, or `set source` with 2 addresses"},
	                NULL},
	        {0, 65537, LOAD_CLOSE_RST, 10, 2, 65536, -EINVAL,
	                {"more than the 65536 connections",
	                        "--max-conns 32769, or concurrency 65536"},
	                NULL},
	        {0, 64, LOAD_CLOSE_FIN, 10, 1, 1 << 20, 1,
	                {"if each connection takes 1 ms (64,000 per second)",
	                        "with 10 addresses", "`rate 1075` instead of `concurrency`"},
	                ", rate 1075"},
	        {0, 1, LOAD_CLOSE_FIN, 10, 1, 1 << 20, 0, {"at most 10,000 flows"}, NULL},
	};

	expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

Test(feasible, what_is_named_as_enough_is_enough)
{
	static const double rates[] = {1500, 20000, 77777, 400000};

	for (unsigned i = 0; i < 4; i++) {
		for (unsigned close = LOAD_CLOSE_FIN; close <= LOAD_CLOSE_SERVER; close += 2) {
			struct row row = {.rate = rates[i],
			        .close = (enum load_close)close,
			        .duration_s = 3600,
			        .addresses = 1,
			        .max_conns = 1 << 26};
			const char *with;
			unsigned n;

			cr_assert_eq(judge(&row), 1, "%s", text);
			with = strstr(text, "`set source` with ");
			cr_assert_not_null(with, "%s", text);
			cr_assert_eq(sscanf(with, "`set source` with %u", &n), 1);
			row.addresses = n;
			cr_expect_eq(judge(&row), 0, "%u addresses: %s", n, text);
			row.addresses = n - 1;
			cr_expect_eq(judge(&row), 1, "%u addresses: %s", n - 1, text);
			row.addresses = 1;
			row.rate = 1075;
			cr_expect_eq(judge(&row), 0, "%s", text);
		}
	}
}

Test(feasible, text_is_cut_where_its_room_ends)
{
	struct load_spec spec = {.rate = 20000, .duration_s = 3600};
	struct feasible_in in = {&spec, 1, PORTS, 60, 1 << 24, 1};

	memset(text, 'x', sizeof(text));
	cr_expect_eq(load_feasible(&in, text, 40, &e), 1);
	cr_expect_eq(strlen(text), 39);
	cr_expect_eq(text[40], 'x');
}
