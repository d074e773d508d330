/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/cli.h"

static const cli_fn commands[CMD_COUNT] = {
        [CMD_SET_PORT] = cli_set_port,
        [CMD_SET_LISTEN] = cli_set_listen,
        [CMD_SET_HTTP_BODY] = cli_set_http_body,
        [CMD_SET_HTTP_FILE] = cli_set_http_file,
        [CMD_SET_HTTP_CLOSE] = cli_set_http_close,
        [CMD_SET_HTTP_TIMEOUT] = cli_set_http_timeout,
        [CMD_SET_IDLE_TIMEOUT] = cli_set_idle_timeout,
        [CMD_SET_SOURCE] = cli_set_source,
        [CMD_SET_SOURCE_OFF] = cli_set_source_off,
        [CMD_SET_SYN_COOKIE] = cli_set_syn_cookie,
        [CMD_SET_COOKIE_KEYS] = cli_set_cookie_keys,
        [CMD_SET_COOKIE_KEYS_OFF] = cli_set_cookie_keys_off,
        [CMD_SET_WHEN_FULL] = cli_set_when_full,
        [CMD_SET_DRAIN_TIME] = cli_set_drain_time,
        [CMD_START] = cli_start,
        [CMD_STOP] = cli_stop,
        [CMD_DRAIN] = cli_drain,
        [CMD_LOAD] = cli_load,
        [CMD_STOP_LOAD] = cli_stop_load,
        [CMD_CLOSE_CONNECTION] = cli_close_connection,
        [CMD_CLOSE_CONNECTIONS] = cli_close_connections,
        [CMD_CLEAR_STATS] = cli_clear_stats,
        [CMD_SHOW_PORT] = cli_show,
        [CMD_SHOW_LCORE] = cli_show,
        [CMD_SHOW_LISTEN] = cli_show,
        [CMD_SHOW_CONNECTIONS] = cli_show,
        [CMD_SHOW_DROPS] = cli_show,
        [CMD_SHOW_SYN] = cli_show,
        [CMD_SHOW_NEIGHBOURS] = cli_show,
        [CMD_SHOW_CONFIG] = cli_show,
        [CMD_SHOW_LOAD] = cli_show,
        [CMD_CAPTURE_START] = cli_capture_start,
        [CMD_CAPTURE_STOP] = cli_capture_stop,
        [CMD_HELP] = cli_help,
        [CMD_QUIT] = cli_quit,
};

int
cli_code(int err)
{
	switch (err) {
	case -ENOMEM:
	case -EBUSY:
	case -EIO:
	case -ENETDOWN:
	case -EHOSTUNREACH:
		return EXIT_ENVIRONMENT;
	default:
		return EXIT_USAGE;
	}
}

int
cli_run(struct app *app, const char *line, const struct where *where)
{
	struct error e = {"", ""};
	struct args a;
	int got = grammar_parse(app->grammar, line, &a, &e);

	if (got == 0)
		return 0;
	if (got > 0)
		got = commands[a.command](app, &a, &e);
	fflush(stdout);
	if (got < 0)
		error_print(stderr, where, &e);
	return got;
}
