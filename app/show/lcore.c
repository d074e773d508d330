/* SPDX-License-Identifier: BSD-3-Clause */
/* `show lcore`: the work, the connections and the counters of each worker core. */
#include "show/show.h"
#include "text/table.h"

static json_t *
counters_model(const struct counters *c)
{
	json_t *o = json_object();

#define X(name, text) json_object_set_new(o, #name, json_integer((json_int_t)c->name));
	COUNTERS(X)
#undef X
	return o;
}

static json_t *
lcore_row(struct app *app, unsigned w)
{
	struct stack_usage u = app_usage(app, w);
	struct engine_usage work;
	struct counters c;
	double busy = 0;

	app_load_shown(app, w, &work);
	app_counters_shown(app, w, &c);
	if (work.total_tsc > 0)
		busy = 100.0 * (double)work.busy_tsc / (double)work.total_tsc;
	return json_pack(
	        "{s:i, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
	        "lcore", (int)work.lcore, "busy_percent", busy, "busy_cycles",
	        (json_int_t)work.busy_tsc, "cycles", (json_int_t)work.total_tsc, "turns",
	        (json_int_t)work.turns, "busy_turns", (json_int_t)work.busy_turns, "rx_packets",
	        (json_int_t)c.rx_packets, "tx_packets", (json_int_t)c.tx_packets, "conns",
	        (json_int_t)u.conns, "half_open", (json_int_t)u.half_open, "time_wait",
	        (json_int_t)u.time_wait, "timers", (json_int_t)u.timers, "kept",
	        (json_int_t)u.kept, "send_queued", (json_int_t)u.send_queued, "reasm_queued",
	        (json_int_t)u.reasm_queued, "waiting", (json_int_t)u.waiting, "mbufs_in_use",
	        (json_int_t)work.pool_in_use, "memory_bytes", (json_int_t)u.bytes, "counters",
	        counters_model(&c));
}

static json_t *
lcore_model(struct app *app, const struct args *a, struct error *e)
{
	json_t *list = json_array();

	(void)a;
	(void)e;
	for (unsigned w = 0; w < app->nworkers; w++)
		json_array_append_new(list, lcore_row(app, w));
	return json_pack("{s:b, s:o}", "running", app_running(app), "lcores", list);
}

static void
sum_lcore_counters(const json_t *lcores, json_t *sum)
{
	json_t *row, *value;
	const char *key;
	size_t i;

	json_array_foreach(lcores, i, row)
	{
		json_object_foreach(json_object_get(row, "counters"), key, value)
		{
			json_object_set_new(sum, key,
			        json_integer(member_int(sum, key) + json_integer_value(value)));
		}
	}
}

static void
print_counters(FILE *f, const json_t *lcores)
{
	json_t *sum = json_object();

	sum_lcore_counters(lcores, sum);
#define X(name, says)                    \
	if (member_int(sum, #name) != 0) \
		fprintf(f, "%16lld  %s\n", member_int(sum, #name), says);
	COUNTERS(X)
#undef X
	json_decref(sum);
}

static void
lcore_text(FILE *f, const json_t *doc)
{
	static const struct column columns[] = {
	        {"lcore", "lcore"},
	        {"busy_percent", "busy %"},
	        {"rx_packets", "received"},
	        {"tx_packets", "sent"},
	        {"conns", "connections"},
	        {"half_open", "half-open"},
	        {"time_wait", "TIME-WAIT"},
	        {"timers", "timers"},
	        {"kept", "kept buffers"},
	        {"mbufs_in_use", "mbufs in use"},
	};
	const json_t *lcores = json_object_get(doc, "lcores");

	table_print(f, lcores, columns, sizeof(columns) / sizeof(columns[0]));
	print_counters(f, lcores);
	if (!json_is_true(json_object_get(doc, "running")))
		fprintf(f, "the stack is not running\n");
}

const struct show show_lcore = {lcore_model, lcore_text};
