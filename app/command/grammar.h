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
	void (*more)(FILE *f); /* prints more help behind the detail; NULL: there is none */
};

/* The forms in the order of `help`; a syntax of NULL ends them. */
extern const struct form command_forms[];

/* A word of the tree: a keyword or a value. */
struct node {
	const char *word;         /* the keyword; NULL: a value */
	enum arg arg;             /* the kind of the value */
	const struct form *form;  /* the command that may end here, or NULL */
	const struct form *first; /* the first form that contains the node */
	bool shared;              /* other forms contain the node, too */
	uint32_t options;         /* one bit for each option in {} that contains the node */
	const struct node *back;  /* an option ends here; its next words follow at this node */
	bool repeats;             /* the option that ends here may be repeated */
	struct node *child;
	struct node *next; /* the next sibling */
};

/* The place in the tree that a line has reached. */
struct place {
	const struct node *node;
	uint32_t said;  /* the options given so far, as in struct node */
	unsigned words; /* the number of words so far */
	unsigned since; /* the index of the first word of the current option */
};

struct grammar {
	struct lexicon lex;
	const struct form *forms;
	struct node root;
};

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

/* May n follow? Not if every option that contains it has been given. */
static inline bool
node_open(const struct node *n, uint32_t said)
{
	return n->options == 0 || (n->options & ~said) != 0;
}

/* The place before the first word. */
static inline struct place
grammar_begin(const struct grammar *g)
{
	return (struct place) {.node = &g->root};
}

/* Moves on by one word. Returns false and changes nothing if the word may not follow. */
bool grammar_step(const struct grammar *g, struct place *p, const char *word, struct args *a);

/* Returns 1 for a command, 0 for an empty line, or -EINVAL. The error names the word, the
 * expected words and the nearest match. */
int grammar_parse(const struct grammar *g, const char *line, struct args *a, struct error *e);

/* Fills in e: why the word behind p may not follow, or which words are missing there. */
int grammar_explain(
        const struct grammar *g, const struct place *p, const struct words *w, struct error *e);

/* Prints help on all commands, or on those that begin with the words of `about`. */
int grammar_help(const struct grammar *g, FILE *f, const char *about, struct error *e);

#endif
