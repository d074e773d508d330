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

#define COMMAND(id, run, ...) int run(struct app *app, const struct args *a, struct error *e);
#include "command/commands.def"

int cli_show(struct app *app, const struct args *a, struct error *e);

#endif
