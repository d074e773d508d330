/* SPDX-License-Identifier: BSD-3-Clause */
/* The expectations of a load, judged by its report. */
#include <criterion/criterion.h>
#include <string.h>

#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "report_sample.h"

static struct expectations asked;

/* Counts of a load with one completed connection for each of 1, 2, ... ms. */
struct counts {
	int intended, attempted, connected, completed;
	int timeout, redirect, bad_status, stopped, no_source;
};

static json_t *
latency_of(unsigned n)
{
	static struct histogram h;

	memset(&h, 0, sizeof(h));
	for (unsigned i = 1; i <= n; i++)
		histogram_add(&h, 1000 * i);
	return report_latency_make(&h);
}

static json_t *
window_of(const struct counts *c)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i}", "due", c->intended, "due_attempted",
	        c->attempted, "due_completed", c->completed, "due_failed",
	        c->timeout + c->redirect + c->bad_status + c->no_source, "due_no_source",
	        c->no_source);
}

/* All of it was due in the steady window. */
static json_t *
doc_of(struct counts c)
{
	json_t *doc = json_pack("{s:i, s:i, s:i, s:i, s:i, s:o}", "schema_version", 2,
	        "intended", c.intended, "attempted", c.attempted, "connected", c.connected,
	        "completed", c.completed, "window", window_of(&c));
	const int have[REPORT_LATENCIES] = {
	        [REPORT_CONNECT] = c.connected,
	        [REPORT_FIRST_BYTE] = c.completed + c.redirect + c.bad_status,
	        [REPORT_WHOLE] = c.completed,
	        [REPORT_REQUEST] = c.completed,
	};
	json_t *latencies = json_object();

	json_object_set_new(doc, "errors",
	        json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "total",
	                c.timeout + c.redirect + c.bad_status + c.stopped + c.no_source,
	                "timeout", c.timeout, "redirect", c.redirect, "bad_status",
	                c.bad_status, "stopped", c.stopped, "no_source", c.no_source));
	json_object_set_new(doc, "limit", json_pack("{s:s}", "side", "peer"));
	json_object_set_new(doc, "latency_us", latencies);
	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++)
		json_object_set_new(
		        latencies, report_latency_keys[l], latency_of((unsigned)have[l]));
	return sample_hold(doc);
}

static void
ask(enum expect what, double value)
{
	asked.asked[what] = true;
	asked.value[what] = value;
}

static json_t *
row_of(const json_t *doc, enum expect what)
{
	json_t *row, *found = NULL;
	size_t i;

	json_array_foreach(json_object_get(doc, "expectations"), i, row)
	{
		if (strcmp(report_text(row, "what"), expectation_rows[what].key) == 0)
			found = row;
	}
	cr_assert(found != NULL, "no row of %s", expectation_rows[what].key);
	return found;
}

/* One expectation alone, and the exit code. */
static json_t *
judged(json_t *doc, enum expect what, double value, int code)
{
	asked = (struct expectations) {.asked = {false}};
	ask(what, value);
	report_expect(doc, &asked);
	cr_expect_eq(load_report_code(doc), code, "%s: %s", expectation_rows[what].key,
	        report_text(doc, "verdict.text"));
	cr_expect_eq(report_true(doc, "passed"), code == 0);
	return row_of(doc, what);
}

static void
says(const json_t *object, const char *key, const char *part)
{
	cr_expect(strstr(report_text(object, key), part) != NULL, "'%s' is not in: %s", part,
	        report_text(object, key));
}

static const struct counts all_good = {100, 100, 100, 100, 0, 0, 0, 0, 0};

Test(load_report_expect, most_of_the_attempts_must_complete_if_nothing_is_said)
{
	static const struct {
		struct counts c;
		int code;
	} row[] = {{{200, 200, 2, 2, 198, 0, 0, 0, 0}, EXIT_MISSED},
	        {{599, 599, 599, 247, 0, 0, 352, 0, 0}, EXIT_MISSED},
	        {{100, 100, 100, 98, 2, 0, 0, 0, 0}, EXIT_MISSED},
	        {{100, 100, 100, 0, 0, 100, 0, 0, 0}, EXIT_MISSED},
	        {{100, 100, 100, 99, 1, 0, 0, 0, 0}, 0},
	        {{100, 100, 100, 100, 0, 0, 0, 0, 0}, 0}};

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		json_t *doc = doc_of(row[i].c);

		asked = (struct expectations) {.asked = {false}};
		report_expect(doc, &asked);
		cr_expect_eq(load_report_code(doc), row[i].code, "%u", i);
		cr_expect_eq(json_array_size(json_object_get(doc, "expectations")), 0);
	}
}

/* It holds beside other expectations, too. */
Test(load_report_expect, a_rate_that_was_reached_does_not_excuse_errors)
{
	json_t *doc = doc_of((struct counts) {599, 599, 599, 247, 0, 0, 352, 0, 0});

	json_object_set_new(doc, "cps", json_real(247));
	judged(doc, EXPECT_CPS, 200, EXIT_MISSED);
	says(doc, "verdict.text", "352 of 599 attempts failed");
}

Test(load_report_expect, errors_are_what_was_said_of_them)
{
	struct counts c = {599, 599, 599, 247, 0, 0, 352, 0, 0};

	judged(doc_of(c), EXPECT_ERRORS, 352, 0);
	says(judged(doc_of(c), EXPECT_ERRORS, 351, EXIT_MISSED), "why",
	        "352 of 599 attempts failed");
	judged(doc_of(c), EXPECT_ERRORS_PERCENT, 58.8, 0);
	judged(doc_of(c), EXPECT_ERRORS_PERCENT, 58.7, EXIT_MISSED);
	judged(doc_of(all_good), EXPECT_ERRORS, 0, 0);
	judged(doc_of((struct counts) {1000, 1000, 1000, 999, 1, 0, 0, 0, 0}), EXPECT_ERRORS, 0,
	        EXIT_MISSED);
}

/* However many errors are allowed: of nothing there are no figures. */
Test(load_report_expect, something_must_be_completed)
{
	json_t *doc = doc_of((struct counts) {5, 5, 5, 0, 5, 0, 0, 0, 0});

	judged(doc, EXPECT_ERRORS_PERCENT, 100, EXIT_MISSED);
	says(doc, "verdict.text", "no connection was completed");
}

/* `stop load`, said twice: that is no error of the peer. */
Test(load_report_expect, what_was_cut_off_has_not_failed)
{
	struct counts c = {1000, 1000, 1000, 900, 0, 0, 0, 100, 0};

	judged(doc_of(c), EXPECT_ERRORS, 0, 0);
	judged(doc_of(c), EXPECT_ERRORS_PERCENT, 0, 0);
}

Test(load_report_expect, a_percentile_needs_as_many_of_the_attempts)
{
	json_t *doc = doc_of((struct counts) {599, 599, 599, 247, 0, 0, 352, 0, 0});
	json_t *row = judged(doc, EXPECT_WHOLE_P99, 60000, EXIT_MISSED);

	says(row, "why", "352 of 599 attempts have no latency");
	cr_expect(json_is_null(json_object_get(row, "measured")));
	/* 90 % of them failed, and the rest was fast. */
	doc = doc_of((struct counts) {100, 100, 100, 10, 90, 0, 0, 0, 0});
	ask(EXPECT_ERRORS_PERCENT, 100);
	ask(EXPECT_WHOLE_P50, 60000);
	report_expect(doc, &asked);
	cr_expect_eq(load_report_code(doc), EXIT_MISSED);
}

/* 99 completed in 1 to 99 ms and one failed: of all hundred the 50th took 50 ms, and the 99th
 * is the slowest that was completed. */
Test(load_report_expect, what_failed_counts_as_slower_than_all_that_did_not)
{
	struct counts c = {100, 100, 100, 99, 1, 0, 0, 0, 0};

	cr_expect_float_eq(
	        report_number(judged(doc_of(c), EXPECT_WHOLE_P50, 1000, 0), "measured"), 50, 1);
	cr_expect_eq(
	        report_number(judged(doc_of(c), EXPECT_WHOLE_P99, 1000, 0), "measured"), 99);
	says(judged(doc_of(c), EXPECT_WHOLE_P99_9, 1000, EXIT_MISSED), "why",
	        "1 of 100 attempts have no latency");
}

/* That is no fault of the peer's, and says nothing for it. */
Test(load_report_expect, what_was_due_and_never_opened_has_no_latency)
{
	struct counts c = {1000, 100, 100, 100, 0, 0, 0, 0, 0};
	json_t *row = judged(doc_of(c), EXPECT_WHOLE_P99, 1000, EXIT_ENVIRONMENT);

	cr_expect(report_true(row, "not_measurable"));
	says(row, "why", "900 connections that were due were never opened");
	/* The opened connections alone were too slow. */
	row = judged(doc_of(c), EXPECT_WHOLE_P99, 50, EXIT_MISSED);
	says(row, "why", "900 of 1,000 attempts have no latency");
}

/* Addresses x ports ran out: the peer never heard of these. */
Test(load_report_expect, what_found_no_source_port_is_not_the_peers)
{
	struct counts c = {100, 100, 50, 50, 0, 0, 0, 0, 50};
	json_t *doc = doc_of(c), *row;

	asked = (struct expectations) {.asked = {false}};
	report_expect(doc, &asked);
	cr_expect_eq(load_report_code(doc), EXIT_ENVIRONMENT);
	says(doc, "verdict.text",
	        "not measurable here: 50 of 100 attempts found no free source port");
	row = judged(doc_of(c), EXPECT_ERRORS, 0, EXIT_ENVIRONMENT);
	cr_expect(report_true(row, "not_measurable"));
	judged(doc_of(c), EXPECT_ERRORS, 50, 0);
	row = judged(doc_of(c), EXPECT_WHOLE_P99, 1000, EXIT_ENVIRONMENT);
	says(row, "why", "50 connections that were due were never opened");
	/* Others failed, too: as many as may not. */
	c.completed = 48;
	c.timeout = 2;
	judged(doc_of(c), EXPECT_ERRORS_PERCENT, 3, EXIT_MISSED);
	judged(doc_of(c), EXPECT_ERRORS_PERCENT, 4, EXIT_ENVIRONMENT);
}

Test(load_report_expect, each_latency_is_of_those_that_came_so_far)
{
	struct counts c = {100, 100, 100, 60, 10, 10, 20, 0, 0};
	json_t *doc = doc_of(c);

	asked = (struct expectations) {.asked = {false}};
	ask(EXPECT_ERRORS, 40);
	ask(EXPECT_CONNECT_P99, 1000);
	ask(EXPECT_FIRST_BYTE_P90, 1000);
	report_expect(doc, &asked);
	cr_expect_eq(load_report_code(doc), 0, "%s", report_text(doc, "verdict.text"));
	ask(EXPECT_FIRST_BYTE_P99, 1000); /* 10 of 100 never answered */
	report_expect(doc, &asked);
	cr_expect_eq(load_report_code(doc), EXIT_MISSED);
	says(row_of(doc, EXPECT_FIRST_BYTE_P99), "why", "10 of 100");
	cr_expect(report_true(row_of(doc, EXPECT_CONNECT_P99), "met"));
}

/* A document whose window is a part of its run. */
static json_t *
doc_of_parts(struct counts window, struct counts run)
{
	json_t *doc = doc_of(run);

	json_object_set_new(doc, "window", window_of(&window));
	json_object_set_new(json_object_get(doc, "latency_us"), "whole",
	        latency_of((unsigned)window.completed));
	json_object_set_new(json_object_get(doc, "latency_us"), "connect",
	        latency_of((unsigned)window.connected));
	return doc;
}

/* A percentile has the sample of the window. An attempt that failed before it is an error of
 * the run. Attempts that failed in it are not thinned by successes before it. */
Test(load_report_expect, a_percentile_is_of_what_was_due_in_the_window)
{
	struct counts run = {1100, 1100, 1080, 1080, 20, 0, 0, 0, 0};
	struct counts good = {1000, 1000, 1000, 1000, 0, 0, 0, 0, 0};
	struct counts bad = {1000, 1000, 980, 980, 20, 0, 0, 0, 0};
	struct counts long_run = {10000, 10000, 9980, 9980, 20, 0, 0, 0, 0};
	json_t *doc = doc_of_parts(good, run);

	asked = (struct expectations) {.asked = {false}};
	ask(EXPECT_ERRORS, 20);
	ask(EXPECT_WHOLE_P99, 1000);
	ask(EXPECT_CONNECT_P99, 1000);
	report_expect(doc, &asked);
	cr_expect_eq(load_report_code(doc), 0, "%s", report_text(doc, "verdict.text"));
	doc = doc_of_parts(bad, long_run);
	report_expect(doc, &asked);
	cr_expect_eq(load_report_code(doc), EXIT_MISSED);
	says(row_of(doc, EXPECT_WHOLE_P99), "why", "20 of 1,000 attempts have no latency");
	says(row_of(doc, EXPECT_CONNECT_P99), "why", "20 of 1,000 attempts have no latency");
}

/* Cut off, or open while `show load` looks. */
Test(load_report_expect, a_percentile_leaves_out_what_is_undecided)
{
	json_t *doc = doc_of((struct counts) {100, 100, 100, 60, 0, 0, 0, 40, 0});

	judged(doc, EXPECT_WHOLE_P99, 1000, 0);
	cr_expect_eq(report_number(row_of(doc, EXPECT_WHOLE_P99), "measured"), 60);
}

Test(load_report_expect, schema_1_has_only_the_whole_run)
{
	json_t *doc = doc_of((struct counts) {100, 100, 100, 60, 40, 0, 0, 0, 0});

	json_object_set_new(doc, "schema_version", json_integer(1));
	json_object_del(doc, "window");
	ask(EXPECT_ERRORS, 40);
	says(judged(doc, EXPECT_WHOLE_P99, 1000, EXIT_MISSED), "why",
	        "40 of 100 attempts have no latency");
	judged(doc, EXPECT_CONNECT_P50, 1000, EXIT_MISSED);
	cr_expect(report_true(row_of(doc, EXPECT_CONNECT_P50), "met"));
}

/* The peer was never asked. */
Test(load_report_expect, where_no_syn_ever_left_nothing_is_known_of_the_peer)
{
	json_t *doc = doc_of((struct counts) {50, 50, 0, 0, 0, 0, 0, 0, 50});

	judged(doc, EXPECT_ERRORS_PERCENT, 0, EXIT_ENVIRONMENT);
	says(doc, "verdict.text",
	        "not measurable here: 50 of 50 attempts found no free source port");
	judged(doc_of((struct counts) {50, 50, 0, 0, 1, 0, 0, 0, 49}), EXPECT_ERRORS_PERCENT, 0,
	        EXIT_MISSED);
}

Test(load_report_expect, a_window_without_connections_has_no_percentile)
{
	struct counts none = {0, 0, 0, 0, 0, 0, 0, 0, 0};

	says(judged(doc_of_parts(none, all_good), EXPECT_WHOLE_P50, 1000, EXIT_MISSED), "why",
	        "no connection was due in the steady window");
}

/* p99 is in the bucket up to 99.3 ms. */
static json_t *
doc_with_own(double lateness_ms, double gaps_ms)
{
	static struct histogram h;
	json_t *doc = doc_of(all_good);

	memset(&h, 0, sizeof(h));
	histogram_add(&h, (uint64_t)(1000 * lateness_ms));
	json_object_set_new(doc, "lateness_us", report_latency_make(&h));
	memset(&h, 0, sizeof(h));
	histogram_add(&h, (uint64_t)(1000 * gaps_ms));
	json_object_set_new(doc, "gaps_us", report_latency_make(&h));
	return doc;
}

Test(load_report_expect, what_may_be_our_own_lateness_is_not_measurable_here)
{
	json_t *row, *doc = doc_with_own(6, 4);

	cr_expect_float_eq(report_own_us(doc, 0.99), 10000, 1);
	row = judged(doc, EXPECT_WHOLE_P99, 90, EXIT_ENVIRONMENT);
	cr_expect(report_true(row, "not_measurable"));
	cr_expect_not(report_true(row, "met"));
	says(row, "why", "10.0 ms of it may be our own lateness");
	says(doc, "verdict.text", "not measurable here: p99");
	/* No more of it than there is. */
	says(judged(doc_with_own(600, 400), EXPECT_WHOLE_P99, 90, EXIT_ENVIRONMENT), "why",
	        "99.3 ms of it may be our own lateness");
	/* Without our own time it is too slow all the same. */
	row = judged(doc_with_own(6, 4), EXPECT_WHOLE_P99, 88, EXIT_MISSED);
	cr_expect_not(report_true(row, "not_measurable"));
	/* An expectation that is met is met. */
	judged(doc_with_own(6, 4), EXPECT_WHOLE_P99, 100, 0);
	cr_expect_eq(report_own_us(doc_of(all_good), 0.99), 0, "it was not measured");
}

Test(load_report_expect, a_request_is_sent_when_it_is)
{
	judged(doc_with_own(100, 4), EXPECT_REQUEST_P99, 94, EXIT_MISSED);
	judged(doc_with_own(100, 4), EXPECT_REQUEST_P99, 97, EXIT_ENVIRONMENT);
}

Test(load_report_expect, a_miss_that_is_the_peers_comes_before_one_that_may_be_ours)
{
	json_t *doc = doc_with_own(6, 4);

	json_object_set_new(doc, "cps", json_real(5));
	asked = (struct expectations) {.asked = {false}};
	ask(EXPECT_CPS, 6);
	ask(EXPECT_WHOLE_P99, 90);
	report_expect(doc, &asked);
	cr_expect_eq(load_report_code(doc), EXIT_MISSED);
	says(doc, "verdict.text", "not as expected: cps");
	cr_expect(report_true(row_of(doc, EXPECT_WHOLE_P99), "not_measurable"));
}

Test(load_report_expect, a_rate_that_was_missed_by_us_is_not_measurable_here)
{
	json_t *doc = doc_of(all_good);

	json_object_set_new(doc, "rps", json_real(5));
	cr_expect_str_eq(report_text(judged(doc, EXPECT_RPS, 6, EXIT_MISSED), "why"), "");
	json_object_set_new(doc, "limit", json_pack("{s:s}", "side", "none"));
	judged(doc, EXPECT_RPS, 6, EXIT_MISSED);
	json_object_set_new(doc, "limit", json_pack("{s:s}", "side", "cores"));
	says(judged(doc, EXPECT_RPS, 6, EXIT_ENVIRONMENT), "why",
	        "our own side was the limit (cores)");
	judged(doc, EXPECT_RPS, 5, 0);
}

Test(load_report_expect, what_was_asked_is_read_back)
{
	json_t *doc = doc_of(all_good);
	struct expectations back;

	asked = (struct expectations) {.asked = {false}};
	for (enum expect e = 0; e < EXPECT_COUNT; e++)
		ask(e, 1 + e);
	report_expect(doc, &asked);
	cr_expect_eq(json_array_size(json_object_get(doc, "expectations")), EXPECT_COUNT);
	report_asked(doc, &back);
	for (enum expect e = 0; e < EXPECT_COUNT; e++)
		cr_expect(
		        back.asked[e] && back.value[e] == 1 + e, "%s", expectation_rows[e].key);
}

Test(load_report_expect, rates_and_errors_add_up_and_the_lower_percentile_holds)
{
	struct expectations one = {.asked = {false}}, other = one;

	for (enum expect e = 0; e < EXPECT_COUNT; e++) {
		one.asked[e] = other.asked[e] = true;
		one.value[e] = 7;
		other.value[e] = 5;
	}
	expectations_join(&one, &other);
	cr_expect_eq(one.value[EXPECT_CPS], 12);
	cr_expect_eq(one.value[EXPECT_ERRORS], 12);
	cr_expect_eq(one.value[EXPECT_ERRORS_PERCENT], 5);
	cr_expect_eq(one.value[EXPECT_CONNECT_P50], 5);
	one.asked[EXPECT_CPS] = false;
	expectations_join(&one, &other);
	cr_expect_eq(one.value[EXPECT_CPS], 5, "of only one of them");
}
