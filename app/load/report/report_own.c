/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the part of a latency that may be our own. Older reports did not measure it. */
#include "load/report/report_doc.h"

double
report_quantile_us(const json_t *latency, double quantile)
{
	struct histogram h;

	return report_latency_take(latency, &h) ? (double)histogram_quantile(&h, quantile) : 0;
}

double
report_own_us(const json_t *doc, double quantile)
{
	return report_quantile_us(json_object_get(doc, "lateness_us"), quantile) +
	       report_quantile_us(json_object_get(doc, "gaps_us"), quantile);
}
