/* SPDX-License-Identifier: BSD-3-Clause */
/* script: a file of commands. It is read and checked as a whole before its
 * first command runs, so that a slip in line 9 does not leave 8 behind it.
 *
 * Errors  an exit code; it has been said on stderr, with file and line.
 */
#ifndef APP_SCRIPT_H
#define APP_SCRIPT_H

#include "command/grammar.h"

struct script {
	const char *path;
	unsigned n;
	char **line;
	bool loads;
	bool documents; /* a report goes to standard output */
};

int script_load(struct script *s, const char *path);
int script_check(struct script *s, const struct grammar *g);
void script_free(struct script *s);

#endif
