/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "cli.h"
#include "report.h"

#define DRAIN_SECONDS 30

static int
not_running(struct error *e)
{
	error_set(e, 0, "it is not running");
	return error_mend(e, -ENOTCONN, "start");
}

int
cli_start(struct app *app, const struct args *a, struct error *e)
{
	int err;

	(void)a;
	err = app_start(app, e);
	if (err == 0)
		report_banner(app, false);
	return err;
}

int
cli_stop(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	if (!app_running(app))
		return not_running(e);
	app_stop(app);
	printf("stopped\n");
	return 0;
}

int
cli_drain(struct app *app, const struct args *a, struct error *e)
{
	unsigned seconds = DRAIN_SECONDS, cut;

	if (!app_running(app))
		return not_running(e);
	if (a->given[ARG_SECONDS])
		seconds = (unsigned)a->value[ARG_SECONDS].number;
	cut = app_drain(app, seconds);
	if (cut == 0)
		printf("stopped: all connections had been closed\n");
	else
		report_cut("stopped: ", cut);
	return 0;
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
	error_set(e, 0, "there is no capture");
	return error_mend(e, -ENOENT, "capture start FILE");
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
