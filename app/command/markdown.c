/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables in Markdown, for the pages of docs/. */
#include "command/markdown.h"

#include <ctype.h>

/* A cell of a table in Markdown, where a bar would end it. */
static void
print_cell(FILE *f, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			fputc('\\', f);
		fputc(*text, f);
	}
}

void
markdown_first_cell(FILE *f, const char *syntax)
{
	fputs("| `", f);
	print_cell(f, syntax);
	fputs("` | ", f);
}

void
markdown_last_cell(FILE *f, const char *help, const char *detail)
{
	fputc(toupper((unsigned char)help[0]), f);
	print_cell(f, help + 1);
	fputs(detail != NULL ? ". " : "", f);
	print_cell(f, detail != NULL ? detail : "");
	fputs(" |\n", f);
}

void
markdown_begin(FILE *f, const char *name)
{
	fprintf(f, "<!-- made from the tables: %s -->\n", name);
}

void
markdown_end(FILE *f)
{
	fputs("<!-- end -->\n", f);
}
