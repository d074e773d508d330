/* SPDX-License-Identifier: BSD-3-Clause */
/* report_charts: the plots of a report. A plot without data is replaced by a sentence.
 *
 * Threads    none of its own.
 * Ownership  borrows the document and the stream.
 * Errors     none: a failed write is the stream's.
 */
#ifndef APP_LOAD_REPORT_CHARTS_H
#define APP_LOAD_REPORT_CHARTS_H

#include <jansson.h>
#include <stdio.h>

void report_chart_rate(FILE *f, const json_t *doc);
void report_chart_latency(FILE *f, const json_t *doc);
void report_chart_busy(FILE *f, const json_t *doc);

#endif
