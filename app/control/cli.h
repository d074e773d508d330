/* SPDX-License-Identifier: BSD-3-Clause */
/* cli: commands, from the prompt and from a file alike.
 *
 * Errors  -errno, and it has been said on stderr.
 */
#ifndef APP_CLI_H
#define APP_CLI_H

#include "program/app.h"

int cli_run(struct app *app, const char *line, const struct where *where);
/* The exit code of a command that failed: the machine's fault, or the user's? */
int cli_code(int err);

/* A command's work: 0, or -errno with e filled in. */
typedef int (*cli_fn)(struct app *app, const struct args *a, struct error *e);

int cli_set_port(struct app *app, const struct args *a, struct error *e);
int cli_set_listen(struct app *app, const struct args *a, struct error *e);
int cli_set_http_body(struct app *app, const struct args *a, struct error *e);
int cli_set_http_file(struct app *app, const struct args *a, struct error *e);
int cli_set_http_close(struct app *app, const struct args *a, struct error *e);
int cli_set_http_timeout(struct app *app, const struct args *a, struct error *e);
int cli_set_idle_timeout(struct app *app, const struct args *a, struct error *e);
int cli_set_source(struct app *app, const struct args *a, struct error *e);
int cli_set_source_off(struct app *app, const struct args *a, struct error *e);
int cli_set_drain_time(struct app *app, const struct args *a, struct error *e);

int cli_set_syn_cookie(struct app *app, const struct args *a, struct error *e);
int cli_set_when_full(struct app *app, const struct args *a, struct error *e);
int cli_set_cookie_keys(struct app *app, const struct args *a, struct error *e);
int cli_set_cookie_keys_off(struct app *app, const struct args *a, struct error *e);

int cli_load(struct app *app, const struct args *a, struct error *e);
int cli_stop_load(struct app *app, const struct args *a, struct error *e);

int cli_start(struct app *app, const struct args *a, struct error *e);
int cli_stop(struct app *app, const struct args *a, struct error *e);
int cli_drain(struct app *app, const struct args *a, struct error *e);
int cli_close_connection(struct app *app, const struct args *a, struct error *e);
int cli_close_connections(struct app *app, const struct args *a, struct error *e);
int cli_clear_stats(struct app *app, const struct args *a, struct error *e);
int cli_capture_start(struct app *app, const struct args *a, struct error *e);
int cli_capture_stop(struct app *app, const struct args *a, struct error *e);
int cli_help(struct app *app, const struct args *a, struct error *e);
int cli_quit(struct app *app, const struct args *a, struct error *e);

int cli_show(struct app *app, const struct args *a, struct error *e);

#endif
