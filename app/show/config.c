/* SPDX-License-Identifier: BSD-3-Clause */
/* `show config`: the commands that make the configuration. */
#include "show/show.h"

static void
add_config_line(void *ctx, const char *line)
{
	json_array_append_new(ctx, json_string(line));
}

static json_t *
config_model(struct app *app, const struct args *a, struct error *e)
{
	json_t *list = json_array();

	(void)a;
	(void)e;
	config_print(&app->config, add_config_line, list);
	return json_pack("{s:b, s:o}", "running", app_running(app), "commands", list);
}

static void
config_text(FILE *f, const json_t *doc)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(doc, "commands"), i, line)
	{
		fprintf(f, "%s\n", json_string_value(line));
	}
}

const struct show show_config = {config_model, config_text};
