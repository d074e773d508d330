/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader of report files, and its messages. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "report_sample.h"

static struct load_result result;

static json_t *
good(void)
{
	sample_fill(&result, &(struct sample) {5, 2, 1000, 0, 1, 1, "alpha"});
	return sample_hold(load_report_model(&result));
}

/* The message of a reader of these bytes; "" if they were read. */
static const char *
read_bytes(const void *bytes, size_t len)
{
	static char why[256];
	char path[] = "report_read_test.XXXXXX";
	int fd = mkstemp(path);
	json_t *doc;

	why[0] = '\0';
	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
	doc = load_report_read(path, why, sizeof(why));
	unlink(path);
	cr_expect((doc == NULL) == (why[0] != '\0'));
	json_decref(doc);
	return why;
}

static const char *
read_doc(const json_t *doc)
{
	char *text = json_dumps(doc, 0);
	const char *why = read_bytes(text, strlen(text));

	free(text);
	return why;
}

static void
says(const char *why, const char *part)
{
	cr_expect(strstr(why, part) != NULL, "'%s' is not in: %s", part, why);
}

/* The good one with one member replaced. */
static const char *
read_with(const char *path, json_t *value)
{
	json_t *doc = good(), *object = doc;
	const char *dot = strrchr(path, '.');
	char parent[64] = "";

	if (dot != NULL) {
		memcpy(parent, path, (size_t)(dot - path));
		object = (json_t *)report_member(doc, parent);
		path = dot + 1;
	}
	if (value == NULL)
		json_object_del(object, path);
	else
		json_object_set_new(object, path, value);
	return read_doc(doc);
}

Test(load_report_read, a_report_is_read)
{
	cr_expect_str_eq(read_doc(good()), "");
}

Test(load_report_read, what_is_no_report_is_refused)
{
	says(read_bytes("", 0), "not JSON");
	says(read_bytes("hello", 5), "not JSON");
	says(read_bytes("\x7f"
	                "ELF\0\0",
	             6),
	        "not JSON");
	says(read_bytes("[]", 2), "not the report of a load");
	says(read_bytes("{\"kind\": 7}", 11), "not the report of a load");
	says(read_bytes("{\"a\":1,\"a\":2}", 13), "duplicate");
}

Test(load_report_read, a_file_that_is_not_there_is_named)
{
	char why[256] = "";

	cr_expect(load_report_read("no-such-report.json", why, sizeof(why)) == NULL);
	says(why, "no-such-report.json");
}

Test(load_report_read, another_schema_is_refused_with_both_versions)
{
	says(read_with("schema_version", json_integer(3)), "schema_version is 3, not 1 to 2");
	says(read_with("schema_version", json_integer(0)), "schema_version is 0");
	says(read_with("schema_version", json_string("1")), "schema_version");
}

/* The form of earlier versions. */
static const char *const due_counts[] = {
        "due", "due_attempted", "due_completed", "due_failed", "due_no_source"};

Test(load_report_read, a_report_of_schema_1_is_read)
{
	static const char rows[] = "[{\"what\": \"cps\", \"asked\": 5, \"measured\": 6, "
	                           "\"met\": true}, {\"what\": \"p99_ms\", \"asked\": 5, "
	                           "\"measured\": null, \"met\": false}]";
	json_t *doc = good();

	json_object_set_new(doc, "schema_version", json_integer(1));
	json_object_set_new(doc, "expectations", json_loads(rows, 0, NULL));
	json_object_del(doc, "id");
	json_object_del(doc, "status");
	json_object_del(doc, "verdict");
	json_object_del(doc, "closed_idle");
	json_object_del(doc, "closed_by_us");
	json_object_del(doc, "lateness_us");
	json_object_del(doc, "gaps_us");
	json_object_del(doc, "latency");
	for (unsigned i = 0; i < 5; i++)
		json_object_del(json_object_get(doc, "window"), due_counts[i]);
	json_object_del(json_object_get(doc, "spec"), "accept_status");
	json_object_del(json_object_get(doc, "errors"), "redirect");
	cr_expect_str_eq(read_doc(doc), "");
	json_object_del(json_object_get(doc, "errors"), "refused");
	says(read_doc(doc), "refused");
}

Test(load_report_read, what_schema_2_has_is_checked)
{
	says(read_with("status", json_pack("{s:i}", "99", 5)), "invalid code");
	says(read_with("status", json_pack("{s:i}", "2000", 5)), "invalid code");
	says(read_with("status", json_pack("{s:i}", "600", 5)), "invalid code");
	says(read_with("status", json_pack("{s:i}", "200", -5)), "\"200\" of status");
	says(read_with("parts", json_integer(5)), "parts");
	says(read_with("parts", json_pack("[i]", 5)), "parts");
	says(read_with("verdict.code", json_string("0")), "code");
	says(read_with("spec.accept_status", json_integer(5)), "accept_status");
	says(read_with("errors.redirect", NULL), "redirect");
	cr_expect_str_eq(read_with("parts", json_pack("[s]", "x")), "");
}

Test(load_report_read, expectations_are_known_and_each_is_there_once)
{
	json_t *row = json_pack("{s:s, s:i, s:i, s:b, s:b, s:s}", "what", "cps", "asked", 5,
	        "measured", 5, "met", 1, "not_measurable", 0, "why", "");
	json_t *unknown = json_deep_copy(row);

	json_object_set_new(unknown, "what", json_string("p42_ms"));
	cr_expect_str_eq(read_with("expectations", json_pack("[O]", row)), "");
	says(read_with("expectations", json_pack("[O, O]", row, row)), "twice");
	says(read_with("expectations", json_pack("[o]", unknown)), "p42_ms");
	json_object_del(row, "why");
	says(read_with("expectations", json_pack("[o]", row)), "why");
}

/* The parser quotes the text that it does not understand. */
Test(load_report_read, a_message_does_not_command_the_terminal)
{
	const char *why = read_bytes("{\"a\": \x7f\xc2\x9b", 9);

	cr_expect(report_text_is_plain(why), "%s", why);
	why = read_bytes("{\"\xc2\x9b\": 1, \"\xc2\x9b\": 1}", 18);
	says(why, "duplicate");
	cr_expect(report_text_is_plain(why), "%s", why);
}

Test(load_report_read, each_member_is_asked_for_and_must_be_of_its_type)
{
	json_t *doc = good(), *value;
	const char *key;

	json_object_foreach(doc, key, value)
	{
		if (strcmp(key, "kind") == 0 || strcmp(key, "schema_version") == 0)
			continue;
		says(read_with(key, NULL), key);
		says(read_with(key, json_null()), key);
	}
}

Test(load_report_read, what_tells_of_our_own_lateness_is_checked)
{
	for (unsigned i = 0; i < 5; i++) {
		char path[32];

		snprintf(path, sizeof(path), "window.%s", due_counts[i]);
		says(read_with(path, NULL), due_counts[i]);
		says(read_with(path, json_real(-1)), due_counts[i]);
	}
	says(read_with("lateness_us.count", json_integer(1)), "lateness_us");
	says(read_with("gaps_us.buckets", json_array()), "gaps_us");
	says(read_with("latency.side", json_integer(1)), "side");
}

Test(load_report_read, numbers_that_cannot_be_are_refused)
{
	says(read_with("completed", json_integer(-1)), "completed");
	says(read_with("completed", json_integer(INT64_MAX)), "completed");
	says(read_with("completed", json_real(1.5)), "completed");
	says(read_with("cps", json_real(-0.1)), "cps");
	says(read_with("cps", json_real(1e300)), "cps");
	says(read_with("spec.duration_s", json_string("30")), "duration_s");
	says(read_with("errors.refused", NULL), "refused");
	says(read_with("environment.host", json_integer(1)), "host");
}

/* Text that is printed to a terminal must not command it. */
Test(load_report_read, control_characters_are_refused)
{
	static const char *const bad[] = {
	        "\x1b]0;x\x07", "a\nb", "\x7f", "\xc2\x9b J", "\xe2\x80\xae", "\xe2\x81\xa9"};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		says(read_with("target", json_string(bad[i])), "control characters");
		says(read_with("limit.text", json_string(bad[i])), "control characters");
		says(read_with("notes", json_pack("[s]", bad[i])), "control characters");
	}
	cr_expect_str_eq(read_with("limit.text", json_string("\xc2\xa0\xc3\x9b")), "");
}

Test(load_report_read, buckets_that_are_not_ours_are_refused)
{
	static const char *const buckets[] = {"[[1, 2, 3]]", "[[5, 5, 1], [5, 5, 1]]",
	        "[[6, 6, 1], [5, 5, 1]]", "[[5, 5, 0]]", "[[5, 5, -1]]", "[[5, 5]]", "[5]",
	        "[[-1, -1, 1]]", "[[4294967296, 4294967297, 1]]", "[[5, 5, 1.5]]"};

	for (unsigned i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++)
		says(read_with("latency_us.whole.buckets", json_loads(buckets[i], 0, NULL)),
		        "the buckets of \"whole\"");
	says(read_with("latency_us.whole.count", json_integer(1)), "the buckets of \"whole\"");
	says(read_with("latency_us.whole.max", json_integer(1)), "the buckets of \"whole\"");
	says(read_with("latency_us.whole.mean", json_real(1e9)), "the buckets of \"whole\"");
}

Test(load_report_read, buckets_ascend)
{
	static const char latency[] = "{\"count\": 2, \"mean\": %d, \"p50\": 5, \"p90\": 5, "
	                              "\"p99\": 5, \"p99_9\": 5, \"max\": %d, \"buckets\": "
	                              "[[%d, %d, 1], [%d, %d, 1]]}";
	static const struct {
		int first, second;
		const char *says;
	} row[] = {{5, 6, ""}, {6, 5, "the buckets"}, {5, 5, "the buckets"}};
	char text[256];

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(text, sizeof(text), latency, 5, row[i].second, row[i].first,
		        row[i].first, row[i].second, row[i].second);
		says(read_with("latency_us.whole", json_loads(text, 0, NULL)), row[i].says);
		if (row[i].says[0] == '\0')
			cr_expect_str_eq(
			        read_with("latency_us.whole", json_loads(text, 0, NULL)), "");
	}
}

Test(load_report_read, a_timeline_must_have_each_core_in_each_second)
{
	says(read_with("cores", json_array()), "0 cores");
	says(read_with("seconds", json_loads("[1]", 0, NULL)), "seconds");
	says(read_with("expectations", json_loads("[{}]", 0, NULL)), "expectations");
}
