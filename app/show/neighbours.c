/* SPDX-License-Identifier: BSD-3-Clause */
/* `show neighbours`: the neighbour cache of each worker and port. */
#include <stdlib.h>

#include "show/show.h"
#include "text/table.h"

#define MOST 256 /* entries of the cache that are read between two turns */

/* A part of a neighbour cache. */
struct neigh_query {
	uint8_t port;
	uint32_t at; /* where the next part begins; UINT32_MAX: the end */
	unsigned n;
	struct neigh_entry entry[MOST];
};

static void
do_query_neighbours(struct stack *st, void *arg)
{
	struct neigh_query *ask = arg;

	ask->n = stack_neigh_list(st, ask->port, &ask->at, ask->entry, MOST);
}

static json_t *
neighbour_row(const struct neigh_entry *n, unsigned port, unsigned lcore)
{
	bool known = n->state == NEIGH_REACHABLE || n->state == NEIGH_STALE;

	return json_pack("{s:o, s:o, s:s, s:i, s:i, s:b}", "address", show_addr(n->ip), "mac",
	        known ? show_mac(n->mac) : json_null(), "state",
	        neigh_state_name((enum neigh_state)n->state), "port", (int)port, "lcore",
	        (int)lcore, "gateway", n->pinned);
}

static void
gather_port_neighbours(struct app *app, unsigned worker, struct neigh_query *ask, json_t *list)
{
	for (ask->at = 0; ask->at != UINT32_MAX;) {
		engine_call(app->engine, worker, do_query_neighbours, ask);
		for (unsigned i = 0; i < ask->n; i++)
			json_array_append_new(list, neighbour_row(&ask->entry[i], ask->port,
			                                    app->worker[worker].lcore));
		if (app_running(app))
			engine_poll(app->engine); /* takes a turn if this core is the worker */
	}
}

/* Each worker has a cache of its own for each port. */
static void
gather_neighbours(struct app *app, struct neigh_query *ask, json_t *list)
{
	for (unsigned w = 0; w < app->nworkers; w++) {
		for (unsigned p = 0; p < app->nports; p++) {
			ask->port = (uint8_t)p;
			gather_port_neighbours(app, w, ask, list);
		}
	}
}

static json_t *
neighbours_model(struct app *app, const struct args *a, struct error *e)
{
	struct neigh_query *ask = malloc(sizeof(*ask));
	json_t *list;

	(void)a;
	if (ask == NULL) {
		error_set(e, 0, "no memory is left for a list of neighbours");
		return NULL;
	}
	list = json_array();
	if (app->engine != NULL)
		gather_neighbours(app, ask, list);
	free(ask);
	return json_pack("{s:o}", "neighbours", list);
}

static void
neighbours_text(FILE *f, const json_t *doc)
{
	static const struct column columns[] = {
	        {"address", "address"},
	        {"mac", "MAC"},
	        {"state", "state"},
	        {"port", "port"},
	        {"lcore", "lcore"},
	        {"gateway", "gateway"},
	};
	const json_t *list = json_object_get(doc, "neighbours");

	if (json_array_size(list) == 0)
		fprintf(f, "no neighbour is known yet\n");
	else
		table_print(f, list, columns, sizeof(columns) / sizeof(columns[0]));
}

const struct show show_neighbours = {neighbours_model, neighbours_text};
