/* SPDX-License-Identifier: BSD-3-Clause */
/* explain: why a line is not understood, and the text of `help`, both from the tree of words.
 *
 * Threads  the tree is read-only; any.
 * Memory   the caller's.
 * Errors   both fill in e. grammar_help() returns -EINVAL for words that begin no command.
 */
#ifndef APP_EXPLAIN_H
#define APP_EXPLAIN_H

#include <stdio.h>

#include "command/tree.h"
#include "text/error.h"
#include "text/words.h"

/* Fills in e: why the word behind p may not follow, or which words are missing there. */
int grammar_explain(
        const struct grammar *g, const struct place *p, const struct words *w, struct error *e);

/* Prints help on all commands, or on those that begin with the words of `about`. */
int grammar_help(const struct grammar *g, FILE *f, const char *about, struct error *e);

#endif
