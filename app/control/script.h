/* SPDX-License-Identifier: BSD-3-Clause */
/* script: a file of commands. The whole file is read and checked before its first command runs,
 * so that a mistake in line 9 is found before lines 1 to 8 have changed anything.
 *
 * Threads    the main one, before the engine starts.
 * Ownership  the path is borrowed; script_free() frees the lines.
 * Errors     an exit code; the message is on stderr, with file and line.
 * Bounds     100,000 lines of WORDS_LINE - 1 bytes.
 */
#ifndef APP_SCRIPT_H
#define APP_SCRIPT_H

#include "command/grammar.h"

struct script {
	const char *path;
	unsigned n;
	char **line;
	bool loads;     /* a line is a `load` command */
	bool documents; /* a report of a load goes to standard output */
};

int script_load(struct script *s, const char *path);
int script_check(struct script *s, const struct grammar *g);
void script_free(struct script *s);

#endif
