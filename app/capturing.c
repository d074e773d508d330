/* SPDX-License-Identifier: BSD-3-Clause */
/* The capture's side of the main core, and what else must be tended often. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "engine/capture.h"
#include "report.h"

int
app_capture_start(struct app *app, const char *path, uint64_t limit, struct error *e)
{
	uint16_t ports[STACK_PORTS];

	if (app->capture != NULL) {
		error_set(e, 0, "a capture to %s is on", app->capture_path);
		return error_mend(e, -EBUSY, "capture stop");
	}
	for (unsigned i = 0; i < app->nports; i++)
		ports[i] = app->port[i].dev.id;
	app->capture = capture_open(path, limit, ports, app->nports);
	if (app->capture == NULL)
		return error_set(e, -EIO, "no capture to %s", path);
	snprintf(app->capture_path, sizeof(app->capture_path), "%s", path);
	app->capture_limit = limit;
	if (app->engine != NULL)
		engine_set_capture(app->engine, app->capture);
	return 0;
}

bool
app_capture_stop(struct app *app)
{
	uint64_t lost;

	if (app->capture == NULL)
		return false;
	if (app->engine != NULL)
		engine_set_capture(app->engine, NULL);
	capture_write(app->capture);
	lost = capture_packets_lost(app->capture);
	printf("capture: %" PRIu64 " packets in %s", capture_packets_written(app->capture),
	        app->capture_path);
	if (lost > 0)
		printf("; %" PRIu64 " more did not fit the ring", lost);
	putchar('\n');
	capture_close(app->capture);
	app->capture = NULL;
	return true;
}

void
app_tend(struct app *app)
{
	if (app->capture != NULL) {
		capture_write(app->capture);
		if (app->capture_limit != 0 &&
		        capture_packets_written(app->capture) >= app->capture_limit)
			app_capture_stop(app);
	}
	report_tend(app);
}
