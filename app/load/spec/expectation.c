/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of expectations, and the search in it. */
#include "load/spec/expectation.h"

#include <stdio.h>
#include <string.h>

#define USUAL "p99" /* the percentile if only the latency is named */

const struct expect_row expectation_rows[EXPECT_COUNT] = {
        [EXPECT_CPS] = {EXPECT_RATE, "cps", "cps", "connections a second", NULL, 0},
        [EXPECT_RPS] = {EXPECT_RATE, "rps", "rps", "requests a second", NULL, 0},
        [EXPECT_ERRORS] = {EXPECT_FAILED, "errors", "errors", "errors", NULL, 0},
        [EXPECT_ERRORS_PERCENT] = {EXPECT_SHARE, "errors", "errors_percent",
                "errors, of what was attempted", NULL, 0},
#define X(id, words, key, name, latency, quantile) \
	[EXPECT_##id] = {EXPECT_LATENCY, words, key, name, latency, quantile},
        EXPECT_LATENCIES(X)
#undef X
};

enum expect
expect_by_key(const char *key)
{
	unsigned e = 0;

	while (e < EXPECT_COUNT && strcmp(expectation_rows[e].key, key) != 0)
		e++;
	return (enum expect)e;
}

static enum expect
find_expectation(const char *words)
{
	unsigned e = 0;

	while (e < EXPECT_COUNT && strcmp(expectation_rows[e].words, words) != 0)
		e++;
	return (enum expect)e;
}

enum expect
expect_by_words(const char *words)
{
	enum expect what = find_expectation(words);
	char usual[64];

	if (what != EXPECT_COUNT)
		return what;
	snprintf(usual, sizeof(usual), "%s " USUAL, words);
	return find_expectation(usual);
}

bool
expect_is_least(enum expect what)
{
	return expectation_rows[what].kind == EXPECT_RATE;
}

const char *
expect_unit(enum expect what)
{
	switch (expectation_rows[what].kind) {
	case EXPECT_SHARE:
		return " %";
	case EXPECT_LATENCY:
		return " ms";
	case EXPECT_RATE:
	case EXPECT_FAILED:
		break;
	}
	return "";
}

static bool
expectation_adds_up(enum expect what)
{
	return expectation_rows[what].kind == EXPECT_RATE ||
	       expectation_rows[what].kind == EXPECT_FAILED;
}

void
expectations_join(struct expectations *into, const struct expectations *one)
{
	for (enum expect e = 0; e < EXPECT_COUNT; e++) {
		if (!one->asked[e])
			continue;
		if (!into->asked[e])
			into->value[e] = one->value[e];
		else if (expectation_adds_up(e))
			into->value[e] += one->value[e];
		else if (one->value[e] < into->value[e])
			into->value[e] = one->value[e];
		into->asked[e] = true;
	}
}
