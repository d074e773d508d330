/* SPDX-License-Identifier: BSD-3-Clause */
/* A place held until the report is here. */
#include <errno.h>
#include <stdio.h>

#include "load/report.h"

__attribute__((weak)) void
load_judge(struct load_result *r)
{
	(void)r;
}

json_t *
load_report_model(const struct load_result *r)
{
	json_t *errors = json_object();

	for (unsigned i = 0; i < LOAD_ERROR_COUNT; i++)
		json_object_set_new(errors, load_error_names[i],
		        json_integer((json_int_t)r->total.error[i]));
	json_object_set_new(
	        errors, "total", json_integer((json_int_t)load_tally_errors(&r->total)));
	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:f, s:I, s:o}", "schema_version", 1,
	        "attempted", (json_int_t)r->total.attempted, "connected",
	        (json_int_t)r->total.connected, "completed", (json_int_t)r->total.completed,
	        "requests", (json_int_t)r->total.requests, "cps",
	        r->window_s > 0 ? (double)r->total.window_completed / r->window_s : 0,
	        "retransmissions", (json_int_t)r->retransmissions, "errors", errors);
}

void
load_report_text(FILE *f, const json_t *doc)
{
	json_dumpf(doc, f, JSON_INDENT(2));
	fputc('\n', f);
}

bool
load_report_passed(const json_t *doc)
{
	return json_integer_value(json_object_get(doc, "completed")) > 0;
}

int
load_report_write_json(const char *path, const json_t *doc)
{
	return json_dump_file(doc, path, JSON_INDENT(2)) == 0 ? 0 : -EIO;
}

int
load_report_write_html(const char *path, const json_t *doc)
{
	(void)path;
	(void)doc;
	return -ENOTSUP;
}

json_t *
load_report_read(const char *path, char *why, unsigned whylen)
{
	(void)path;
	snprintf(why, whylen, "reports are not read yet");
	return NULL;
}

json_t *
load_report_merge(json_t *const *docs, unsigned n, char *why, unsigned whylen)
{
	(void)docs;
	(void)n;
	snprintf(why, whylen, "reports are not added yet");
	return NULL;
}
