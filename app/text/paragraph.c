/* SPDX-License-Identifier: BSD-3-Clause */
/* Text broken into lines at blanks. */
#include "text/paragraph.h"

#include <string.h>

#define COLUMNS 80

void
paragraph_print(FILE *f, const char *text, int indent)
{
	int column = 0;

	while (*text != '\0') {
		int len = (int)strcspn(text, " ");

		if (column > 0 && column + 1 + len > COLUMNS) {
			fputc('\n', f);
			column = 0;
		}
		column += fprintf(f, "%*s%.*s", column == 0 ? indent : 1, "", len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', f);
}
