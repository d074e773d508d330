/* SPDX-License-Identifier: BSD-3-Clause */
/* run: the load that is under way, or the last one: the main core's side.
 *
 * A load waits until its peer can be reached. Then it is a client on each worker
 * (client.h), begun at the same moment; each second the main core looks at what they have done
 * (watch.h), says it in a line, and when all of them are done, makes the report.
 *
 * Threads    the main core's.
 * Ownership  the spec is copied; models are new references.
 * Errors     -errno, or NULL, with e filled in.
 */
#ifndef APP_LOAD_RUN_H
#define APP_LOAD_RUN_H

#include <jansson.h>

#include "load/spec/spec.h"
#include "program/app.h"

/* The stack runs. -EBUSY: a load is under way. Returns at once; load_run_tend()
 * brings it on. It waits for its port's link and for the peer's MAC (ready.h) before its
 * clock starts. */
int load_run_start(struct app *app, const struct load_spec *spec, struct error *e);
/* It ends as if its time were over: what is open goes on to its end; asked a
 * second time, what is open is cut off. -ENOENT: there is none. */
int load_run_stop(struct app *app, struct error *e);
/* 0, or why the last one never began, as load_run_start() would have said it. */
int load_run_failed(const struct app *app, struct error *e);
/* As far as it has come; load_report_text() makes text of it. "waiting_for": it has not
 * begun. */
json_t *load_run_model(struct app *app, struct error *e);

bool load_run_active(const struct app *app);
/* Call it often. */
void load_run_tend(struct app *app);
/* The stack is about to be stopped: the load ends here and now. */
void load_run_cut(struct app *app);
/* Exit code of all loads so far, the first that was not 0: load_report_code()'s, or
 * EXIT_ENVIRONMENT if a report could not be written or the peer could not be reached. */
int load_run_code(const struct app *app);
void load_run_free(struct app *app);

#endif
