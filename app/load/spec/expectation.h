/* SPDX-License-Identifier: BSD-3-Clause */
/* expectation: the figures that a user may expect of a load, in one table.
 *
 * Each row has its words after `expect`, its name in the document, its direction and its unit.
 * The command (spec_args.c), the verdict (report_expect.c), the reader, the merge and the
 * printers of reports use this table.
 *
 * Threads    read-only.
 * Ownership  texts are static.
 * Errors     EXPECT_COUNT: no row matches.
 */
#ifndef APP_LOAD_EXPECTATION_H
#define APP_LOAD_EXPECTATION_H

#include <stdbool.h>

enum expect_kind {
	EXPECT_RATE,    /* at least N a second */
	EXPECT_FAILED,  /* at most N errors */
	EXPECT_SHARE,   /* at most N errors for each 100 attempts */
	EXPECT_LATENCY, /* a percentile of at most N milliseconds */
};

/* clang-format off */
/* X(id, words, key, name, latency, quantile): each percentile of each latency. */
#define EXPECT_QUANTILES(X, id, word, key, name, latency)                                  \
	X(id##_P50, word "p50", key "p50_ms", name ", p50", latency, 0.5)                  \
	X(id##_P90, word "p90", key "p90_ms", name ", p90", latency, 0.9)                  \
	X(id##_P99, word "p99", key "p99_ms", name ", p99", latency, 0.99)                 \
	X(id##_P99_9, word "p99.9", key "p99_9_ms", name ", p99.9", latency, 0.999)
#define EXPECT_LATENCIES(X)                                                                \
	EXPECT_QUANTILES(X, WHOLE, "", "", "whole connection", "whole")                    \
	EXPECT_QUANTILES(X, CONNECT, "connect ", "connect_", "connect", "connect")         \
	EXPECT_QUANTILES(X, FIRST_BYTE, "first-byte ", "first_byte_", "first byte", "first_byte") \
	EXPECT_QUANTILES(X, REQUEST, "request ", "request_", "request", "request")
/* clang-format on */

enum expect {
	EXPECT_CPS,
	EXPECT_RPS,
	EXPECT_ERRORS,
	EXPECT_ERRORS_PERCENT,
#define X(id, words, key, name, latency, quantile) EXPECT_##id,
	EXPECT_LATENCIES(X)
#undef X
	        EXPECT_COUNT
};

struct expect_row {
	enum expect_kind kind;
	const char *words;   /* the words after `expect`, as "connect p99" */
	const char *key;     /* `what` in the document, as "connect_p99_ms" */
	const char *name;    /* the name on a page */
	const char *latency; /* EXPECT_LATENCY: its key in `latency_us` */
	double quantile;     /* EXPECT_LATENCY: 0 to 1 */
};

extern const struct expect_row expectation_rows[EXPECT_COUNT];

/* The expectations of one load, by row. */
struct expectations {
	bool asked[EXPECT_COUNT];
	double value[EXPECT_COUNT];
};

/* Joins the expectations of two loads that are merged. Rates and counts of errors add up. Of
 * percentiles and shares the stricter one holds. */
void expectations_join(struct expectations *into, const struct expectations *one);

/* The row with this `key`. */
enum expect expect_by_key(const char *key);
/* The row with these words after `expect`. "connect" is "connect p99"; "errors" is
 * EXPECT_ERRORS. */
enum expect expect_by_words(const char *words);

/* Is the expected value a lower bound? */
bool expect_is_least(enum expect what);
const char *expect_unit(enum expect what); /* " ms", " %" or "" */

#endif
