/* SPDX-License-Identifier: BSD-3-Clause */
/* `show listen`: the listeners, and how many connections each has. */
#include "show/show.h"
#include "text/table.h"

/* A listener, and the sums over all workers. */
struct listener_query {
	const struct config_listen *l;
	uint64_t accepted;
	uint64_t open;
};

static void
do_query_listener(struct stack *st, void *arg)
{
	struct stack_listener_info info;
	struct listener_query *ask = arg;

	for (unsigned i = 0; stack_listener_at(st, i, &info); i++) {
		if (info.addr != ask->l->addr || info.port != ask->l->port)
			continue;
		ask->accepted += info.accepted;
		ask->open += info.open;
	}
}

static json_t *
listen_model(struct app *app, const struct args *a, struct error *e)
{
	json_t *list = json_array();

	(void)a;
	(void)e;
	for (unsigned i = 0; i < app->config.nlisten; i++) {
		struct listener_query ask = {.l = &app->config.listen[i]};

		for (unsigned w = 0; app->engine != NULL && w < app->nworkers; w++)
			engine_call(app->engine, w, do_query_listener, &ask);
		json_array_append_new(list,
		        json_pack("{s:o, s:i, s:s, s:I, s:I}", "address",
		                show_addr(ask.l->addr), "port", (int)be16_to_cpu(ask.l->port),
		                "service", ask.l->service, "accepted", (json_int_t)ask.accepted,
		                "open", (json_int_t)ask.open));
	}
	return json_pack("{s:b, s:o}", "running", app_running(app), "listeners", list);
}

static void
listen_text(FILE *f, const json_t *doc)
{
	static const struct column columns[] = {
	        {"address", "address"},
	        {"port", "port"},
	        {"service", "service"},
	        {"accepted", "accepted"},
	        {"open", "open"},
	};
	const json_t *list = json_object_get(doc, "listeners");

	if (json_array_size(list) == 0)
		fprintf(f,
		        "no listener is configured; to fix it: set listen ADDR:PORT SERVICE\n");
	else
		table_print(f, list, columns, sizeof(columns) / sizeof(columns[0]));
	if (!json_is_true(json_object_get(doc, "running")))
		fprintf(f, "the stack is not running\n");
}

const struct show show_listen = {listen_model, listen_text};
