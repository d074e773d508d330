/* SPDX-License-Identifier: BSD-3-Clause */
/* trend: does it take longer and longer?
 *
 * A line of least squares through (moment, duration). For connections and the moments at
 * which they were due, its slope says how a server keeps up: one that is asked for R a second
 * and manages M falls behind by R/M - 1 seconds each second, and what is due then takes so
 * much longer. One that is only slow has no slope, however long each takes.
 *
 * Threads  one writer; any core may read, and may miss what comes meanwhile.
 * Memory   the caller's struct, all zero at first. Nothing is kept of a point.
 * Units    seconds; the slope is seconds per second.
 */
#ifndef APP_LOAD_TREND_H
#define APP_LOAD_TREND_H

#include <stdbool.h>

struct trend {
	double n;
	double at, at2;     /* sums: of moments, of their squares */
	double took, took2; /* of durations */
	double both;        /* of their products */
};

void trend_add(struct trend *t, double at_s, double took_s);
/* The writer may be at work on `from`. */
void trend_merge(struct trend *into, const struct trend *from);

/* 0 with fewer than three points, or if all have the same moment. `*error` is the slope's
 * standard error. */
double trend_slope(const struct trend *t, double *error);
/* By more than `least`, and more than chance would explain. */
bool trend_rises(const struct trend *t, double least);

#endif
