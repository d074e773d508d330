/* SPDX-License-Identifier: BSD-3-Clause */
/* markdown: the parts of docs/commands.md that are made from the tables.
 *
 * Threads  none are needed: there is no state.
 * Errors   those of the FILE.
 */
#ifndef APP_COMMAND_MARKDOWN_H
#define APP_COMMAND_MARKDOWN_H

#include <stdio.h>

/* A part stands between two lines that tests/check_commands.py looks for. */
void markdown_begin(FILE *f, const char *name);
void markdown_end(FILE *f);

/* "| `set source off` | " */
void markdown_first_cell(FILE *f, const char *syntax);

/* A few words, and the sentences behind them; detail may be NULL. */
void markdown_last_cell(FILE *f, const char *help, const char *detail);

#endif
