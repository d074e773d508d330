/* SPDX-License-Identifier: BSD-3-Clause */
/* pages: documentation made from the tables of commands, options of `load` and services.
 *
 * Details in the tables are Markdown with no markup except `code`.
 *
 * Threads  any: the tables are constant.
 * Memory   none.
 * Errors   those of the FILE.
 */
#ifndef APP_PAGES_H
#define APP_PAGES_H

#include <stdio.h>

/* Parts of docs/commands.md. Each stands between two lines that tests/check_commands.py finds.
 */
void pages_markdown(FILE *f);
/* The manual page handfast-commands(7). */
void pages_man(FILE *f);
/* Each keyword once, one per line, in the order of the table; for editors and completion. */
void pages_words(FILE *f);
/* The part of docs/commands.md with the program's own options; pages_markdown() includes it. */
void options_markdown(FILE *f);
/* The manual page handfast(1). */
void pages_program_man(FILE *f);
/* The head of the completion script, completion.bash: variables of bash with the options of
 * handfast and of EAL. Options with a value are in variables of their own. */
void pages_completion(FILE *f);

#endif
