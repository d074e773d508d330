/* SPDX-License-Identifier: BSD-3-Clause */
/* `show drops`: dropped packets by severity and reason, and packets that the ports lost. */
#include <string.h>

#include "show/show.h"
#include "text/table.h"

/* The packets that the ports lost before a core saw them. */
static json_t *
lost_by_ports_model(const struct app *app)
{
	struct port_stats sum = {.rx_missed = 0}, one;

	for (unsigned i = 0; i < app->nports; i++) {
		app_port_stats(app, i, &one);
		sum.rx_missed += one.rx_missed;
		sum.rx_no_mbuf += one.rx_no_mbuf;
		sum.rx_errors += one.rx_errors;
	}
	return json_pack("{s:I, s:I, s:I}", "rx_missed", (json_int_t)sum.rx_missed,
	        "rx_no_mbuf", (json_int_t)sum.rx_no_mbuf, "rx_errors",
	        (json_int_t)sum.rx_errors);
}

static void
sum_workers(struct app *app, struct counters *sum)
{
	struct counters one;

	memset(sum, 0, sizeof(*sum));
	for (unsigned w = 0; w < app->nworkers; w++) {
		app_counters_shown(app, w, &one);
		counters_sum(sum, &one);
	}
}

/* Appends the reasons of a severity that occurred; returns the sum of their packets. */
static uint64_t
append_drops(json_t *list, const struct counters *sum, enum drop_severity severity)
{
	uint64_t total = 0;

	for (enum drop d = DROP_NONE + 1; d < DROP_COUNT; d++) {
		if (sum->drop[d] == 0 || drop_severity(d) != severity)
			continue;
		total += sum->drop[d];
		json_array_append_new(
		        list, json_pack("{s:s, s:s, s:I, s:s}", "reason", drop_name(d),
		                      "severity", severity_name(severity), "packets",
		                      (json_int_t)sum->drop[d], "text", drop_text(d)));
	}
	return total;
}

static json_t *
drops_model(struct app *app, const struct args *a, struct error *e)
{
	json_t *list = json_array(), *by_severity = json_object();
	struct counters sum;
	uint64_t total = 0;

	(void)a;
	(void)e;
	sum_workers(app, &sum);
	for (enum drop_severity s = 0; s < SEVERITY_COUNT; s++) {
		uint64_t packets = append_drops(list, &sum, s);

		total += packets;
		json_object_set_new(
		        by_severity, severity_name(s), json_integer((json_int_t)packets));
	}
	return json_pack("{s:I, s:o, s:o, s:o}", "total", (json_int_t)total, "by_severity",
	        by_severity, "drops", list, "ports", lost_by_ports_model(app));
}

static void
print_lost_by_ports(FILE *f, const json_t *ports)
{
	long long missed = member_int(ports, "rx_missed");
	long long no_mbuf = member_int(ports, "rx_no_mbuf");
	long long errors = member_int(ports, "rx_errors");

	if (missed + no_mbuf + errors != 0)
		fprintf(f,
		        "lost by the ports: %lld packets (receive queue full), %lld times no packet buffer, %lld damaged packets; to fix it: see show port all\n",
		        missed, no_mbuf, errors);
}

static void
drops_text(FILE *f, const json_t *doc)
{
	static const struct column columns[] = {
	        {"packets", "packets"},
	        {"severity", "severity"},
	        {"reason", "reason"},
	        {"text", ""},
	};

	if (member_int(doc, "total") == 0)
		fprintf(f, "no packet was dropped\n");
	else
		table_print(f, json_object_get(doc, "drops"), columns,
		        sizeof(columns) / sizeof(columns[0]));
	print_lost_by_ports(f, json_object_get(doc, "ports"));
}

const struct show show_drops = {drops_model, drops_text};
