/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/run.h"
#include "show.h"

static json_t *
model(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	return load_run_model(app, e);
}

static void
text(FILE *f, const json_t *doc)
{
	json_dumpf(doc, f, JSON_INDENT(2));
	fputc('\n', f);
}

const struct show show_load = {model, text};
