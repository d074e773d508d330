/* SPDX-License-Identifier: BSD-3-Clause */
/* roff: prints the texts of the tables in troff, for manual pages.
 *
 * Threads  any: there is no state.
 * Memory   none.
 * Errors   those of the FILE.
 */
#ifndef APP_COMMAND_ROFF_H
#define APP_COMMAND_ROFF_H

#include <stdio.h>

/* Prints text: `code` becomes bold, and special characters are escaped. */
void roff_text(FILE *f, const char *text);

/* Prints a term and its description. `otherwise` is the default, or "" without one; `detail`
 * may be NULL. */
void roff_entry(
        FILE *f, const char *term, const char *otherwise, const char *help, const char *detail);

#endif
