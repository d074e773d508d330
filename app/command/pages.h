/* SPDX-License-Identifier: BSD-3-Clause */
/* pages: what the tables of commands, options of `load` and services say, as pages.
 *
 * Details in the tables are Markdown with nothing but `code`.
 *
 * Threads  none are needed: the tables are constant.
 * Errors   those of the FILE.
 */
#ifndef APP_PAGES_H
#define APP_PAGES_H

#include <stdio.h>

/* Parts of docs/commands.md, each between two lines that tests/check_commands.py looks for. */
void pages_markdown(FILE *f);
/* The manual page handfast-commands(7). */
void pages_man(FILE *f);
/* Each keyword once, one a line, in the order of the table: for editors and completion. */
void pages_words(FILE *f);
/* The part of docs/commands.md with the program's own options; pages_markdown() includes it. */
void options_markdown(FILE *f);
/* The manual page handfast(1). */
void pages_program_man(FILE *f);
/* Variables for bash with the options of handfast and of EAL, those with a value apart: the
 * head of the completion script, completion.bash. */
void pages_completion(FILE *f);

#endif
