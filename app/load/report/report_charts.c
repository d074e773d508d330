/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws the plots of a report. */
#include "load/report/report_charts.h"

#include <math.h>
#include <string.h>

#include "load/report/plot.h"
#include "load/report/report_doc.h"

#define CURVES_MAX  8 /* more cores are drawn as a field of cells */
#define CELLS_MAX   12000u
#define SLIVER_S    0.25  /* the rate of a shorter row is noise */
#define ERRORS_SEEN 0.005 /* share of the axis; a lower curve would lie on its line */
#define DIGITS_MAX  7     /* nines of the last percentile, 99.99999 % */
#define AWAY_SHOWN  0.05  /* share of a row */

static void
chart_say_nothing(FILE *f, const char *why)
{
	fprintf(f, "<p class=\"none\">%s</p>\n", why);
}

static bool
is_sliver(const json_t *second, size_t i)
{
	return i > 0 && report_number(second, "for_s") < SLIVER_S;
}

/* The end of the load and of the time axis. */
static double
end_s(const json_t *doc)
{
	double end = report_number(doc, "ran_s");
	size_t i;
	json_t *second;

	json_array_foreach(json_object_get(doc, "seconds"), i, second)
	        end = fmax(end, report_number(second, "at_s"));
	return end;
}

static void
time_axis(struct plot_axis *a, const json_t *doc)
{
	double end = end_s(doc);

	plot_axis_linear(a, "seconds since the beginning of the warm-up", end, 12);
	a->high = end > 0 ? end : a->high;
	a->label = figure_amount;
}

static double
errors_per_s(const json_t *second)
{
	double for_s = report_number(second, "for_s");

	return for_s > 0 ? report_number(second, "errors") / for_s : 0;
}

static double
cps_of(const json_t *second)
{
	return report_number(second, "cps");
}

static double
greatest_second(const json_t *doc, double (*value)(const json_t *))
{
	double most = 0;
	size_t i;
	json_t *second;

	json_array_foreach(json_object_get(doc, "seconds"), i, second)
	{
		if (!is_sliver(second, i))
			most = fmax(most, value(second));
	}
	return most;
}

static double
greatest_rate(const json_t *doc)
{
	return fmax(report_number(doc, "cps"),
	        fmax(greatest_second(doc, cps_of), greatest_second(doc, errors_per_s)));
}

/* A rate belongs to a whole row, so it is drawn as a step. */
static void
draw_steps(
        struct plot *p, const json_t *doc, const char *classes, double (*value)(const json_t *))
{
	size_t i;
	json_t *second;

	plot_curve_begin(p, classes);
	json_array_foreach(json_object_get(doc, "seconds"), i, second)
	{
		double at = report_number(second, "at_s");

		if (is_sliver(second, i))
			continue;
		plot_curve_to(p, at - report_number(second, "for_s"), value(second));
		plot_curve_to(p, at, value(second));
	}
	plot_curve_end(p);
}

static void
draw_window(struct plot *p, const json_t *doc)
{
	double from = report_number(doc, "spec.warmup_s"), cps = report_number(doc, "cps");
	char name[96];

	if (report_number(doc, "window.seconds") <= 0)
		return;
	plot_curve_begin(p, "mean");
	plot_curve_to(p, from, cps);
	plot_curve_to(p, from + report_number(doc, "window.seconds"), cps);
	plot_curve_end(p);
	snprintf(name, sizeof(name), "steady window: %s a second", figure_amount(cps).text);
	plot_legend_line(p, "mean", name);
}

/* Marks the rows in which our own cores did not run for a visible time, since the curve does
 * not describe the server there. */
static void
draw_away(struct plot *p, const json_t *doc)
{
	bool any = false;
	size_t i;
	json_t *second;

	json_array_foreach(json_object_get(doc, "seconds"), i, second)
	{
		double at = report_number(second, "at_s"),
		       away = report_number(second, "away_s");
		double for_s = report_number(second, "for_s");

		if (away <= 0 || away < AWAY_SHOWN * for_s)
			continue;
		plot_band_x(p, at - for_s, at, "away");
		any = true;
	}
	if (any)
		plot_legend_box(p, "away", "handfast did not run");
}

void
report_chart_rate(FILE *f, const json_t *doc)
{
	struct plot p;

	if (json_array_size(json_object_get(doc, "seconds")) == 0) {
		chart_say_nothing(f, "The load ended within its first second.");
		return;
	}
	time_axis(&p.x, doc);
	plot_axis_linear(&p.y, "connections a second", greatest_rate(doc), 6);
	p.y.label = figure_short;
	plot_begin(&p, f, "Connections completed a second, over time");
	if (report_number(doc, "spec.warmup_s") > 0)
		plot_band_x(&p, 0, report_number(doc, "spec.warmup_s"), "warmup");
	draw_away(&p, doc);
	plot_grid_y(&p);
	draw_steps(&p, doc, "c0", cps_of);
	plot_legend_line(&p, "c0", "completed");
	if (greatest_second(doc, errors_per_s) > ERRORS_SEEN * p.y.high) {
		draw_steps(&p, doc, "c3", errors_per_s);
		plot_legend_line(&p, "c3", "errors");
	}
	draw_window(&p, doc);
	if (report_number(doc, "spec.warmup_s") > 0)
		plot_legend_box(&p, "warmup", "warm-up");
	plot_end(&p);
}

/* The v for which the share is 1 - 10^-v: 0.3 for 50 %, 1 for 90 %, 2 for 99 %. */
static double
nines_of(double below, double count)
{
	double above = fmax(count - below, 0.5) / count;

	return -log10(above);
}

/* The curve ends in the middle of the greatest bucket: no percentile is known beyond it. */
static void
draw_percentiles(struct plot *p, const json_t *latency, const char *classes)
{
	double count = report_number(latency, "count"), max = report_number(latency, "max");
	double below = 0;
	size_t i;
	json_t *bucket;

	plot_curve_begin(p, classes);
	json_array_foreach(json_object_get(latency, "buckets"), i, bucket)
	{
		double us = fmin(json_number_value(json_array_get(bucket, 1)), max);

		plot_curve_to(p, nines_of(below, count), us);
		below += json_number_value(json_array_get(bucket, 2));
		plot_curve_to(p, nines_of(below, count), us);
	}
	plot_curve_end(p);
}

static void
percentile_ticks(struct plot *p)
{
	static const struct {
		double at;
		const char *label;
	} tick[] = {{0, "0"}, {0.30103, "50"}, {1, "90"}, {2, "99"}, {3, "99.9"}, {4, "99.99"},
	        {5, "99.999"}, {6, "99.9999"}, {7, "99.99999"}};

	for (unsigned i = 0; i < sizeof(tick) / sizeof(tick[0]); i++) {
		if (tick[i].at <= p->x.high)
			plot_tick_x(p, tick[i].at, tick[i].label);
	}
}

/* Both axes: the range of all latencies, and the percentiles that the counts can resolve. */
static void
latency_axes(struct plot *p, const json_t *doc)
{
	double least = INFINITY, most = 1, count = 1;

	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++) {
		const json_t *one = report_latency(doc, l);
		const json_t *first = json_array_get(json_object_get(one, "buckets"), 0);

		if (!report_latency_shown(doc, l))
			continue;
		least = fmin(least, json_number_value(json_array_get(first, 1)));
		most = fmax(most, report_number(one, "max"));
		count = fmax(count, report_number(one, "count"));
	}
	plot_axis_log(&p->y, "latency", fmax(fmin(least, most), 1), most);
	p->y.label = figure_duration;
	p->x = (struct plot_axis) {.title = "percentile of connections",
	        .high = fmin(fmax(log10(2 * count), 1), DIGITS_MAX),
	        .label = figure_amount};
}

void
report_chart_latency(FILE *f, const json_t *doc)
{
	static const char *const colour[REPORT_LATENCIES] = {"c1", "c2", "c0", "c4"};
	struct plot p;

	if (!report_latency_any(doc)) {
		chart_say_nothing(f, "No connection of the steady window has a latency.");
		return;
	}
	latency_axes(&p, doc);
	plot_begin(&p, f, "Latency by percentile");
	percentile_ticks(&p);
	plot_grid_y(&p);
	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++) {
		if (!report_latency_shown(doc, l))
			continue;
		draw_percentiles(&p, report_latency(doc, l), colour[l]);
		plot_legend_line(&p, colour[l], report_latency_names[l]);
	}
	plot_end(&p);
}

static double
busy_of(const json_t *second, size_t core)
{
	return 100 * json_number_value(json_array_get(json_object_get(second, "busy"), core));
}

/* In a merged report several machines have an lcore 1, so the row of the table is named. */
static void
name_core(char *name, size_t size, const json_t *doc, size_t core)
{
	const json_t *one = json_array_get(json_object_get(doc, "cores"), core);

	if (json_object_get(one, "host") != NULL)
		snprintf(name, size, "row %zu", core + 1);
	else
		snprintf(name, size, "lcore %u", (unsigned)report_count(one, "lcore"));
}

static void
draw_core(struct plot *p, const json_t *doc, size_t core)
{
	char classes[8], name[32];
	size_t i;
	json_t *second;

	snprintf(classes, sizeof(classes), "c%zu", core % PLOT_COLOURS);
	name_core(name, sizeof(name), doc, core);
	plot_curve_begin(p, classes);
	json_array_foreach(json_object_get(doc, "seconds"), i, second)
	{
		double at = report_number(second, "at_s");

		if (is_sliver(second, i))
			continue;
		plot_curve_to(p, at - report_number(second, "for_s"), busy_of(second, core));
		plot_curve_to(p, at, busy_of(second, core));
	}
	plot_curve_end(p);
	plot_legend_line(p, classes, name);
}

static void
draw_curves(FILE *f, const json_t *doc, size_t cores)
{
	struct plot p;

	time_axis(&p.x, doc);
	plot_axis_linear(&p.y, "busy, % of the time", 100, 5);
	p.y.label = figure_amount;
	plot_begin(&p, f, "Busy share of each core, over time");
	plot_grid_y(&p);
	for (size_t c = 0; c < cores; c++)
		draw_core(&p, doc, c);
	plot_end(&p);
}

/* Draws the mean of `group` seconds of a core as one cell. */
static void
draw_cell(struct plot *p, const json_t *seconds, size_t from, size_t group, size_t core)
{
	const json_t *last = NULL, *first = json_array_get(seconds, from);
	double sum = 0, x, top = plot_y(p, (double)core + 1), begin;
	size_t n = 0;

	for (; n < group && from + n < json_array_size(seconds); n++) {
		last = json_array_get(seconds, from + n);
		sum += busy_of(last, core);
	}
	begin = report_number(first, "at_s") - report_number(first, "for_s");
	x = plot_x(p, begin);
	fprintf(p->f,
	        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.2f\" fill-opacity=\"%.2f\"/>\n",
	        x, top, fmax(plot_x(p, report_number(last, "at_s")) - x, 0),
	        plot_y(p, (double)core) - top, fmin(sum / (double)n / 100, 1));
}

static void
heat_legend(struct plot *p)
{
	static const char *const share[] = {"0", "25", "50", "75", "100"};
	char classes[16], name[16];

	for (unsigned i = 0; i < sizeof(share) / sizeof(share[0]); i++) {
		snprintf(classes, sizeof(classes), "heat h%s", share[i]);
		snprintf(name, sizeof(name), "%s %%", share[i]);
		plot_legend_box(p, classes, name);
	}
}

static void
draw_cells(FILE *f, const json_t *doc, size_t cores)
{
	const json_t *seconds = json_object_get(doc, "seconds");
	size_t columns = CELLS_MAX / cores > 0 ? CELLS_MAX / cores : 1;
	size_t group = (json_array_size(seconds) + columns - 1) / columns;
	struct plot p;

	time_axis(&p.x, doc);
	plot_axis_linear(&p.y, "cores, in the order of the table", (double)cores, 8);
	p.y.high = (double)cores;
	p.y.label = figure_amount;
	plot_begin(&p, f, "Busy share of each core, over time: the darker the busier");
	plot_grid_y(&p);
	fprintf(f, "<g class=\"heat\">\n");
	for (size_t c = 0; c < cores; c++) {
		for (size_t i = 0; i < json_array_size(seconds); i += group)
			draw_cell(&p, seconds, i, group, c);
	}
	fprintf(f, "</g>\n");
	heat_legend(&p);
	plot_end(&p);
}

void
report_chart_busy(FILE *f, const json_t *doc)
{
	size_t cores = json_array_size(json_object_get(doc, "cores"));

	if (cores == 0 || json_array_size(json_object_get(doc, "seconds")) == 0)
		chart_say_nothing(f, "No core's time was recorded.");
	else if (cores <= CURVES_MAX)
		draw_curves(f, doc, cores);
	else
		draw_cells(f, doc, cores);
}
