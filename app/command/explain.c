/* SPDX-License-Identifier: BSD-3-Clause */
/* The errors of a line that is not understood, and the text of `help`, both from the tree. */
#include "command/explain.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "command/testpmd.h"
#include "text/nearest.h"
#include "text/paragraph.h"

#define CHOICES       48
#define DETAILED      3 /* `help` prints the details if at most N forms match */
#define DETAIL_INDENT 2

/* A buffer that text is added to. */
struct text {
	char *bytes;
	size_t size; /* the size of the buffer */
	size_t len;  /* the length of the text */
};

static void
add_text(struct text *t, const char *a, const char *b, const char *c)
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
			add_text(t, w[1] == NULL ? " or " : ", ", "", "");
		add_text(t, quote, *w, quote);
	}
}

/* n or the first of its siblings that may still be given. */
static const struct node *
next_open_node(const struct node *n, uint32_t said)
{
	while (n != NULL && !node_open(n, said))
		n = n->next;
	return n;
}

static void
add_node(const struct grammar *g, const struct node *n, struct text *t)
{
	const char *const *choices;

	if (n->word != NULL) {
		add_text(t, "'", n->word, "'");
		return;
	}
	choices = value_choices(&g->lex, n->arg);
	add_text(t, value_name(n->arg), " (", value_what(n->arg));
	if (choices != NULL) {
		add_text(t, ": ", "", "");
		add_list(t, choices, "");
	}
	add_text(t, ")", "", "");
}

/* Adds "'port', 'listen' or 'http'"; values are described. */
static void
add_expected(const struct grammar *g, const struct place *p, struct text *t)
{
	const struct node *first = next_open_node(p->node->child, p->said), *next;

	for (const struct node *n = first; n != NULL; n = next) {
		next = next_open_node(n->next, p->said);
		if (n != first)
			add_text(t, next == NULL ? " or " : ", ", "", "");
		add_node(g, n, t);
	}
	if (p->node->form != NULL)
		add_text(t, " or the end of the line", "", "");
}

/* Lists the keywords and names that may follow. */
static void
list_candidates(const struct grammar *g, const struct place *p, const char *list[CHOICES])
{
	unsigned n = 0;

	for (const struct node *c = next_open_node(p->node->child, p->said); c != NULL;
	        c = next_open_node(c->next, p->said)) {
		const char *const *choices = c->word == NULL ? value_choices(&g->lex, c->arg)
		                                             : NULL;

		if (c->word != NULL && n < CHOICES - 1)
			list[n++] = c->word;
		for (; choices != NULL && *choices != NULL && n < CHOICES - 1; choices++)
			list[n++] = *choices;
	}
	list[n] = NULL;
}

/* Finds the path to a keyword and writes it into t: for `listen` alone it is `set listen`. */
static bool
find_path(const struct node *here, const char *word, struct text *t)
{
	size_t len = t->len;

	for (const struct node *n = here->child; n != NULL; n = n->next) {
		if (n->word == NULL)
			continue;
		add_text(t, t->len > 0 ? " " : "", n->word, "");
		if (strcasecmp(n->word, word) == 0 || find_path(n, word, t))
			return true;
		t->len = len;
		t->bytes[len] = '\0';
	}
	return false;
}

static const char *
why_no_value(const struct grammar *g, const struct place *p, const char *word, char *why,
        unsigned whylen, enum arg *kind)
{
	struct value v;

	for (const struct node *n = p->node->child; n != NULL; n = n->next) {
		if (n->word != NULL || !node_open(n, p->said))
			continue;
		*kind = n->arg;
		value_parse(&g->lex, n->arg, word, &v, why, whylen);
		return why;
	}
	return NULL;
}

static void
add_words(const struct words *w, unsigned from, unsigned upto, struct text *t)
{
	for (unsigned i = from; i < upto; i++)
		add_text(t, i > from ? " " : "", w->word[i], "");
}

/* Explains a line that is too short or too long. */
static int
explain_length(
        const struct grammar *g, const struct place *p, const struct words *w, struct error *e)
{
	char said[300], list[400] = "";
	struct text s = {said, sizeof(said), 0}, l = {list, sizeof(list), 0};

	said[0] = '\0';
	add_words(w, 0, p->words, &s);
	if (p->words < w->n) {
		error_set(e, -EINVAL, "'%s' is one word too many: nothing may follow '%s'",
		        w->word[p->words], said);
		return -EINVAL;
	}
	add_expected(g, p, &l);
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

/* Finds an optional part that comes too late, as in `limit 5 state S`. Returns the keyword that
 * it must stand before. */
static const char *
find_keyword_after(const struct grammar *g, const struct words *w, unsigned at)
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

/* Explains an option that is given twice: `rate 5 rate 6`, `expect cps 5 expect cps 6`. */
static bool
explain_twice(const struct place *p, const struct words *w, struct error *e)
{
	char option[160] = "";
	struct text t = {option, sizeof(option), 0};
	const struct node *n = p->node->child;

	while (n != NULL && (n->word == NULL || strcmp(n->word, w->word[p->words]) != 0))
		n = n->next;
	if (n == NULL || node_open(n, p->said))
		return false;
	add_words(w, p->since, p->words + 1, &t);
	error_set(e, 0, "'%s' is given twice", option);
	return true;
}

static int
explain_fix(const struct grammar *g, const struct words *w, unsigned at, const char *near,
        struct error *e)
{
	const char *before = find_keyword_after(g, w, at);
	char path[100] = "";
	struct text t = {path, sizeof(path), 0};

	if (before != NULL)
		return error_fix(e, -EINVAL, "'%s' goes before '%s'", w->word[at], before);
	if (near != NULL)
		return error_fix(e, -EINVAL, "did you mean '%s'?", near);
	if (at == 0 && find_path(&g->root, w->word[0], &t))
		return error_fix(e, -EINVAL, "did you mean '%s'?", path);
	return at == 0 ? error_fix(e, -EINVAL, "help") : -EINVAL;
}

/* Explains a command of testpmd that has another name here. */
static bool
explain_testpmd(const struct words *w, struct error *e)
{
	char here[200], there[120] = "";
	struct text t = {there, sizeof(there), 0};

	if (testpmd_here(w, here, sizeof(here)) == NULL)
		return false;
	add_words(w, 0, w->n, &t);
	error_set(e, 0, "'%s' is a command of testpmd, not of handfast", there);
	error_fix(e, 0, "%s", here);
	return true;
}

int
grammar_explain(
        const struct grammar *g, const struct place *p, const struct words *w, struct error *e)
{
	const char *list[CHOICES], *word, *near, *why;
	char want[400] = "", reason[200] = "";
	struct text t = {want, sizeof(want), 0};
	enum arg kind = ARG_KINDS;

	if (explain_testpmd(w, e))
		return -EINVAL;
	if (p->words == w->n)
		return explain_length(g, p, w, e);
	if (p->node->child == NULL) {
		explain_length(g, p, w, e);
		return explain_fix(g, w, p->words, NULL, e);
	}
	word = w->word[p->words];
	if (explain_twice(p, w, e))
		return -EINVAL;
	add_expected(g, p, &t);
	list_candidates(g, p, list);
	near = nearest(word, list);
	why = why_no_value(g, p, word, reason, sizeof(reason), &kind);
	if (why != NULL && near == NULL)
		error_set(e, 0, "%s cannot be '%s': %s; expected %s", value_name(kind), word,
		        why, want);
	else
		error_set(e, 0, "'%s' is not known here: expected %s", word, want);
	return explain_fix(g, w, p->words, near, e);
}

/* Does the syntax begin with the words? */
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

/* Explains words that no command begins with: walks the tree as far as they match. */
static int
explain_help(const struct grammar *g, const struct words *w, struct error *e)
{
	struct place p = grammar_begin(g);

	for (; p.words < w->n; p.words++) {
		const struct node *n = p.node->child;

		while (n != NULL && (n->word == NULL || strcmp(n->word, w->word[p.words]) != 0))
			n = n->next;
		if (n == NULL)
			break;
		p.node = n;
	}
	return grammar_explain(g, &p, w, e);
}

/* Prints a syntax without its options, "load URL {...}", because many options would hide the
 * other commands. */
static void
print_form(FILE *f, const struct form *form)
{
	const char *brace = strchr(form->syntax, '{');
	char syntax[160];

	if (brace == NULL)
		snprintf(syntax, sizeof(syntax), "%s", form->syntax);
	else
		snprintf(syntax, sizeof(syntax), "%.*s{...}%s", (int)(brace - form->syntax),
		        form->syntax, strchr(brace, '}') + 1);
	fprintf(f, "  %-52s %s\n", syntax, form->help);
}

static void
print_detail(FILE *f, const struct form *form)
{
	if (form->detail == NULL)
		return;
	fputc('\n', f);
	paragraph_print(f, form->detail, DETAIL_INDENT);
	fputc('\n', f);
	if (form->more == NULL)
		return;
	form->more(f);
	fputc('\n', f);
}

static unsigned
count_forms(const struct grammar *g, const struct words *w)
{
	unsigned n = 0;

	for (const struct form *form = g->forms; form->syntax != NULL; form++)
		n += form_begins(form, w);
	return n;
}

int
grammar_help(const struct grammar *g, FILE *f, const char *about, struct error *e)
{
	unsigned found;
	struct words w;

	if (words_split(&w, about, e) != 0)
		return -EINVAL;
	found = count_forms(g, &w);
	if (found == 0)
		return explain_help(g, &w, e);
	for (const struct form *form = g->forms; form->syntax != NULL; form++) {
		if (!form_begins(form, &w))
			continue;
		print_form(f, form);
		if (found <= DETAILED)
			print_detail(f, form);
	}
	return 0;
}
