/* SPDX-License-Identifier: BSD-3-Clause */
/* error: what went wrong, said to a person: what was found, and the command
 * that fixes it.
 *
 * Ownership  the caller's struct; all text is copied in, and cut if too long.
 */
#ifndef APP_ERROR_H
#define APP_ERROR_H

#include <stdio.h>

/* Exit codes; 0: pass. */
#define EXIT_MISSED      1 /* a load did not do what was expected of it, or nothing */
#define EXIT_ENVIRONMENT 2 /* the machine lacks something */
#define EXIT_USAGE       3 /* the command line or a command is wrong */

struct error {
	char what[640];
	char fix[320]; /* a command, or a question; empty: nothing to say */
};

/* Where a command came from; file NULL: the prompt. */
struct where {
	const char *file;
	unsigned line;
};

/* Both return code, so that `return error_set(e, -EINVAL, ...)` reads well. */
int error_set(struct error *e, int code, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
int error_fix(struct error *e, int code, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* One or two lines; where may be NULL. */
void error_print(FILE *f, const struct where *where, const struct error *e);

#endif
