/* SPDX-License-Identifier: BSD-3-Clause */
/* report: a load's result, for people and for programs.
 *
 * load_report_model() makes one document, and all else is made of that document
 * and nothing else: text, HTML, a merged report. Its keys are described in
 * docs/json.md; LOAD_REPORT_SCHEMA is raised when one changes its meaning.
 *
 * Ownership  documents are new references.
 * Errors     -errno, or NULL with why filled in.
 */
#ifndef APP_LOAD_REPORT_H
#define APP_LOAD_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "load/report/result.h"
#include "text/error.h"

#define LOAD_REPORT_SCHEMA 2
#define LOAD_REPORT_OLDEST 1 /* that is still read */

json_t *load_report_model(const struct load_result *r);

void load_report_text(FILE *f, const json_t *doc);
/* One page that needs no other file and no network. */
void load_report_html(FILE *f, const json_t *doc);

/* The verdict: 0; EXIT_MISSED: an expectation was missed, or too many attempts failed;
 * EXIT_ENVIRONMENT: one was missed, but perhaps by our own lateness. */
int load_report_code(const json_t *doc);
bool load_report_passed(const json_t *doc);

/* May one be written there ("": yes)? -EINVAL, with e filled in. */
int load_report_file_check(const char *path, struct error *e);
/* As document_write(): 0 or -errno, of which document_why() tells. */
int load_report_write_json(const char *path, const json_t *doc);
int load_report_write_html(const char *path, const json_t *doc);

/* A report that was written; checked so far that the functions above and below
 * can rely on it. NULL, and why. */
json_t *load_report_read(const char *path, char *why, unsigned whylen);
/* What load_report_read() takes; false, and why. */
bool load_report_check(const json_t *doc, char *why, unsigned whylen);
/* Several machines that did the same at the same time: counts, rates and
 * buckets are added, percentiles made anew. NULL, and why, if they did not do
 * the same (kind, close, requests, payload, duration; targets may differ), if a load would
 * be counted twice, or if the sum is more than a report holds. */
json_t *load_report_merge(json_t *const *docs, unsigned n, char *why, unsigned whylen);

#endif
