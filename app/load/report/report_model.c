/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the document of a load's result. */
#include <time.h>

#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "load/spec/options.h"

static double
rate_of_second(uint64_t n, double s)
{
	return s > 0 ? (double)n / s : 0;
}

static json_t *
make_count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* The name of a machine may be invalid UTF-8, which JSON does not accept, or have control
 * characters, which load_report_read() does not accept. */
static json_t *
make_text(const char *bytes)
{
	json_t *string = report_text_is_plain(bytes) ? json_string(bytes) : NULL;
	char plain[LOAD_PATH + 64];
	unsigned n = 0;

	if (string != NULL)
		return string;
	for (; bytes[n] != '\0' && n < sizeof(plain) - 1; n++)
		plain[n] = bytes[n] >= ' ' && bytes[n] < 0x7f ? bytes[n] : '?';
	return json_stringn(plain, n);
}

static json_t *
real_or_null(double v)
{
	return v > 0 ? report_real(v) : json_null();
}

static json_t *
make_target(const struct load_url *url)
{
	char target[LOAD_PATH + 64];

	load_url_print(url, target, sizeof(target));
	return make_text(target);
}

/* Only http has statuses. */
static json_t *
make_accepted(const struct load_spec *s)
{
	char set[STATUS_TEXT];

	if (s->url.kind != LOAD_HTTP)
		return json_null();
	status_set_print(&s->accept, set);
	return json_string(set);
}

static json_t *
make_member(const struct load_option *o, const struct load_spec *s)
{
	switch (o->member.kind) {
	case REPORT_NUMBER:
	case REPORT_COUNT:
		if (o->member.zero_is_null && load_option_real(o, s) == 0)
			return json_null();
		return o->member.kind == REPORT_COUNT
		               ? make_count((uint64_t)load_option_real(o, s))
		               : report_real(load_option_real(o, s));
	case REPORT_TEXT:
		if (o->store == LOAD_STORE_STATUS)
			return make_accepted(s);
		return json_string(o->choices[(unsigned)load_option_real(o, s)]);
	case REPORT_NONE:
		break;
	}
	return NULL;
}

static json_t *
make_spec(const struct load_spec *s)
{
	json_t *spec = json_pack("{s:s}", "kind", load_kind_name(s->url.kind));

	for (unsigned i = 0; i < LOAD_OPTIONS; i++) {
		const struct load_option *o = &load_options[i];

		if (o->member.kind != REPORT_NONE)
			json_object_set_new(spec, o->member.key, make_member(o, s));
	}
	return spec;
}

static json_t *
make_window(const struct load_result *r)
{
	const struct load_tally *t = &r->total;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "seconds",
	        report_real(r->window_s), "completed", make_count(t->window_completed),
	        "requests", make_count(t->window_requests), "due", make_count(t->window_due),
	        "due_attempted", make_count(t->window_due_attempted), "due_completed",
	        make_count(t->window_due_completed), "due_failed",
	        make_count(t->window_due_failed), "due_no_source",
	        make_count(t->window_due_no_source));
}

static json_t *
make_errors(const struct load_tally *t)
{
	json_t *errors = json_pack("{s:o}", "total", make_count(load_tally_errors(t)));

	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++)
		json_object_set_new(errors, load_error_names[e], make_count(t->error[e]));
	return errors;
}

/* The number of answers, by status. */
static json_t *
make_status(const struct load_tally *t)
{
	json_t *all = json_object();
	char code[16];

	for (unsigned i = 0; i < STATUS_CODES; i++) {
		snprintf(code, sizeof(code), "%u", STATUS_FIRST + i);
		if (t->status[i] > 0)
			json_object_set_new(all, code, make_count(t->status[i]));
	}
	return all;
}

static json_t *
make_latencies(const struct load_tally *t)
{
	return json_pack("{s:o, s:o, s:o, s:o}", report_latency_keys[REPORT_CONNECT],
	        report_latency_make(&t->connect), report_latency_keys[REPORT_FIRST_BYTE],
	        report_latency_make(&t->first_byte), report_latency_keys[REPORT_WHOLE],
	        report_latency_make(&t->whole), report_latency_keys[REPORT_REQUEST],
	        report_latency_make(&t->request));
}

static json_t *
make_drops(const struct load_result *r)
{
	return json_pack("{s:o, s:o, s:o}", "no_mbuf", make_count(r->no_mbuf), "tx_full",
	        make_count(r->tx_full), "unresolved", make_count(r->unresolved));
}

static json_t *
count_or_null(uint64_t n)
{
	return n == LOAD_UNKNOWN ? json_null() : make_count(n);
}

static json_t *
make_second(const struct load_second *s, unsigned ncores)
{
	json_t *busy = json_array();

	for (unsigned c = 0; c < ncores; c++)
		json_array_append_new(busy, report_real((double)s->busy[c]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "at_s",
	        report_real(s->at_s), "for_s", report_real(s->for_s), "attempted",
	        make_count(s->attempted), "completed", make_count(s->completed), "errors",
	        make_count(s->errors), "open", make_count(s->open), "cps",
	        report_real(rate_of_second(s->completed, s->for_s)), "p50_us",
	        count_or_null(s->p50_us), "p99_us", count_or_null(s->p99_us), "away_s",
	        report_real(s->away_s), "busy", busy);
}

static json_t *
make_seconds(const struct load_result *r)
{
	json_t *seconds = json_array();

	for (unsigned i = 0; i < r->nseconds; i++)
		json_array_append_new(seconds, make_second(&r->second[i], r->ncores));
	return seconds;
}

static json_t *
make_cores(const struct load_result *r)
{
	json_t *cores = json_array();

	for (unsigned c = 0; c < r->ncores; c++) {
		const struct load_core *core = &r->core[c];

		json_array_append_new(cores,
		        json_pack("{s:o, s:o, s:o, s:o, s:o}", "lcore", make_count(core->lcore),
		                "busy_percent", report_real(100 * core->busy), "away_percent",
		                report_real(100 * core->away), "completed",
		                make_count(core->completed), "cycles_per_connection",
		                real_or_null(core->cycles_per_connection)));
	}
	return cores;
}

static json_t *
make_environment(const struct load_result *r)
{
	time_t at = (time_t)r->started_unix;
	char started[32] = "";
	struct tm tm;

	if (gmtime_r(&at, &tm) != NULL)
		strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:s}", "handfast",
	        make_text(r->version), "dpdk", make_text(r->dpdk), "cpu", make_text(r->cpu),
	        "kernel", make_text(r->kernel), "host", make_text(r->host), "driver",
	        make_text(r->driver), "tsc_hz", make_count(r->tsc_hz), "hugepages",
	        r->hugepages, "checksums", r->csum_offload, "started", started);
}

static void
set_own(json_t *doc, const struct load_tally *t)
{
	json_object_set_new(
	        doc, report_own_keys[REPORT_LATENESS], report_latency_make(&t->lateness));
	json_object_set_new(doc, report_own_keys[REPORT_GAPS], report_latency_make(&t->gaps));
}

json_t *
load_report_model(const struct load_result *r)
{
	const struct load_tally *t = &r->total;
	json_t *doc = json_pack("{s:i, s:s, s:s, s:o, s:o}", "schema_version",
	        LOAD_REPORT_SCHEMA, "kind", REPORT_KIND, "id", r->id, "target",
	        make_target(&r->spec.url), "spec", make_spec(&r->spec));

	json_object_set_new(doc, "intended", make_count(t->intended));
	json_object_set_new(doc, "attempted", make_count(t->attempted));
	json_object_set_new(doc, "connected", make_count(t->connected));
	json_object_set_new(doc, "completed", make_count(t->completed));
	json_object_set_new(doc, "requests", make_count(t->requests));
	json_object_set_new(doc, "put_off", make_count(t->put_off));
	json_object_set_new(doc, "text_bytes_in", make_count(t->text_in));
	json_object_set_new(doc, "closed_idle", make_count(t->closed_idle));
	json_object_set_new(doc, "closed_by_us", make_count(t->closed_by_us));
	json_object_set_new(doc, "cps", report_real(load_cps(r)));
	json_object_set_new(doc, "rps", report_real(load_rps(r)));
	json_object_set_new(doc, "ran_s", report_real(r->ran_s));
	json_object_set_new(doc, "window", make_window(r));
	json_object_set_new(doc, "errors", make_errors(t));
	json_object_set_new(doc, "status", make_status(t));
	json_object_set_new(doc, "latency_us", make_latencies(t));
	set_own(doc, t);
	json_object_set_new(doc, "retransmissions", make_count(r->retransmissions));
	json_object_set_new(doc, "drops", make_drops(r));
	json_object_set_new(doc, "handed_over", make_count(r->handed_over));
	json_object_set_new(doc, "sources", make_count(r->sources));
	json_object_set_new(doc, "max_conns", make_count(r->max_conns));
	json_object_set_new(doc, "limit",
	        json_pack(
	                "{s:s, s:s}", "side", load_side_name(r->limit), "text", r->limit_text));
	json_object_set_new(doc, "latency",
	        json_pack("{s:s, s:s}", "side", load_latency_side_name(r->latency), "text",
	                r->latency_text));
	json_object_set_new(doc, "stopped", json_boolean(r->stopped));
	json_object_set_new(doc, "seconds", make_seconds(r));
	json_object_set_new(doc, "cores", make_cores(r));
	json_object_set_new(doc, "environment", make_environment(r));
	report_expect(doc, &r->spec.expect);
	return doc;
}
