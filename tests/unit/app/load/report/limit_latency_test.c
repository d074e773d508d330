/* SPDX-License-Identifier: BSD-3-Clause */
/* The verdict about the latencies that a load expects. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "load/report/result.h"

/* A load with these percentiles, in microseconds. */
struct judged {
	const char *what;
	uint64_t connect, whole, whole_p99;
	uint64_t lateness, lateness_p99, gap, gap_p99;
	double away, busy;
	uint64_t tx_waited;
	enum load_latency_side side;
	const char *says;
};

static const struct judged table[] = {
        {"a quick core", 40, 300, 2000, 1, 2, 1, 4, .side = LOAD_LATENCY_PEER,
                .says = "the peer's"},
        {"late by more than half", 600, 800, 8000, 400, 500, 20, 40, .side = LOAD_LATENCY_OWN,
                .says = "largely our own"},
        {"late by a third", 600, 800, 8000, 180, 300, 20, 40, .side = LOAD_LATENCY_MIXED,
                .says = "in part our own"},
        {"only the tail is late", 100, 800, 8000, 1, 5000, 1, 40, .side = LOAD_LATENCY_OWN,
                .says = "(whole, p99)"},
        {"gaps count as well", 100, 800, 8000, 1, 2, 60, 80, .side = LOAD_LATENCY_OWN,
                .says = "up to 61 us of 100 us (connect, p50)"},
        {"a handshake within our own call", 15, 187, 200, 10, 12, 1, 2,
                .side = LOAD_LATENCY_OWN,
                .says = "For whole connections it is the peer's: about 14 us of 200 us (p99)"},
        {"stopped for a while", 100, 800, 1460000, 1, 1400000, 1, 1500000, .away = 0.15,
                .side = LOAD_LATENCY_OWN, .says = "did not run for 15 % of the time"},
        {"no more than was measured", 100, 800, 1000, 1, 900, 1, 900, .away = 0.15,
                .side = LOAD_LATENCY_OWN, .says = "up to 1.00 ms of 1.00 ms (whole, p99)"},
        {"busy", 100, 800, 8000, 70, 90, 1, 2, .busy = 0.9, .side = LOAD_LATENCY_OWN,
                .says = "busiest core was 90 % busy"},
        {"long turns", 100, 800, 8000, 70, 90, 1, 2, .busy = 0.2, .side = LOAD_LATENCY_OWN,
                .says = "(net_tap) makes turns long"},
        {"packets waited", 40, 300, 2000, 1, 2, 1, 4, .tx_waited = 20000,
                .side = LOAD_LATENCY_OWN, .says = "20,000 of 600,000 packets"},
        {"few packets waited", 40, 300, 2000, 1, 2, 1, 4, .tx_waited = 2000,
                .side = LOAD_LATENCY_PEER, .says = "the peer's"},
        {"no latency at all", 0, 0, 0, 0, 0, 1, 1, .side = LOAD_LATENCY_NONE,
                .says = "No connection"},
};

/* 97 of 100 at one value, three at the other. */
static void
fill(struct histogram *h, uint64_t p50, uint64_t p99)
{
	histogram_add_many(h, p50, 97);
	histogram_add_many(h, p99, 3);
}

static void
prepare(struct load_result *r, const struct judged *j)
{
	memset(r, 0, sizeof(*r));
	snprintf(r->driver, sizeof(r->driver), "net_tap");
	r->ncores = 2;
	r->core[1].away = j->away;
	r->core[0].busy = j->busy;
	r->tx_packets = 600000;
	r->tx_waited = j->tx_waited;
	fill(&r->total.lateness, j->lateness, j->lateness_p99);
	fill(&r->total.gaps, j->gap, j->gap_p99);
	if (j->whole == 0)
		return;
	fill(&r->total.connect, j->connect, 2 * j->whole_p99);
	fill(&r->total.whole, j->whole, j->whole_p99);
}

Test(load_limit_latency, each_case_names_its_side_and_the_numbers)
{
	static struct load_result r;

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		prepare(&r, &table[i]);
		load_judge_latency(&r);
		cr_expect_eq(r.latency, table[i].side, "%s: %s: %s", table[i].what,
		        load_latency_side_name(r.latency), r.latency_text);
		cr_expect(strstr(r.latency_text, table[i].says) != NULL,
		        "%s: '%s' is not in: %s", table[i].what, table[i].says, r.latency_text);
		cr_expect_lt(strlen(r.latency_text), sizeof(r.latency_text) - 1, "%s: cut off",
		        table[i].what);
	}
}

/* A load that is late as a whole is not the peer's fault. */
Test(load_limit_latency, whole_connections_that_are_late_are_not_called_the_peers)
{
	static struct load_result r;

	prepare(&r, &table[1]);
	load_judge_latency(&r);
	cr_expect(strstr(r.latency_text, "Whole connections") == NULL, "%s", r.latency_text);
}

/* The rate may be reached and each connection be late. */
Test(load_limit_latency, it_is_apart_from_the_throughput)
{
	static struct load_result r;

	prepare(&r, &table[1]);
	r.spec.rate = 100;
	r.window_s = 1;
	r.total.window_completed = 100;
	load_judge(&r);
	cr_expect_eq(r.limit, LOAD_SIDE_NONE);
	cr_expect_eq(r.latency, LOAD_LATENCY_OWN);
}

Test(load_limit_latency, own_share_is_both_at_the_same_percentile)
{
	static struct load_tally t;

	fill(&t.lateness, 10, 100);
	fill(&t.gaps, 3, 50);
	cr_expect_eq(load_own_us(&t, 0.5), 13u);
	cr_expect_eq(load_own_us(&t, 0.99), 150u);
}
