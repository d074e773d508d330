/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that start, stop, drain, close, clear, capture, help and quit. */
#include <errno.h>

#include "base/defaults.h"
#include "command/explain.h"
#include "control/cli.h"
#include "control/status.h"

#define DRAIN_SECONDS_MAX 1000000u /* the milliseconds fit into 32 bits */

static int
refuse_halted(struct error *e)
{
	error_set(e, 0, "the stack is not running");
	return error_fix(e, -ENOTCONN, "start");
}

int
cli_start(struct app *app, const struct args *a, struct error *e)
{
	int err;

	(void)a;
	err = app_start(app, e);
	if (err == 0)
		status_banner(app, false);
	return err;
}

int
cli_stop(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	if (!app_running(app))
		return refuse_halted(e);
	app_stop(app);
	printf("stopped\n");
	return 0;
}

int
cli_drain(struct app *app, const struct args *a, struct error *e)
{
	uint64_t seconds = DEFAULT_DRAIN_S;
	unsigned cut;

	if (!app_running(app))
		return refuse_halted(e);
	if (a->given[ARG_SECONDS])
		seconds = a->value[ARG_SECONDS].number;
	if (seconds > DRAIN_SECONDS_MAX) {
		error_set(e, 0, "a drain lasts %u seconds at most", DRAIN_SECONDS_MAX);
		return error_fix(e, -EINVAL, "drain %u", DRAIN_SECONDS_MAX);
	}
	cut = app_drain(app, (uint32_t)(seconds * MS_PER_SECOND), 0);
	if (cut == 0)
		printf("stopped: no connection was cut off\n");
	else
		status_cut("stopped: ", cut);
	return 0;
}

struct closing {
	struct stack_close what;
	struct clock now;
	bool more;
};

static void
do_close(struct stack *st, void *arg)
{
	struct closing *c = arg;

	c->more = stack_close_some(st, &c->what, c->now);
}

/* Searches a worker's connections in parts, between its turns. */
static void
close_worker_conns(struct app *app, unsigned w, struct closing *c)
{
	c->what.at = 0;
	for (;;) {
		c->now = engine_now(app->engine);
		engine_call(app->engine, w, do_close, c);
		if (!c->more)
			return;
		engine_poll(app->engine); /* takes a turn if this core is the worker */
	}
}

static int
close_conns(struct app *app, const struct stack_close *what, struct error *e)
{
	struct closing c = {.what = *what};

	if (!app_running(app))
		return refuse_halted(e);
	for (unsigned w = 0; w < app->nworkers; w++)
		close_worker_conns(app, w, &c);
	if (c.what.closed == 0) {
		error_set(e, 0, "no connection matches");
		return error_fix(e, -ENOENT, "show connections");
	}
	printf("closed %u connection%s\n", c.what.closed, c.what.closed == 1 ? "" : "s");
	return 0;
}

int
cli_close_connection(struct app *app, const struct args *a, struct error *e)
{
	const struct value *peer = &a->value[ARG_PEER], *local = &a->value[ARG_LOCAL];
	struct stack_close what = {
	        .peer = {.addr = peer->addr, .port = peer->port}, .mask = UINT32_MAX};

	if (a->given[ARG_LOCAL])
		what.local = (struct hf_addr) {.addr = local->addr, .port = local->port};
	return close_conns(app, &what, e);
}

int
cli_close_connections(struct app *app, const struct args *a, struct error *e)
{
	const struct value *prefix = &a->value[ARG_PREFIX];
	struct stack_close what = {.peer = {.addr = prefix->addr},
	        .mask = config_netmask((uint8_t)prefix->number)};

	return close_conns(app, &what, e);
}

int
cli_clear_stats(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	(void)e;
	app_clear_stats(app);
	return 0;
}

int
cli_capture_start(struct app *app, const struct args *a, struct error *e)
{
	uint64_t limit = a->given[ARG_PACKETS] ? a->value[ARG_PACKETS].number : 0;

	return app_capture_start(app, a->value[ARG_FILE].text, limit, e);
}

int
cli_capture_stop(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	if (app_capture_stop(app))
		return 0;
	if (app->capture_over) { /* the user may not have seen the end yet */
		printf("the capture to %s has ended by itself\n", app->capture_path);
		app->capture_over = false;
		return 0;
	}
	error_set(e, 0, "no capture is running");
	return error_fix(e, -ENOENT, "capture start FILE");
}

int
cli_help(struct app *app, const struct args *a, struct error *e)
{
	const char *about = a->given[ARG_COMMAND] ? a->value[ARG_COMMAND].text : "";

	return grammar_help(app->grammar, stdout, about, e);
}

int
cli_quit(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	(void)e;
	app->quit = true;
	return 0;
}
