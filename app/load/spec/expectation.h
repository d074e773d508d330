/* SPDX-License-Identifier: BSD-3-Clause */
/* expectation: what may be expected of a load, in one table.
 *
 * Each row has its words behind `expect`, its name in the document, its direction
 * and its unit. The command (spec_args.c), the verdict (report_expect.c), the reader,
 * the merge and what is printed go through this table.
 *
 * Threads    read-only.
 * Ownership  texts are static.
 */
#ifndef APP_LOAD_EXPECTATION_H
#define APP_LOAD_EXPECTATION_H

#include <stdbool.h>

enum expect_kind {
	EXPECT_RATE,    /* at least so many a second */
	EXPECT_FAILED,  /* at most so many errors */
	EXPECT_SHARE,   /* at most so many of 100 attempts */
	EXPECT_LATENCY, /* a percentile is at most so many milliseconds */
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
	const char *words;   /* behind `expect`: "connect p99" */
	const char *key;     /* `what` in the document: "connect_p99_ms" */
	const char *name;    /* on a page */
	const char *latency; /* EXPECT_LATENCY: its key in `latency_us` */
	double quantile;     /* ... and which, 0 to 1 */
};

extern const struct expect_row expectation_rows[EXPECT_COUNT];

/* What is asked, by row. */
struct expectations {
	bool asked[EXPECT_COUNT];
	double value[EXPECT_COUNT];
};

/* Of a row that two loads have, or one: rates and counts of errors add up, each wanted its
 * percentile and its share. */
void expectations_join(struct expectations *into, const struct expectations *one);

/* By `key`; EXPECT_COUNT: there is none. */
enum expect expect_by_key(const char *key);
/* By the words behind `expect`; "connect" is "connect p99". EXPECT_ERRORS for "errors". */
enum expect expect_by_words(const char *words);

bool expect_is_least(enum expect what);    /* or a most? */
const char *expect_unit(enum expect what); /* " ms", " %" or "" */

#endif
