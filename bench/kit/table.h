/* SPDX-License-Identifier: BSD-3-Clause */
/* table: the table that every bench prints.
 *
 * A head says what is measured and how. Groups of rows follow it. A row has the name of a
 * figure, the median, least and most of its rounds, and its unit. A note below a row has the
 * rest. Python benches print the same table (bench/program/table.py).
 *
 * Threads  the main thread.
 * Memory   none.
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "bench.h"

#define TABLE_FORMAT(f, a) __attribute__((format(printf, f, a)))

/* Prints lines of text, then the heads of the columns. */
void table_head(const char *fmt, ...) TABLE_FORMAT(1, 2);
void table_group(const char *fmt, ...) TABLE_FORMAT(1, 2);
void table_row(const char *what, struct bench_result r, const char *unit);
/* Prints a row with a note at the end of the line. */
void table_row_and(const char *what, struct bench_result r, const char *unit, const char *fmt,
        ...) TABLE_FORMAT(4, 5);
/* Prints a figure that was taken once. */
void table_figure(const char *what, double v, const char *unit);
void table_note(const char *fmt, ...) TABLE_FORMAT(1, 2);

#endif
