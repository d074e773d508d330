/* SPDX-License-Identifier: BSD-3-Clause */
#include "loop.h"

#include <poll.h>

#include <rte_cycles.h>

#include "prompt.h"
#include "report.h"

#define IDLE_MS       50 /* no worker waits for the main core */
#define CAPTURE_MS    1  /* but its ring fills */
#define LOOK_US       100
#define CLOSE_SECONDS 1

/* Everything but the packets. */
static void
look(struct app *app, int timeout_ms)
{
	app_tend(app);
	if (app->prompt != NULL)
		prompt_serve(app->prompt, timeout_ms);
	else if (timeout_ms > 0)
		poll(NULL, 0, timeout_ms);
}

static int
patience(const struct app *app)
{
	return app->capture != NULL ? CAPTURE_MS : IDLE_MS;
}

void
loop_run(struct app *app)
{
	uint64_t look_tsc = rte_get_tsc_hz() / US_PER_SECOND * LOOK_US;
	uint64_t looked = 0;

	while (!app->quit) {
		if (signals_seen() > 0) {
			if (app->prompt != NULL)
				putchar('\n');
			break;
		}
		if (!app_running(app) || !engine_main_works(app->engine)) {
			look(app, patience(app));
			continue;
		}
		engine_poll(app->engine);
		if (rte_rdtsc() - looked >= look_tsc) {
			look(app, 0);
			looked = rte_rdtsc();
		}
	}
}

void
loop_end(struct app *app)
{
	unsigned cut;

	if (!app_running(app))
		return;
	cut = app_drain(app, CLOSE_SECONDS);
	if (cut > 0)
		report_cut("", cut);
}
