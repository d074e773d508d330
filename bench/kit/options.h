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
	const char *value; /* the value's name in the usage; NULL: a flag */
	const char *help;  /* ends with the default in brackets */
	enum option_type type;
	void *to; /* a bool, unsigned, double or const char *, or the record of `read` */
	double least, most;
	bool (*read)(const char *text, void *to);
};

/* One macro for each kind of row. OPTION_READ() is for a value that only the bench
 * understands. */
/* clang-format off */
#define OPTION_ROW(n, v, h, kind, where, ...) \
	{.name = (n), .value = (v), .help = (h), .type = OPTION_IS_##kind, .to = (where), __VA_ARGS__}
#define OPTION_FLAG(name, to, help) OPTION_ROW(name, NULL, help, FLAG, to, .read = NULL)
#define OPTION_COUNT(name, value, to, from, up_to, help) \
	OPTION_ROW(name, value, help, COUNT, to, .least = (from), .most = (up_to))
#define OPTION_NUMBER(name, value, to, from, up_to, help) \
	OPTION_ROW(name, value, help, NUMBER, to, .least = (from), .most = (up_to))
#define OPTION_TEXT(name, value, to, help) OPTION_ROW(name, value, help, TEXT, to, .read = NULL)
#define OPTION_READ(name, value, to, function, help) \
	OPTION_ROW(name, value, help, READ, to, .read = (function))
/* clang-format on */

/* Reads argv into the places that n rows name. */
bool options_read(
        const char *program, const struct option_row *rows, unsigned n, int argc, char **argv);

/* Reads one number. False, with a message: the text is no number from least to most. */
bool options_number(const char *text, double least, double most, double *out);

#endif
