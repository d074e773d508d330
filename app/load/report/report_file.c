/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes reports to files. */
#include "load/report/report.h"
#include "text/document.h"

int
load_report_file_check(const char *path, struct error *e)
{
	return path[0] == '\0' ? 0 : document_check(path, e);
}

/* The buckets make the document long, so it is one line. With 15 digits 0.1 stays 0.1. */
static void
print_json(FILE *f, const void *doc)
{
	json_dumpf(doc, f, JSON_COMPACT | JSON_REAL_PRECISION(15));
	fputc('\n', f);
}

static void
print_html(FILE *f, const void *doc)
{
	load_report_html(f, doc);
}

int
load_report_write_json(const char *path, const json_t *doc)
{
	return document_write(path, print_json, doc);
}

int
load_report_write_html(const char *path, const json_t *doc)
{
	return document_write(path, print_html, doc);
}
