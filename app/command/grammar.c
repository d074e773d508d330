/* SPDX-License-Identifier: BSD-3-Clause */
/* The tree of words, made from the syntax of each command, and the walk of a line through it.
 */
#include "command/grammar.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command/explain.h"

#define FRONTIER 32
#define REPEATS  "..."

/* The nodes that a part of a syntax may end at. Optional parts and choices make several. */
struct frontier {
	unsigned n;
	struct node *at[FRONTIER];
};

/* The state while a syntax is added to the tree. */
struct building {
	const struct form *form;
	const char *p;   /* the rest of the syntax */
	uint32_t option; /* the bit of the current option in {} */
	bool repeats;    /* `...` stands behind the current option */
	bool failed;     /* no memory is left */
};

static struct node *
child_get(struct building *b, struct node *parent, const char *word, unsigned len)
{
	enum arg arg = isupper((unsigned char)word[0]) ? value_kind(b->form->syntax, word, len)
	                                               : ARG_KINDS;
	struct node **at, *n;

	assert(arg != ARG_KINDS || !isupper((unsigned char)word[0]));
	for (at = &parent->child; (n = *at) != NULL; at = &n->next) {
		if (n->word == NULL ? n->arg == arg
		                    : arg == ARG_KINDS && strlen(n->word) == len &&
		                              memcmp(n->word, word, len) == 0)
			break;
	}
	if (n == NULL) {
		n = calloc(1, sizeof(*n));
		if (n == NULL || (arg == ARG_KINDS && (n->word = strndup(word, len)) == NULL)) {
			free(n);
			b->failed = true;
			return parent;
		}
		n->arg = arg;
		n->first = b->form;
		*at = n;
	}
	assert(n->first == b->form || b->option == 0); /* bits belong to one form */
	n->options |= b->option;
	n->shared |= n->first != b->form;
	return n;
}

static struct frontier
frontier_join(struct frontier a, const struct frontier *b)
{
	for (unsigned i = 0; i < b->n; i++) {
		assert(a.n < FRONTIER);
		a.at[a.n++] = b->at[i];
	}
	return a;
}

static struct frontier
add_word(struct building *b, struct frontier at)
{
	const char *word = b->p;

	b->p += strcspn(b->p, " []()|{}");
	for (unsigned i = 0; i < at.n; i++)
		at.at[i] = child_get(b, at.at[i], word, (unsigned)(b->p - word));
	return at;
}

/* Ends an option: the words that may follow it are those at the node where it began. */
static void
lead_option_back(struct building *b, const struct frontier *end, const struct frontier *at)
{
	assert(at->n == 1 && b->option != 0);
	for (unsigned i = 0; i < end->n; i++) {
		end->at[i]->back = at->at[0];
		end->at[i]->repeats = b->repeats;
	}
	b->repeats = false;
	b->option <<= 1;
	assert(b->option != 0); /* a syntax has 32 options at most */
}

/* Ends one of the parts in a bracket. The part began at `at`; its ends are added to those of
 * the parts before it. */
static void
end_bracket_part(struct building *b, char bracket, struct frontier *all,
        const struct frontier *part, const struct frontier *at)
{
	if (bracket == '{') {
		lead_option_back(b, part, at);
		*all = *at;
	} else {
		*all = frontier_join(*all, part);
	}
}

static void
end_bracket(struct building *b, char bracket)
{
	assert(*b->p == (bracket == '[' ? ']' : bracket == '(' ? ')' : '}'));
	b->p++;
	if (bracket == '{')
		b->option = 0;
}

/* Adds words up to the end of the syntax, or to the bracket or bar that ends this part. */
static struct frontier
add_sequence(struct building *b, struct frontier at)
{
	for (;;) {
		struct frontier part, all = {.n = 0};
		char bracket;

		b->p += strspn(b->p, " ");
		bracket = *b->p;
		if (bracket == '\0' || strchr("])}|", bracket) != NULL)
			return at;
		if (strncmp(b->p, REPEATS, strlen(REPEATS)) == 0) {
			b->repeats = true;
			b->p += strlen(REPEATS);
			continue;
		}
		if (strchr("[({", bracket) == NULL) {
			at = add_word(b, at);
			continue;
		}
		if (bracket == '[') /* the part may be left out */
			all = at;
		if (bracket == '{') {
			assert(b->option == 0);
			b->option = 1;
		}
		do {
			b->p++;
			part = add_sequence(b, at);
			end_bracket_part(b, bracket, &all, &part, &at);
		} while (*b->p == '|');
		end_bracket(b, bracket);
		at = all;
	}
}

static void
free_nodes(struct node *n)
{
	while (n != NULL) {
		struct node *next = n->next;

		free_nodes(n->child);
		free((void *)(uintptr_t)n->word);
		free(n);
		n = next;
	}
}

void
grammar_destroy(struct grammar *g)
{
	if (g == NULL)
		return;
	free_nodes(g->root.child);
	free(g);
}

int
grammar_create(struct grammar **out, const struct form *forms, const struct lexicon *lex)
{
	struct grammar *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return -ENOMEM;
	g->lex = *lex;
	g->forms = forms;
	for (const struct form *f = forms; f->syntax != NULL; f++) {
		struct building b = {.form = f, .p = f->syntax};
		struct frontier end = add_sequence(
		        &b, (struct frontier) {.n = 1, .at = {&g->root}});

		if (b.failed) {
			grammar_destroy(g);
			return -ENOMEM;
		}
		for (unsigned i = 0; i < end.n; i++)
			end.at[i]->form = f;
	}
	*out = g;
	return 0;
}

bool
args_keyword(const struct args *a, const char *word)
{
	for (unsigned i = 0; i < a->nkeywords; i++) {
		if (strcmp(a->keyword[i], word) == 0)
			return true;
	}
	return false;
}

/* Joins the words from `from` on to one value. */
static void
join_words(const struct words *w, unsigned from, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = from; i < w->n && len < size; i++)
		len += (size_t)snprintf(
		        text + len, size - len, "%s%s", i > from ? " " : "", w->word[i]);
}

static void
place_move(struct place *p, const struct node *n)
{
	if (n->back != NULL) {
		if (!n->repeats)
			p->said |= n->options;
		n = n->back;
	}
	p->node = n;
	p->words++;
	if (n->options == 0)
		p->since = p->words;
}

static void
note_value(struct args *a, enum arg arg)
{
	const struct value *v = &a->value[arg];

	a->given[arg] = true;
	a->said[a->nsaid++] = (struct said) {arg, a->nkeywords, v->real, v->percent};
}

/* A keyword wins over a value: a file may have any name, but `json` is the keyword. */
bool
grammar_step(const struct grammar *g, struct place *p, const char *word, struct args *a)
{
	char why[160];

	for (const struct node *n = p->node->child; n != NULL; n = n->next) {
		if (n->word == NULL || strcmp(n->word, word) != 0)
			continue;
		if (!node_open(n, p->said))
			return false;
		a->keyword[a->nkeywords++] = n->word;
		place_move(p, n);
		return true;
	}
	for (const struct node *n = p->node->child; n != NULL; n = n->next) {
		if (n->word != NULL || !node_open(n, p->said) ||
		        value_parse(&g->lex, n->arg, word, &a->value[n->arg], why,
		                sizeof(why)) != 0)
			continue;
		note_value(a, n->arg);
		place_move(p, n);
		return true;
	}
	return false;
}

int
grammar_parse(const struct grammar *g, const char *line, struct args *a, struct error *e)
{
	struct place p = grammar_begin(g);
	struct words w;

	memset(a, 0, sizeof(*a));
	if (words_split(&w, line, e) != 0)
		return -EINVAL;
	if (w.n == 0)
		return 0;
	for (unsigned i = 0; i < w.n; i++) {
		if (!grammar_step(g, &p, w.word[i], a))
			return grammar_explain(g, &p, &w, e);
		if (a->given[ARG_COMMAND]) {
			join_words(&w, i, a->value[ARG_COMMAND].text, VALUE_TEXT);
			break;
		}
	}
	if (p.node->form == NULL)
		return grammar_explain(g, &p, &w, e);
	a->command = p.node->form->command;
	return 1;
}
