/* SPDX-License-Identifier: BSD-3-Clause */
#include "prompt_tokens.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH 16

struct token {
	cmdline_parse_token_hdr_t hdr; /* first: rte_cmdline knows no more of it */
	const struct grammar *g;
	const struct node *node;
	bool last; /* of its instruction */
};

/* One node's instruction: the words on the way to it, then itself. */
struct path {
	struct token token[DEPTH];
	cmdline_parse_inst_t *inst;
};

struct prompt_tokens {
	unsigned n, room;
	struct path *path;
	struct token line_token;
	cmdline_parse_inst_t *line;
	cmdline_parse_inst_t **context; /* NULL at the end */
};

static const struct token *
token_of(cmdline_parse_token_hdr_t *hdr)
{
	return (const struct token *)(const void *)hdr;
}

/* A result is wanted: a line is being run, which is the line token's part.
 * Past its last word an instruction stays only where a command may end; it
 * then shows as [RETURN]. */
static int
word_parse(cmdline_parse_token_hdr_t *hdr, const char *text, void *result, unsigned int size)
{
	const struct token *t = token_of(hdr);
	char word[VALUE_TEXT], why[160];
	struct value v;
	int len = 0;

	(void)size;
	if (result != NULL || (t->last && t->node->form == NULL))
		return -1;
	while (!cmdline_isendoftoken(text[len]))
		len++;
	snprintf(word, sizeof(word), "%.*s", len, text);
	if (t->node->word != NULL)
		return strcmp(word, t->node->word) == 0 ? len : -1;
	if (value_parse(&t->g->lex, t->node->arg, word, &v, why, sizeof(why)) != 0)
		return -1;
	return len;
}

static const char *const *
choices_of(const struct token *t)
{
	return t->node->word == NULL ? value_choices(&t->g->lex, t->node->arg) : NULL;
}

/* 0 would list the token by its help; words on the way have been listed by
 * their own instruction, and offer one choice that is then withheld. */
static int
word_count(cmdline_parse_token_hdr_t *hdr)
{
	const struct token *t = token_of(hdr);
	const char *const *c = choices_of(t);
	int n = 0;

	if (!t->last || t->node->word != NULL)
		return 1;
	while (c != NULL && c[n] != NULL)
		n++;
	return n;
}

static int
word_choice(cmdline_parse_token_hdr_t *hdr, int i, char *text, unsigned int size)
{
	const struct token *t = token_of(hdr);

	if (!t->last)
		return -1;
	snprintf(text, size, "%s", t->node->word != NULL ? t->node->word : choices_of(t)[i]);
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

/* What `?` says behind a word. */
static const char *
help_of(const struct node *n)
{
	if (n->word == NULL)
		return value_what(n->arg);
	return n->shared ? "..." : n->first->help;
}

static bool
add_node(struct prompt_tokens *t, const struct grammar *g, const struct node **way,
        unsigned depth)
{
	struct path *p = &t->path[t->n];

	p->inst = make_inst(depth, help_of(way[depth - 1]));
	if (p->inst == NULL)
		return false;
	t->n++;
	for (unsigned i = 0; i < depth; i++) {
		p->token[i] = (struct token) {.hdr = {.ops = &word_ops},
		        .g = g,
		        .node = way[i],
		        .last = i == depth - 1};
		p->inst->tokens[i] = &p->token[i].hdr;
	}
	return true;
}

static bool
add_nodes(struct prompt_tokens *t, const struct grammar *g, const struct node *first,
        const struct node **way, unsigned depth)
{
	for (const struct node *n = first; n != NULL; n = n->next) {
		if (depth == DEPTH)
			return false;
		way[depth] = n;
		if (!add_node(t, g, way, depth + 1) ||
		        !add_nodes(t, g, n->child, way, depth + 1))
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
		free(t->path[i].inst);
	free(t->path);
	free(t->line);
	free(t->context);
	free(t);
}

struct prompt_tokens *
prompt_tokens_create(const struct grammar *g,
        void (*run)(void *line, struct cmdline *cl, void *data), void *data)
{
	const struct node *way[DEPTH];
	struct prompt_tokens *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->room = count_nodes(g->root.child);
	t->path = calloc(t->room, sizeof(*t->path));
	t->context = calloc(t->room + 2, sizeof(*t->context));
	t->line = make_inst(1, "");
	if (t->path == NULL || t->context == NULL || t->line == NULL ||
	        !add_nodes(t, g, g->root.child, way, 0)) {
		prompt_tokens_destroy(t);
		return NULL;
	}
	t->line_token.hdr.ops = &line_ops;
	t->line->tokens[0] = &t->line_token.hdr;
	t->line->f = run;
	t->line->data = data;
	for (unsigned i = 0; i < t->n; i++)
		t->context[i] = t->path[i].inst;
	t->context[t->n] = t->line;
	return t;
}

cmdline_parse_ctx_t *
prompt_tokens_context(struct prompt_tokens *t)
{
	return t->context;
}
