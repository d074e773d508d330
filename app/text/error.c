/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages to a person: the cause, then the command that fixes it. */
#include "text/error.h"

#include <stdarg.h>
#include <string.h>

#include "text/plain.h"

int
error_set(struct error *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->what, sizeof(e->what), fmt, ap);
	va_end(ap);
	e->fix[0] = '\0';
	return code;
}

int
error_fix(struct error *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->fix, sizeof(e->fix), fmt, ap);
	va_end(ap);
	return code;
}

/* The texts may quote bytes from files and peers, so plain_print() prints them. */
void
error_print(FILE *f, const struct where *where, const struct error *e)
{
	if (e->what[0] != '\0') { /* empty: a library has printed the cause already */
		if (where != NULL && where->file != NULL) {
			plain_print(f, where->file);
			fprintf(f, ":%u: ", where->line);
		} else {
			fputs(where == NULL ? "handfast: " : "error: ", f);
		}
		plain_print(f, e->what);
		fputc('\n', f);
	}
	if (e->fix[0] == '\0')
		return;
	fputs(e->fix[strlen(e->fix) - 1] == '?' ? "  " : "  to fix it: ", f);
	plain_print(f, e->fix);
	fputc('\n', f);
}
