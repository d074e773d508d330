/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes a report as an HTML page, which is also well-formed XML for any parser.
 *
 * A report that was read from a file may hold any text. So each string goes through
 * plot_escape(), and numbers are printed from numbers. */
#include <inttypes.h>
#include <string.h>

#include "load/client/tally.h"
#include "load/report/plot.h"
#include "load/report/report.h"
#include "load/report/report_charts.h"
#include "load/report/report_doc.h"
#include "load/report/report_style.h"
#include "text/figure.h"

static void
put_text_cell(FILE *f, const char *text)
{
	fprintf(f, "<td class=\"t\">");
	plot_escape(f, text);
	fprintf(f, "</td>");
}

static void
put_number_cell(FILE *f, const char *text)
{
	fprintf(f, "<td class=\"n\">%s</td>", text);
}

static void
put_section(FILE *f, const char *title)
{
	fprintf(f, "<section><h2>%s</h2>\n", title);
}

static void
put_figure(FILE *f, const char *value, const char *what)
{
	fprintf(f, "<div class=\"figure\"><b>%s</b><span>%s</span></div>\n", value, what);
}

static void
put_head(FILE *f, const json_t *doc)
{
	fprintf(f, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">"
	           "<head><meta charset=\"utf-8\"/>"
	           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>"
	           "<title>Handfast: ");
	plot_escape(f, report_text(doc, "target"));
	fprintf(f, "</title>\n<style>%s</style></head>\n<body>\n", report_style);
}

/* Describes the load in a sentence. */
static void
put_title(FILE *f, const json_t *doc)
{
	const json_t *spec = json_object_get(doc, "spec");
	double rate = report_number(spec, "rate");

	fprintf(f, "<header><h1>");
	plot_escape(f, report_text(doc, "target"));
	fprintf(f, "</h1>\n<p class=\"dim\">%s %s, for %s after %s of warm-up%s",
	        rate > 0 ? figure_amount(rate).text
	                 : figure_count(report_count(spec, "concurrency")).text,
	        rate > 0 ? "connections started a second" : "connections at a time",
	        figure_seconds(report_number(spec, "duration_s")).text,
	        figure_seconds(report_number(spec, "warmup_s")).text,
	        report_true(doc, "stopped") ? "; stopped early" : "");
	if (report_count(spec, "requests_per_connection") > 1)
		fprintf(f, "; %s requests on each",
		        figure_count(report_count(spec, "requests_per_connection")).text);
	fprintf(f, ". Started ");
	plot_escape(f, report_text(doc, "environment.started"));
	fprintf(f, ".</p></header>\n");
}

static void
put_figures(FILE *f, const json_t *doc)
{
	bool measured = report_number(doc, "window.seconds") > 0;
	const json_t *whole = report_latency(doc, REPORT_WHOLE);
	bool ended = report_count(whole, "count") > 0;
	bool many = measured && report_count(doc, "spec.requests_per_connection") > 1;

	fprintf(f, "<div class=\"figures%s\">\n", many ? " six" : "");
	put_figure(f, measured ? figure_amount(report_number(doc, "cps")).text : "-",
	        "connections a second, in the steady window");
	if (many)
		put_figure(
		        f, figure_amount(report_number(doc, "rps")).text, "requests a second");
	put_figure(f, ended ? figure_duration(report_number(whole, "p50")).text : "-",
	        "whole connection, p50");
	put_figure(f, ended ? figure_duration(report_number(whole, "p99")).text : "-",
	        "whole connection, p99");
	put_figure(f, figure_count(report_count(doc, "completed")).text, "completed");
	put_figure(f, figure_count(report_count(doc, "errors.total")).text, "errors");
	fprintf(f, "</div>\n");
}

static void
put_limit(FILE *f, const json_t *doc)
{
	size_t i;
	json_t *note;

	if (report_text(doc, "limit.text")[0] != '\0') {
		fprintf(f, "<p class=\"limit\"><b>Limit:</b> ");
		plot_escape(f, report_text(doc, "limit.text"));
		fprintf(f, "</p>\n");
	}
	if (report_text(doc, "latency.text")[0] != '\0') {
		fprintf(f, "<p class=\"limit\"><b>Latencies:</b> ");
		plot_escape(f, report_text(doc, "latency.text"));
		fprintf(f, "</p>\n");
	}
	json_array_foreach(json_object_get(doc, "notes"), i, note)
	{
		fprintf(f, "<p class=\"limit\">");
		plot_escape(f, json_is_string(note) ? json_string_value(note) : "");
		fprintf(f, "</p>\n");
	}
	if (load_report_code(doc) != 0) {
		fprintf(f, "<p class=\"bad\">Failed: ");
		plot_escape(f, report_text(doc, "verdict.text"));
		fprintf(f, "</p>\n");
	}
}

static void
put_expectation(FILE *f, const json_t *e)
{
	enum expect what = expect_by_key(report_text(e, "what"));
	bool measured = !json_is_null(json_object_get(e, "measured"));
	bool met = report_true(e, "met"), unsure = report_true(e, "not_measurable");
	const char *unit = what == EXPECT_COUNT ? "" : expect_unit(what);

	if (what == EXPECT_COUNT)
		return;
	fprintf(f,
	        "<tr><td>%s</td><td class=\"n\">%s %s%s</td><td class=\"n\">%s%s</td>"
	        "<td class=\"%s\">%s</td><td class=\"t\">",
	        expectation_rows[what].name, expect_is_least(what) ? "at least" : "at most",
	        figure_amount(report_number(e, "asked")).text, unit,
	        measured ? figure_amount(report_number(e, "measured")).text : "-",
	        measured ? unit : "", met ? "good" : "bad",
	        met      ? "met"
	        : unsure ? "not measurable here"
	                 : "missed");
	plot_escape(f, report_text(e, "why"));
	fprintf(f, "</td></tr>\n");
}

static void
put_expectations(FILE *f, const json_t *doc)
{
	const json_t *all = json_object_get(doc, "expectations");
	size_t i;
	json_t *e;

	if (json_array_size(all) == 0)
		return;
	put_section(f, "Expectations");
	fprintf(f, "<div class=\"wide\"><table><tr><th></th><th class=\"n\">expected</th>"
	           "<th class=\"n\">measured</th><th></th><th></th></tr>\n");
	json_array_foreach(all, i, e) put_expectation(f, e);
	fprintf(f, "</table></div></section>\n");
}

static void
put_latency(FILE *f, const char *name, const json_t *one)
{
	static const char *const columns[] = {"mean", "p50", "p90", "p99", "p99_9", "max"};

	fprintf(f, "<tr><td>%s</td>", name);
	for (unsigned c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
		put_number_cell(f, figure_duration(report_number(one, columns[c])).text);
	put_number_cell(f, figure_count(report_count(one, "count")).text);
	fprintf(f, "</tr>\n");
}

static void
put_latencies(FILE *f, const json_t *doc)
{
	put_section(f, "Latency");
	report_chart_latency(f, doc);
	if (!report_latency_any(doc)) {
		fprintf(f, "</section>\n");
		return;
	}
	fprintf(f, "<div class=\"wide\"><table><tr><th>from the intended start to</th>"
	           "<th class=\"n\">mean</th><th class=\"n\">p50</th><th class=\"n\">p90</th>"
	           "<th class=\"n\">p99</th><th class=\"n\">p99.9</th><th class=\"n\">max</th>"
	           "<th class=\"n\">counted</th></tr>\n");
	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++) {
		if (report_latency_shown(doc, l))
			put_latency(f, report_latency_names[l], report_latency(doc, l));
	}
	for (enum report_own o = 0; o < REPORT_OWN; o++) {
		const json_t *one = json_object_get(doc, report_own_keys[o]);

		if (report_count(one, "count") > 0)
			put_latency(f, report_own_names[o], one);
	}
	fprintf(f,
	        "</table></div>\n<p class=\"dim\">The latencies are those of connections whose "
	        "intended start lies in the steady window. Connect ends with the handshake, whole "
	        "with the close%s. Our lateness is the time from the intended start until the port "
	        "got the SYN. Our gaps are the times between two turns, each counted once per "
	        "microsecond.",
	        report_latency_shown(doc, REPORT_REQUEST)
	                ? "; request is the time from its sending to its answer's end"
	                : "");
	if (report_survivors(doc))
		fprintf(f, " Whole covers the %s completed connections, not all %s.",
		        figure_count(report_count(doc, "completed")).text,
		        figure_count(report_count(doc, "attempted")).text);
	fprintf(f, "</p></section>\n");
}

static void
row_count(FILE *f, const char *what, uint64_t n, const char *text)
{
	fprintf(f, "<tr><td>%s</td>", what);
	put_number_cell(f, figure_count(n).text);
	fprintf(f, "<td>%s</td></tr>\n", text);
}

static void
put_status(FILE *f, const json_t *doc)
{
	if (json_object_size(json_object_get(doc, "status")) == 0)
		return;
	put_section(f, "Answers by status");
	fprintf(f, "<div class=\"wide\"><table>\n");
	for (unsigned code = STATUS_FIRST; code < STATUS_FIRST + STATUS_CODES; code++) {
		uint64_t n = report_status(doc, code);

		if (n > 0)
			fprintf(f, "<tr><td>%u</td><td class=\"n\">%s</td></tr>\n", code,
			        figure_count(n).text);
	}
	fprintf(f, "</table></div></section>\n");
}

static void
put_counts(FILE *f, const json_t *doc)
{
	put_section(f, "Connections and errors");
	fprintf(f, "<div class=\"wide\"><table>\n");
	row_count(f, "attempted", report_count(doc, "attempted"), "");
	row_count(f, "connected", report_count(doc, "connected"), "the handshake was complete");
	row_count(f, "completed", report_count(doc, "completed"),
	        "handshake, exchange and close were in order");
	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++) {
		uint64_t n = report_count(json_object_get(doc, "errors"), load_error_names[e]);

		if (n > 0)
			row_count(f, load_error_names[e], n, load_error_texts[e]);
	}
	row_count(f, "errors", report_count(doc, "errors.total"), "all kinds together");
	row_count(f, "sent again", report_count(doc, "retransmissions"),
	        "segments, including SYNs");
	row_count(f, "closed idle", report_count(doc, "closed_idle"),
	        "connections that the server ended between two requests");
	row_count(f, "closed by us", report_count(doc, "closed_by_us"),
	        "connections that the server did not close within a second");
	row_count(f, "handed over", report_count(doc, "handed_over"),
	        "segments that came to another core's queue");
	fprintf(f, "</table></div></section>\n");
}

static void
put_core(FILE *f, const json_t *core, bool hosts)
{
	const json_t *cycles = json_object_get(core, "cycles_per_connection");

	fprintf(f, "<tr>");
	if (hosts)
		put_text_cell(f, report_text(core, "host"));
	put_number_cell(f, figure_count(report_count(core, "lcore")).text);
	put_number_cell(f, figure_percent(report_number(core, "busy_percent")).text);
	put_number_cell(f, figure_percent(report_number(core, "away_percent")).text);
	put_number_cell(f, figure_count(report_count(core, "completed")).text);
	put_number_cell(
	        f, json_is_null(cycles) ? "-" : figure_amount(json_number_value(cycles)).text);
	fprintf(f, "</tr>\n");
}

static void
put_cores(FILE *f, const json_t *doc)
{
	const json_t *cores = json_object_get(doc, "cores");
	bool hosts = json_object_get(json_array_get(cores, 0), "host") != NULL;
	size_t i;
	json_t *core;

	put_section(f, "Our cores");
	report_chart_busy(f, doc);
	fprintf(f,
	        "<div class=\"wide\"><table><tr>%s<th class=\"n\">lcore</th>"
	        "<th class=\"n\">busy</th><th class=\"n\">away</th>"
	        "<th class=\"n\">completed</th>"
	        "<th class=\"n\">cycles for each</th></tr>\n",
	        hosts ? "<th>host</th>" : "");
	json_array_foreach(cores, i, core) put_core(f, core, hosts);
	fprintf(f, "</table></div></section>\n");
}

static void
row_text(FILE *f, const char *what, const char *text)
{
	fprintf(f, "<tr><td>%s</td>", what);
	put_text_cell(f, text);
	fprintf(f, "</tr>\n");
}

static void
put_machine(FILE *f, const json_t *env)
{
	char clock[48];

	snprintf(clock, sizeof(clock), "%.3f GHz", report_number(env, "tsc_hz") / 1e9);
	fprintf(f, "<div class=\"wide\"><table>\n");
	row_text(f, "host", report_text(env, "host"));
	row_text(f, "CPU", report_text(env, "cpu"));
	row_text(f, "TSC", clock);
	row_text(f, "kernel", report_text(env, "kernel"));
	row_text(f, "handfast", report_text(env, "handfast"));
	row_text(f, "DPDK", report_text(env, "dpdk"));
	row_text(f, "driver", report_text(env, "driver"));
	row_text(f, "hugepages", report_true(env, "hugepages") ? "yes" : "no");
	row_text(f, "checksums", report_true(env, "checksums") ? "by the port" : "in software");
	row_text(f, "started", report_text(env, "started"));
	fprintf(f, "</table></div>\n");
}

static void
put_environment(FILE *f, const json_t *doc)
{
	const json_t *machines = json_object_get(doc, "machines");
	size_t i;
	json_t *env;

	put_section(f, "Environment");
	if (json_array_size(machines) == 0)
		put_machine(f, json_object_get(doc, "environment"));
	json_array_foreach(machines, i, env) put_machine(f, env);
	fprintf(f, "</section>\n");
}

void
load_report_html(FILE *f, const json_t *doc)
{
	put_head(f, doc);
	put_title(f, doc);
	put_figures(f, doc);
	put_limit(f, doc);
	put_expectations(f, doc);
	put_section(f, "Connections a second");
	report_chart_rate(f, doc);
	fprintf(f, "</section>\n");
	put_latencies(f, doc);
	put_counts(f, doc);
	put_status(f, doc);
	put_cores(f, doc);
	put_environment(f, doc);
	fprintf(f, "</body></html>\n");
}
