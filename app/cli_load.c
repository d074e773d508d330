/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "load/run.h"
#include "load/spec_args.h"
#include "loop.h"
#include "report.h"

/* Found before the load, and not after an hour of it. The file is written
 * beside its place and renamed: its folder is what counts. */
static int
check_file(const char *path, struct error *e)
{
	char folder[LOAD_FILE];
	char *slash;
	struct stat st;

	if (path[0] == '\0')
		return 0;
	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder] = '\0';
	if (access(folder, W_OK | X_OK) != 0)
		return error_set(e, -EINVAL, "'%s' cannot be written: %s: %s", path, folder,
		        strerror(errno));
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return error_set(e, -EINVAL, "'%s' cannot be written: it is a folder", path);
	return 0;
}

int
cli_load(struct app *app, const struct args *a, struct error *e)
{
	struct load_spec spec;
	bool ran = app_running(app);
	int err;

	if (load_spec_from_args(&spec, a, e) != 0 ||
	        config_check_target(&app->config, spec.url.addr, e) != 0 ||
	        check_file(spec.json, e) != 0 || check_file(spec.html, e) != 0)
		return -EINVAL;
	if (!ran) {
		err = app_start(app, e);
		if (err != 0)
			return err;
		report_banner(app, true);
	}
	err = load_run_start(app, &spec, e);
	if (err != 0 && !ran) /* an error changes nothing */
		app_stop(app);
	/* In a file one thing follows the other; at the prompt it is told beside it. */
	if (err == 0 && app->prompt == NULL)
		loop_load(app);
	return err;
}

int
cli_stop_load(struct app *app, const struct args *a, struct error *e)
{
	(void)a;
	return load_run_stop(app, e);
}
