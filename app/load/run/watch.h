/* SPDX-License-Identifier: BSD-3-Clause */
/* watch: what the main core sees of a load, second by second, and over the
 * steady window: the tallies of all clients, the busy cycles of all cores, what
 * their stacks dropped.
 *
 * Threads    the main core's.
 * Ownership  borrows the engine and the clients; the seconds belong to the
 *            result.
 */
#ifndef APP_LOAD_WATCH_H
#define APP_LOAD_WATCH_H

#include "engine/engine.h"
#include "load/client/client.h"
#include "load/report/result.h"

/* A moment. */
struct watch_sample {
	uint64_t now_us;
	struct load_tally total;
	struct counters count; /* of all cores */
	uint64_t completed[LOAD_CORES];
	uint64_t busy_tsc[LOAD_CORES], total_tsc[LOAD_CORES];
	uint64_t waited_ns[LOAD_CORES]; /* for a CPU that something else had */
	uint64_t away_us[LOAD_CORES];   /* turns that took so long that it did not run */
	struct load_halt halt;          /* the last time that none of the cores ran */
};

struct watch {
	struct engine *engine;
	unsigned ncores;
	struct load_client *client[LOAD_CORES];
	uint64_t begin_us;
	uint64_t late_us; /* the row is long, since then it waits; 0: it does not */
	struct watch_sample first, last;        /* of the load; of the last second */
	struct watch_sample window, window_end; /* now_us 0: not yet */
};

/* The clients have been made, and begin at begin_us. */
void watch_begin(struct watch *w);
/* Are the tallies as of now_us? A core that comes back from a time away learns of it in its
 * next turn; a row that is long already waits for that, but not for ever. */
bool watch_ready(struct watch *w, uint64_t now_us);
/* A second is over. Adds to r->second: one, or several if the cores did not run for long,
 * and then one or more in which nothing was done. False: no memory for it, and it is lost. */
bool watch_second(struct watch *w, struct load_result *r);
/* The steady window begins, or ends. */
void watch_window(struct watch *w, struct watch_sample *edge);
/* All that r says of tallies, cores and drops, as of now. */
void watch_result(struct watch *w, struct load_result *r);

#endif
