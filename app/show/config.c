/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/show.h"

static void
add_line(void *ctx, const char *line)
{
	json_array_append_new(ctx, json_string(line));
}

static json_t *
model(struct app *app, const struct args *a, struct error *e)
{
	json_t *list = json_array();

	(void)a;
	(void)e;
	config_print(&app->config, add_line, list);
	return json_pack("{s:b, s:o}", "running", app_running(app), "commands", list);
}

static void
text(FILE *f, const json_t *doc)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(doc, "commands"), i, line)
	{
		fprintf(f, "%s\n", json_string_value(line));
	}
}

const struct show show_config = {model, text};
