/* SPDX-License-Identifier: BSD-3-Clause */
/* The capture's side of the main core, and what else must be tended often. */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"
#include "engine/capture.h"
#include "load/run.h"
#include "report.h"

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

	if (app->capture != NULL) {
		error_set(e, 0, "a capture to %s is on", app->capture_path);
		return error_mend(e, -EALREADY, "capture stop");
	}
	for (unsigned i = 0; i < app->nports; i++)
		ports[i] = app->port[i].dev.id;
	if (check_path(path, e) != 0)
		return -EINVAL;
	app->capture = capture_open(path, limit, ports, app->nports);
	if (app->capture == NULL) {
		error_set(e, 0, "no capture to %s", path);
		return error_mend(e, -EIO, "give EAL more memory (-m 1024 before `--`)");
	}
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
		printf("; %" PRIu64 " more were lost (no buffer free)", lost);
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
	load_run_tend(app);
	report_tend(app);
}
