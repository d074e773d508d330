/* SPDX-License-Identifier: BSD-3-Clause */
/* The capture's side of the main core, and what else must be tended often. */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "engine/capture.h"
#include "load/run.h"
#include "port_watch.h"
#include "report.h"

/* Packets go on meanwhile. A file that takes nothing for so long gets no more; nor does
 * one that is only slow, once a signal has come. */
#define STUCK_US 2000000
#define NAP_NS   50000

/* Can it be written? Found here, it is one error with its place; a FIFO is
 * not opened, for its reader would see an end. */
static int
check_path(const char *path, struct error *e)
{
	char dir[VALUE_TEXT];
	struct stat st;
	int err = 0;

	snprintf(dir, sizeof(dir), "%s", path);
	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		err = EISDIR;
	else if (stat(path, &st) == 0)
		err = S_ISDIR(st.st_mode) ? EISDIR : access(path, W_OK) != 0 ? errno : 0;
	else if (errno != ENOENT || access(dirname(dir), W_OK | X_OK) != 0)
		err = errno;
	if (err == 0)
		return 0;
	error_set(e, 0, "no capture to %s: %s", path, strerror(err));
	if (err == ENOENT)
		return error_mend(e, -EINVAL, "mkdir -p %s", dir);
	return error_mend(e, -EINVAL,
	        "capture start FILE, with a file that can be written, as /tmp/wire.pcapng");
}

int
app_capture_start(struct app *app, const char *path, uint64_t limit, struct error *e)
{
	uint16_t ports[STACK_PORTS];
	int err;

	if (app->capture != NULL) {
		error_set(e, 0, "a capture to %s is on", app->capture_path);
		return error_mend(e, -EALREADY, "capture stop");
	}
	for (unsigned i = 0; i < app->nports; i++)
		ports[i] = app->port[i].dev.id;
	if (check_path(path, e) != 0)
		return -EINVAL;
	app->capture = capture_open(path, limit, ports, app->nports, &err);
	if (app->capture == NULL && err == ENXIO) {
		error_set(e, 0, "no capture to %s: it is a FIFO, and nobody reads it", path);
		return error_mend(e, -EINVAL, "begin to read first: cat %s > FILE", path);
	}
	if (app->capture == NULL) {
		error_set(e, 0, "no capture to %s", path);
		if (err != ENOMEM)
			return error_mend(e, -EIO,
			        "capture start FILE, with a file that can be written, as "
			        "/tmp/wire.pcapng");
		return error_mend(e, -EIO, "give EAL more memory (-m 1024 before `--`)");
	}
	snprintf(app->capture_path, sizeof(app->capture_path), "%s", path);
	if (app->engine != NULL)
		engine_set_capture(app->engine, app->capture);
	return 0;
}

static bool
is_written(struct app *app)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	uint64_t written = 0, since_us = app_now_us();

	while (!capture_done(app->capture)) {
		uint64_t now_us = app_now_us(), n = capture_packets_written(app->capture);

		if (n != written && signals_seen() == 0)
			since_us = now_us;
		written = n;
		if (now_us - since_us >= STUCK_US)
			return false;
		if (!app_running(app) || !engine_poll(app->engine))
			nanosleep(&nap, NULL);
	}
	return true;
}

bool
app_capture_stop(struct app *app)
{
	bool whole;
	uint64_t lost;

	if (app->capture == NULL)
		return false;
	if (app->engine != NULL)
		engine_set_capture(app->engine, NULL);
	capture_end(app->capture);
	whole = is_written(app);
	lost = capture_packets_lost(app->capture);
	printf("capture: %" PRIu64 " packets in %s", capture_packets_written(app->capture),
	        app->capture_path);
	if (lost > 0)
		printf("; %" PRIu64 " more were lost (no buffer free)", lost);
	if (!whole)
		printf("; its end is missing: it takes no more");
	putchar('\n');
	capture_close(app->capture);
	app->capture = NULL;
	return true;
}

void
app_tend(struct app *app)
{
	if (app->capture != NULL && capture_full(app->capture))
		app_capture_stop(app);
	load_run_tend(app);
	port_watch_tend(app);
	report_tend(app);
}
