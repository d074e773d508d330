/* SPDX-License-Identifier: BSD-3-Clause */
#include "error.h"

#include <stdarg.h>
#include <string.h>

int
error_set(struct error *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->what, sizeof(e->what), fmt, ap);
	va_end(ap);
	e->mend[0] = '\0';
	return code;
}

int
error_mend(struct error *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->mend, sizeof(e->mend), fmt, ap);
	va_end(ap);
	return code;
}

void
error_print(FILE *f, const struct where *where, const struct error *e)
{
	if (e->what[0] == '\0')
		; /* others have said it */
	else if (where == NULL)
		fprintf(f, "handfast: %s\n", e->what);
	else if (where->file != NULL)
		fprintf(f, "%s:%u: %s\n", where->file, where->line, e->what);
	else
		fprintf(f, "error: %s\n", e->what);
	if (e->mend[0] == '\0')
		return;
	fprintf(f, "  %s%s\n",
	        e->mend[strlen(e->mend) - 1] == '?' ? "" : "to mend it: ", e->mend);
}
