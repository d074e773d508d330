/* SPDX-License-Identifier: BSD-3-Clause */
/* markdown: the parts of docs/commands.md that are made from the tables.
 *
 * Threads  any: there is no state.
 * Memory   none.
 * Errors   those of the FILE.
 */
#ifndef APP_COMMAND_MARKDOWN_H
#define APP_COMMAND_MARKDOWN_H

#include <stdio.h>

/* These two print the lines around a part; tests/check_commands.py finds a part by them. */
void markdown_begin(FILE *f, const char *name);
void markdown_end(FILE *f);

/* "| `set source off` | " */
void markdown_first_cell(FILE *f, const char *syntax);

/* Prints the help, with a capital letter, and the detail, which may be NULL. */
void markdown_last_cell(FILE *f, const char *help, const char *detail);

#endif
