/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of tables in Markdown, for the pages of docs/. */
#include "command/markdown.h"

#include <ctype.h>

/* Prints a cell; a bare bar in it would end the cell. */
static void
print_markdown_cell(FILE *f, const char *text)
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
	print_markdown_cell(f, syntax);
	fputs("` | ", f);
}

void
markdown_last_cell(FILE *f, const char *help, const char *detail)
{
	fputc(toupper((unsigned char)help[0]), f);
	print_markdown_cell(f, help + 1);
	fputs(detail != NULL ? ". " : "", f);
	print_markdown_cell(f, detail != NULL ? detail : "");
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
