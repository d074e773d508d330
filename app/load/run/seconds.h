/* SPDX-License-Identifier: BSD-3-Clause */
/* seconds: the rows of a load's course.
 *
 * A row is one second, as a rule. If none of our cores ran for a long time (the program or the
 * machine was stopped), the next row is longer and would look like a second in which the
 * server was slow. Such a row is split: one part before the halt, a row for each second of
 * the halt, and one part after it.
 *
 * Threads    the main core's.
 * Ownership  the rows belong to the result, on the heap.
 * Errors     false: no memory, and the row is lost.
 */
#ifndef APP_LOAD_SECONDS_H
#define APP_LOAD_SECONDS_H

#include "load/report/result.h"

/* A longer row is split. */
#define SECONDS_LONG_US 1250000u

/* The end of the row before, and the counts at that moment. */
struct seconds_edge {
	uint64_t at_us;
	uint64_t attempted, completed, open;
};

/* Adds the row `all`, which begins at `last`. The load began at begin_us. `halt` is the last
 * time in which no core ran; version 0: there was none. */
bool seconds_add(struct load_result *r, uint64_t begin_us, const struct seconds_edge *last,
        const struct load_second *all, const struct load_halt *halt);

#endif
