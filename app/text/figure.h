/* SPDX-License-Identifier: BSD-3-Clause */
/* figure: numbers as people read them, the one place that prints them.
 *
 * figure_count(1234567).text is "1,234,567", figure_duration(1234).text "1.23 ms".
 *
 * Threads  any.
 * Memory   the text is in the value.
 */
#ifndef APP_LOAD_FIGURE_H
#define APP_LOAD_FIGURE_H

#include <stdint.h>

struct figure {
	char text[40];
};

struct figure figure_count(uint64_t n);
/* Rounded to a whole number, or to three digits below 100. */
struct figure figure_amount(double v);
/* "1.5 M", "250 k": for axes */
struct figure figure_short(double v);
/* "87 us", "1.23 ms", "2.05 s" */
struct figure figure_duration(double us);
/* "87 %"; "0.4 %" below one percent. */
struct figure figure_percent(double percent);
/* "30 s", "0.50 s" */
struct figure figure_seconds(double s);
/* Two digits, for what is only an estimate: "4.1 ms", "655 ms", "12 s" */
struct figure figure_estimate(double s);

#endif
