/* SPDX-License-Identifier: BSD-3-Clause */
/* Start, end and supervision of the capture on the main core. */
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

/* How long the end of a capture waits for a file that takes no bytes. After a signal it also
 * limits the wait for a file that is slow. Packets are processed meanwhile. */
#define STUCK_US 2000000
#define NAP_NS   50000

/* Checks that the file can be written, so that the error has the place of the command. A FIFO
 * is not opened: its reader would see an end of file. */
static int
check_path(const char *path, struct error *e)
{
	char dir[VALUE_TEXT];
	struct stat st;
	int err = 0;

	snprintf(dir, sizeof(dir), "%s", path);
	if (strcmp(path, "-") == 0) {
		error_set(e, 0,
		        "no capture to -: standard output has the messages of the program");
		return error_fix(e, -EINVAL,
		        "use a FIFO: mkfifo FIFO, tshark -i FIFO in another shell, capture start FIFO");
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
	        "choose a file that can be written: capture start /tmp/wire.pcapng");
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
		return "free space on the disk (df -h), or choose a file on another disk";
	if (err == EFBIG)
		return "ulimit -f unlimited, before you start handfast";
	return "choose a file that can be written: capture start /tmp/wire.pcapng";
}

/* Each cause has an errno and a fix of its own. */
static int
refuse_capture(const char *path, const struct capture_failure *why, struct error *e)
{
	switch (why->step) {
	case CAPTURE_MEMORY:
		error_set(e, 0, "no capture to %s: no memory for packet buffers: %s", path,
		        strerror(why->err));
		return error_fix(e, -ENOMEM, "give EAL more memory (-m 1024 before `--`)");
	case CAPTURE_THREAD:
		error_set(e, 0, "no capture to %s: the thread that writes it did not start: %s",
		        path, strerror(why->err));
		return error_fix(e, -EIO,
		        "allow more threads (ulimit -u; in a container: pids.max of its cgroup)");
	case CAPTURE_FILE:
		break;
	}
	if (why->err == ENXIO && is_fifo(path)) {
		error_set(e, 0, "no capture to %s: it is a FIFO without a reader", path);
		return error_fix(e, -EINVAL, "start a reader first: cat %s > FILE", path);
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
		error_set(e, 0, "a capture to %s is running already", app->capture_path);
		return error_fix(e, -EALREADY, "capture stop");
	}
	for (unsigned i = 0; i < app->nports; i++)
		ports[i] = app->port[i].dev.id;
	if (check_path(path, e) != 0)
		return -EINVAL;
	app->capture = capture_open(path, limit, ports, app->nports, &why);
	if (app->capture == NULL)
		return refuse_capture(path, &why, e);
	snprintf(app->capture_path, sizeof(app->capture_path), "%s", path);
	app->capture_over = false;
	if (app->engine != NULL)
		engine_set_capture(app->engine, app->capture);
	return 0;
}

static bool
wait_until_written(struct app *app)
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

/* Prints how many packets were captured, and why some are missing. A failed write sets the exit
 * code; a reader that has stopped reading does not. */
static void
say_captured(struct app *app, bool whole)
{
	const struct capture *c = app->capture;
	uint64_t lost = capture_packets_lost(c), unwritten = capture_packets_unwritten(c);
	int err = capture_error(c);

	printf("capture: %" PRIu64 " packets in %s", capture_packets_written(c),
	        app->capture_path);
	if (err != 0) {
		printf("; writing failed: %s; %" PRIu64 " more are missing", document_why(err),
		        unwritten);
		app_failed(app, EXIT_ENVIRONMENT);
	}
	if (lost > 0)
		printf("; %" PRIu64 " more were lost (no free buffer)", lost);
	if (!whole)
		printf("; the end is missing: the file did not take it in time");
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
	say_captured(app, wait_until_written(app));
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
