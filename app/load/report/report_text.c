/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints a report as text for a terminal. */
#include <inttypes.h>
#include <string.h>

#include "load/client/tally.h"
#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "text/figure.h"

#define WIDTH 80

static void
print_title(FILE *f, const json_t *doc)
{
	const json_t *spec = json_object_get(doc, "spec");
	double rate = report_number(spec, "rate");

	fprintf(f, "load %s", report_text(doc, "target"));
	if (rate > 0)
		fprintf(f, "  rate %s", figure_amount(rate).text);
	else
		fprintf(f, "  concurrency %s",
		        figure_count(report_count(spec, "concurrency")).text);
	fprintf(f, "  duration %s  warm-up %s%s\n\n",
	        figure_seconds(report_number(spec, "duration_s")).text,
	        figure_seconds(report_number(spec, "warmup_s")).text,
	        report_true(doc, "stopped") ? "  (stopped early)" : "");
}

static void
print_headline(FILE *f, const json_t *doc)
{
	uint64_t intended = report_count(doc, "intended");
	uint64_t attempted = report_count(doc, "attempted");
	double window_s = report_number(doc, "window.seconds");

	if (window_s <= 0)
		fprintf(f, "  no figures: the load ended before the steady window began\n");
	else
		fprintf(f, "  %s connections/s completed, over the steady window of %s\n",
		        figure_amount(report_number(doc, "cps")).text,
		        figure_seconds(window_s).text);
	if (window_s > 0 && report_count(doc, "spec.requests_per_connection") > 1)
		fprintf(f, "  %s requests/s answered\n",
		        figure_amount(report_number(doc, "rps")).text);
	fprintf(f, "  %s completed of %s attempted, in %s\n",
	        figure_count(report_count(doc, "completed")).text, figure_count(attempted).text,
	        figure_seconds(report_number(doc, "ran_s")).text);
	if (intended > attempted)
		fprintf(f, "  %s more were due but not opened before the end\n",
		        figure_count(intended - attempted).text);
}

/* A connection that failed has no latency `whole`. */
static void
print_survivors(FILE *f, const json_t *doc)
{
	if (report_survivors(doc))
		fprintf(f, "    (whole covers the %s completed connections, not all %s)\n",
		        figure_count(report_count(doc, "completed")).text,
		        figure_count(report_count(doc, "attempted")).text);
}

static void
print_latency(FILE *f, const char *name, int indent, const json_t *one)
{
	static const char *const columns[] = {"p50", "p90", "p99", "p99_9", "max"};

	fprintf(f, "%*s%-*s", indent, "", 14 - indent, name);
	for (unsigned c = 0; c < sizeof(columns) / sizeof(columns[0]); c++)
		fprintf(f, " %9s", figure_duration(report_number(one, columns[c])).text);
	fprintf(f, "\n");
}

static void
print_latencies(FILE *f, const json_t *doc)
{
	if (!report_latency_any(doc))
		return;
	fprintf(f, "\n  %-12s %9s %9s %9s %9s %9s\n", "latency", "p50", "p90", "p99", "p99.9",
	        "max");
	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++) {
		if (report_latency_shown(doc, l))
			print_latency(f, report_latency_names[l], 4, report_latency(doc, l));
	}
}

/* The parts of the latencies that may be our own. */
static void
print_own_latencies(FILE *f, const json_t *doc)
{
	for (enum report_own o = 0; o < REPORT_OWN; o++) {
		const json_t *one = json_object_get(doc, report_own_keys[o]);

		if (report_latency_any(doc) && report_count(one, "count") > 0)
			print_latency(f, report_own_names[o], 2, one);
	}
	print_survivors(f, doc);
}

static void
print_errors(FILE *f, const json_t *doc)
{
	const json_t *errors = json_object_get(doc, "errors");

	fprintf(f, "\n  %-12s %9s\n", "errors",
	        figure_count(report_count(errors, "total")).text);
	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++) {
		uint64_t n = report_count(errors, load_error_names[e]);

		if (n > 0)
			fprintf(f, "    %-12s %7s  %s\n", load_error_names[e],
			        figure_count(n).text, load_error_texts[e]);
	}
}

/* "200: 247, 503: 352", the lowest code first. */
static void
print_status(FILE *f, const json_t *doc)
{
	bool first = true;

	for (unsigned code = STATUS_FIRST; code < STATUS_FIRST + STATUS_CODES; code++) {
		uint64_t n = report_status(doc, code);

		if (n == 0)
			continue;
		if (first)
			fprintf(f, "  %-12s ", "status");
		fprintf(f, "%s%u: %s", first ? "" : ", ", code, figure_count(n).text);
		first = false;
	}
	if (!first)
		fprintf(f, "\n");
}

static void
print_nonzero_count(FILE *f, const char *what, uint64_t n, const char *text)
{
	if (n > 0)
		fprintf(f, "  %-12s %9s  %s\n", what, figure_count(n).text, text);
}

static void
print_counts(FILE *f, const json_t *doc)
{
	fprintf(f, "  %-12s %9s  segments, including SYNs\n", "sent again",
	        figure_count(report_count(doc, "retransmissions")).text);
	print_nonzero_count(f, "closed idle", report_count(doc, "closed_idle"),
	        "connections that the server ended between two requests");
	print_nonzero_count(f, "closed by us", report_count(doc, "closed_by_us"),
	        "connections that the server did not close within a second");
	print_nonzero_count(f, "handed over", report_count(doc, "handed_over"),
	        "segments that came to another core's queue");
}

static void
print_core(FILE *f, const json_t *core)
{
	const json_t *cycles = json_object_get(core, "cycles_per_connection");
	const char *host = report_text(core, "host");

	fprintf(f, "    lcore %-4" PRIu64 " %9s %9s %15s %17s%s%s\n",
	        report_count(core, "lcore"),
	        figure_percent(report_number(core, "busy_percent")).text,
	        figure_percent(report_number(core, "away_percent")).text,
	        figure_count(report_count(core, "completed")).text,
	        json_is_null(cycles) ? "-" : figure_amount(json_number_value(cycles)).text,
	        host[0] != '\0' ? "  " : "", host);
}

static void
print_cores(FILE *f, const json_t *doc)
{
	const json_t *cores = json_object_get(doc, "cores");
	size_t i;
	json_t *core;

	if (json_array_size(cores) == 0)
		return;
	fprintf(f, "\n  %-12s %9s %9s %15s %17s\n", "cores", "busy", "away", "completed",
	        "cycles each");
	json_array_foreach(cores, i, core) print_core(f, core);
}

/* Prints a text in lines of at most WIDTH characters. */
static void
print_wrapped(FILE *f, const char *title, const char *text)
{
	int column = fprintf(f, "\n  %-11s", title);

	while (*text != '\0') {
		int len = (int)strcspn(text, " ");

		if (column + 1 + len > WIDTH)
			column = fprintf(f, "\n%13s", "") - 1;
		column += fprintf(f, " %.*s", len, text);
		text += len;
		text += *text == ' ';
	}
	fprintf(f, "\n");
}

static void
print_limit(FILE *f, const json_t *doc)
{
	size_t i;
	json_t *note;

	if (report_text(doc, "limit.text")[0] != '\0')
		print_wrapped(f, "limit", report_text(doc, "limit.text"));
	if (report_text(doc, "latency.text")[0] != '\0' && report_latency_any(doc))
		print_wrapped(f, "latencies", report_text(doc, "latency.text"));
	json_array_foreach(json_object_get(doc, "notes"), i, note)
	{
		if (json_is_string(note))
			print_wrapped(f, "note", json_string_value(note));
	}
}

static void
print_expectation(FILE *f, const json_t *e)
{
	enum expect what = expect_by_key(report_text(e, "what"));
	const char *unit = what == EXPECT_COUNT ? "" : expect_unit(what);
	bool known = !json_is_null(json_object_get(e, "measured"));
	struct figure asked = figure_amount(report_number(e, "asked"));
	struct figure measured = figure_amount(report_number(e, "measured"));

	if (what == EXPECT_COUNT)
		return;
	fprintf(f, "  %-12s %s %s %s%s: %s%s  %s\n", "expected", expectation_rows[what].words,
	        expect_is_least(what) ? "at least" : "at most", asked.text, unit,
	        known ? measured.text : "not measured", known ? unit : "",
	        report_true(e, "met")              ? "met"
	        : report_true(e, "not_measurable") ? "NOT MEASURABLE HERE"
	                                           : "MISSED");
	if (report_text(e, "why")[0] != '\0')
		fprintf(f, "  %-12s   %s\n", "", report_text(e, "why"));
}

static void
print_verdict(FILE *f, const json_t *doc)
{
	const json_t *all = json_object_get(doc, "expectations");
	size_t i;
	json_t *e;

	if (json_array_size(all) > 0)
		fprintf(f, "\n");
	json_array_foreach(all, i, e) print_expectation(f, e);
	if (load_report_code(doc) != 0)
		print_wrapped(f, "FAILED", report_text(doc, "verdict.text"));
}

void
load_report_text(FILE *f, const json_t *doc)
{
	print_title(f, doc);
	print_headline(f, doc);
	print_latencies(f, doc);
	print_own_latencies(f, doc);
	print_errors(f, doc);
	print_status(f, doc);
	print_counts(f, doc);
	print_cores(f, doc);
	print_limit(f, doc);
	print_verdict(f, doc);
}
