/* SPDX-License-Identifier: BSD-3-Clause */
/* flood_cell: every kind of flood against one stack, beside macswap on the same
 * port, round by round in turn.
 *
 * Cycles  of the TSC, on the attacked core, for each packet: turns alone, with the
 *         buffers' way from and to the pool. Packets are written beforehand, and
 *         time that others have on the same CPU does not count (victim.h). On
 *         rings another core writes them, and what counts is the time in turns
 *         that did something.
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
	const char *kinds; /* only those whose name has this in it; NULL: all */
};

struct flood_figure {
	bool measured;
	struct bench_result cycles;
	double answered;  /* frames out for each frame in */
	const char *drop; /* the commonest reason; NULL: nothing was dropped */
	double dropped;   /* of the packets, for whatever reason */
};

struct flood_cell {
	struct flood_figure macswap;
	struct flood_figure kind[FLOOD_KINDS_MAX]; /* as flood_kinds[] */
	double open_cycles; /* of a handshake, a question and its answer */
	double stack_mb;
};

/* False: it has been said on stderr why not. */
bool flood_cell_measure(const struct flood_cell_conf *conf, struct flood_cell *out);

#endif
