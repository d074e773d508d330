/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/loop.h"

#include <poll.h>

#include <rte_cycles.h>

#include "control/prompt.h"
#include "control/status.h"
#include "load/run/run.h"
#include "program/port_watch.h"

#define IDLE_MS 50 /* no worker waits for the main core */
#define LOAD_MS 5  /* but a load has moments to be noted */
#define LOOK_US 100

void
loop_tend(struct app *app)
{
	app_capture_tend(app);
	load_run_tend(app);
	port_watch_tend(app);
	report_tend(app);
}

/* What the floors above `program` do for it. */
const struct app_above loop_above = {
        .tend = loop_tend,
        .load_cut = load_run_cut,
        .load_free = load_run_free,
        .prompt_hide = prompt_hide,
        .prompt_redraw = prompt_redraw,
};

/* Everything but the packets. */
static void
look(struct app *app, int timeout_ms)
{
	loop_tend(app);
	if (app->prompt != NULL)
		prompt_serve(app->prompt, timeout_ms);
	else if (timeout_ms > 0)
		poll(NULL, 0, timeout_ms);
}

static int
patience(const struct app *app)
{
	return load_run_active(app) ? LOAD_MS : IDLE_MS;
}

/* Some of everything. *looked: when the packets were left alone last. */
static void
step(struct app *app, uint64_t *looked)
{
	if (!app_running(app) || !engine_main_works(app->engine)) {
		look(app, patience(app));
		return;
	}
	engine_poll(app->engine);
	if (rte_rdtsc() - *looked >= rte_get_tsc_hz() / US_PER_SECOND * LOOK_US) {
		look(app, 0);
		*looked = rte_rdtsc();
	}
}

void
loop_run(struct app *app)
{
	uint64_t looked = 0;

	while (!app->quit) {
		if (signals_seen() > 0) {
			if (app->prompt != NULL)
				putchar('\n');
			break;
		}
		step(app, &looked);
	}
}

void
loop_load(struct app *app)
{
	unsigned signals = 0; /* one that came while ARP was waited for counts */
	uint64_t looked = 0;
	struct error e;

	while (load_run_active(app)) {
		for (; signals != signals_seen(); signals++)
			load_run_stop(app, &e);
		step(app, &looked);
	}
}

void
loop_end(struct app *app)
{
	unsigned heard = signals_seen() > 0, cut; /* the first one is why we are here */

	if (!app_running(app))
		return;
	cut = app_drain(app, config_drain_ms(&app->config), heard);
	if (cut > 0)
		report_cut("", cut);
}
