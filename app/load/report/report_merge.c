/* SPDX-License-Identifier: BSD-3-Clause */
/* Adds the reports of several machines into one. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "load/client/tally.h"
#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "load/report/report_id.h"
#include "load/spec/options.h"

#define APART_S 3 /* loads are started by hand, and clocks differ by less than this */

typedef json_t *const *docs_t;

/* The members that add up, of the document and of its parts. */
static const char *const counts[] = {"intended", "attempted", "connected", "completed",
        "requests", "put_off", "text_bytes_in", "retransmissions", "handed_over", "sources",
        "max_conns", "closed_idle", "closed_by_us"};
static const char *const window_counts[] = {"completed", "requests", "due", "due_attempted",
        "due_completed", "due_failed", "due_no_source"};
static const char *const drop_counts[] = {"no_mbuf", "tx_full", "unresolved"};
static const char *const second_counts[] = {"attempted", "completed", "errors", "open"};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Have both specs the same value of this member? The sum means nothing otherwise. */
static bool
spec_alike_in(const json_t *a, const json_t *b, const char *key, char *why, unsigned whylen)
{
	const json_t *one = json_object_get(json_object_get(a, "spec"), key);
	const json_t *other = json_object_get(json_object_get(b, "spec"), key);

	if (one == other || json_equal(one, other)) /* both are NULL if neither has it */
		return true;
	if (json_is_number(one) && json_number_value(one) == json_number_value(other))
		return true;
	snprintf(why, whylen, "the loads differ in spec.%s", key);
	return false;
}

static bool
reports_alike(const json_t *a, const json_t *b, char *why, unsigned whylen)
{
	if (report_count(a, "schema_version") != report_count(b, "schema_version")) {
		snprintf(why, whylen,
		        "they were written by versions of handfast that count differently (schema_version %u and %u)",
		        (unsigned)report_count(a, "schema_version"),
		        (unsigned)report_count(b, "schema_version"));
		return false;
	}
	if (!spec_alike_in(a, b, "kind", why, whylen))
		return false;
	for (unsigned i = 0; i < LOAD_OPTIONS; i++) {
		const struct load_member *m = &load_options[i].member;

		if (m->merge == MERGE_SAME && !spec_alike_in(a, b, m->key, why, whylen))
			return false;
	}
	if (json_is_null(report_member(a, "spec.rate")) ==
	        json_is_null(report_member(b, "spec.rate")))
		return true;
	snprintf(why, whylen,
	        "one load had a rate, the other a concurrency: their latencies count from different moments");
	return false;
}

static void
sum_counts(json_t *into, const json_t *from, const char *const *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_object_set_new(into, key[i],
		        json_integer((json_int_t)(report_count(into, key[i]) +
		                                  report_count(from, key[i]))));
}

static void
add_number(json_t *into, const json_t *from, const char *key)
{
	json_object_set_new(
	        into, key, report_real(report_number(into, key) + report_number(from, key)));
}

static void
keep_greater(json_t *into, const json_t *from, const char *key)
{
	if (json_object_get(into, key) == NULL ||
	        report_number(from, key) > report_number(into, key))
		json_object_set(into, key, json_object_get(from, key));
}

static void
add_member(json_t *spec, const json_t *one, const struct load_member *m)
{
	switch (m->merge) {
	case MERGE_SUM:
		if (json_is_null(json_object_get(spec, m->key)))
			return;
		if (m->kind == REPORT_COUNT)
			sum_counts(spec, one, &m->key, 1);
		else
			add_number(spec, one, m->key);
		return;
	case MERGE_GREATER:
		keep_greater(spec, one, m->key);
		return;
	case MERGE_SAME:
	case MERGE_NONE:
		return;
	}
}

static void
add_spec(json_t *spec, const json_t *one)
{
	for (unsigned i = 0; i < LOAD_OPTIONS; i++)
		add_member(spec, one, &load_options[i].member);
}

static void
add_window(json_t *window, const json_t *one)
{
	sum_counts(window, one, window_counts, LENGTH(window_counts));
	keep_greater(window, one, "seconds");
}

static void
add_errors(json_t *errors, const json_t *one)
{
	sum_counts(errors, one, load_error_names, LOAD_ERROR_COUNT);
	sum_counts(errors, one, (const char *const[]) {"total"}, 1);
}

/* A code that only one report has is kept. */
static void
add_status(json_t *doc, const json_t *one)
{
	json_t *status = json_object_get(doc, "status");
	const char *code;
	json_t *n;

	json_object_foreach(json_object_get(one, "status"), code, n)
	        sum_counts(status, json_object_get(one, "status"), &code, 1);
}

static void
add_latencies(json_t *doc, const json_t *one)
{
	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++) {
		struct histogram sum, other;

		report_latency_take(report_latency(doc, l), &sum);
		report_latency_take(report_latency(one, l), &other);
		histogram_merge(&sum, &other);
		json_object_set_new(json_object_get(doc, "latency_us"), report_latency_keys[l],
		        report_latency_make(&sum));
	}
}

/* Older reports lack these members, as if no part of a latency were our own. */
static void
add_own(json_t *doc, const json_t *one)
{
	for (enum report_own o = 0; o < REPORT_OWN; o++) {
		struct histogram sum, other;

		report_latency_take(json_object_get(doc, report_own_keys[o]), &sum);
		report_latency_take(json_object_get(one, report_own_keys[o]), &other);
		histogram_merge(&sum, &other);
		json_object_set_new(doc, report_own_keys[o], report_latency_make(&sum));
	}
}

/* Appends zeros for machines whose load was shorter. */
static void
pad_busy(json_t *busy, size_t n)
{
	while (json_array_size(busy) < n)
		json_array_append_new(busy, json_real(0));
}

static json_t *
empty_second(void)
{
	return json_pack("{s:f, s:f, s:i, s:i, s:i, s:i, s:f, s:n, s:n, s:f, s:[]}", "at_s",
	        0.0, "for_s", 0.0, "attempted", 0, "completed", 0, "errors", 0, "open", 0,
	        "cps", 0.0, "p50_us", "p99_us", "away_s", 0.0, "busy");
}

/* Several rows of one machine may lie in one row of another. The greatest busy share counts. */
static void
add_busy(json_t *busy, const json_t *one, size_t had)
{
	size_t c;
	json_t *share;

	json_array_foreach(one, c, share)
	{
		double more = json_number_value(share);

		if (had + c >= json_array_size(busy))
			json_array_append_new(busy, json_real(more));
		else if (more > json_number_value(json_array_get(busy, had + c)))
			json_array_set_new(busy, had + c, json_real(more));
	}
}

/* Adds a rate that holds for a part of the row, in proportion. */
static void
add_rate(json_t *into, const json_t *one)
{
	double for_s = report_number(into, "for_s");
	double part = for_s > 0 ? report_number(one, "for_s") / for_s : 1;

	json_object_set_new(into, "cps",
	        report_real(report_number(into, "cps") + part * report_number(one, "cps")));
}

/* Removes the open connections of a part of the row that is not the last. */
static void
take_back_open(json_t *into, const json_t *part)
{
	uint64_t open = report_count(into, "open"), was = report_count(part, "open");

	json_object_set_new(
	        into, "open", json_integer((json_int_t)(open > was ? open - was : 0)));
}

/* The percentiles of a row have no buckets, so the sum has none. */
static void
add_second(json_t *into, const json_t *one, size_t had)
{
	sum_counts(into, one, second_counts, LENGTH(second_counts));
	keep_greater(into, one, "at_s");
	keep_greater(into, one, "for_s");
	add_rate(into, one);
	if (json_object_get(one, "away_s") != NULL)
		keep_greater(into, one, "away_s");
	json_object_set_new(into, "p50_us", json_null());
	json_object_set_new(into, "p99_us", json_null());
	add_busy(json_object_get(into, "busy"), json_object_get(one, "busy"), had);
}

/* The index of the row that covers the middle of `second`, from `from` on. Indexes of machines
 * differ after a time in which one of them did not run. */
static size_t
row_at_time(const json_t *into, const json_t *second, size_t from)
{
	double middle = report_number(second, "at_s") - report_number(second, "for_s") / 2;
	size_t i = from;

	while (i < json_array_size(into) &&
	        report_number(json_array_get(into, i), "at_s") <= middle)
		i++;
	return i;
}

/* Call it before the cores are joined: their numbers give the length of `busy`. */
static void
add_seconds(json_t *doc, const json_t *one)
{
	json_t *into = json_object_get(doc, "seconds");
	size_t had = json_array_size(json_object_get(doc, "cores"));
	size_t both = had + json_array_size(json_object_get(one, "cores"));
	size_t i, at = 0, last = SIZE_MAX;
	json_t *second, *before = NULL;

	json_array_foreach(json_object_get(one, "seconds"), i, second)
	{
		at = row_at_time(into, second, at);
		if (at == last)
			take_back_open(json_array_get(into, at), before);
		if (at == json_array_size(into))
			json_array_append_new(into, empty_second());
		pad_busy(json_object_get(json_array_get(into, at), "busy"), had);
		add_second(json_array_get(into, at), second, had);
		last = at;
		before = second;
	}
	json_array_foreach(into, i, second) pad_busy(json_object_get(second, "busy"), both);
}

/* Gives each core the name of its machine, since all machines may have an lcore 2. */
static void
name_cores(json_t *doc)
{
	size_t i;
	json_t *core;

	json_array_foreach(json_object_get(doc, "cores"), i, core)
	{
		if (json_object_get(core, "host") == NULL)
			json_object_set_new(core, "host",
			        json_string(report_text(doc, "environment.host")));
	}
}

/* A merged report adds all its machines. */
static void
add_machines(json_t *machines, const json_t *one)
{
	json_t *its = json_object_get(one, "machines");

	if (json_is_array(its))
		json_array_extend(machines, its);
	else
		json_array_append(machines, json_object_get(one, "environment"));
}

static json_t *
join_texts(const char *a, const char *between, const char *b)
{
	return json_sprintf("%s%s%s", a, between, b);
}

/* A limit of our own outweighs the peer, and the peer outweighs none. */
static unsigned
limit_weight(const char *side)
{
	return strcmp(side, "none") == 0 ? 0 : strcmp(side, "peer") == 0 ? 1 : 2;
}

/* Our own latency outweighs the peer's, and the peer's outweighs none. */
static unsigned
latency_weight(const char *side)
{
	static const char *const order[] = {"none", "peer", "mixed", "own"};

	for (unsigned i = 0; i < LENGTH(order); i++) {
		if (strcmp(side, order[i]) == 0)
			return i;
	}
	return 0;
}

/* The text of a verdict, with the name of its machine. A merged report has it already. */
static json_t *
verdict_said_by(const json_t *doc, const char *verdict)
{
	const char *text = report_text(json_object_get(doc, verdict), "text");

	if (json_object_get(doc, "machines") != NULL || text[0] == '\0')
		return json_string(text);
	return join_texts(report_text(doc, "environment.host"), ": ", text);
}

static void
add_verdict(
        json_t *doc, const json_t *one, const char *key, unsigned (*weight_of)(const char *))
{
	json_t *verdict = json_object_get(doc, key), *also = verdict_said_by(one, key);
	const json_t *other = json_object_get(one, key);

	if (json_string_value(also)[0] != '\0')
		json_object_set_new(verdict, "text",
		        join_texts(report_text(verdict, "text"), " ", json_string_value(also)));
	json_decref(also);
	if (weight_of(report_text(other, "side")) > weight_of(report_text(verdict, "side")))
		json_object_set(verdict, "side", json_object_get(other, "side"));
}

/* Is `target` an item of the comma-separated list? ":80" is not an item of "...:8080". */
static bool
lists_target(const char *list, const char *target)
{
	size_t len = strlen(target);

	for (const char *p = list; len > 0 && (p = strstr(p, target)) != NULL; p++) {
		if ((p == list || p[-1] == ' ') && (p[len] == '\0' || p[len] == ','))
			return true;
	}
	return len == 0;
}

static void
add_target(json_t *doc, const json_t *one)
{
	const char *target = report_text(doc, "target");

	if (!lists_target(target, report_text(one, "target")))
		json_object_set_new(
		        doc, "target", join_texts(target, ", ", report_text(one, "target")));
}

/* Joins the expectations of one report into those of all. */
static void
expect_of_both(const json_t *one, struct expectations *all)
{
	struct expectations its;

	report_asked(one, &its);
	expectations_join(all, &its);
}

static void
add_doc(json_t *doc, const json_t *one)
{
	sum_counts(doc, one, counts, LENGTH(counts));
	add_number(doc, one, "cps");
	add_number(doc, one, "rps");
	keep_greater(doc, one, "ran_s");
	add_target(doc, one);
	add_spec(json_object_get(doc, "spec"), json_object_get(one, "spec"));
	add_window(json_object_get(doc, "window"), json_object_get(one, "window"));
	add_errors(json_object_get(doc, "errors"), json_object_get(one, "errors"));
	sum_counts(json_object_get(doc, "drops"), json_object_get(one, "drops"), drop_counts,
	        LENGTH(drop_counts));
	add_status(doc, one);
	add_latencies(doc, one);
	add_own(doc, one);
	add_seconds(doc, one);
	json_array_extend(json_object_get(doc, "cores"), json_object_get(one, "cores"));
	add_machines(json_object_get(doc, "machines"), one);
	add_verdict(doc, one, "limit", limit_weight);
	add_verdict(doc, one, "latency", latency_weight);
	if (report_true(one, "stopped"))
		json_object_set_new(doc, "stopped", json_true());
}

static double
started_unix_s(const json_t *doc)
{
	struct tm tm = {0};
	const char *end = strptime(
	        report_text(doc, "environment.started"), "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end == NULL ? NAN : (double)timegm(&tm);
}

/* Rates of different times have no sum. It is a note and no error, since clocks may be wrong.
 */
static void
note_times(json_t *doc, docs_t docs, unsigned n)
{
	double first = NAN, last = NAN;

	for (unsigned i = 0; i < n; i++) {
		first = fmin(first, started_unix_s(docs[i]));
		last = fmax(last, started_unix_s(docs[i]));
	}
	if (!(last - first > APART_S))
		return;
	json_object_set_new(doc, "notes",
	        json_pack("[o]",
	                json_sprintf(
	                        "The loads began up to %.0f s apart by their machines' clocks: sums of rates hold only for loads that ran at the same time.",
	                        last - first)));
}

/* A copy of the first report, with its machine's name in the parts that will be joined. */
static json_t *
begin_sum(const json_t *first)
{
	json_t *doc = json_deep_copy(first);
	json_t *machines = json_array();

	add_machines(machines, first);
	name_cores(doc);
	json_object_set_new(
	        json_object_get(doc, "limit"), "text", verdict_said_by(first, "limit"));
	if (json_object_get(doc, "latency") == NULL)
		json_object_set_new(
		        doc, "latency", json_pack("{s:s, s:s}", "side", "none", "text", ""));
	json_object_set_new(
	        json_object_get(doc, "latency"), "text", verdict_said_by(first, "latency"));
	json_object_set_new(doc, "machines", machines);
	return doc;
}

static void
add_parts(json_t *parts, const json_t *one)
{
	json_t *its = report_id_parts(one);

	json_array_extend(parts, its);
	json_decref(its);
}

/* Gives the sum its own id and the ids of its parts. */
static void
name_sum(json_t *doc, json_t *parts)
{
	char id[REPORT_ID];

	report_id_make(id);
	json_object_set_new(doc, "id", json_string(id));
	json_object_set_new(doc, "parts", parts);
}

json_t *
load_report_merge(docs_t docs, unsigned n, char *why, unsigned whylen)
{
	struct expectations all = {.asked = {false}};
	json_t *doc, *parts;

	for (unsigned i = 0; i < n; i++) {
		if (!reports_alike(docs[0], docs[i], why, whylen))
			return NULL;
	}
	if (report_id_repeats(docs, n, why, whylen))
		return NULL;
	doc = begin_sum(docs[0]);
	parts = report_id_parts(docs[0]);
	expect_of_both(docs[0], &all);
	for (unsigned i = 1; i < n; i++) {
		json_t *one = json_deep_copy(docs[i]);

		name_cores(one);
		add_doc(doc, one);
		expect_of_both(one, &all);
		add_parts(parts, docs[i]);
		json_decref(one);
	}
	name_sum(doc, parts);
	report_expect(doc, &all);
	note_times(doc, docs, n);
	if (load_report_check(doc, why, whylen))
		return doc;
	json_decref(doc);
	return NULL;
}
