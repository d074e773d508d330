/* SPDX-License-Identifier: BSD-3-Clause */
/* Pages made from the tables: parts of docs/commands.md, a manual page, a list of keywords. */
#include "command/pages.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/drop.h"
#include "command/grammar.h"
#include "command/markdown.h"
#include "command/roff.h"
#include "load/spec/options.h"
#include "service/services.h"

#define COLUMNS    100
#define INDENT     8
#define BAR        " | "
#define WORDS      128
#define WORD_BYTES 48

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const struct service_row {
	const char *name;
	unsigned port;
	const char *help;
} services[] = {
#define ROW(name, port, help) {#name, port, help},
        SERVICES(ROW, ROW, )
#undef ROW
};

/* Prints a syntax; a long one is broken into lines before a bar. */
static void
print_syntax(FILE *f, const char *syntax)
{
	int column = 0;

	while (syntax != NULL) {
		const char *bar = strstr(syntax, BAR);
		int len = bar != NULL ? (int)(bar - syntax) : (int)strlen(syntax);

		if (column + len > COLUMNS)
			column = fprintf(f, "\n%*s", INDENT - 1, "");
		column += fprintf(f, "%s%.*s", column > 0 ? BAR : "", len, syntax);
		syntax = bar != NULL ? bar + strlen(BAR) : NULL;
	}
	fputc('\n', f);
}

/* "load URL {...}": the options have a table of their own. */
static void
short_syntax(const char *syntax, char *out, size_t size)
{
	const char *brace = strchr(syntax, '{');

	if (brace == NULL)
		snprintf(out, size, "%s", syntax);
	else
		snprintf(out, size, "%.*s{...}", (int)(brace - syntax), syntax);
}

static void
commands_markdown(FILE *f)
{
	char syntax[160];

	markdown_begin(f, "commands");
	fputs("```\n", f);
	for (const struct form *form = command_forms; form->syntax != NULL; form++)
		print_syntax(f, form->syntax);
	fputs("```\n\n| command | what to know |\n|---|---|\n", f);
	for (const struct form *form = command_forms; form->syntax != NULL; form++) {
		short_syntax(form->syntax, syntax, sizeof(syntax));
		markdown_first_cell(f, syntax);
		markdown_last_cell(f, form->help, form->detail);
	}
	markdown_end(f);
}

static void
services_markdown(FILE *f)
{
	markdown_begin(f, "services");
	fputs("| service | usual port | |\n|---|---|---|\n", f);
	for (unsigned i = 0; i < LENGTH(services); i++)
		fprintf(f, "| `%s` | %u | %s |\n", services[i].name, services[i].port,
		        services[i].help);
	markdown_end(f);
}

static void
load_markdown(FILE *f)
{
	struct load_option_text t;

	markdown_begin(f, "load");
	fputs("| option | default | |\n|---|---|---|\n", f);
	for (unsigned i = 0; load_option_text(i, &t); i++) {
		markdown_first_cell(f, t.syntax);
		fprintf(f, "%s%s| ", t.otherwise, t.otherwise[0] != '\0' ? " " : "");
		markdown_last_cell(f, t.help, t.detail);
	}
	markdown_end(f);
}

/* In the order of `show drops`. */
static void
drops_markdown(FILE *f)
{
	markdown_begin(f, "drops");
	fputs("| severity | |\n|---|---|\n", f);
	for (enum drop_severity s = 0; s < SEVERITY_COUNT; s++)
		fprintf(f, "| `%s` | %s |\n", severity_name(s), severity_text(s));
	fputs("\n| reason | severity | |\n|---|---|---|\n", f);
	for (enum drop_severity s = 0; s < SEVERITY_COUNT; s++) {
		for (enum drop d = DROP_NONE + 1; d < DROP_COUNT; d++) {
			if (drop_severity(d) == s)
				fprintf(f, "| `%s` | %s | %s |\n", drop_name(d),
				        severity_name(s), drop_text(d));
		}
	}
	markdown_end(f);
}

void
pages_markdown(FILE *f)
{
	commands_markdown(f);
	services_markdown(f);
	load_markdown(f);
	options_markdown(f);
	drops_markdown(f);
}

void
pages_man(FILE *f)
{
	struct load_option_text t;
	char port[40];

	fputs(".TH HANDFAST\\-COMMANDS 7 \"\" \"handfast\" \"Handfast\"\n"
	      ".SH NAME\n"
	      "handfast\\-commands \\- commands of handfast's prompt and command files\n"
	      ".SH DESCRIPTION\n"
	      "The commands are the same at the prompt, on a pipe and in a command file: one command per line.\n"
	      "A\n.B #\nat the beginning of a word starts a comment;\n.B \"\\(dqa b\\(dq\"\n"
	      "is one word.\n"
	      "Words in lower case are keywords, words in upper case are values.\n"
	      "[a] may be left out, (a|b) is one of them, {a | b} is any of them in any order.\n"
	      ".SH COMMANDS\n",
	        f);
	for (const struct form *form = command_forms; form->syntax != NULL; form++) {
		char syntax[160];

		short_syntax(form->syntax, syntax, sizeof(syntax));
		roff_entry(f, syntax, "", form->help, form->detail);
	}
	fputs(".SH OPTIONS OF LOAD\n", f);
	for (unsigned i = 0; load_option_text(i, &t); i++)
		roff_entry(f, t.syntax, t.otherwise, t.help, t.detail);
	fputs(".SH SERVICES\n", f);
	for (unsigned i = 0; i < LENGTH(services); i++) {
		snprintf(port, sizeof(port), "usual port %u", services[i].port);
		roff_entry(f, services[i].name, "", services[i].help, port);
	}
	fputs(".SH REASONS OF DROPS\n", f);
	for (enum drop d = DROP_NONE + 1; d < DROP_COUNT; d++)
		roff_entry(f, drop_name(d), "", drop_text(d), severity_name(drop_severity(d)));
	fputs(".SH SEE ALSO\n.BR handfast (1)\n", f);
}

/* The words that pages_words() has printed. */
struct words_seen {
	unsigned n;
	char word[WORDS][WORD_BYTES];
};

static bool
is_keyword(const char *word)
{
	return (word[0] >= 'a' && word[0] <= 'z') || (word[0] >= '0' && word[0] <= '9');
}

static void
print_word(FILE *f, const char *word, size_t len, struct words_seen *seen)
{
	char *copy = seen->word[seen->n];

	if (len == 0 || len >= WORD_BYTES || !is_keyword(word) || seen->n + 1 == WORDS)
		return;
	memcpy(copy, word, len);
	copy[len] = '\0';
	for (unsigned i = 0; i < seen->n; i++) {
		if (strcmp(seen->word[i], copy) == 0)
			return;
	}
	seen->n++;
	fprintf(f, "%s\n", copy);
}

void
pages_words(FILE *f)
{
	struct words_seen seen = {.n = 0};

	for (const struct form *form = command_forms; form->syntax != NULL; form++) {
		const char *p = form->syntax;

		while (*p != '\0') {
			size_t len = strcspn(p, " []{}()|");

			print_word(f, p, len, &seen);
			p += len;
			p += *p != '\0';
		}
	}
	for (unsigned i = 0; i < LENGTH(services); i++)
		print_word(f, services[i].name, strlen(services[i].name), &seen);
}
