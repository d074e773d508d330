/* SPDX-License-Identifier: BSD-3-Clause */
/* report_doc: access to the members of a report, and its latencies.
 *
 * A path is like "window.seconds".
 *
 * Threads    none of its own.
 * Ownership  returned members are borrowed from the document; json_t made here are new
 *            references.
 * Errors     a missing member, or one of another type, is 0, "" or NULL. load_report_read()
 *            has refused documents in which that would mislead.
 */
#ifndef APP_LOAD_REPORT_DOC_H
#define APP_LOAD_REPORT_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "load/client/histogram.h"
#include "load/spec/expectation.h"

#define REPORT_KIND      "handfast-load"
#define REPORT_COUNT_MAX (INT64_C(1) << 48) /* sums of counts do not overflow */

enum report_latency {
	REPORT_CONNECT,
	REPORT_FIRST_BYTE,
	REPORT_WHOLE,
	REPORT_REQUEST,
	REPORT_LATENCIES,
};

/* The parts of a latency that may be our own. They are members of the document itself, and
 * schema 1 lacks them. */
enum report_own {
	REPORT_LATENESS,
	REPORT_GAPS,
	REPORT_OWN,
};

/* The keys of the document, and the names for people. */
extern const char *const report_latency_keys[REPORT_LATENCIES];
extern const char *const report_latency_names[REPORT_LATENCIES];
extern const char *const report_own_keys[REPORT_OWN];
extern const char *const report_own_names[REPORT_OWN];

const json_t *report_member(const json_t *doc, const char *path);
double report_number(const json_t *doc, const char *path);
uint64_t report_count(const json_t *doc, const char *path);
const char *report_text(const json_t *doc, const char *path);
bool report_true(const json_t *doc, const char *path);

/* The number of answers with this status. */
uint64_t report_status(const json_t *doc, unsigned code);

/* Did enough connections fail to make the latencies of whole connections mislead? */
bool report_survivors(const json_t *doc);

/* Is the text free of characters that a terminal would obey: control characters, also U+0080 to
 * U+009F, and those that change the direction of text? */
bool report_text_is_plain(const char *text);

const json_t *report_latency(const json_t *doc, enum report_latency which);
/* Has the latency values, and is it worth a row? With one request on each connection, the
 * latency of requests adds nothing. */
bool report_latency_shown(const json_t *doc, enum report_latency which);

bool report_latency_any(const json_t *doc);

/* The object {count, mean, p50 .. max, buckets} of docs/json.md. */
json_t *report_latency_make(const struct histogram *h);
/* Reads such an object into h, and checks it. False: the buckets are not a histogram's. */
bool report_latency_take(const json_t *latency, struct histogram *h);

/* A percentile of a latency's buckets. 0: there are none. */
double report_quantile_us(const json_t *latency, double quantile);
/* The part of a latency's percentile that may be our own: `lateness_us` and `gaps_us`. 0 if
 * they were not measured. */
double report_own_us(const json_t *doc, double quantile);

/* Sets `expectations`, `verdict` and `passed` from the figures. */
void report_expect(json_t *doc, const struct expectations *x);
/* Reads the expectations of a document back. */
void report_asked(const json_t *doc, struct expectations *x);

/* A JSON number, rounded to a thousandth. A value that is not finite is 0. */
json_t *report_real(double v);

#endif
