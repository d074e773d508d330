/* SPDX-License-Identifier: BSD-3-Clause */
/* The capture's side of the main core. */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/capture.h"
#include "program/app.h"
#include "text/document.h"

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
	if (strcmp(path, "-") == 0) {
		error_set(e, 0, "no capture to -: standard output has what the program says");
		return error_fix(e, -EINVAL, "capture start FIFO, and read it: tshark -i FIFO");
	}
	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		err = EISDIR;
	else if (stat(path, &st) == 0)
		err = S_ISDIR(st.st_mode)       ? EISDIR
		      : S_ISSOCK(st.st_mode)    ? EOPNOTSUPP
		      : access(path, W_OK) != 0 ? errno
		                                : 0;
	else if (errno != ENOENT || access(dirname(dir), W_OK | X_OK) != 0)
		err = errno;
	if (err == 0)
		return 0;
	error_set(e, 0, "no capture to %s: %s", path, document_why(err));
	if (err == ENOENT)
		return error_fix(e, -EINVAL, "mkdir -p %s", dir);
	return error_fix(e, -EINVAL,
	        "capture start FILE, with a file that can be written, as /tmp/wire.pcapng");
}

static bool
is_fifo(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

static const char *
file_fix(int err)
{
	if (err == ENOSPC || err == EDQUOT)
		return "make room there (df -h), or name a file on another disk";
	if (err == EFBIG)
		return "ulimit -f unlimited, before handfast is started";
	return "capture start FILE, with a file that can be written, as /tmp/wire.pcapng";
}

/* Each cause has its own errno, and its own way out. */
static int
cannot_capture(const char *path, const struct capture_failure *why, struct error *e)
{
	switch (why->step) {
	case CAPTURE_MEMORY:
		error_set(e, 0, "no capture to %s: no packet buffers: %s", path,
		        strerror(why->err));
		return error_fix(e, -ENOMEM, "give EAL more memory (-m 1024 before `--`)");
	case CAPTURE_THREAD:
		error_set(e, 0, "no capture to %s: no thread to write it: %s", path,
		        strerror(why->err));
		return error_fix(e, -EIO,
		        "allow more threads (ulimit -u; in a container: pids.max of its cgroup)");
	case CAPTURE_FILE:
		break;
	}
	if (why->err == ENXIO && is_fifo(path)) {
		error_set(e, 0, "no capture to %s: it is a FIFO without a reader", path);
		return error_fix(e, -EINVAL, "begin to read first: cat %s > FILE", path);
	}
	error_set(e, 0, "no capture to %s: %s", path, strerror(why->err));
	return error_fix(e, -EIO, "%s", file_fix(why->err));
}

int
app_capture_start(struct app *app, const char *path, uint64_t limit, struct error *e)
{
	uint16_t ports[LIMIT_PORTS];
	struct capture_failure why;

	if (app->capture != NULL) {
		error_set(e, 0, "a capture to %s is on", app->capture_path);
		return error_fix(e, -EALREADY, "capture stop");
	}
	for (unsigned i = 0; i < app->nports; i++)
		ports[i] = app->port[i].dev.id;
	if (check_path(path, e) != 0)
		return -EINVAL;
	app->capture = capture_open(path, limit, ports, app->nports, &why);
	if (app->capture == NULL)
		return cannot_capture(path, &why, e);
	snprintf(app->capture_path, sizeof(app->capture_path), "%s", path);
	app->capture_over = false;
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

/* How many are in it, and why no more. A reader who stopped reading is no fault; a file that
 * could not be written is one. */
static void
say_captured(struct app *app, bool whole)
{
	const struct capture *c = app->capture;
	uint64_t lost = capture_packets_lost(c), unwritten = capture_packets_unwritten(c);
	int err = capture_error(c);

	printf("capture: %" PRIu64 " packets in %s", capture_packets_written(c),
	        app->capture_path);
	if (err != 0) {
		printf("; it takes no more: %s; %" PRIu64 " more are not in it",
		        document_why(err), unwritten);
		app_failed(app, EXIT_ENVIRONMENT);
	}
	if (lost > 0)
		printf("; %" PRIu64 " more were lost (no buffer free)", lost);
	if (!whole)
		printf("; its end is missing: it takes no more");
	putchar('\n');
}

bool
app_capture_stop(struct app *app)
{
	if (app->capture == NULL)
		return false;
	if (app->engine != NULL)
		engine_set_capture(app->engine, NULL);
	capture_end(app->capture);
	say_captured(app, is_written(app));
	capture_close(app->capture);
	app->capture = NULL;
	return true;
}

void
app_capture_tend(struct app *app)
{
	if (app->capture == NULL ||
	        (!capture_full(app->capture) && capture_error(app->capture) == 0))
		return;
	app_unasked_begin(app);
	app_capture_stop(app);
	app->capture_over = true;
	fflush(stdout);
	app_unasked_end(app);
}
