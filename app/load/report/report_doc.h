/* SPDX-License-Identifier: BSD-3-Clause */
/* report_doc: what the parts of a report share: the document's latencies, and
 * reading a member without much ado.
 *
 * Paths  "window.seconds". What is missing, or of another type, is 0, "" or NULL:
 *        load_report_read() has refused documents in which that would mislead.
 */
#ifndef APP_LOAD_REPORT_DOC_H
#define APP_LOAD_REPORT_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "load/client/histogram.h"
#include "load/spec/expectation.h"

#define REPORT_KIND      "handfast-load"
#define REPORT_COUNT_MAX (INT64_C(1) << 48) /* so that sums of counts are whole */

enum report_latency {
	REPORT_CONNECT,
	REPORT_FIRST_BYTE,
	REPORT_WHOLE,
	REPORT_REQUEST,
	REPORT_LATENCIES,
};

/* What of these may be our own: at the top of the document, and not in older ones. */
enum report_own {
	REPORT_LATENESS,
	REPORT_GAPS,
	REPORT_OWN,
};

/* In the document, and for people. */
extern const char *const report_latency_keys[REPORT_LATENCIES];
extern const char *const report_latency_names[REPORT_LATENCIES];
extern const char *const report_own_keys[REPORT_OWN];
extern const char *const report_own_names[REPORT_OWN];

const json_t *report_member(const json_t *doc, const char *path);
double report_number(const json_t *doc, const char *path);
uint64_t report_count(const json_t *doc, const char *path);
const char *report_text(const json_t *doc, const char *path);
bool report_true(const json_t *doc, const char *path);

/* How many answers had this status. */
uint64_t report_status(const json_t *doc, unsigned code);

/* Do its latencies of whole connections leave out many that failed? */
bool report_survivors(const json_t *doc);

/* No control characters, also as U+0080 to U+009F or for the direction of text: a terminal
 * would obey them. */
bool report_text_is_plain(const char *text);

const json_t *report_latency(const json_t *doc, enum report_latency which);
/* Has it values, and says it something of its own? If a connection makes one
 * request, the request's does not. */
bool report_latency_shown(const json_t *doc, enum report_latency which);

bool report_latency_any(const json_t *doc);

/* {count, mean, p50 .. max, buckets}: see docs/json.md. */
json_t *report_latency_make(const struct histogram *h);
/* The same way back, checked: h is what the buckets say. False: they are none of ours. */
bool report_latency_take(const json_t *latency, struct histogram *h);

/* A percentile of a latency's buckets; 0: they are not there. */
double report_quantile_us(const json_t *latency, double quantile);
/* How much of a latency's percentile may be ours: how late we were to open and to hear
 * (`lateness_us`, `gaps_us`); 0 where that was not measured. */
double report_own_us(const json_t *doc, double quantile);

/* Sets `expectations`, `verdict` and `passed` from the figures. */
void report_expect(json_t *doc, const struct expectations *x);
/* What its expectations asked for. */
void report_asked(const json_t *doc, struct expectations *x);

/* A JSON number: to a thousandth; what is not finite is 0. */
json_t *report_real(double v);

#endif
