/* SPDX-License-Identifier: BSD-3-Clause */
/* error: a message to a person: the cause, and the command that fixes it.
 *
 * Threads    an error belongs to one thread.
 * Ownership  the caller owns the struct; text is copied into it.
 * Bounds     longer text is cut.
 */
#ifndef APP_ERROR_H
#define APP_ERROR_H

#include <stdio.h>

/* Exit codes; 0: pass. */
#define EXIT_MISSED      1 /* a load missed an expectation, or completed nothing */
#define EXIT_ENVIRONMENT 2 /* the machine lacks something */
#define EXIT_USAGE       3 /* the command line or a command is wrong */

struct error {
	char what[640];
	char fix[320]; /* a command or a question; empty: no fix is known */
};

/* Where a command came from; file is NULL for the prompt. */
struct where {
	const char *file;
	unsigned line;
};

/* Both functions return `code`, so that a caller can write `return error_set(e, -EINVAL, ...)`.
 * error_set() also clears the fix. */
int error_set(struct error *e, int code, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
int error_fix(struct error *e, int code, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* Prints one or two lines; `where` may be NULL. */
void error_print(FILE *f, const struct where *where, const struct error *e);

#endif
