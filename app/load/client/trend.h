/* SPDX-License-Identifier: BSD-3-Clause */
/* trend: do durations grow with time?
 *
 * A trend is a line of least squares through points (moment, duration). The moment of a
 * connection is the time at which it was due, so the slope says whether a server keeps up. A
 * server that gets R connections a second and completes M falls behind by R/M - 1 seconds each
 * second, and each connection takes longer than the one before. A server that is only slow has
 * no slope.
 *
 * Threads    one writer; any core may read, and may miss points that are being added.
 * Memory     the caller's struct, all zero at first; no point is kept.
 * Errors     none.
 * Units      seconds; the slope is seconds per second.
 */
#ifndef APP_LOAD_TREND_H
#define APP_LOAD_TREND_H

#include <stdbool.h>

struct trend {
	double n;     /* points */
	double at;    /* sum of the moments */
	double at2;   /* sum of their squares */
	double took;  /* sum of the durations */
	double took2; /* sum of their squares */
	double both;  /* sum of the products */
};

void trend_add(struct trend *t, double at_s, double took_s);
/* The writer may be at work on `from`. */
void trend_merge(struct trend *into, const struct trend *from);

/* The slope, and its standard error in `*error`. Both are 0 with fewer than three points, or
 * if all points have the same moment. */
double trend_slope(const struct trend *t, double *error);
/* Is the slope above `least`, and too steep to be chance? */
bool trend_rises(const struct trend *t, double least);

#endif
