/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "load/report.h"
#include "load/report_doc.h"

static json_t *
expectation(const char *what, double asked, json_t *measured, bool met)
{
	return json_pack("{s:s, s:o, s:o, s:b}", "what", what, "asked", report_real(asked),
	        "measured", measured, "met", met);
}

static json_t *
expect_cps(const json_t *doc, double asked)
{
	double measured = report_number(doc, "cps");

	return expectation("cps", asked, report_real(measured), measured >= asked);
}

/* Without a connection that ended there is no percentile to be below. */
static json_t *
expect_p99(const json_t *doc, double asked_ms)
{
	double measured_ms = report_number(doc, "latency_us.whole.p99") / 1000;

	if (report_count(doc, "latency_us.whole.count") == 0)
		return expectation("p99_ms", asked_ms, json_null(), false);
	return expectation(
	        "p99_ms", asked_ms, report_real(measured_ms), measured_ms <= asked_ms);
}

void
report_expect(json_t *doc, double cps, double p99_ms)
{
	json_t *all = json_array();

	if (cps > 0)
		json_array_append_new(all, expect_cps(doc, cps));
	if (p99_ms > 0)
		json_array_append_new(all, expect_p99(doc, p99_ms));
	json_object_set_new(doc, "expectations", all);
	json_object_set_new(doc, "passed", json_boolean(load_report_passed(doc)));
}

double
report_asked(const json_t *doc, const char *what)
{
	size_t i;
	json_t *e;

	json_array_foreach(json_object_get(doc, "expectations"), i, e)
	{
		if (strcmp(report_text(e, "what"), what) == 0)
			return report_number(e, "asked");
	}
	return 0;
}

bool
load_report_passed(const json_t *doc)
{
	size_t i;
	json_t *e;

	json_array_foreach(json_object_get(doc, "expectations"), i, e)
	{
		if (!report_true(e, "met"))
			return false;
	}
	return report_count(doc, "completed") > 0;
}
