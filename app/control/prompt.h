/* SPDX-License-Identifier: BSD-3-Clause */
/* prompt: reads commands from standard input and runs them with cli_run().
 *
 * On a terminal, rte_cmdline offers editing, history, completion and `?` for help. Lines from a
 * pipe or a file are run as they are, and a command that fails sets the exit code.
 *
 * rte_cmdline gets one instruction for each node of the grammar's tree, whose tokens only serve
 * completion, and one instruction that takes any whole line. So grammar_parse() alone decides
 * what a line means.
 *
 * Threads  the main core. Only prompt_serve() blocks, for its timeout at most.
 * Memory   prompt_close() frees it.
 * Bounds   a line on a terminal has 511 bytes, a line from a pipe WORDS_LINE - 2.
 * Errors   prompt_open() returns NULL; the message is on stderr.
 */
#ifndef APP_PROMPT_H
#define APP_PROMPT_H

#include "program/app.h"

struct prompt *prompt_open(struct app *app);
/* Restores the settings of the terminal. */
void prompt_close(struct prompt *p);

/* Waits for input for at most timeout_ms and runs the commands that have come. Sets app->quit
 * at the end of input. */
void prompt_serve(struct prompt *p, int timeout_ms);

/* These two enclose output that the user has not asked for: the first clears the prompt's
 * line, the second writes it again. */
void prompt_hide(struct prompt *p);
void prompt_redraw(struct prompt *p);

#endif
