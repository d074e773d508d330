/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands `load` and `stop load`. */
#include <errno.h>

#include "command/spec_args.h"
#include "control/cli.h"
#include "control/loop.h"
#include "control/status.h"
#include "load/report/report.h"
#include "load/run/run.h"

int
cli_load(struct app *app, const struct args *a, struct error *e)
{
	struct load_spec spec;
	bool ran = app_running(app);
	int err;

	if (load_spec_from_args(&spec, a, e) != 0 ||
	        config_check_target(&app->config, spec.url.addr, e) != 0 ||
	        load_report_file_check(spec.json, e) != 0 ||
	        load_report_file_check(spec.html, e) != 0)
		return -EINVAL;
	if (!ran) {
		err = app_start(app, e);
		if (err != 0)
			return err;
		status_banner(app, true);
	}
	err = load_run_start(app, &spec, e);
	if (err != 0 && !ran) /* a command that fails leaves the stack as it was */
		app_stop(app);
	/* A file waits for the end of the load. At the prompt the load runs on beside it. */
	if (err != 0 || app->prompt != NULL)
		return err;
	loop_load(app);
	return load_run_failed(app, e);
}

int
cli_stop_load(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	return load_run_stop(app, e);
}
