/* SPDX-License-Identifier: BSD-3-Clause */
/* grammar: the commands as a tree of words, made from their syntax.
 *
 * Parsing, errors, help, the prompt's completion, the page and the manual come from one table
 * (commands.def). Its syntax:
 *
 *	"set port N ip ADDR/LEN [gateway ADDR]"     "show port (N|all) [json]"
 *	"load URL {rate CPS | close (fin|rst)}"
 *
 * Words in lower case are keywords, words in upper case are values (values.h). [a] may be left
 * out. (a|b) is one of them. {a | b} is any of them in any order, each once at most; `a ...`
 *may be repeated. The end of an option leads back to the node before the brace, so that n
 *options are n branches and not n! of them.
 *
 * Threads    any: the tree is read-only after grammar_create().
 * Ownership  the tree borrows the forms and the lexicon.
 * Memory     grammar_create() allocates the tree; parsing allocates nothing.
 * Errors     -ENOMEM, or -EINVAL with e filled in.
 */
#ifndef APP_GRAMMAR_H
#define APP_GRAMMAR_H

#include "command/tree.h"
#include "text/error.h"
#include "text/words.h"

int grammar_create(struct grammar **g, const struct form *forms, const struct lexicon *lex);
void grammar_destroy(struct grammar *g);

/* A value, and the number of keywords before it. The keywords tell apart options that repeat or
 * that take the same kind of value. */
struct said {
	enum arg arg;
	unsigned keywords;
	double real;
	bool percent;
};

/* The command and the values of a line. */
struct args {
	enum command command;
	unsigned nkeywords;
	const char *keyword[WORDS_MAX];
	unsigned nsaid;
	struct said said[WORDS_MAX];
	bool given[ARG_KINDS];
	struct value value[ARG_KINDS];
};

bool args_keyword(const struct args *a, const char *word);

/* Moves on by one word. Returns false and changes nothing if the word may not follow. */
bool grammar_step(const struct grammar *g, struct place *p, const char *word, struct args *a);

/* Returns 1 for a command, 0 for an empty line, or -EINVAL. The error names the word, the
 * expected words and the nearest match. */
int grammar_parse(const struct grammar *g, const char *line, struct args *a, struct error *e);

#endif
