/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/run.h"

#include <errno.h>

int
load_run_start(struct app *app, const struct load_spec *spec, struct error *e)
{
	(void)app;
	(void)spec;
	return error_set(e, -ENOTSUP, "loads cannot be run yet");
}

int
load_run_stop(struct app *app, struct error *e)
{
	(void)app;
	return error_set(e, -ENOTSUP, "loads cannot be run yet");
}

json_t *
load_run_model(struct app *app, struct error *e)
{
	(void)app;
	error_set(e, -ENOTSUP, "loads cannot be run yet");
	return NULL;
}
