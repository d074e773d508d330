/* SPDX-License-Identifier: BSD-3-Clause */
/* seconds: the rows of a load's course.
 *
 * Mostly one a second. When all of our cores were away for long (a program that was stopped,
 * a machine that was), the row that is told next would be longer, and look like a second in
 * which the server was slow. It is split: what was done before, a row for each second in
 * which nothing could be done, and what was done since.
 *
 * Threads    the main core's.
 * Ownership  the rows are the result's, on the heap.
 * Errors     false: no memory, and what could not be told is lost.
 */
#ifndef APP_LOAD_SECONDS_H
#define APP_LOAD_SECONDS_H

#include "load/report/result.h"

/* A row that is longer than this is split. */
#define SECONDS_LONG_US 1250000u

/* Where the row before ended, and what had been done by then. */
struct seconds_edge {
	uint64_t at_us;
	uint64_t attempted, completed, open;
};

/* `all` is since `last`; the load began at begin_us. `halt` is when all cores were last away,
 * with version 0: never. */
bool seconds_add(struct load_result *r, uint64_t begin_us, const struct seconds_edge *last,
        const struct load_second *all, const struct load_halt *halt);

#endif
