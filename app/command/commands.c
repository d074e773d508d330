/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of commands that the grammar reads. */
#include <stddef.h>

#include "command/grammar.h"
#include "load/spec/options.h"
#include "service/services.h"

/* The words behind `expect` are in a table of their own (expectation.h). */
static const char load_syntax[] =
        "load URL {"
#define LOAD_OPTION(id, syntax, ...) syntax " | "
#include "load/spec/options.def"
        "expect cps LEAST | expect rps LEAST | expect errors SHARE | "
        "expect [connect|first-byte|request] (p50|p90|p99|p99.9) MOST ... | "
        "expect (connect|first-byte|request) MOST ...}";

const struct form command_forms[] = {
#define COMMAND(id, run, print, ...) {.command = CMD_##id, __VA_ARGS__},
#define SHOW(id, model, ...)         {.command = CMD_##id, __VA_ARGS__},
#include "command/commands.def"
        {.syntax = NULL},
};
