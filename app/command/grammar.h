/* SPDX-License-Identifier: BSD-3-Clause */
/* grammar: the commands, as a tree of words that is made from their syntax.
 *
 * Parsing, errors, help, the prompt's completion, the page and the manual come from one table
 * (commands.def). Its syntax:
 *
 *	"set port N ip ADDR/LEN [gateway ADDR]"     "show port (N|all) [json]"
 *	"load URL {rate CPS | close (fin|rst)}"
 *
 * Small words are keywords, capital ones are values (values.h). [a] may be left
 * out; (a|b) is one of them; {a | b} any of them, in any order, each at most
 * once, but `a ...` as often as one likes. The end of an option leads back to the node before
 * the brace, so that n options are n branches and not n! of them.
 *
 * Threads  the tree is read-only once made.
 * Memory   the tree borrows the forms and the lexicon.
 */
#ifndef APP_GRAMMAR_H
#define APP_GRAMMAR_H

#include <stdbool.h>

#include "command/values.h"
#include "text/error.h"
#include "text/words.h"

enum command {
#define COMMAND(id, ...) CMD_##id,
#define SHOW(id, ...)    CMD_##id,
#include "command/commands.def"
	CMD_COUNT,
};

struct form {
	enum command command;
	const char *syntax;
	const char *help;      /* a few words */
	const char *detail;    /* sentences, or NULL */
	void (*more)(FILE *f); /* what help has to say behind them, or NULL */
};

/* In the order of help texts; syntax NULL at the end. */
extern const struct form command_forms[];

/* Either word or arg. */
struct node {
	const char *word;
	enum arg arg;
	const struct form *form;  /* a command may end here */
	const struct form *first; /* the first form that goes this way */
	bool shared;              /* others do, too */
	uint32_t options;         /* in {}: a bit for each option that goes this way */
	const struct node *back;  /* an option ends here; what may follow is there */
	bool repeats;             /* ... and it may be said again */
	struct node *child;
	struct node *next; /* sibling */
};

/* How far a line has come. */
struct place {
	const struct node *node;
	uint32_t said;  /* options, as in struct node */
	unsigned words; /* taken so far */
	unsigned since; /* the option that is under way began with this one */
};

struct grammar {
	struct lexicon lex;
	const struct form *forms;
	struct node root;
};

/* -ENOMEM. */
int grammar_create(struct grammar **g, const struct form *forms, const struct lexicon *lex);
void grammar_destroy(struct grammar *g);

/* A figure, and how many keywords stand before it: options that take the same kind of value,
 * or repeat, are told apart by those. */
struct said {
	enum arg arg;
	unsigned keywords;
	double real;
	bool percent;
};

/* A line that was understood. */
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

/* May n follow there, or has every option that it leads to been said? */
static inline bool
node_open(const struct node *n, uint32_t said)
{
	return n->options == 0 || (n->options & ~said) != 0;
}

/* Before the first word. */
static inline struct place
grammar_begin(const struct grammar *g)
{
	return (struct place) {.node = &g->root};
}

/* One word on; false, and nothing is changed: it does not follow there. */
bool grammar_step(const struct grammar *g, struct place *p, const char *word, struct args *a);

/* 1: understood; 0: an empty line; -EINVAL: not, and e says which word, what
 * was expected and the nearest match. */
int grammar_parse(const struct grammar *g, const char *line, struct args *a, struct error *e);

/* Why the word behind p does not follow (or, if there is none, is missing). */
int grammar_explain(
        const struct grammar *g, const struct place *p, const struct words *w, struct error *e);

/* All commands, or those that begin with the words of `about`. */
int grammar_help(const struct grammar *g, FILE *f, const char *about, struct error *e);

#endif
