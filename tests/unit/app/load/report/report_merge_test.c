/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports of several machines become one. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "report_sample.h"

static struct load_result one, other, both;

static json_t *
model_of(struct load_result *r, const struct sample *s)
{
	sample_fill(r, s);
	return sample_hold(load_report_model(r));
}

static json_t *
merged_of(json_t *const *docs, unsigned n, char *why, unsigned whylen)
{
	return sample_hold(load_report_merge(docs, n, why, whylen));
}

/* A merge that must be refused, because of it. */
static void
refused(json_t *a, json_t *b, const char *because)
{
	char why[256] = "";
	json_t *merged = load_report_merge((json_t *const[]) {a, b}, 2, why, sizeof(why));

	cr_expect(merged == NULL);
	cr_expect(strstr(why, because) != NULL, "'%s' is not in: %s", because, why);
	json_decref(merged);
}

static const struct sample alpha = {10, 2, 100000, 0, 1, 1, "alpha"};
static const struct sample beta = {10, 1, 70000, 0, 1, 9, "beta"};

Test(load_report_merge, counts_and_buckets_are_those_of_merged_tallies)
{
	static const char *const same[] = {"attempted", "connected", "completed", "requests",
	        "cps", "rps", "errors", "window", "text_bytes_in"};
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged, *want;
	char why[256];

	sample_fill(&both, &alpha);
	load_tally_add(&both.total, &other.total);
	want = sample_hold(load_report_model(&both));
	merged = merged_of(docs, 2, why, sizeof(why));
	for (unsigned i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		cr_expect(json_equal(json_object_get(merged, same[i]),
		                  json_object_get(want, same[i])),
		        "%s", same[i]);
	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++) {
		json_t *a = (json_t *)report_latency(merged, l),
		       *b = (json_t *)report_latency(want, l);

		cr_expect_float_eq(report_number(a, "mean"), report_number(b, "mean"), 0.002);
		json_object_del(a, "mean");
		json_object_del(b, "mean");
		cr_expect(json_equal(a, b), "%s", report_latency_keys[l]);
	}
}

Test(load_report_merge, each_second_adds_up_and_has_the_cores_of_both)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged, *second;
	char why[256];

	merged = merged_of(docs, 2, why, sizeof(why));
	second = json_array_get(json_object_get(merged, "seconds"), 5);
	cr_expect_eq(report_count(second, "completed"),
	        one.second[5].completed + other.second[5].completed);
	cr_expect_eq(json_array_size(json_object_get(second, "busy")), 3);
	cr_expect(json_is_null(json_object_get(second, "p99_us")));
	cr_expect_eq(json_array_size(json_object_get(merged, "cores")), 3);
	cr_expect_str_eq(
	        report_text(json_array_get(json_object_get(merged, "cores"), 2), "host"),
	        "beta");
	cr_expect_eq(json_array_size(json_object_get(merged, "machines")), 2);
}

Test(load_report_merge, a_longer_timeline_is_kept_whole)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged, *last;
	char why[256];

	json_array_remove(json_object_get(docs[0], "seconds"), 11);
	merged = merged_of(docs, 2, why, sizeof(why));
	cr_assert_eq(json_array_size(json_object_get(merged, "seconds")), 12);
	last = json_array_get(json_object_get(merged, "seconds"), 11);
	cr_expect_eq(report_number(last, "at_s"), 12);
	cr_expect_eq(report_count(last, "completed"), other.second[11].completed);
	cr_assert_eq(json_array_size(json_object_get(last, "busy")), 3);
	cr_expect_eq(json_number_value(json_array_get(json_object_get(last, "busy"), 0)), 0);
	cr_expect_gt(json_number_value(json_array_get(json_object_get(last, "busy"), 2)), 0);
}

/* A third report may then be added. */
Test(load_report_merge, rows_that_only_the_second_one_has_are_read_again)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *again;
	char path[] = "report_merge_test.XXXXXX", why[256] = "";
	int fd = mkstemp(path);

	close(fd);
	json_array_remove(json_object_get(docs[0], "seconds"), 11);
	cr_assert_eq(load_report_write_json(path, merged_of(docs, 2, why, sizeof(why))), 0);
	again = load_report_read(path, why, sizeof(why));
	unlink(path);
	cr_expect(again != NULL, "%s", why);
	json_decref(again);
}

Test(load_report_merge, a_shorter_timeline_is_idle_at_its_end)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged, *busy;
	char why[256];

	json_array_remove(json_object_get(docs[1], "seconds"), 11);
	merged = merged_of(docs, 2, why, sizeof(why));
	busy = json_object_get(json_array_get(json_object_get(merged, "seconds"), 11), "busy");
	cr_assert_eq(json_array_size(busy), 3);
	cr_expect_gt(json_number_value(json_array_get(busy, 0)), 0);
	cr_expect_eq(json_number_value(json_array_get(busy, 2)), 0);
}

Test(load_report_merge, the_sum_of_expected_rates_is_expected_of_all)
{
	struct expectations asked;
	json_t *docs[2], *merged;
	char why[256];

	sample_fill(&one, &alpha);
	sample_fill(&other, &beta);
	one.spec.expect.asked[EXPECT_CPS] = other.spec.expect.asked[EXPECT_CPS] = true;
	one.spec.expect.value[EXPECT_CPS] = 100000;
	other.spec.expect.value[EXPECT_CPS] = 80000;
	docs[0] = sample_hold(load_report_model(&one));
	docs[1] = sample_hold(load_report_model(&other));
	merged = merged_of(docs, 2, why, sizeof(why));
	report_asked(merged, &asked);
	cr_expect_eq(asked.value[EXPECT_CPS], 180000);
	cr_expect_not(load_report_passed(merged));
	cr_expect_not(report_true(merged, "passed"));
}

Test(load_report_merge, a_limit_of_ours_comes_before_the_peer)
{
	json_t *docs[2], *merged;
	char why[256];

	docs[0] = model_of(&one, &alpha);
	sample_fill(&other, &beta);
	other.core[0].busy = 1;
	load_judge(&other);
	docs[1] = sample_hold(load_report_model(&other));
	merged = merged_of(docs, 2, why, sizeof(why));
	cr_expect_str_eq(report_text(merged, "limit.side"), "cores");
	cr_expect(strstr(report_text(merged, "limit.text"), "beta: Our own core was busy") !=
	                  NULL,
	        "%s", report_text(merged, "limit.text"));
}

Test(load_report_merge, merged_ones_merge_with_a_third)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged;
	json_t *third = model_of(&both, &(struct sample) {10, 4, 5, 0, 1, 3, "gamma"});
	char why[256];

	merged = merged_of(docs, 2, why, sizeof(why));
	merged = merged_of((json_t *const[]) {merged, third}, 2, why, sizeof(why));
	cr_expect_eq(json_array_size(json_object_get(merged, "machines")), 3);
	cr_expect_eq(json_array_size(json_object_get(merged, "cores")), 7);
	cr_expect_eq(report_number(merged, "cps"), 170005);
}

Test(load_report_merge, each_target_is_named_once)
{
	json_t *docs[3] = {model_of(&one, &alpha), model_of(&other, &beta), NULL}, *merged;
	char why[256];

	docs[2] = sample_hold(json_deep_copy(docs[1]));
	json_object_set_new(docs[0], "target", json_string("tcp://192.0.2.1:8080"));
	json_object_set_new(docs[1], "target", json_string("tcp://192.0.2.1:80"));
	json_object_set_new(docs[2], "target", json_string("tcp://192.0.2.1:80"));
	json_object_set_new(docs[2], "id", json_string("another"));
	merged = merged_of(docs, 3, why, sizeof(why));
	cr_expect_str_eq(
	        report_text(merged, "target"), "tcp://192.0.2.1:8080, tcp://192.0.2.1:80");
}

Test(load_report_merge, the_documents_are_left_as_they_were)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)};
	json_t *before = sample_hold(json_deep_copy(docs[1])),
	       *first = sample_hold(json_deep_copy(docs[0]));
	char why[256];

	merged_of(docs, 2, why, sizeof(why));
	cr_expect(json_equal(docs[0], first));
	cr_expect(json_equal(docs[1], before));
}

Test(load_report_merge, what_was_not_the_same_is_refused)
{
	json_t *a = model_of(&one, &alpha), *b;

	refused(a, sample_hold(json_deep_copy(a)), "the same report");
	b = model_of(&other, &(struct sample) {11, 1, 70000, 0, 1, 9, "beta"});
	refused(a, b, "spec.duration_s");
	b = model_of(&other, &(struct sample) {10, 1, 70000, 0, 2, 9, "beta"});
	refused(a, b, "spec.requests_per_connection");
	b = model_of(&other, &(struct sample) {10, 1, 70000, 70000, 1, 9, "beta"});
	refused(a, b, "concurrency");
	b = model_of(&other, &beta);
	json_object_set_new(
	        json_object_get(b, "spec"), "accept_status", json_string("2xx,302"));
	refused(a, b, "spec.accept_status");
	b = model_of(&other, &beta);
	json_object_set_new(b, "schema_version", json_integer(1));
	refused(a, b, "count differently");
}

/* A second that only one of them has is one with all its members. */
Test(load_report_merge, a_longer_timeline_makes_a_report_that_can_be_read)
{
	static const struct sample brief = {2, 1, 100, 0, 1, 5, "brief"},
	                           longer = {10, 1, 100, 0, 1, 6, "longer"};
	json_t *docs[2] = {model_of(&one, &brief), model_of(&other, &longer)}, *merged;
	char why[256] = "";

	json_object_set(json_object_get(docs[0], "spec"), "duration_s",
	        (json_t *)report_member(docs[1], "spec.duration_s"));
	merged = merged_of(docs, 2, why, sizeof(why));
	cr_assert_not_null(merged, "%s", why);
	cr_expect(load_report_check(merged, why, sizeof(why)), "%s", why);
}

/* load_report_read() would refuse it, and nothing could be done with the file. */
Test(load_report_merge, a_sum_that_no_report_may_hold_is_refused)
{
	json_t *a = model_of(&one, &alpha), *b = model_of(&other, &beta);

	json_object_set_new(a, "handed_over", json_integer(REPORT_COUNT_MAX));
	refused(a, b, "handed_over");
}

Test(load_report_merge, answers_of_a_status_add_up)
{
	json_t *docs[2], *merged;
	char why[256];

	sample_fill(&one, &alpha);
	sample_fill(&other, &beta);
	memset(one.total.status, 0, sizeof(one.total.status));
	memset(other.total.status, 0, sizeof(other.total.status));
	one.total.status[200 - STATUS_FIRST] = 5;
	other.total.status[200 - STATUS_FIRST] = 7;
	other.total.status[503 - STATUS_FIRST] = 9;
	docs[0] = sample_hold(load_report_model(&one));
	docs[1] = sample_hold(load_report_model(&other));
	merged = merged_of(docs, 2, why, sizeof(why));
	cr_expect_eq(report_status(merged, 200), 12);
	cr_expect_eq(report_status(merged, 503), 9);
}

/* `merge a b json ab`, then `merge ab a`. */
Test(load_report_merge, a_report_is_not_counted_twice_through_a_merged_one)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged;
	json_t *third = model_of(&both, &(struct sample) {10, 4, 5, 0, 1, 3, "gamma"});
	char why[256];

	merged = merged_of(docs, 2, why, sizeof(why));
	cr_expect_eq(json_array_size(json_object_get(merged, "parts")), 2);
	refused(merged, docs[0], "in common");
	refused(docs[1], merged, "in common");
	merged = merged_of((json_t *const[]) {merged, third}, 2, why, sizeof(why));
	cr_expect_eq(json_array_size(json_object_get(merged, "parts")), 3);
	refused(merged, third, "in common");
}

/* They have no ids, no codes, and no verdict. */
Test(load_report_merge, reports_of_schema_1_are_added)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged;
	char why[256];

	for (unsigned i = 0; i < 2; i++) {
		json_object_set_new(docs[i], "schema_version", json_integer(1));
		json_object_del(docs[i], "id");
		json_object_del(docs[i], "status");
		json_object_del(docs[i], "verdict");
		json_object_del(json_object_get(docs[i], "spec"), "accept_status");
	}
	merged = merged_of(docs, 2, why, sizeof(why));
	cr_assert(merged != NULL, "%s", why);
	cr_expect(load_report_passed(merged));
	refused(merged, docs[0], "in common");
	refused(docs[0], sample_hold(json_deep_copy(docs[0])), "the same report");
}

Test(load_report_merge, loads_at_different_times_are_noted)
{
	json_t *docs[2] = {model_of(&one, &alpha), NULL}, *merged;
	char why[256];

	sample_fill(&other, &beta);
	other.started_unix += 60;
	docs[1] = sample_hold(load_report_model(&other));
	merged = merged_of(docs, 2, why, sizeof(why));
	cr_assert_eq(json_array_size(json_object_get(merged, "notes")), 1);
	cr_expect(strstr(json_string_value(json_array_get(json_object_get(merged, "notes"), 0)),
	                  "60 s apart") != NULL);
}

static json_t *
row(double at_s, double for_s, int completed, double away_s)
{
	return json_pack("{s:f, s:f, s:i, s:i, s:i, s:i, s:f, s:i, s:i, s:f, s:[f]}", "at_s",
	        at_s, "for_s", for_s, "attempted", completed, "completed", completed, "errors",
	        0, "open", 3, "cps", completed / for_s, "p50_us", 1, "p99_us", 2, "away_s",
	        away_s, "busy", 0.5);
}

/* A machine that did not run for a while has more rows than the others. Rows of the same time
 * stand together all the same. */
Test(load_report_merge, rows_add_up_by_their_time)
{
	for (unsigned order = 0; order < 2; order++) {
		json_t *docs[2] = {model_of(&one, &beta), model_of(&other, &beta)}, *merged,
		       *second;
		json_t *rows = json_object_get(docs[order], "seconds");
		char why[256];

		json_object_set_new(
		        json_object_get(docs[0], "environment"), "host", json_string("alpha"));
		json_object_set_new(docs[0], "id", json_string("another"));
		json_array_remove(rows, 4);
		json_array_insert_new(rows, 4, row(4.4, 0.4, 40, 0));
		json_array_insert_new(rows, 5, row(5, 0.6, 0, 0.6));
		merged = merged_of(docs, 2, why, sizeof(why));
		second = json_array_get(json_object_get(merged, "seconds"),
		        json_array_size(json_object_get(merged, "seconds")) - 1);
		cr_expect_eq(report_count(second, "completed"),
		        one.second[11].completed + other.second[11].completed);
		cr_expect_eq(report_number(second, "at_s"), 12);
		if (order == 0)
			continue;
		second = json_array_get(json_object_get(merged, "seconds"), 4);
		cr_expect_eq(report_count(second, "completed"), one.second[4].completed + 40);
		cr_expect_float_eq(report_number(second, "cps"),
		        (double)one.second[4].completed + 40, 0.01);
		cr_expect_eq(report_number(second, "away_s"), 0.6);
		cr_expect_eq(report_count(second, "open"), 256u + 3u);
		cr_expect_eq(json_array_size(json_object_get(second, "busy")), 2);
	}
}

Test(load_report_merge, what_may_be_our_own_adds_up_and_the_worse_verdict_stands)
{
	json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged;
	char why[256];

	json_object_set_new(json_object_get(docs[1], "latency"), "side", json_string("own"));
	merged = merged_of(docs, 2, why, sizeof(why));
	cr_expect_eq(report_count(merged, "lateness_us.count"),
	        one.total.lateness.count + other.total.lateness.count);
	cr_expect_eq(report_count(merged, "gaps_us.count"),
	        one.total.gaps.count + other.total.gaps.count);
	cr_expect_str_eq(report_text(merged, "latency.side"), "own");
	cr_expect(strstr(report_text(merged, "latency.text"), "alpha: ") != NULL);
	cr_expect(strstr(report_text(merged, "latency.text"), "beta: ") != NULL);
}

/* One that was written before there were these. */
Test(load_report_merge, older_report_brings_none_of_its_own)
{
	static const char *const later[] = {
	        "lateness_us", "gaps_us", "latency", "closed_idle", "closed_by_us"};

	for (unsigned order = 0; order < 2; order++) {
		json_t *docs[2] = {model_of(&one, &alpha), model_of(&other, &beta)}, *merged;
		char why[256];

		for (unsigned i = 0; i < sizeof(later) / sizeof(later[0]); i++)
			json_object_del(docs[order], later[i]);
		merged = merged_of(docs, 2, why, sizeof(why));
		cr_assert_not_null(merged);
		cr_expect_eq(report_count(merged, "lateness_us.count"),
		        order == 0 ? other.total.lateness.count : one.total.lateness.count);
		cr_expect_eq(report_count(merged, "closed_idle"), 0u);
		cr_expect_str_eq(report_text(merged, "latency.side"), "peer");
	}
}
