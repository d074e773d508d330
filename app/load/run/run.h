/* SPDX-License-Identifier: BSD-3-Clause */
/* run: the load that is running, or the last one, on the main core.
 *
 * A load waits until its peer can be reached. Then each worker gets a client (client.h), and
 * all clients begin at the same moment. Each second the main core reads their tallies
 * (watch.h) and prints a line. When all clients are done, it makes the report.
 *
 * Threads    the main core's.
 * Ownership  the spec is copied; models are new references.
 * Errors     -errno or NULL, with e filled in.
 * Bounds     one load at a time.
 */
#ifndef APP_LOAD_RUN_H
#define APP_LOAD_RUN_H

#include <jansson.h>

#include "load/spec/spec.h"
#include "program/app.h"

/* The stack must run. Returns at once: load_run_tend() does the rest. The load waits for its
 * port's link and for the next hop's MAC (ready.h) before its clock starts. -EBUSY: a load is
 * running. */
int load_run_start(struct app *app, const struct load_spec *spec, struct error *e);
/* The load ends as if its time were over: open connections go on to their end. A second call
 * cuts them off. -ENOENT: no load is running. */
int load_run_stop(struct app *app, struct error *e);
/* 0, or the error for which the last load never began, as load_run_start() returns it. */
int load_run_failed(const struct app *app, struct error *e);
/* The report so far; load_report_text() prints it. It has a member "waiting_for" while the
 * load has not begun. */
json_t *load_run_model(struct app *app, struct error *e);

bool load_run_active(const struct app *app);
/* Call it often. */
void load_run_tend(struct app *app);
/* Ends the load before it returns, because the stack is about to be stopped. */
void load_run_cut(struct app *app);
/* The first exit code of all loads so far that is not 0: that of load_report_code(), or
 * EXIT_ENVIRONMENT if a report could not be written or the peer could not be reached. */
int load_run_code(const struct app *app);
void load_run_free(struct app *app);

#endif
