/* SPDX-License-Identifier: BSD-3-Clause */
/* run: the load that is under way, or the last one: the main core's side.
 *
 * Threads    the main core's.
 * Ownership  the spec is copied; models are new references.
 * Errors     -errno, or NULL, with e filled in.
 */
#ifndef APP_LOAD_RUN_H
#define APP_LOAD_RUN_H

#include <jansson.h>

#include "app.h"
#include "load/spec.h"

/* The stack runs. -EBUSY: a load is under way. */
int load_run_start(struct app *app, const struct load_spec *spec, struct error *e);
/* It ends as if its time were over. -ENOENT: there is none. */
int load_run_stop(struct app *app, struct error *e);
/* As far as it has come; load_report_text() makes text of it. */
json_t *load_run_model(struct app *app, struct error *e);

#endif
