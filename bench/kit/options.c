/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the command line of a bench into the places that its table of rows names. */
#include "options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define HELP OPTIONS_MOST /* the value that getopt_long() returns for --help */

static void
print_usage(FILE *f, const char *program, const struct option_row *rows, unsigned n)
{
	fprintf(f, "usage: %s [options]\n", program);
	for (unsigned i = 0; i < n; i++) {
		char left[40];

		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name,
		        rows[i].value != NULL ? " " : "",
		        rows[i].value != NULL ? rows[i].value : "");
		fprintf(f, "  %-20s  %s\n", left, rows[i].help);
	}
}

bool
options_number(const char *text, double least, double most, double *out)
{
	char *end;

	*out = strtod(text, &end);
	if (end != text && *end == '\0' && *out >= least && *out <= most)
		return true;
	fprintf(stderr, "'%s': expected a number from %.12g to %.12g\n", text, least, most);
	return false;
}

static bool
take_value(const struct option_row *row, const char *text)
{
	double v;

	switch (row->type) {
	case OPTION_IS_FLAG:
		*(bool *)row->to = true;
		return true;
	case OPTION_IS_COUNT:
		if (!options_number(text, row->least, row->most, &v))
			return false;
		*(unsigned *)row->to = (unsigned)v;
		return true;
	case OPTION_IS_NUMBER:
		return options_number(text, row->least, row->most, row->to);
	case OPTION_IS_TEXT:
		*(const char **)row->to = text;
		return true;
	case OPTION_IS_READ:
		return row->read(text, row->to);
	}
	return false;
}

bool
options_read(
        const char *program, const struct option_row *rows, unsigned n, int argc, char **argv)
{
	struct option known[OPTIONS_MOST + 2] = {{0}};
	int which;

	assert(n <= OPTIONS_MOST);
	for (unsigned i = 0; i < n; i++) {
		known[i].name = rows[i].name;
		known[i].has_arg = rows[i].value != NULL ? required_argument : no_argument;
		known[i].val = (int)i;
	}
	known[n].name = "help";
	known[n].val = HELP;
	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which < 0 || (unsigned)which >= n) {
			print_usage(which == HELP ? stdout : stderr, program, rows, n);
			return false;
		}
		if (!take_value(&rows[which], optarg))
			return false;
	}
	if (optind == argc)
		return true;
	fprintf(stderr, "'%s' is no option\n", argv[optind]);
	print_usage(stderr, program, rows, n);
	return false;
}
