/* SPDX-License-Identifier: BSD-3-Clause */
/* `show load`: the report of the running load, or of the last one. */
#include "load/report/report.h"
#include "load/run/run.h"
#include "show/show.h"
#include "text/table.h"

static json_t *
load_model(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	return load_run_model(app, e);
}

static void
load_text(FILE *f, const json_t *doc)
{
	const char *waiting = member_text(doc, "waiting_for");

	if (waiting[0] != '\0')
		fprintf(f, "the load has not started: it waits for %s\n", waiting);
	else
		load_report_text(f, doc);
}

const struct show show_load = {load_model, load_text};
