/* SPDX-License-Identifier: BSD-3-Clause */
/* cli: runs commands, from the prompt and from a file.
 *
 * Threads  the main core.
 * Errors   cli_run() returns -errno, and the message is on stderr.
 */
#ifndef APP_CLI_H
#define APP_CLI_H

#include "program/app.h"

int cli_run(struct app *app, const char *line, const struct where *where);
/* The exit code for the error of a command: EXIT_ENVIRONMENT or EXIT_USAGE. */
int cli_code(int err);

/* The function of a command. Returns 0, or -errno with e filled in. */
typedef int (*cli_fn)(struct app *app, const struct args *a, struct error *e);

#define COMMAND(id, run, ...) int run(struct app *app, const struct args *a, struct error *e);
#include "command/commands.def"

int cli_show(struct app *app, const struct args *a, struct error *e);

#endif
