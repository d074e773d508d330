/* SPDX-License-Identifier: BSD-3-Clause */
/* prompt: rte_cmdline in front of cli_run(): editing, history, completion, and
 * `?` for help, on a terminal. What comes by a pipe, or from a file, is taken as it is, and
 * what fails of it counts for the exit code.
 *
 * rte_cmdline gets one instruction for each node of the grammar's tree, whose
 * tokens serve completion alone, and one that takes any whole line: so what a
 * line means, and what is wrong with it, is decided by grammar_parse().
 *
 * Threads  the main core's. Never blocks but for the timeout asked for.
 */
#ifndef APP_PROMPT_H
#define APP_PROMPT_H

#include "program/app.h"

/* NULL, and it has been said why. */
struct prompt *prompt_open(struct app *app);
/* Gives the terminal back as it was. */
void prompt_close(struct prompt *p);

/* Wait for input for at most timeout_ms and run the commands that have come.
 * At the end of input app->quit is set. */
void prompt_serve(struct prompt *p, int timeout_ms);

/* Around what is printed unasked: leave the line, and write it again. */
void prompt_hide(struct prompt *p);
void prompt_redraw(struct prompt *p);

#endif
