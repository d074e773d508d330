/* SPDX-License-Identifier: BSD-3-Clause */
/* Why a line was not understood, and what help says: both from the tree. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "grammar.h"
#include "nearest.h"

#define CHOICES 48

/* Text that grows in place. */
struct text {
	char *bytes;
	size_t size, len;
};

static void
add(struct text *t, const char *a, const char *b, const char *c)
{
	int n;

	if (t->len >= t->size)
		return;
	n = snprintf(t->bytes + t->len, t->size - t->len, "%s%s%s", a, b, c);
	t->len += (size_t)n;
}

static void
add_list(struct text *t, const char *const *list, const char *quote)
{
	for (const char *const *w = list; *w != NULL; w++) {
		if (w != list)
			add(t, w[1] == NULL ? " or " : ", ", "", "");
		add(t, quote, *w, quote);
	}
}

/* "'port', 'listen' or 'http'"; of values what they are. */
static void
expected(const struct grammar *g, const struct node *here, struct text *t)
{
	bool first = true;

	for (const struct node *n = here->child; n != NULL; n = n->next) {
		const char *const *choices = n->word == NULL ? value_choices(&g->lex, n->arg)
		                                             : NULL;

		if (!first)
			add(t, n->next == NULL ? " or " : ", ", "", "");
		first = false;
		if (n->word != NULL) {
			add(t, "'", n->word, "'");
			continue;
		}
		add(t, value_name(n->arg), " (", value_what(n->arg));
		if (choices != NULL) {
			add(t, ": ", "", "");
			add_list(t, choices, "");
		}
		add(t, ")", "", "");
	}
	if (here->form != NULL)
		add(t, " or the end of the line", "", "");
}

/* What could stand here as it is written. */
static void
candidates(const struct grammar *g, const struct node *here, const char *list[CHOICES])
{
	unsigned n = 0;

	for (const struct node *c = here->child; c != NULL; c = c->next) {
		const char *const *choices = c->word == NULL ? value_choices(&g->lex, c->arg)
		                                             : NULL;

		if (c->word != NULL && n < CHOICES - 1)
			list[n++] = c->word;
		for (; choices != NULL && *choices != NULL && n < CHOICES - 1; choices++)
			list[n++] = *choices;
	}
	list[n] = NULL;
}

/* `listen` alone: the command is `set listen`. The path to the first keyword
 * like it, written into t. */
static bool
path_to(const struct node *here, const char *word, struct text *t)
{
	size_t len = t->len;

	for (const struct node *n = here->child; n != NULL; n = n->next) {
		if (n->word == NULL)
			continue;
		add(t, t->len > 0 ? " " : "", n->word, "");
		if (strcasecmp(n->word, word) == 0 || path_to(n, word, t))
			return true;
		t->len = len;
		t->bytes[len] = '\0';
	}
	return false;
}

static const char *
why_no_value(const struct grammar *g, const struct node *here, const char *word, char *why,
        unsigned whylen, enum arg *kind)
{
	struct value v;

	for (const struct node *n = here->child; n != NULL; n = n->next) {
		if (n->word != NULL)
			continue;
		*kind = n->arg;
		value_parse(&g->lex, n->arg, word, &v, why, whylen);
		return why;
	}
	return NULL;
}

static void
join(const struct words *w, unsigned upto, struct text *t)
{
	for (unsigned i = 0; i < upto; i++)
		add(t, i > 0 ? " " : "", w->word[i], "");
}

/* At the end, when something is missing or nothing may follow. */
static int
explain_length(const struct grammar *g, const struct node *here, const struct words *w,
        unsigned at, struct error *e)
{
	char said[300], list[400] = "";
	struct text s = {said, sizeof(said), 0}, l = {list, sizeof(list), 0};

	said[0] = '\0';
	join(w, at, &s);
	if (at < w->n) {
		error_set(e, -EINVAL, "'%s' is too much: nothing was expected behind '%s'",
		        w->word[at], said);
		return -EINVAL;
	}
	expected(g, here, &l);
	return error_set(e, -EINVAL, "'%s' is not complete: expected %s", said, list);
}

static bool
leads_to(const struct node *n, const char *word)
{
	for (n = n->child; n != NULL; n = n->next) {
		if ((n->word != NULL && strcmp(n->word, word) == 0) || leads_to(n, word))
			return true;
	}
	return false;
}

/* A part that may be left out, and comes too late: `limit 5 state S`. Returns
 * the keyword that it has to stand before. */
static const char *
goes_before(const struct grammar *g, const struct words *w, unsigned at)
{
	const struct node *here = &g->root;

	for (unsigned i = 0; i < at && here != NULL; i++) {
		const struct node *taken = NULL, *late = NULL;

		for (const struct node *n = here->child; n != NULL; n = n->next) {
			if (n->word == NULL ? taken == NULL : strcmp(n->word, w->word[i]) == 0)
				taken = n;
			if (n->word != NULL && strcmp(n->word, w->word[at]) == 0)
				late = n;
		}
		if (late != NULL && late != taken && leads_to(late, w->word[i]))
			return w->word[i];
		here = taken;
	}
	return NULL;
}

int
grammar_explain(const struct grammar *g, const struct node *here, const struct words *w,
        unsigned at, struct error *e)
{
	const char *list[CHOICES], *near, *why, *before;
	char want[400] = "", reason[200] = "", path[100] = "";
	struct text t = {want, sizeof(want), 0}, p = {path, sizeof(path), 0};
	enum arg kind = ARG_KINDS;

	if (at == w->n || here->child == NULL)
		return explain_length(g, here, w, at, e);
	expected(g, here, &t);
	candidates(g, here, list);
	near = nearest(w->word[at], list);
	why = why_no_value(g, here, w->word[at], reason, sizeof(reason), &kind);
	if (why != NULL && near == NULL)
		error_set(e, 0, "'%s' is no %s: %s; expected %s", w->word[at], value_name(kind),
		        why, want);
	else
		error_set(e, 0, "'%s' is not known here: expected %s", w->word[at], want);
	before = goes_before(g, w, at);
	if (before != NULL)
		error_mend(e, 0, "'%s' goes before '%s'", w->word[at], before);
	else if (near != NULL)
		error_mend(e, 0, "did you mean '%s'?", near);
	else if (at == 0 && path_to(&g->root, w->word[0], &p))
		error_mend(e, 0, "did you mean '%s'?", path);
	else if (at == 0)
		error_mend(e, 0, "help");
	return -EINVAL;
}

/* Does the syntax begin with these words? */
static bool
form_begins(const struct form *f, const struct words *w)
{
	const char *p = f->syntax;

	for (unsigned i = 0; i < w->n; i++) {
		size_t len = strcspn(p, " ");

		if (strlen(w->word[i]) != len || strncmp(p, w->word[i], len) != 0)
			return false;
		p += len;
		p += strspn(p, " ");
	}
	return true;
}

/* Why there is no help on these words: as far as they go into the tree. */
static int
explain_help(const struct grammar *g, const struct words *w, struct error *e)
{
	const struct node *here = &g->root;

	for (unsigned i = 0; i < w->n; i++) {
		const struct node *n = here->child;

		while (n != NULL && (n->word == NULL || strcmp(n->word, w->word[i]) != 0))
			n = n->next;
		if (n == NULL)
			return grammar_explain(g, here, w, i, e);
		here = n;
	}
	return grammar_explain(g, here, w, w->n, e);
}

int
grammar_help(const struct grammar *g, FILE *f, const char *about, struct error *e)
{
	unsigned found = 0;
	const struct form *only = NULL;
	struct words w;

	if (words_split(&w, about, e) != 0)
		return -EINVAL;
	for (const struct form *form = g->forms; form->syntax != NULL; form++) {
		if (!form_begins(form, &w))
			continue;
		found++;
		only = form;
		fprintf(f, "  %-52s %s\n", form->syntax, form->help);
	}
	if (found == 0)
		return explain_help(g, &w, e);
	if (found == 1 && only->detail != NULL)
		fprintf(f, "\n  %s\n", only->detail);
	return 0;
}
