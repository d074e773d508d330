/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the table of figures of a bench. */
#include "table.h"

#include <stdarg.h>

#define WHAT_WIDTH 46

/* The number of decimals with which a figure has about four digits. */
static int
figure_decimals(double v)
{
	if (v == 0 || v >= 1000 || v <= -1000)
		return 0;
	return v >= 10 || v <= -10 ? 1 : 3;
}

void
table_head(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n\n%-*s %10s %10s %10s  %s\n", WHAT_WIDTH + 2, "", "median", "least", "most",
	        "unit");
	fflush(stdout);
}

void
table_group(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

static void
print_row(const char *what, struct bench_result r, const char *unit)
{
	int d = figure_decimals(r.median);

	printf("  %-*s %10.*f %10.*f %10.*f  %s", WHAT_WIDTH, what, d, r.median, d, r.min, d,
	        r.max, unit);
}

void
table_row(const char *what, struct bench_result r, const char *unit)
{
	print_row(what, r, unit);
	printf("\n");
	fflush(stdout);
}

void
table_row_and(const char *what, struct bench_result r, const char *unit, const char *fmt, ...)
{
	va_list args;

	print_row(what, r, unit);
	printf("; ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

void
table_figure(const char *what, double v, const char *unit)
{
	printf("  %-*s %10.*f %10s %10s  %s\n", WHAT_WIDTH, what, figure_decimals(v), v, "", "",
	        unit);
	fflush(stdout);
}

void
table_note(const char *fmt, ...)
{
	va_list args;

	printf("    ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}
