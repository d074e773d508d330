/* SPDX-License-Identifier: BSD-3-Clause */
/* `show connections`: a list of connections, up to a limit. */
#include <stdlib.h>

#include "show/show.h"
#include "text/table.h"

#define LIMIT      100
#define LIMIT_MOST (1u << 20)

static bool
do_list_conns(struct stack *st, void *arg)
{
	return stack_list_some(st, arg);
}

/* A connection in TIME-WAIT has no service any more. */
static json_t *
connection_row(const struct stack_conn_info *c, unsigned lcore)
{
	return json_pack("{s:o, s:o, s:s, s:s?, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}",
	        "peer", show_endpoint(c->peer.addr, c->peer.port), "local",
	        show_endpoint(c->local.addr, c->local.port), "state", c->state, "service",
	        c->service[0] != '\0' ? c->service : NULL, "lcore", (int)lcore, "age_ms",
	        (json_int_t)c->age_ms, "snd_queued", (json_int_t)c->snd_queued, "snd_wnd",
	        (json_int_t)c->snd_wnd, "rcv_wnd", (json_int_t)c->rcv_wnd, "cwnd",
	        (json_int_t)c->cwnd, "srtt_us", (json_int_t)c->srtt_us, "mss",
	        (json_int_t)c->mss, "retransmissions", (int)c->retransmissions);
}

/* Each worker in turn lists its first connections until the limit is reached. All workers count
 * their connections. */
static json_t *
gather_conns(struct app *app, const char *state, struct stack_conn_info *info, uint32_t limit)
{
	json_t *list = json_array();
	uint64_t total = 0;
	uint32_t shown = 0;

	for (unsigned w = 0; app->engine != NULL && w < app->nworkers; w++) {
		struct stack_listing l = {.state = state, .out = info, .max = limit - shown};

		engine_call_some(app->engine, w, do_list_conns, &l);
		for (uint32_t i = 0; i < l.n; i++)
			json_array_append_new(
			        list, connection_row(&info[i], app->worker[w].lcore));
		shown += l.n;
		total += l.total;
	}
	return json_pack("{s:I, s:I, s:o}", "total", (json_int_t)total, "shown",
	        (json_int_t)shown, "connections", list);
}

static json_t *
connections_model(struct app *app, const struct args *a, struct error *e)
{
	uint64_t limit = a->given[ARG_COUNT] ? a->value[ARG_COUNT].number : LIMIT;
	const char *state = a->given[ARG_STATE] ? a->value[ARG_STATE].text : NULL;
	struct stack_conn_info *info;
	json_t *doc;

	if (limit > LIMIT_MOST)
		limit = LIMIT_MOST;
	info = calloc(limit, sizeof(*info));
	if (info == NULL) {
		error_set(e, 0, "no memory is left for a list of %llu connections",
		        (unsigned long long)limit);
		error_fix(e, 0, "show connections limit 100");
		return NULL;
	}
	doc = gather_conns(app, state, info, (uint32_t)limit);
	free(info);
	return doc;
}

static void
connections_text(FILE *f, const json_t *doc)
{
	static const struct column columns[] = {
	        {"peer", "peer"},
	        {"local", "local"},
	        {"state", "state"},
	        {"service", "service"},
	        {"lcore", "lcore"},
	        {"age_ms", "age ms"},
	        {"snd_queued", "queued"},
	        {"snd_wnd", "snd_wnd"},
	        {"rcv_wnd", "rcv_wnd"},
	        {"cwnd", "cwnd"},
	        {"srtt_us", "srtt us"},
	        {"retransmissions", "rtx"},
	};
	const json_t *list = json_object_get(doc, "connections");
	long long total = member_int(doc, "total"), shown = member_int(doc, "shown");

	if (shown > 0)
		table_print(f, list, columns, sizeof(columns) / sizeof(columns[0]));
	fprintf(f, "%lld connection%s", total, total == 1 ? "" : "s");
	if (shown < total)
		fprintf(f, "; the first %lld are shown (limit COUNT)", shown);
	fputc('\n', f);
}

const struct show show_connections = {connections_model, connections_text};
