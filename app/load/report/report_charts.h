/* SPDX-License-Identifier: BSD-3-Clause */
/* report_charts: a report's plots. Each says in words why it has nothing to show. */
#ifndef APP_LOAD_REPORT_CHARTS_H
#define APP_LOAD_REPORT_CHARTS_H

#include <jansson.h>
#include <stdio.h>

void report_chart_rate(FILE *f, const json_t *doc);
void report_chart_latency(FILE *f, const json_t *doc);
void report_chart_busy(FILE *f, const json_t *doc);

#endif
