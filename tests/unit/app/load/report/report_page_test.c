/* SPDX-License-Identifier: BSD-3-Clause */
/* The text and the page of a report. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/report/plot.h"
#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "report_sample.h"
#include "text/figure.h"

#define DEPTH 32

static struct load_result result;

static json_t *
model_of(const struct sample *s)
{
	sample_fill(&result, s);
	return sample_hold(load_report_model(&result));
}

static char *
printed(const json_t *doc, void (*print)(FILE *f, const json_t *doc))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	print(f, doc);
	fclose(f);
	return sample_hold(text);
}

static void
shows(const char *text, const char *part)
{
	cr_expect(strstr(text, part) != NULL, "'%s' is not in:\n%s", part, text);
}

static void
hides(const char *text, const char *part)
{
	cr_expect(strstr(text, part) == NULL, "'%s' is in:\n%s", part, text);
}

/* Each element that was opened is closed, in order; no bare '<' or '&'. NULL:
 * well-formed; else where it is not. */
static const char *
ill_formed(const char *p)
{
	char open[DEPTH][16];
	unsigned depth = 0;

	for (; *p != '\0'; p++) {
		const char *end = strchr(p, '>'), *name = p + 1;
		size_t len;

		if (*p == '&' && strchr(p, ';') - p > 6)
			return p;
		if (*p != '<' || p[1] == '!')
			continue;
		if (end == NULL || memchr(name, '<', (size_t)(end - name)) != NULL)
			return p;
		name += *name == '/';
		len = strcspn(name, " />");
		if (len == 0 || len >= sizeof(open[0]) || !isalpha((unsigned char)*name))
			return p;
		if (p[1] == '/') {
			if (depth == 0 || strlen(open[depth - 1]) != len ||
			        memcmp(open[--depth], name, len) != 0)
				return p;
		} else if (end[-1] != '/') {
			if (depth == DEPTH)
				return p;
			snprintf(open[depth++], sizeof(open[0]), "%.*s", (int)len, name);
		}
		p = end;
	}
	return depth == 0 ? NULL : p;
}

static char *
escaped(const char *bytes)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	plot_escape(f, bytes);
	fclose(f);
	return sample_hold(text);
}

static const struct sample plain = {10, 2, 100000, 0, 1, 1, "alpha"};

Test(load_report_text, the_figures_are_there_in_lines_of_a_terminal)
{
	char *text = printed(model_of(&plain), load_report_text);

	shows(text, "100,000 connections/s completed, over the steady window of 10 s");
	shows(text, "1,100,000 completed of 1,100,023 attempted");
	shows(text, "timeout            3  no complete answer within `timeout`");
	shows(text, "    lcore 2         70 %");
	shows(text, "1,391");
	shows(text, "limit       The peer");
	hides(text, "bad_status");
	hides(text, "request ");
	hides(text, "expected");
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		cr_expect_leq(strlen(line), 100, "%s", line);
}

Test(load_report_text, a_request_has_a_line_if_a_connection_makes_several)
{
	char *text = printed(
	        model_of(&(struct sample) {10, 1, 1000, 0, 5, 1, "a"}), load_report_text);

	shows(text, "    request ");
	shows(text, "5,000 requests/s");
}

Test(load_report_text, expectations_are_met_or_missed)
{
	json_t *doc = model_of(&plain);
	char *text;

	report_expect(doc, &(struct expectations) {
	                           .asked = {[EXPECT_CPS] = true, [EXPECT_WHOLE_P99] = true},
	                           .value = {[EXPECT_CPS] = 100000, [EXPECT_WHOLE_P99] = 0.1}});
	text = printed(doc, load_report_text);
	shows(text, "cps at least 100,000: 100,000  met");
	shows(text, "p99 at most 0.1 ms: ");
	shows(text, "  MISSED");
}

Test(load_report_text, without_a_completed_connection_it_says_so)
{
	char *text = printed(
	        model_of(&(struct sample) {10, 2, 0, 100, 1, 1, "a"}), load_report_text);

	shows(text, "FAILED      no connection was completed");
	hides(text, "latency");
}

Test(load_report_text, most_of_the_answers_were_503)
{
	json_t *doc;
	char *text;

	sample_fill(&result, &plain);
	result.total.attempted = result.total.intended = 599;
	result.total.completed = result.total.window_completed = 247;
	memset(result.total.error, 0, sizeof(result.total.error));
	result.total.error[LOAD_ERROR_bad_status] = 352;
	result.total.status[200 - STATUS_FIRST] = 247;
	result.total.status[503 - STATUS_FIRST] = 352;
	doc = sample_hold(load_report_model(&result));
	text = printed(doc, load_report_text);
	shows(text, "  status       200: 247, 503: 352\n");
	shows(text, "FAILED      352 of 599 attempts failed");
	shows(text, "(whole covers the 247 completed connections, not all 599)");
	text = printed(doc, load_report_html);
	shows(text, "<tr><td>503</td><td class=\"n\">352</td></tr>");
	shows(text, "Whole covers the 247 completed connections, not all 599.");
	shows(text, "Failed: 352 of 599 attempts failed");
}

Test(load_report_text, each_expectation_reads_as_it_is_said)
{
	struct expectations all;
	json_t *doc = model_of(&plain);
	char *text, *html;
	const char *where;

	for (enum expect e = 0; e < EXPECT_COUNT; e++) {
		all.asked[e] = true;
		all.value[e] = 50;
	}
	report_expect(doc, &all);
	text = printed(doc, load_report_text);
	html = printed(doc, load_report_html);
	shows(text, "expected     rps at least 50: 100,000  met");
	shows(text, "expected     errors at most 50: 23  met");
	shows(text, "expected     errors at most 50 %: ");
	shows(text, "expected     connect p99.9 at most 50 ms: ");
	shows(text, "expected     first-byte p50 at most 50 ms: ");
	for (enum expect e = 0; e < EXPECT_COUNT; e++)
		shows(html, expectation_rows[e].name);
	where = ill_formed(html);
	cr_expect(where == NULL, "%.80s", where);
}

Test(load_report_text, a_miss_that_may_be_ours_is_no_miss_of_the_peers)
{
	json_t *doc = model_of(&plain);
	double p99_ms = report_number(doc, "latency_us.whole.p99") / 1000;

	json_object_set(doc, "lateness_us",
	        json_object_get(json_object_get(doc, "latency_us"), "whole"));
	report_expect(doc, &(struct expectations) {.asked = {[EXPECT_WHOLE_P99] = true},
	                           .value = {[EXPECT_WHOLE_P99] = 0.9 * p99_ms}});
	shows(printed(doc, load_report_text), "NOT MEASURABLE HERE");
	shows(printed(doc, load_report_html), "not measurable here");
}

Test(load_report_text, without_a_window_no_rate_is_claimed)
{
	json_t *doc;
	char *text;

	sample_fill(&result, &plain);
	result.window_s = 0;
	result.stopped = true;
	doc = sample_hold(load_report_model(&result));
	text = printed(doc, load_report_text);
	shows(text, "no figures");
	shows(text, "stopped early");
	hides(text, "connections/s");
}

Test(load_report_html, it_is_well_formed_whatever_the_load_was)
{
	static const struct sample sample[] = {{10, 2, 100000, 0, 1, 1, "a"},
	        {1, 1, 10, 5, 3, 1, "a"}, {600, 3, 250000, 0, 1, 1, "a"},
	        {20, 64, 9000000, 0, 1, 1, "a"}, {10, 2, 0, 100, 1, 1, "a"}};

	for (unsigned i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
		char *html = printed(model_of(&sample[i]), load_report_html);
		const char *where = ill_formed(html);

		cr_expect(where == NULL, "sample %u: %.80s", i, where);
		hides(html, "nan");
		hides(html, "inf\"");
		free(html);
	}
}

Test(load_report_html, an_empty_result_is_a_page_too)
{
	const char *where;

	memset(&result, 0, sizeof(result));
	load_judge(&result);
	where = ill_formed(printed(sample_hold(load_report_model(&result)), load_report_html));
	cr_expect(where == NULL, "%.80s", where);
}

Test(load_report_html, it_needs_no_other_file_and_no_script)
{
	char *html = printed(model_of(&plain), load_report_html);

	hides(html, "<script");
	hides(html, "<link");
	hides(html, "src=");
	hides(html, "href=");
	hides(html, "url(");
	hides(html, "@import");
}

Test(load_report_html, strings_of_a_file_are_text_and_not_markup)
{
	static const char bad[] = "</style><script>alert(1)</script>&\"'";
	json_t *doc = model_of(&plain),
	       *machine = json_deep_copy(json_object_get(doc, "environment"));
	char *html;
	const char *where;

	json_object_set_new(doc, "target", json_string(bad));
	json_object_set_new(json_object_get(doc, "limit"), "text", json_string(bad));
	json_object_set_new(doc, "notes", json_pack("[s]", bad));
	for (unsigned c = 0; c < 2; c++)
		json_object_set_new(json_array_get(json_object_get(doc, "cores"), c), "host",
		        json_string(bad));
	json_object_set_new(machine, "host", json_string(bad));
	json_object_set_new(machine, "cpu", json_string(bad));
	json_object_set_new(doc, "machines", json_pack("[o]", machine));
	json_object_set_new(json_object_get(doc, "environment"), "started", json_string(bad));
	html = printed(doc, load_report_html);
	hides(html, "<script");
	shows(html, "&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;");
	where = ill_formed(html);
	cr_expect(where == NULL, "%.80s", where);
}

/* XML 1.0, 2.2. Characters that would not be displayed are replaced, too. */
Test(load_report_html, what_is_no_character_is_replaced)
{
	static const char *const bad[] = {"\xef\xbf\xbe", "\xef\xbf\xbf", "\xf0\x9f\xbf\xbf",
	        "\xef\xb7\x90", "\x01", "\x1b", "\x7f", "\xc2\x85", "\xe2\x80\xae",
	        "\xe2\x81\xa6", "\xe2\x80\xa8", "\xff", "\xf8\x90\x80\x80", "\xc0\x80",
	        "\xed\xa0\x80", "\xe2\x80"};
	static const char *const good[] = {
	        "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xef\xbf\xbd", "\xc2\xa0"};
	char text[32];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "a%s.", bad[i]);
		hides(escaped(text), bad[i]);
		shows(escaped(text), "a\xef\xbf\xbd");
		shows(escaped(text), ".");
	}
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "a%s.", good[i]);
		cr_expect_str_eq(escaped(text), text);
	}
}

Test(load_report_html, each_plot_and_the_figures_are_there)
{
	char *html = printed(model_of(&plain), load_report_html);

	shows(html, "<b>100,000</b><span>connections a second");
	shows(html, "<title>Connections completed a second, over time</title>");
	shows(html, "<title>Latency by percentile</title>");
	shows(html, "<title>Busy share of each core, over time</title>");
	shows(html, "class=\"warmup\"");
	shows(html, ">99.9</text>");
}

Test(load_figure, numbers_are_as_people_write_them)
{
	cr_expect_str_eq(figure_count(0).text, "0");
	cr_expect_str_eq(figure_count(999).text, "999");
	cr_expect_str_eq(figure_count(1000).text, "1,000");
	cr_expect_str_eq(figure_count(UINT64_MAX).text, "18,446,744,073,709,551,615");
	cr_expect_str_eq(figure_amount(0.3).text, "0.3");
	cr_expect_str_eq(figure_amount(1234.5678).text, "1,235");
	cr_expect_str_eq(figure_short(9000).text, "9,000");
	cr_expect_str_eq(figure_short(250000).text, "250 k");
	cr_expect_str_eq(figure_short(1.5e6).text, "1.5 M");
	cr_expect_str_eq(figure_duration(0).text, "0 us");
	cr_expect_str_eq(figure_duration(999).text, "999 us");
	cr_expect_str_eq(figure_duration(1000).text, "1.00 ms");
	cr_expect_str_eq(figure_duration(33600).text, "33.6 ms");
	cr_expect_str_eq(figure_duration(999600).text, "1.00 s");
	cr_expect_str_eq(figure_percent(0.004).text, "0 %");
	cr_expect_str_eq(figure_percent(0.4).text, "0.4 %");
	cr_expect_str_eq(figure_percent(99.7).text, "100 %");
}

/* A figure that may be our own stands beside the measured one. A second in which we did not run
 * does not look like a second of the server. */
Test(load_report_page, what_is_our_own_is_shown_as_that)
{
	json_t *doc = model_of(&(struct sample) {10, 2, 1000, 0, 1, 1, "alpha"}), *second;
	const char *text, *page;

	text = printed(doc, load_report_text);
	page = printed(doc, load_report_html);
	shows(text, "\n  our lateness ");
	shows(text, "\n  our gaps ");
	shows(text, "\n  latencies   The latencies are the peer's");
	shows(page, "<td>our lateness</td>");
	shows(page, "<td>our gaps</td>");
	shows(page, "<b>Latencies:</b> The latencies are the peer&#39;s");
	hides(page, "handfast did not run");
	second = json_array_get(json_object_get(doc, "seconds"), 5);
	json_object_set_new(second, "away_s", json_real(0.5));
	page = printed(doc, load_report_html);
	shows(page, "class=\"away\"");
	shows(page, "handfast did not run");
	cr_expect(ill_formed(page) == NULL);
}

Test(load_report_page, ends_that_are_no_errors_are_told_where_there_are_any)
{
	json_t *doc = model_of(&(struct sample) {10, 2, 1000, 0, 5, 1, "alpha"});

	hides(printed(doc, load_report_text), "closed idle");
	json_object_set_new(doc, "closed_idle", json_integer(12));
	json_object_set_new(doc, "closed_by_us", json_integer(34));
	shows(printed(doc, load_report_text),
	        "closed idle         12  connections that the server ended");
	shows(printed(doc, load_report_text),
	        "closed by us        34  connections that the server did not close");
}
