/* SPDX-License-Identifier: BSD-3-Clause */
/* The main loop: packets if this core works, the prompt, and the periodic work. */
#include "control/loop.h"

#include <poll.h>

#include <rte_cycles.h>

#include "control/prompt.h"
#include "control/status.h"
#include "load/run/run.h"
#include "program/port_watch.h"

#define IDLE_MS 50  /* the wait for input; no worker waits for the main core */
#define LOAD_MS 5   /* the wait for input during a load, which notes times */
#define LOOK_US 100 /* how often a main core that works looks at everything else */

void
loop_tend(struct app *app)
{
	app_capture_tend(app);
	load_run_tend(app);
	port_watch_tend(app);
	status_tend(app);
}

/* The functions of higher floors that `program` calls. */
const struct app_above loop_above = {
        .tend = loop_tend,
        .load_cut = load_run_cut,
        .load_free = load_run_free,
        .hide_line = prompt_hide,
        .redraw_line = prompt_redraw,
};

/* All work except for packets. */
static void
serve_control(struct app *app, int timeout_ms)
{
	loop_tend(app);
	if (app->prompt != NULL)
		prompt_serve(app->prompt, timeout_ms);
	else if (timeout_ms > 0)
		poll(NULL, 0, timeout_ms);
}

static int
control_wait_ms(const struct app *app)
{
	return load_run_active(app) ? LOAD_MS : IDLE_MS;
}

/* One turn of packets, and now and then all other work. *looked is the time of the latter. */
static void
loop_step(struct app *app, uint64_t *looked)
{
	if (!app_running(app) || !engine_main_works(app->engine)) {
		serve_control(app, control_wait_ms(app));
		return;
	}
	engine_poll(app->engine);
	if (rte_rdtsc() - *looked >= rte_get_tsc_hz() / US_PER_SECOND * LOOK_US) {
		serve_control(app, 0);
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
		loop_step(app, &looked);
	}
}

void
loop_load(struct app *app)
{
	unsigned signals = 0; /* a signal that came before, during the wait for ARP, counts */
	uint64_t looked = 0;
	struct error e;

	while (load_run_active(app)) {
		for (; signals != signals_seen(); signals++)
			load_run_stop(app, &e);
		loop_step(app, &looked);
	}
}

void
loop_end(struct app *app)
{
	unsigned heard = signals_seen() > 0, cut; /* the first signal ended the loop */

	if (!app_running(app))
		return;
	cut = app_drain(app, config_drain_ms(&app->config), heard);
	if (cut > 0)
		status_cut("", cut);
}
