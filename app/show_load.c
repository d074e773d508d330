/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/report.h"
#include "load/run.h"
#include "show.h"

static json_t *
model(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	return load_run_model(app, e);
}

const struct show show_load = {model, load_report_text};
