/* SPDX-License-Identifier: BSD-3-Clause */
/* roff: the texts of the tables, as manual pages want them.
 *
 * Threads  none are needed: there is no state.
 * Errors   those of the FILE.
 */
#ifndef APP_COMMAND_ROFF_H
#define APP_COMMAND_ROFF_H

#include <stdio.h>

/* Text for troff: `code` becomes bold, and no character is a request. */
void roff_text(FILE *f, const char *text);

/* A term, and what is said of it. otherwise "": it has no default. detail may be NULL. */
void roff_entry(
        FILE *f, const char *term, const char *otherwise, const char *help, const char *detail);

#endif
