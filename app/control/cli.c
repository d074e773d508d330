/* SPDX-License-Identifier: BSD-3-Clause */
/* Parsing of a line, and the call of the function of its command. */
#include <errno.h>

#include "control/cli.h"

static const cli_fn commands[CMD_COUNT] = {
#define COMMAND(id, run, ...) [CMD_##id] = run,
#define SHOW(id, ...)         [CMD_##id] = cli_show,
#include "command/commands.def"
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
