/* SPDX-License-Identifier: BSD-3-Clause */
/* histogram: counts of durations, in buckets that grow with the duration.
 *
 * The buckets are log-linear. Below 128 us each microsecond has its bucket. From there on each
 * power of two has 64 buckets of equal width, so that the bounds of a bucket lie within 1.6 %
 * of each other. Buckets of several histograms add up to those of one histogram of all.
 *
 * Threads    one writer; any core may read, and gets each bucket whole.
 * Memory     14 KB, in the caller's struct.
 * Errors     none.
 * Bounds     durations up to 2^32 - 1 us, 71 minutes; a longer one counts as that.
 * Units      microseconds.
 */
#ifndef APP_LOAD_HISTOGRAM_H
#define APP_LOAD_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define HISTOGRAM_EXACT   128u
#define HISTOGRAM_STEPS   64u /* in each power of two from there on */
#define HISTOGRAM_BUCKETS (HISTOGRAM_EXACT + (32 - 7) * HISTOGRAM_STEPS)

struct histogram {
	uint64_t bucket[HISTOGRAM_BUCKETS];
	uint64_t count;
	uint64_t sum_us;
	uint64_t max_us; /* exact, not a bucket's bound */
};

/* A struct of zeros is an empty histogram. */
void histogram_add(struct histogram *h, uint64_t us);
/* Adds n durations of `us`. */
void histogram_add_many(struct histogram *h, uint64_t us, uint64_t n);
/* The writer may be at work on `from`. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* Bounds of bucket i, both included. */
uint64_t histogram_low(unsigned i);
uint64_t histogram_high(unsigned i);
unsigned histogram_index(uint64_t us);

/* The least value that `share` (0 to 1) of all do not exceed, to the precision of a bucket:
 * the bucket's upper bound, but at most max_us. 0 if empty. */
uint64_t histogram_quantile(const struct histogram *h, double share);
/* The number of durations of `us` or more, to the precision of a bucket. The writer may be at
 * work. */
uint64_t histogram_from(const struct histogram *h, uint64_t us);
double histogram_mean(const struct histogram *h);

#endif
