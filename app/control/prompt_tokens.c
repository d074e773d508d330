/* SPDX-License-Identifier: BSD-3-Clause */
/* Completion and help of rte_cmdline, driven by the grammar's tree. */
#include "control/prompt_tokens.h"

#include <stdlib.h>
#include <string.h>

/* The words that may follow depend on the words before them, so a node has no fixed place in a
 * line: `rate` may be any of several words of a `load`. Each node has an instruction that is
 * WORDS_MAX times the same token. The token follows the line through the tree, and offers its
 * node if the node may come next. */
struct token {
	cmdline_parse_token_hdr_t hdr; /* must be first: rte_cmdline knows only this part */
	struct prompt_tokens *all;
	const struct node *node; /* NULL: the end of the line */
	bool first;              /* the token is the first one of its instruction */
};

/* A node and its instruction. */
struct offer {
	struct token first;
	struct token further;
	cmdline_parse_inst_t *inst;
};

struct prompt_tokens {
	const struct grammar *g;
	struct place at; /* the place in the tree of the instruction that rte_cmdline tries */
	unsigned n;      /* offers in use */
	unsigned room;   /* offers allocated */
	struct offer *offer;
	struct token line_token;
	cmdline_parse_inst_t *line;
	cmdline_parse_inst_t **context; /* NULL at the end */
};

static const struct token *
token_of(cmdline_parse_token_hdr_t *hdr)
{
	return (const struct token *)(const void *)hdr;
}

/* With a result rte_cmdline runs a line, which only the line token does. */
static int
word_parse(cmdline_parse_token_hdr_t *hdr, const char *text, void *result, unsigned int size)
{
	const struct token *t = token_of(hdr);
	char word[VALUE_TEXT];
	struct args a = {.nkeywords = 0};
	int len = 0;

	(void)size;
	if (result != NULL)
		return -1;
	if (t->first)
		t->all->at = grammar_begin(t->all->g);
	while (!cmdline_isendoftoken(text[len]))
		len++;
	snprintf(word, sizeof(word), "%.*s", len, text);
	return grammar_step(t->all->g, &t->all->at, word, &a) ? len : -1;
}

/* May the node of the token be the next word? */
static bool
may_follow(const struct token *t)
{
	struct place at = t->first ? grammar_begin(t->all->g) : t->all->at;
	const struct node *n = at.node->child;

	if (t->node == NULL)
		return at.node->form != NULL;
	while (n != NULL && n != t->node)
		n = n->next;
	return n != NULL && node_open(n, at.said);
}

static const char *const *
token_choices(const struct token *t)
{
	if (t->node == NULL || t->node->word != NULL)
		return NULL;
	return value_choices(&t->all->g->lex, t->node->arg);
}

/* With 0 choices rte_cmdline would list the token's help. A token that may not follow offers
 * one choice, and word_choice() withholds it. */
static int
word_count(cmdline_parse_token_hdr_t *hdr)
{
	const struct token *t = token_of(hdr);
	const char *const *c = token_choices(t);
	int n = 0;

	if (!may_follow(t) || (t->node != NULL && t->node->word != NULL))
		return 1;
	while (c != NULL && c[n] != NULL)
		n++;
	return n;
}

static int
word_choice(cmdline_parse_token_hdr_t *hdr, int i, char *text, unsigned int size)
{
	const struct token *t = token_of(hdr);
	const char *word;

	if (!may_follow(t))
		return -1;
	word = t->node->word != NULL ? t->node->word : token_choices(t)[i];
	snprintf(text, size, "%s", word);
	return 0;
}

static int
word_help(cmdline_parse_token_hdr_t *hdr, char *text, unsigned int size)
{
	const struct token *t = token_of(hdr);

	snprintf(text, size, "%s",
	        t->node->word != NULL ? t->node->word : value_name(t->node->arg));
	return 0;
}

static int
line_parse(cmdline_parse_token_hdr_t *hdr, const char *text, void *result, unsigned int size)
{
	size_t len = strcspn(text, "\r\n");

	(void)hdr;
	if (result == NULL || len >= size)
		return -1;
	memcpy(result, text, len);
	((char *)result)[len] = '\0';
	return (int)len;
}

static int
line_count(cmdline_parse_token_hdr_t *hdr)
{
	(void)hdr;
	return 1;
}

static int
line_choice(cmdline_parse_token_hdr_t *hdr, int i, char *text, unsigned int size)
{
	(void)hdr;
	(void)i;
	(void)text;
	(void)size;
	return -1;
}

static struct cmdline_token_ops word_ops = {
        .parse = word_parse,
        .complete_get_nb = word_count,
        .complete_get_elt = word_choice,
        .get_help = word_help,
};

/* rte_cmdline shows a token without a help as [RETURN]. */
static struct cmdline_token_ops end_ops = {
        .parse = word_parse,
        .complete_get_nb = word_count,
        .complete_get_elt = word_choice,
};

static struct cmdline_token_ops line_ops = {
        .parse = line_parse,
        .complete_get_nb = line_count,
        .complete_get_elt = line_choice,
        .get_help = word_help,
};

static cmdline_parse_inst_t *
make_inst(unsigned ntokens, const char *help)
{
	cmdline_parse_inst_t *inst = calloc(
	        1, sizeof(*inst) + (ntokens + 1) * sizeof(inst->tokens[0]));

	if (inst != NULL)
		inst->help_str = help;
	return inst;
}

static unsigned
count_nodes(const struct node *n)
{
	unsigned count = 0;

	for (; n != NULL; n = n->next)
		count += 1 + count_nodes(n->child);
	return count;
}

/* The text that `?` prints behind a word. */
static const char *
node_help(const struct node *n)
{
	if (n->word == NULL)
		return value_what(n->arg);
	if (n->options != 0 && n->child != NULL && n->child->word == NULL)
		return value_what(n->child->arg);
	if (n->form != NULL)
		return n->form->help;
	return n->shared ? "..." : n->first->help;
}

static bool
add_offer(struct prompt_tokens *t, const struct node *n)
{
	struct offer *o = &t->offer[t->n];

	o->inst = make_inst(WORDS_MAX, n != NULL ? node_help(n) : "");
	if (o->inst == NULL)
		return false;
	t->n++;
	o->further = (struct token) {
	        .hdr = {.ops = n != NULL ? &word_ops : &end_ops}, .all = t, .node = n};
	o->first = o->further;
	o->first.first = true;
	o->inst->tokens[0] = &o->first.hdr;
	for (unsigned i = 1; i < WORDS_MAX; i++)
		o->inst->tokens[i] = &o->further.hdr;
	return true;
}

static bool
add_offers(struct prompt_tokens *t, const struct node *n)
{
	for (; n != NULL; n = n->next) {
		if (!add_offer(t, n) || !add_offers(t, n->child))
			return false;
	}
	return true;
}

void
prompt_tokens_destroy(struct prompt_tokens *t)
{
	if (t == NULL)
		return;
	for (unsigned i = 0; i < t->n; i++)
		free(t->offer[i].inst);
	free(t->offer);
	free(t->line);
	free(t->context);
	free(t);
}

struct prompt_tokens *
prompt_tokens_create(const struct grammar *g,
        void (*run)(void *line, struct cmdline *cl, void *data), void *data)
{
	struct prompt_tokens *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->g = g;
	t->room = count_nodes(g->root.child) + 1;
	t->offer = calloc(t->room, sizeof(*t->offer));
	t->context = calloc(t->room + 2, sizeof(*t->context));
	t->line = make_inst(1, "");
	if (t->offer == NULL || t->context == NULL || t->line == NULL ||
	        !add_offers(t, g->root.child) || !add_offer(t, NULL)) {
		prompt_tokens_destroy(t);
		return NULL;
	}
	t->line_token.hdr.ops = &line_ops;
	t->line->tokens[0] = &t->line_token.hdr;
	t->line->f = run;
	t->line->data = data;
	for (unsigned i = 0; i < t->n; i++)
		t->context[i] = t->offer[i].inst;
	t->context[t->n] = t->line;
	return t;
}

cmdline_parse_ctx_t *
prompt_tokens_context(struct prompt_tokens *t)
{
	return t->context;
}
