/* SPDX-License-Identifier: BSD-3-Clause */
/* tree: the tree of words that the grammar makes of the commands' syntax, and a place in it.
 *
 * Threads  the tree is read-only once made.
 * Memory   the grammar's; the tree borrows the forms and the lexicon.
 */
#ifndef APP_TREE_H
#define APP_TREE_H

#include <stdbool.h>

#include "command/values.h"

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

#endif
