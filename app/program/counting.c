/* SPDX-License-Identifier: BSD-3-Clause */
/* The counters of the program over all runs, and since `clear stats`. */
#include <string.h>

#include <rte_ethdev.h>

#include "program/app.h"

void
app_counters(struct app *app, unsigned w, struct counters *out)
{
	*out = app->worker[w].carried;
	if (app->engine != NULL)
		counters_sum(out, engine_counters(app->engine, w));
}

void
app_counters_shown(struct app *app, unsigned w, struct counters *out)
{
	app_counters(app, w, out);
	counters_subtract(out, &app->worker[w].cleared);
}

static void
do_usage(struct stack *st, void *arg)
{
	*(struct stack_usage *)arg = stack_usage(st);
}

struct stack_usage
app_usage(struct app *app, unsigned w)
{
	struct stack_usage usage;

	memset(&usage, 0, sizeof(usage));
	if (app->engine != NULL)
		engine_call(app->engine, w, do_usage, &usage);
	return usage;
}

void
app_load_shown(struct app *app, unsigned w, struct engine_usage *out)
{
	const struct engine_usage *then = &app->worker[w].load_cleared;

	memset(out, 0, sizeof(*out));
	if (app->engine != NULL)
		engine_usage(app->engine, w, out);
	out->lcore = app->worker[w].lcore;
	out->turns -= then->turns;
	out->busy_turns -= then->busy_turns;
	out->busy_tsc -= then->busy_tsc;
	out->total_tsc -= then->total_tsc;
}

static void
read_port_stats(uint16_t id, struct port_stats *out)
{
	struct rte_eth_stats s;

	memset(out, 0, sizeof(*out));
	if (rte_eth_stats_get(id, &s) != 0)
		return;
	*out = (struct port_stats) {
	        .rx_packets = s.ipackets,
	        .rx_bytes = s.ibytes,
	        .tx_packets = s.opackets,
	        .tx_bytes = s.obytes,
	        .rx_missed = s.imissed,
	        .rx_errors = s.ierrors,
	        .rx_no_mbuf = s.rx_nombuf,
	        .tx_errors = s.oerrors,
	};
}

void
app_port_stats(const struct app *app, unsigned port, struct port_stats *out)
{
	const struct port_stats *then = &app->port[port].cleared;

	read_port_stats(app->port[port].dev.id, out);
	out->rx_packets -= then->rx_packets;
	out->rx_bytes -= then->rx_bytes;
	out->tx_packets -= then->tx_packets;
	out->tx_bytes -= then->tx_bytes;
	out->rx_missed -= then->rx_missed;
	out->rx_errors -= then->rx_errors;
	out->rx_no_mbuf -= then->rx_no_mbuf;
	out->tx_errors -= then->tx_errors;
}

void
app_clear_stats(struct app *app)
{
	for (unsigned i = 0; i < app->nworkers; i++) {
		struct app_worker *w = &app->worker[i];

		app_counters(app, i, &w->cleared);
		if (app->engine != NULL)
			engine_usage(app->engine, i, &w->load_cleared);
	}
	for (unsigned i = 0; i < app->nports; i++)
		read_port_stats(app->port[i].dev.id, &app->port[i].cleared);
	app->cleared_us = app_now_us();
}
