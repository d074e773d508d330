/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load/report.h"
#include "load/report_doc.h"
#include "report_sample.h"

static struct load_result result;

static json_t *
good(void)
{
	sample_fill(&result, &(struct sample) {5, 2, 1000, 0, 1, 1, "alpha"});
	return sample_hold(load_report_model(&result));
}

/* What reading a file of these bytes says; "" if it was read. */
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
	says(read_with("schema_version", json_integer(2)), "schema_version is 2, not 1");
	says(read_with("schema_version", json_string("1")), "schema_version");
}

static const char *const later[] = {"closed_idle", "closed_by_us", "lateness_us", "gaps_us",
        "latency", "window.due", "window.due_completed", NULL};

static bool
came_later(const char *key)
{
	unsigned i = 0;

	while (later[i] != NULL && strcmp(later[i], key) != 0)
		i++;
	return later[i] != NULL;
}

Test(load_report_read, each_member_is_asked_for_and_must_be_of_its_type)
{
	json_t *doc = good(), *value;
	const char *key;

	json_object_foreach(doc, key, value)
	{
		if (strcmp(key, "kind") == 0 || strcmp(key, "schema_version") == 0)
			continue;
		if (!came_later(key))
			says(read_with(key, NULL), key);
		says(read_with(key, json_null()), key);
	}
}

/* Reports that were written before there were these. */
Test(load_report_read, what_came_later_may_be_missing_but_not_wrong)
{
	for (unsigned i = 0; later[i] != NULL; i++) {
		cr_expect_str_eq(read_with(later[i], NULL), "", "%s", later[i]);
		says(read_with(later[i], json_real(-1)),
		        strrchr(later[i], '.') != NULL ? strrchr(later[i], '.') + 1 : later[i]);
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

/* What is printed to a terminal must not command it. */
Test(load_report_read, control_characters_are_refused)
{
	static const char *const bad[] = {"\x1b]0;x\x07", "a\nb", "\x7f", "\xc2\x9b J"};

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
