/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands `set port`, `listen`, `http`, `idle_timeout`, `source` and `drain-time`. */
#include <errno.h>
#include <string.h>

#include "control/cli.h"

int
cli_set_port(struct app *app, const struct args *a, struct error *e)
{
	struct config_port p = {
	        .ip = a->value[ARG_PREFIX].addr,
	        .prefix_len = (uint8_t)a->value[ARG_PREFIX].number,
	        .gateway = a->given[ARG_ADDR] ? a->value[ARG_ADDR].addr : 0,
	};
	int err;

	if (app_running(app)) {
		error_set(e, 0, "a port's address cannot change while the stack is running");
		return error_fix(e, -EISCONN, "stop (or drain), set the address, start");
	}
	if (a->given[ARG_ADDR] && p.gateway == 0)
		return error_set(e, -EINVAL, "0.0.0.0 cannot be a gateway");
	err = config_set_port(&app->config, a->value[ARG_PORT].number, &p, e);
	if (err == 0 && config_gateway_outside(&p))
		printf("note: the gateway is outside the port's network, and is expected on the link\n");
	return err;
}

int
cli_set_listen(struct app *app, const struct args *a, struct error *e)
{
	return app_listen(app, &a->value[ARG_ENDPOINT], a->value[ARG_SERVICE].text, e);
}

static void
say_when_it_counts(const struct app *app)
{
	if (app_running(app))
		printf("new listeners use this setting; existing ones do after `stop` and `start`\n");
}

int
cli_set_http_body(struct app *app, const struct args *a, struct error *e)
{
	uint64_t bytes = a->value[ARG_BYTES].number;
	int err = http_conf_body(&app->http, bytes);

	if (err == -EFBIG)
		return error_set(e, err, "a page has at most %u bytes", HTTP_BODY_MAX);
	if (err != 0)
		return error_set(e, err, "no memory is left for a page of %llu bytes",
		        (unsigned long long)bytes);
	app->config.http.body_set = true;
	app->config.http.body_bytes = bytes;
	app->config.http.file[0] = '\0';
	say_when_it_counts(app);
	return 0;
}

int
cli_set_http_file(struct app *app, const struct args *a, struct error *e)
{
	const char *path = a->value[ARG_PATH].text;
	int err = http_conf_file(&app->http, path);

	if (err == -ENOENT) {
		error_set(e, 0, "the file '%s' does not exist", path);
		return error_fix(e, err,
		        path[0] == '/'
		                ? "give the path of a file that exists: set http file PATH"
		                : "give an absolute path: a relative one begins at the folder where handfast was started");
	}
	if (err == -EISDIR || err == -EINVAL)
		return error_set(e, err, "'%s' is not a regular file", path);
	if (err != 0)
		return error_set(e, err, "'%s' cannot be served: %s", path, strerror(-err));
	app->config.http.body_set = false;
	snprintf(app->config.http.file, sizeof(app->config.http.file), "%s", path);
	say_when_it_counts(app);
	return 0;
}

int
cli_set_http_close(struct app *app, const struct args *a, struct error *e)
{
	(void)e;
	app->config.http.close_set = true;
	app->config.http.close = args_keyword(a, "on");
	http_conf_close(&app->http, app->config.http.close);
	say_when_it_counts(app);
	return 0;
}

static uint32_t
duration_ms(const struct args *a)
{
	return (uint32_t)(a->value[ARG_DURATION].real * MS_PER_SECOND + 0.5);
}

int
cli_set_http_timeout(struct app *app, const struct args *a, struct error *e)
{
	(void)e;
	for (unsigned i = 0; i < HTTP_TIMEOUTS; i++)
		if (args_keyword(a, config_http_timeouts[i]))
			app->config.http.timeout_ms[i] = app->http.timeout_ms[i] = duration_ms(
			        a);
	say_when_it_counts(app);
	return 0;
}

int
cli_set_idle_timeout(struct app *app, const struct args *a, struct error *e)
{
	(void)e;
	for (unsigned i = 0; i < IDLE_SERVICES; i++)
		if (args_keyword(a, config_idle_services[i]))
			app->config.idle_ms[i] = app->idle[i].idle_ms = duration_ms(a);
	say_when_it_counts(app);
	return 0;
}

static int
set_source(struct app *app, const struct config_source *s, struct error *e)
{
	if (app_running(app)) {
		error_set(e, 0, "sources cannot change while the stack is running");
		return error_fix(e, -EISCONN, "stop (or drain), set the sources, start");
	}
	return config_set_source(&app->config, s, e);
}

int
cli_set_source(struct app *app, const struct args *a, struct error *e)
{
	const struct value *range = &a->value[ARG_RANGE], *ports = &a->value[ARG_PORTS];
	struct config_source s = {
	        .first = range->addr,
	        .last = range->addr_last,
	        .port_first = a->given[ARG_PORTS] ? ports->port : 0,
	        .port_last = a->given[ARG_PORTS] ? ports->port_last : 0,
	        .scattered = args_keyword(a, "scattered"),
	};

	if (s.first == 0)
		return error_set(e, -EINVAL, "0.0.0.0 cannot be a source");
	return set_source(app, &s, e);
}

int
cli_set_source_off(struct app *app, const struct args *a, struct error *e)
{
	struct config_source none = {.first = 0};

	(void)a;
	return set_source(app, &none, e);
}

int
cli_set_drain_time(struct app *app, const struct args *a, struct error *e)
{
	(void)e;
	app->config.drain_set = true;
	app->config.drain_ms = (uint32_t)(a->value[ARG_WAIT].real * MS_PER_SECOND + 0.5);
	return 0;
}
