/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads reports, and refuses those that the other functions cannot rely on. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "load/client/tally.h"
#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "load/spec/options.h"

#define NUMBER_MAX  1e15
#define SECONDS_MAX 100000u
#define CORES_MAX   4096u /* of all machines */
#define PARTS_MAX   4096u

enum kind {
	COUNT,  /* a whole number from 0 to REPORT_COUNT_MAX */
	NUMBER, /* from 0 to NUMBER_MAX */
	TEXT,
	FLAG,
	OBJECT,
	ARRAY,
};

/* A required member. */
struct member {
	const char *key;
	enum kind kind;
	bool or_null;
};

struct why {
	char *text;
	unsigned size;
	int schema; /* of the document */
};

static const struct member of_report[] = {
        {"target", TEXT, false},
        {"spec", OBJECT, false},
        {"intended", COUNT, false},
        {"attempted", COUNT, false},
        {"connected", COUNT, false},
        {"completed", COUNT, false},
        {"requests", COUNT, false},
        {"put_off", COUNT, false},
        {"text_bytes_in", COUNT, false},
        {"cps", NUMBER, false},
        {"rps", NUMBER, false},
        {"ran_s", NUMBER, false},
        {"window", OBJECT, false},
        {"errors", OBJECT, false},
        {"latency_us", OBJECT, false},
        {"retransmissions", COUNT, false},
        {"drops", OBJECT, false},
        {"handed_over", COUNT, false},
        {"sources", COUNT, false},
        {"max_conns", COUNT, false},
        {"limit", OBJECT, false},
        {"expectations", ARRAY, false},
        {"passed", FLAG, false},
        {"stopped", FLAG, false},
        {"seconds", ARRAY, false},
        {"cores", ARRAY, false},
        {"environment", OBJECT, false},
        {NULL, TEXT, false},
};

static const struct member of_spec[] = {
        {"kind", TEXT, false},
        {NULL, TEXT, false},
};

static const struct member of_window[] = {
        {"seconds", NUMBER, false},
        {"completed", COUNT, false},
        {"requests", COUNT, false},
        {NULL, TEXT, false},
};

static const struct member of_errors[] = {
        {"total", COUNT, false},
#define X(name, text) {#name, COUNT, false},
        LOAD_ERRORS(X)
#undef X
                {NULL, TEXT, false},
};

static const struct member of_latency[] = {
        {"count", COUNT, false},
        {"mean", NUMBER, false},
        {"p50", COUNT, false},
        {"p90", COUNT, false},
        {"p99", COUNT, false},
        {"p99_9", COUNT, false},
        {"max", COUNT, false},
        {"buckets", ARRAY, false},
        {NULL, TEXT, false},
};

static const struct member of_drops[] = {
        {"no_mbuf", COUNT, false},
        {"tx_full", COUNT, false},
        {"unresolved", COUNT, false},
        {NULL, TEXT, false},
};

static const struct member of_limit[] = {
        {"side", TEXT, false},
        {"text", TEXT, false},
        {NULL, TEXT, false},
};

static const struct member of_expectation[] = {
        {"what", TEXT, false},
        {"asked", NUMBER, false},
        {"measured", NUMBER, true},
        {"met", FLAG, false},
        {NULL, TEXT, false},
};

/* The members that schema 2 has added. */
static const struct member of_report_2[] = {
        {"id", TEXT, false},
        {"status", OBJECT, false},
        {"verdict", OBJECT, false},
        {"closed_idle", COUNT, false},
        {"closed_by_us", COUNT, false},
        {"lateness_us", OBJECT, false},
        {"gaps_us", OBJECT, false},
        {"latency", OBJECT, false},
        {NULL, TEXT, false},
};

static const struct member of_window_2[] = {
        {"due", COUNT, false},
        {"due_attempted", COUNT, false},
        {"due_completed", COUNT, false},
        {"due_failed", COUNT, false},
        {"due_no_source", COUNT, false},
        {NULL, TEXT, false},
};

static const struct member of_expectation_2[] = {
        {"not_measurable", FLAG, false},
        {"why", TEXT, false},
        {NULL, TEXT, false},
};

static const struct member of_verdict[] = {
        {"code", COUNT, false},
        {"text", TEXT, false},
        {NULL, TEXT, false},
};

static const struct member of_second[] = {
        {"at_s", NUMBER, false},
        {"for_s", NUMBER, false},
        {"attempted", COUNT, false},
        {"completed", COUNT, false},
        {"errors", COUNT, false},
        {"open", COUNT, false},
        {"cps", NUMBER, false},
        {"p50_us", COUNT, true},
        {"p99_us", COUNT, true},
        {"busy", ARRAY, false},
        {NULL, TEXT, false},
};

static const struct member of_second_2[] = {
        {"away_s", NUMBER, false},
        {NULL, TEXT, false},
};

static const struct member of_core[] = {
        {"lcore", COUNT, false},
        {"busy_percent", NUMBER, false},
        {"away_percent", NUMBER, false},
        {"completed", COUNT, false},
        {"cycles_per_connection", NUMBER, true},
        {NULL, TEXT, false},
};

static const struct member of_environment[] = {
        {"handfast", TEXT, false},
        {"dpdk", TEXT, false},
        {"cpu", TEXT, false},
        {"kernel", TEXT, false},
        {"host", TEXT, false},
        {"driver", TEXT, false},
        {"tsc_hz", COUNT, false},
        {"hugepages", FLAG, false},
        {"checksums", FLAG, false},
        {"started", TEXT, false},
        {NULL, TEXT, false},
};

/* A message may quote the file, and a terminal must not obey its bytes. */
static void
make_plain(char *text)
{
	for (uint8_t *c = (uint8_t *)text; *c != '\0'; c++) {
		if (*c < ' ' || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
			*c = '?';
	}
}

/* Always false, so that `return refuse_report(...)` reads well. */
static bool __attribute__((format(printf, 2, 3)))
refuse_report(struct why *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why->text, why->size, fmt, args);
	va_end(args);
	make_plain(why->text);
	return false;
}

static const char *
kind_text(enum kind kind)
{
	switch (kind) {
	case COUNT:
		return "a whole number that is not negative";
	case NUMBER:
		return "a number that is not negative";
	case TEXT:
		return "a string";
	case FLAG:
		return "true or false";
	case OBJECT:
		return "an object";
	case ARRAY:
		return "an array";
	}
	return "?";
}

static bool
value_is_of(const json_t *value, enum kind kind)
{
	switch (kind) {
	case COUNT:
		return json_is_integer(value) && json_integer_value(value) >= 0 &&
		       json_integer_value(value) <= REPORT_COUNT_MAX;
	case NUMBER:
		return json_is_number(value) && json_number_value(value) >= 0 &&
		       json_number_value(value) <= NUMBER_MAX;
	case TEXT:
		return json_is_string(value);
	case FLAG:
		return json_is_boolean(value);
	case OBJECT:
		return json_is_object(value);
	case ARRAY:
		return json_is_array(value);
	}
	return false;
}

static bool
check_members(const json_t *object, const char *where, const struct member *m, struct why *why)
{
	if (!json_is_object(object))
		return refuse_report(why, "%s is not an object", where);
	for (; m->key != NULL; m++) {
		const json_t *value = json_object_get(object, m->key);

		if (value == NULL)
			return refuse_report(why, "%s has no \"%s\"", where, m->key);
		if (!value_is_of(value, m->kind) && !(m->or_null && json_is_null(value)))
			return refuse_report(why, "\"%s\" of %s is not %s", m->key, where,
			        kind_text(m->kind));
	}
	return true;
}

static enum kind
kind_of_option(enum report_member_kind kind)
{
	switch (kind) {
	case REPORT_NUMBER:
		return NUMBER;
	case REPORT_COUNT:
		return COUNT;
	case REPORT_TEXT:
	case REPORT_NONE:
		break;
	}
	return TEXT;
}

/* Checks the members that are options, by their table. */
static bool
check_spec(const json_t *spec, struct why *why)
{
	if (!check_members(spec, "spec", of_spec, why))
		return false;
	for (unsigned i = 0; i < LOAD_OPTIONS; i++) {
		const struct load_member *m = &load_options[i].member;
		struct member row[] = {
		        {m->key, kind_of_option(m->kind), m->zero_is_null || m->of_http},
		        {NULL, TEXT, false}};

		if (m->kind != REPORT_NONE && m->schema <= why->schema &&
		        !check_members(spec, "spec", row, why))
			return false;
	}
	return true;
}

/* Checks each object of an array. */
static bool
check_each(const json_t *doc, const char *key, unsigned most, const struct member *m,
        struct why *why)
{
	const json_t *all = json_object_get(doc, key);
	size_t i;
	json_t *one;

	if (json_array_size(all) > most)
		return refuse_report(why, "\"%s\" has %zu members, more than %u", key,
		        json_array_size(all), most);
	json_array_foreach(all, i, one)
	{
		if (!check_members(one, key, m, why))
			return false;
	}
	return true;
}

/* Each row must have a share for each core. */
static bool
check_busy(const json_t *doc, struct why *why)
{
	size_t i, k, cores = json_array_size(json_object_get(doc, "cores"));
	json_t *second, *share;

	json_array_foreach(json_object_get(doc, "seconds"), i, second)
	{
		const json_t *busy = json_object_get(second, "busy");

		if (json_array_size(busy) != cores)
			return refuse_report(why,
			        "\"busy\" of a second has %zu members for %zu cores",
			        json_array_size(busy), cores);
		json_array_foreach(busy, k, share)
		{
			if (!value_is_of(share, NUMBER))
				return refuse_report(why,
				        "\"busy\" of a second has a member that is not a number");
		}
	}
	return true;
}

static bool
check_latency(const json_t *one, const char *key, struct why *why)
{
	struct histogram h;

	if (!check_members(one, key, of_latency, why))
		return false;
	return report_latency_take(one, &h) ||
	       refuse_report(
	               why, "the buckets of \"%s\" are not those of a handfast histogram", key);
}

static bool
check_latencies(const json_t *doc, struct why *why)
{
	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++) {
		if (!check_latency(report_latency(doc, l), report_latency_keys[l], why))
			return false;
	}
	for (enum report_own o = 0; o < REPORT_OWN; o++) {
		const json_t *one = json_object_get(doc, report_own_keys[o]);

		if (one != NULL && !check_latency(one, report_own_keys[o], why))
			return false;
	}
	return true;
}

static bool
check_head(const json_t *doc, struct why *why)
{
	const json_t *version = json_object_get(doc, "schema_version");

	if (!json_is_object(doc) || strcmp(report_text(doc, "kind"), REPORT_KIND) != 0)
		return refuse_report(why, "this is JSON, but not the report of a load");
	why->schema = (int)json_integer_value(version);
	if (!json_is_integer(version) || json_integer_value(version) < LOAD_REPORT_OLDEST ||
	        json_integer_value(version) > LOAD_REPORT_SCHEMA)
		return refuse_report(why,
		        "its schema_version is %" JSON_INTEGER_FORMAT
		        ", not %d to %d: it was written by another version of handfast",
		        json_integer_value(version), LOAD_REPORT_OLDEST, LOAD_REPORT_SCHEMA);
	return true;
}

/* Checks all texts, since optional members are printed, too. */
static bool
all_plain(const json_t *value)
{
	bool plain = !json_is_string(value) || report_text_is_plain(json_string_value(value));
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	        plain = plain && all_plain(member);
	json_array_foreach(value, i, member) plain = plain && all_plain(member);
	return plain;
}

/* Each expectation must be in our table, and may be there once. */
static bool
check_expectations(const json_t *doc, struct why *why)
{
	bool seen[EXPECT_COUNT] = {false};
	size_t i;
	json_t *row;

	if (!check_each(doc, "expectations", EXPECT_COUNT, of_expectation, why))
		return false;
	json_array_foreach(json_object_get(doc, "expectations"), i, row)
	{
		enum expect what = expect_by_key(report_text(row, "what"));

		if (what == EXPECT_COUNT)
			return refuse_report(why, "\"%.32s\" is not a known expectation",
			        report_text(row, "what"));
		if (seen[what])
			return refuse_report(why, "the expectation \"%s\" is there twice",
			        expectation_rows[what].key);
		seen[what] = true;
	}
	return true;
}

/* The numbers of answers, by status as "200". */
static bool
check_status(const json_t *doc, struct why *why)
{
	const char *code;
	json_t *n;

	json_object_foreach(json_object_get(doc, "status"), code, n)
	{
		if (strlen(code) != 3 || strspn(code, "0123456789") != 3 || code[0] < '1' ||
		        code[0] > '5')
			return refuse_report(
			        why, "\"status\" has an invalid code: %.32s", code);
		if (!value_is_of(n, COUNT))
			return refuse_report(
			        why, "\"%s\" of status is not %s", code, kind_text(COUNT));
	}
	return true;
}

/* The ids of the parts of a merged report. Others have none. */
static bool
check_parts(const json_t *doc, struct why *why)
{
	const json_t *parts = json_object_get(doc, "parts");
	size_t i;
	json_t *id;

	if (parts == NULL)
		return true;
	if (!json_is_array(parts) || json_array_size(parts) > PARTS_MAX)
		return refuse_report(why, "\"parts\" is not a list of at most %u", PARTS_MAX);
	json_array_foreach(parts, i, id)
	{
		if (!json_is_string(id))
			return refuse_report(
			        why, "\"parts\" has a member that is not a string");
	}
	return true;
}

/* Schema 1 counted redirects as complete answers, and lacks their count. */
static bool
check_errors(json_t *errors, struct why *why)
{
	if (why->schema < 2 && json_is_object(errors))
		json_object_set_new(
		        errors, load_error_names[LOAD_ERROR_redirect], json_integer(0));
	return check_members(errors, "errors", of_errors, why);
}

static bool
check_schema_2(const json_t *doc, struct why *why)
{
	return why->schema < 2 ||
	       (check_members(doc, "the report", of_report_2, why) &&
	               check_members(
	                       json_object_get(doc, "window"), "window", of_window_2, why) &&
	               check_members(
	                       json_object_get(doc, "verdict"), "verdict", of_verdict, why) &&
	               check_members(
	                       json_object_get(doc, "latency"), "latency", of_limit, why) &&
	               check_each(doc, "seconds", SECONDS_MAX, of_second_2, why) &&
	               check_each(doc, "expectations", EXPECT_COUNT, of_expectation_2, why));
}

static bool
check_plain(const json_t *doc, struct why *why)
{
	return all_plain(doc) || refuse_report(why, "its texts contain control characters");
}

static bool
check_report(const json_t *doc, struct why *why)
{
	return check_head(doc, why) && check_plain(doc, why) &&
	       check_members(doc, "the report", of_report, why) &&
	       check_spec(json_object_get(doc, "spec"), why) &&
	       check_members(json_object_get(doc, "window"), "window", of_window, why) &&
	       check_errors(json_object_get(doc, "errors"), why) &&
	       check_members(json_object_get(doc, "drops"), "drops", of_drops, why) &&
	       check_members(json_object_get(doc, "limit"), "limit", of_limit, why) &&
	       check_members(json_object_get(doc, "environment"), "environment", of_environment,
	               why) &&
	       check_expectations(doc, why) && check_status(doc, why) &&
	       check_parts(doc, why) && check_schema_2(doc, why) &&
	       check_each(doc, "seconds", SECONDS_MAX, of_second, why) &&
	       check_each(doc, "cores", CORES_MAX, of_core, why) && check_busy(doc, why) &&
	       check_latencies(doc, why);
}

bool
load_report_check(const json_t *doc, char *text, unsigned size)
{
	struct why why = {text, size, 0};

	return check_report(doc, &why);
}

json_t *
load_report_read(const char *path, char *text, unsigned size)
{
	struct why why = {text, size, 0};
	json_error_t e;
	json_t *doc = json_load_file(path, JSON_REJECT_DUPLICATES, &e);

	if (doc == NULL && e.line < 0) {
		refuse_report(&why, "%s", e.text);
		return NULL;
	}
	if (doc == NULL) {
		refuse_report(&why, "it is not JSON: line %d: %s", e.line, e.text);
		return NULL;
	}
	if (!check_report(doc, &why)) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}
