/* SPDX-License-Identifier: BSD-3-Clause */
/* The texts of the tables in troff, for the manual pages. */
#include "command/roff.h"

#include <ctype.h>
#include <stdbool.h>

void
roff_text(FILE *f, const char *text)
{
	bool bold = false;

	for (; *text != '\0'; text++) {
		switch (*text) {
		case '`':
			bold = !bold;
			fputs(bold ? "\\fB" : "\\fR", f);
			break;
		case '\\':
			fputs("\\e", f);
			break;
		case '-':
			fputs("\\-", f);
			break;
		case '\'':
			fputs("\\(aq", f);
			break;
		default:
			fputc(*text, f);
		}
	}
}

void
roff_entry(
        FILE *f, const char *term, const char *otherwise, const char *help, const char *detail)
{
	fputs(".TP\n\\fB", f);
	roff_text(f, term);
	fputs("\\fR\n\\&", f);
	fputc(toupper((unsigned char)help[0]), f);
	roff_text(f, help + 1);
	if (otherwise[0] != '\0') {
		fputs(" (default: ", f);
		roff_text(f, otherwise);
		fputc(')', f);
	}
	if (detail != NULL) {
		fputs(".\n\\&", f);
		roff_text(f, detail);
	}
	fputc('\n', f);
}
