/* SPDX-License-Identifier: BSD-3-Clause */
/* The document of a report. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "report_sample.h"

static struct load_result result;

static json_t *
model_of(const struct sample *s, double cps, double p99_ms)
{
	json_t *doc;

	sample_fill(&result, s);
	result.spec.expect.asked[EXPECT_CPS] = cps > 0;
	result.spec.expect.value[EXPECT_CPS] = cps;
	result.spec.expect.asked[EXPECT_WHOLE_P99] = p99_ms > 0;
	result.spec.expect.value[EXPECT_WHOLE_P99] = p99_ms;
	doc = load_report_model(&result);
	free(result.second);
	return doc;
}

static const struct sample plain = {10, 2, 100000, 0, 1, 1, "alpha"};

Test(load_report_model, the_keys_that_others_read_are_there)
{
	static const char *const keys[] = {"schema_version", "kind", "target", "spec.kind",
	        "attempted", "connected", "completed", "requests", "cps", "rps",
	        "window.seconds", "errors.total", "errors.timeout", "latency_us.connect.p50",
	        "latency_us.first_byte.p90", "latency_us.whole.p99_9",
	        "latency_us.request.buckets", "retransmissions", "handed_over", "limit.side",
	        "limit.text", "expectations", "passed", "verdict.code", "id", "status",
	        "spec.accept_status", "stopped", "seconds", "cores", "environment.host"};
	json_t *doc = model_of(&plain, 0, 0);

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cr_expect(report_member(doc, keys[i]) != NULL, "%s", keys[i]);
	json_decref(doc);
}

Test(load_report_model, rates_are_of_the_steady_window)
{
	json_t *doc = model_of(&(struct sample) {10, 2, 100000, 0, 3, 1, "alpha"}, 0, 0);

	cr_expect_eq(report_number(doc, "cps"), 100000);
	cr_expect_eq(report_number(doc, "rps"), 300000);
	cr_expect_eq(report_count(doc, "completed"), 1100000);
	cr_expect_eq(report_count(doc, "errors.total"), 23);
	cr_expect_str_eq(report_text(doc, "environment.started"), "2023-11-14T22:13:20Z");
	cr_expect_str_eq(report_text(doc, "kind"), "handfast-load");
	json_decref(doc);
}

Test(load_report_model, buckets_are_those_that_counted_and_give_the_histogram_back)
{
	static struct histogram h;
	json_t *doc = model_of(&plain, 0, 0);

	cr_assert(report_latency_take(report_latency(doc, REPORT_WHOLE), &h));
	cr_expect_arr_eq(h.bucket, result.total.whole.bucket, sizeof(h.bucket));
	cr_expect_eq(h.max_us, result.total.whole.max_us);
	cr_expect_eq(report_count(doc, "latency_us.whole.p99"),
	        histogram_quantile(&result.total.whole, 0.99));
	json_decref(doc);
}

Test(load_report_model, an_expectation_is_met_at_what_was_asked_and_missed_beyond)
{
	json_t *met = model_of(&plain, 100000, 1000), *slow = model_of(&plain, 0, 0.05);
	json_t *few = model_of(&plain, 100001, 0);

	cr_expect(load_report_passed(met));
	cr_expect(report_true(met, "passed"));
	cr_expect_eq(json_array_size(json_object_get(met, "expectations")), 2);
	cr_expect_not(load_report_passed(few));
	cr_expect_not(load_report_passed(slow));
	json_decref(met);
	json_decref(few);
	json_decref(slow);
}

Test(load_report_model, nothing_completed_is_not_passed_and_has_no_p99)
{
	json_t *doc = model_of(&(struct sample) {10, 1, 0, 100, 1, 1, "a"}, 0, 5);
	json_t *p99 = json_array_get(json_object_get(doc, "expectations"), 0);

	cr_expect_not(load_report_passed(doc));
	cr_expect(json_is_null(json_object_get(p99, "measured")));
	cr_expect_not(report_true(p99, "met"));
	json_decref(doc);
}

Test(load_report_model, without_expectations_something_must_be_completed)
{
	json_t *none = model_of(&(struct sample) {10, 1, 0, 100, 1, 1, "a"}, 0, 0);
	json_t *some = model_of(&plain, 0, 0);

	cr_expect_not(load_report_passed(none));
	cr_expect_not(report_true(none, "passed"));
	cr_expect(load_report_passed(some));
	json_decref(none);
	json_decref(some);
}

/* A written document is read back unchanged. */
Test(load_report_model, control_characters_in_names_do_not_get_into_the_report)
{
	static const char *const bad[] = {"a\x1b[31mb", "a\nb", "a\x7f", "a\xc2\x9b"};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *doc;

		sample_fill(&result, &plain);
		snprintf(result.host, sizeof(result.host), "%s", bad[i]);
		doc = sample_hold(load_report_model(&result));
		cr_expect(report_text_is_plain(report_text(doc, "environment.host")), "%u", i);
		cr_expect_eq(report_text(doc, "environment.host")[0], 'a');
	}
}

Test(load_report_model, answers_are_counted_by_status)
{
	json_t *doc;

	sample_fill(&result, &plain);
	result.total.status[200 - STATUS_FIRST] = 247;
	result.total.status[503 - STATUS_FIRST] = 352;
	doc = sample_hold(load_report_model(&result));
	cr_expect_eq(json_object_size(json_object_get(doc, "status")), 2);
	cr_expect_eq(report_status(doc, 200), 247);
	cr_expect_eq(report_status(doc, 503), 352);
	cr_expect_eq(report_status(doc, 404), 0);
	cr_expect_str_eq(report_text(doc, "spec.accept_status"), "2xx");
}

Test(load_report_model, only_http_has_a_status)
{
	json_t *doc;

	sample_fill(&result, &plain);
	result.spec.url.kind = LOAD_TCP;
	doc = sample_hold(load_report_model(&result));
	cr_expect(json_is_null(report_member(doc, "spec.accept_status")));
}

Test(load_report_model, names_that_are_no_utf8_do_not_lose_the_report)
{
	json_t *doc;

	sample_fill(&result, &plain);
	snprintf(result.host, sizeof(result.host), "caf\xe9");
	doc = load_report_model(&result);
	cr_assert(doc != NULL);
	cr_expect_str_eq(report_text(doc, "environment.host"), "caf?");
	free(result.second);
	json_decref(doc);
}

Test(load_report_file, what_is_written_is_read_again)
{
	char path[] = "report_model_test.XXXXXX", why[256] = "";
	json_t *doc = model_of(&plain, 5, 5), *again;
	int fd = mkstemp(path);

	close(fd);
	cr_assert_eq(load_report_write_json(path, doc), 0);
	again = load_report_read(path, why, sizeof(why));
	unlink(path);
	cr_assert(again != NULL, "%s", why);
	cr_expect(json_equal(doc, again));
	json_decref(doc);
	json_decref(again);
}

Test(load_report_file, where_no_file_can_be_the_error_is_told)
{
	json_t *doc = model_of(&plain, 0, 0);

	cr_expect_eq(load_report_write_json("no-such-folder/report.json", doc), -ENOENT);
	cr_expect_eq(load_report_write_html("no-such-folder/report.html", doc), -ENOENT);
	json_decref(doc);
}

Test(load_report_file, what_cannot_be_replaced_leaves_nothing_beside_it)
{
	char folder[] = "report_model_test.XXXXXX", path[64];
	json_t *doc = model_of(&plain, 0, 0);

	cr_assert(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/report.json", folder);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_expect_eq(load_report_write_json(path, doc), -EISDIR);
	cr_expect_eq(rmdir(path), 0);
	cr_expect_eq(rmdir(folder), 0, "a file was left");
	json_decref(doc);
}
