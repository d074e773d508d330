/* SPDX-License-Identifier: BSD-3-Clause */
/* options: the command line of a bench, read from one table of rows.
 *
 * A row names an option, its value, what --help says of it, and where the value goes. The
 * usage text derives from the rows.
 *
 * Threads    the main thread, before EAL starts.
 * Ownership  texts are borrowed from argv.
 * Errors     false, with a message on stderr. --help prints the usage and is false, too.
 * Bounds     OPTIONS_MOST rows.
 */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>

#define OPTIONS_MOST 20

enum option_type {
	OPTION_IS_FLAG,
	OPTION_IS_COUNT,
	OPTION_IS_NUMBER,
	OPTION_IS_TEXT,
	OPTION_IS_READ,
};

struct option_row {
	const char *name;  /* "conns" for --conns */
	const char *value; /* its name in the usage; NULL: a flag */
	const char *help;  /* with the default in brackets */
	enum option_type type;
	void *to; /* bool, unsigned, double, const char *, or what `read` fills */
	double least, most;
	bool (*read)(const char *text, void *to);
};

/* Rows. OPTION_READ() is for a value that only the bench understands. */
#define OPTION_FLAG(name, to, help)                    \
	{                                              \
		name, NULL, help, OPTION_IS_FLAG, (to) \
	}
#define OPTION_COUNT(name, value, to, least, most, help)                  \
	{                                                                 \
		name, value, help, OPTION_IS_COUNT, (to), (least), (most) \
	}
#define OPTION_NUMBER(name, value, to, least, most, help)                  \
	{                                                                  \
		name, value, help, OPTION_IS_NUMBER, (to), (least), (most) \
	}
#define OPTION_TEXT(name, value, to, help)              \
	{                                               \
		name, value, help, OPTION_IS_TEXT, (to) \
	}
#define OPTION_READ(name, value, to, function, help)                      \
	{                                                                 \
		name, value, help, OPTION_IS_READ, (to), 0, 0, (function) \
	}

/* Read argv into where n rows say. */
bool options_read(const char *program, const struct option_row *rows, unsigned n, int argc,
        char **argv);

/* False, with a message, if the text is no number from least to most. */
bool options_number(const char *text, double least, double most, double *out);

#endif
