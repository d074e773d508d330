/* SPDX-License-Identifier: BSD-3-Clause */
/* report: a load's result, for people and for programs.
 *
 * load_report_model() makes one document. Text, HTML and merged reports are made from that
 * document alone. docs/json.md describes its keys. LOAD_REPORT_SCHEMA is raised when a key
 * changes its meaning.
 *
 * Threads    the main core's.
 * Ownership  documents are new references.
 * Errors     -errno, or NULL with why filled in.
 */
#ifndef APP_LOAD_REPORT_H
#define APP_LOAD_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "load/report/result.h"
#include "text/error.h"

/* schema_version of reports that are written. It is raised when a key changes its meaning, and
 * when a release has keys that the one before lacked. */
#define LOAD_REPORT_SCHEMA 2
#define LOAD_REPORT_OLDEST 1 /* the oldest schema that can be read */

json_t *load_report_model(const struct load_result *r);

void load_report_text(FILE *f, const json_t *doc);
/* One page that needs no other file and no network. */
void load_report_html(FILE *f, const json_t *doc);

/* The exit code of the verdict. 0: passed. EXIT_MISSED: an expectation was missed, or too many
 * attempts failed. EXIT_ENVIRONMENT: an expectation was missed, perhaps by our own lateness. */
int load_report_code(const json_t *doc);
bool load_report_passed(const json_t *doc);

/* Can a report be written to `path`? An empty path needs none. -EINVAL with e filled in. */
int load_report_file_check(const char *path, struct error *e);
/* As document_write(): 0 or a -errno that document_why() explains. */
int load_report_write_json(const char *path, const json_t *doc);
int load_report_write_html(const char *path, const json_t *doc);

/* Reads a report and checks it, so that all functions of this header can rely on it. NULL, and
 * why. */
json_t *load_report_read(const char *path, char *why, unsigned whylen);
/* Would load_report_read() accept the document? False, and why. */
bool load_report_check(const json_t *doc, char *why, unsigned whylen);
/* Adds the reports of several machines that ran the same load at the same time. Counts, rates
 * and buckets are added, and percentiles are computed from the sum. NULL, and why, if the loads
 * differ (kind, close, requests, payload, duration; targets may differ), if a load would be
 * counted twice, or if the sum is more than a report holds. */
json_t *load_report_merge(json_t *const *docs, unsigned n, char *why, unsigned whylen);

#endif
