/* SPDX-License-Identifier: BSD-3-Clause */
/* flood_cell: every kind of flood against one stack, and macswap on the same port, in turn
 * in each round.
 *
 * Threads  the main thread, after EAL has started. On rings, the attacked core is another.
 * Memory   the victim and its crowd, for the call.
 * Errors   false, with a message on stderr.
 * Bounds   FLOOD_KINDS_MAX kinds.
 * Cycles   of the TSC, on the attacked core, for each packet. They cover the turns, with
 *          the transfer of buffers from and to the pool. Packets are written beforehand, and
 *          the time of other threads on the same CPU does not count (victim.h). On rings
 *          another core writes the packets, and only turns that did something count.
 */
#ifndef BENCH_FLOOD_CELL_H
#define BENCH_FLOOD_CELL_H

#include <stdbool.h>

#include "bench/kit/bench.h"

#define FLOOD_KINDS_MAX 31

struct flood_cell_conf {
	uint32_t open; /* connections */
	bool offload;
	bool rings;
	unsigned lcore;    /* on rings: the attacked core */
	unsigned rounds;   /* up to BENCH_ROUNDS_MAX */
	unsigned batches;  /* of 1,024 packets, in a round of a kind */
	const char *kinds; /* only kinds whose name contains this; NULL: all */
};

struct flood_figure {
	bool measured;
	struct bench_result cycles;
	double answered;  /* frames sent for each frame received */
	const char *drop; /* the commonest reason; NULL: nothing was dropped */
	double dropped;   /* share of the packets, for all reasons */
};

struct flood_cell {
	struct flood_figure macswap;
	struct flood_figure kind[FLOOD_KINDS_MAX]; /* in the order of flood_kinds[] */
	double open_cycles; /* of a handshake, a question and its answer */
	double stack_mb;    /* memory of the stack */
};

/* Measures all kinds in one cell. */
bool flood_cell_measure(const struct flood_cell_conf *conf, struct flood_cell *out);

#endif
