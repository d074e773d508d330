/* SPDX-License-Identifier: BSD-3-Clause */
/* Judges the expectations and makes the verdict.
 *
 * A percentile is one of all connections that were due in the steady window. Those that failed
 * or were never opened count as slower than all others. Errors are counted over the whole
 * load. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "text/figure.h"

#define FAILED_MOST 1.0 /* percent of the attempts, without `expect errors` */

/* The result of one expectation. */
struct outcome {
	bool known; /* `measured` is valid */
	double measured;
	bool met;
	bool not_measurable; /* missed, but our own side may be the cause */
	char why[200];
};

static void __attribute__((format(printf, 2, 3)))
say_why(struct outcome *o, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(o->why, sizeof(o->why), fmt, args);
	va_end(args);
}

static uint64_t
count_less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t
open_attempts(const json_t *doc)
{
	return count_less(report_count(doc, "attempted"),
	        report_count(doc, "completed") + report_count(doc, "errors.total"));
}

/* Attempts without a result: they are open, or `stop load` or a signal cut them off. */
static uint64_t
undecided_attempts(const json_t *doc)
{
	return open_attempts(doc) + report_count(doc, "errors.stopped");
}

static uint64_t
failed_attempts(const json_t *doc)
{
	return count_less(
	        report_count(doc, "errors.total"), report_count(doc, "errors.stopped"));
}

static uint64_t
decided_attempts(const json_t *doc)
{
	return count_less(report_count(doc, "attempted"), undecided_attempts(doc));
}

/* Attempts that failed before a SYN left. The peer is not the cause. */
static uint64_t
our_failures(const json_t *doc)
{
	return report_count(doc, "errors.no_source");
}

/* The failures in the unit of the row. */
static double
failures_of(const json_t *doc, enum expect what, bool with_ours)
{
	uint64_t mine = with_ours ? 0 : our_failures(doc);
	uint64_t n = count_less(failed_attempts(doc), mine),
	         all = count_less(decided_attempts(doc), mine);

	if (what == EXPECT_ERRORS)
		return (double)n;
	return all == 0 ? 0 : 100 * (double)n / (double)all;
}

/* The connections that a percentile describes. */
struct sample {
	uint64_t all;    /* connections that have or should have the latency */
	uint64_t opened; /* of these, connections of which a SYN left */
	uint64_t have;   /* of these, connections that have the latency */
};

static bool
latency_is(const char *latency, enum report_latency which)
{
	return strcmp(latency, report_latency_keys[which]) == 0;
}

/* The sample is taken from the connections that were due in the steady window, as latencies
 * are. Connections that are open or were cut off have no result, and are left out. */
static struct sample
sample_of_window(const json_t *doc, const char *latency)
{
	const json_t *window = json_object_get(doc, "window");
	uint64_t attempted = report_count(window, "due_attempted");
	uint64_t completed = report_count(window, "due_completed");
	uint64_t open = count_less(attempted, completed + report_count(window, "due_failed"));
	struct sample s = {.all = count_less(report_count(window, "due"), open),
	        .opened = count_less(attempted, open + report_count(window, "due_no_source")),
	        .have = completed};

	if (latency_is(latency, REPORT_CONNECT) || latency_is(latency, REPORT_FIRST_BYTE))
		s.have = report_count(
		        json_object_get(json_object_get(doc, "latency_us"), latency), "count");
	return s;
}

/* Schema 1 has only the counts of the whole load, which stand for those of the window. */
static struct sample
sample_of_run(const json_t *doc, const char *latency)
{
	uint64_t intended = report_count(doc, "intended"),
	         attempted = report_count(doc, "attempted"), open = open_attempts(doc);
	struct sample s = {.all = count_less(intended > attempted ? intended : attempted, open),
	        .opened = count_less(attempted, open + our_failures(doc)),
	        .have = report_count(doc, "completed")};

	if (latency_is(latency, REPORT_CONNECT))
		s.have = report_count(doc, "connected");
	if (latency_is(latency, REPORT_FIRST_BYTE))
		s.have += report_count(doc, "errors.bad_status");
	return s;
}

static struct sample
sample_of(const json_t *doc, const struct expect_row *row)
{
	bool old = report_count(doc, "schema_version") < 2;
	struct sample s = old ? sample_of_run(doc, row->latency)
	                      : sample_of_window(doc, row->latency);

	s.have = s.have < s.all ? s.have : s.all;
	return s;
}

/* If the limit is on our own side, the figures do not describe the peer. */
static bool
limit_is_ours(const char *side)
{
	return strcmp(side, "none") != 0 && strcmp(side, "peer") != 0;
}

static void
judge_rate(const json_t *doc, enum expect what, double asked, struct outcome *o)
{
	const char *side = report_text(doc, "limit.side");

	o->known = true;
	o->measured = report_number(doc, expectation_rows[what].key);
	o->met = o->measured >= asked;
	o->not_measurable = !o->met && limit_is_ours(side);
	if (o->not_measurable)
		say_why(o, "our own side was the limit (%s), not the peer: see `limit`", side);
}

static void
judge_errors(const json_t *doc, enum expect what, double asked, struct outcome *o)
{
	o->known = decided_attempts(doc) > 0;
	o->measured = failures_of(doc, what, true);
	o->met = o->known && o->measured <= asked;
	o->not_measurable = o->known && !o->met && failures_of(doc, what, false) <= asked;
	if (!o->known)
		say_why(o, "nothing was attempted");
	else if (o->not_measurable)
		say_why(o, "%s of %s attempts found no free source port (see `limit`)",
		        figure_count(our_failures(doc)).text,
		        figure_count(decided_attempts(doc)).text);
	else if (!o->met)
		say_why(o, "%s of %s attempts failed", figure_count(failed_attempts(doc)).text,
		        figure_count(decided_attempts(doc)).text);
}

/* A percentile of all connections is a higher percentile of those that have the latency. There
 * is none above 1. */
static bool
measure_latency(const json_t *doc, const struct expect_row *row, uint64_t all, uint64_t have,
        struct outcome *o)
{
	const json_t *latency = json_object_get(
	        json_object_get(doc, "latency_us"), row->latency);
	double share = have == 0 ? 2 : row->quantile * (double)all / (double)have;

	o->known = false;
	if (all == 0)
		say_why(o, "no connection was due in the steady window");
	else if (share > 1 + 1e-9)
		say_why(o, "%s of %s attempts have no latency",
		        figure_count(count_less(all, have)).text, figure_count(all).text);
	else if (report_count(latency, "count") == 0)
		say_why(o, "no connection of the steady window has this latency");
	else
		o->known = true;
	if (o->known)
		o->measured = report_quantile_us(latency, share < 1 ? share : 1) / 1000;
	return o->known;
}

/* The latency of a request counts from its sending, so it has no lateness. */
static double
own_ms(const json_t *doc, const struct expect_row *row)
{
	if (strcmp(row->latency, report_latency_keys[REPORT_REQUEST]) == 0)
		return report_quantile_us(json_object_get(doc, "gaps_us"), row->quantile) /
		       1000;
	return report_own_us(doc, row->quantile) / 1000;
}

/* Do the connections that were opened meet the expectation? That others were due and never
 * opened is our own fault. */
static bool
met_by_opened_attempts(
        const json_t *doc, const struct expect_row *row, const struct sample *s, double asked)
{
	struct outcome o;

	return s->opened < s->all && measure_latency(doc, row, s->opened, s->have, &o) &&
	       o.measured <= asked;
}

/* Is the excess less than the part that may be our own? */
static bool
miss_may_be_ours(
        const json_t *doc, const struct expect_row *row, double asked, struct outcome *o)
{
	double own = own_ms(doc, row);

	if (!o->known || own <= 0 || o->measured - own > asked)
		return false;
	own = own < o->measured ? own : o->measured;
	say_why(o,
	        "%s of it may be our own lateness: lower the load, or choose cores that no other process uses with -l",
	        figure_duration(1000 * own).text);
	return true;
}

static void
judge_latency(const json_t *doc, enum expect what, double asked, struct outcome *o)
{
	const struct expect_row *row = &expectation_rows[what];
	struct sample s = sample_of(doc, row);

	o->met = measure_latency(doc, row, s.all, s.have, o) && o->measured <= asked;
	if (o->met)
		return;
	if (met_by_opened_attempts(doc, row, &s, asked)) {
		o->not_measurable = true;
		say_why(o, "%s connections that were due were never opened (see `limit`)",
		        figure_count(count_less(s.all, s.opened)).text);
	} else {
		o->not_measurable = miss_may_be_ours(doc, row, asked, o);
	}
}

static struct outcome
judge_expectation(const json_t *doc, enum expect what, double asked)
{
	struct outcome o = {.known = false};

	switch (expectation_rows[what].kind) {
	case EXPECT_RATE:
		judge_rate(doc, what, asked, &o);
		break;
	case EXPECT_FAILED:
	case EXPECT_SHARE:
		judge_errors(doc, what, asked, &o);
		break;
	case EXPECT_LATENCY:
		judge_latency(doc, what, asked, &o);
		break;
	}
	return o;
}

static json_t *
outcome_row(enum expect what, double asked, const struct outcome *o)
{
	return json_pack("{s:s, s:o, s:o, s:b, s:b, s:s}", "what", expectation_rows[what].key,
	        "asked", report_real(asked), "measured",
	        o->known ? report_real(o->measured) : json_null(), "met", o->met,
	        "not_measurable", o->not_measurable, "why", o->why);
}

/* Lists the words of all missed expectations that are, or are not, measurable here. */
static unsigned
list_missed(const json_t *doc, bool not_measurable, char *text, size_t size)
{
	unsigned n = 0;
	size_t i, len = 0;
	json_t *row;

	json_array_foreach(json_object_get(doc, "expectations"), i, row)
	{
		enum expect what = expect_by_key(report_text(row, "what"));

		if (report_true(row, "met") ||
		        report_true(row, "not_measurable") != not_measurable)
			continue;
		if (len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s",
			        n > 0 ? ", " : "", expectation_rows[what].words);
		n++;
	}
	return n;
}

static json_t *
make_verdict(int code, const char *fmt, const char *text)
{
	return json_pack("{s:i, s:o}", "code", code, "text", json_sprintf(fmt, text));
}

/* Without `expect errors` a load may have FAILED_MOST percent of errors: figures of a few
 * successful connections do not describe the server. NULL: there were no more errors. */
static json_t *
judge_unsaid_errors(const json_t *doc)
{
	struct outcome o = {.known = false};

	judge_errors(doc, EXPECT_ERRORS_PERCENT, FAILED_MOST, &o);
	if (o.met)
		return NULL;
	return json_pack("{s:i, s:o}", "code",
	        o.not_measurable ? EXIT_ENVIRONMENT : EXIT_MISSED, "text",
	        json_sprintf("%s%s, which is more than %g %% (`expect errors` allows more)",
	                o.not_measurable ? "not measurable here: " : "", o.why, FAILED_MOST));
}

/* If no SYN left, nothing is known about the peer. */
static json_t *
judge_nothing_completed(const json_t *doc)
{
	struct outcome o = {.known = false};

	judge_errors(doc, EXPECT_ERRORS, 0, &o);
	if (o.not_measurable)
		return make_verdict(EXIT_ENVIRONMENT, "not measurable here: %s", o.why);
	return make_verdict(EXIT_MISSED, "%s", "no connection was completed");
}

static json_t *
conclude_verdict(const json_t *doc, const struct expectations *x)
{
	bool errors_asked = x->asked[EXPECT_ERRORS] || x->asked[EXPECT_ERRORS_PERCENT];
	json_t *unsaid = errors_asked ? NULL : judge_unsaid_errors(doc);
	bool certain = report_count(unsaid, "code") == EXIT_MISSED;
	char words[400] = "";

	if (report_count(doc, "completed") == 0) {
		json_decref(unsaid);
		return judge_nothing_completed(doc);
	}
	if (!certain && list_missed(doc, false, words, sizeof(words)) > 0) {
		json_decref(unsaid);
		return make_verdict(EXIT_MISSED, "not as expected: %s", words);
	}
	if (unsaid != NULL)
		return unsaid;
	if (list_missed(doc, true, words, sizeof(words)) > 0)
		return make_verdict(EXIT_ENVIRONMENT, "not measurable here: %s", words);
	return make_verdict(0, "%s", "");
}

void
report_expect(json_t *doc, const struct expectations *x)
{
	json_t *all = json_array();

	for (enum expect what = 0; what < EXPECT_COUNT; what++) {
		struct outcome o;

		if (!x->asked[what])
			continue;
		o = judge_expectation(doc, what, x->value[what]);
		json_array_append_new(all, outcome_row(what, x->value[what], &o));
	}
	json_object_set_new(doc, "expectations", all);
	json_object_set_new(doc, "verdict", conclude_verdict(doc, x));
	json_object_set_new(doc, "passed", json_boolean(load_report_passed(doc)));
}

void
report_asked(const json_t *doc, struct expectations *x)
{
	size_t i;
	json_t *row;

	memset(x, 0, sizeof(*x));
	json_array_foreach(json_object_get(doc, "expectations"), i, row)
	{
		enum expect what = expect_by_key(report_text(row, "what"));

		if (what == EXPECT_COUNT)
			continue;
		x->asked[what] = true;
		x->value[what] = report_number(row, "asked");
	}
}

int
load_report_code(const json_t *doc)
{
	return (int)report_count(doc, "verdict.code");
}

bool
load_report_passed(const json_t *doc)
{
	return load_report_code(doc) == 0;
}
