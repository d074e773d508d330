/* SPDX-License-Identifier: BSD-3-Clause */
/* watch: what the main core measures of a load, each second and over the steady window: the
 * tallies of all clients, the busy cycles of all cores, the drops of their stacks.
 *
 * Threads    the main core's; the workers go on meanwhile.
 * Ownership  borrows the engine and the clients; the seconds belong to the result.
 * Memory     about 450 KB in the caller's struct: tallies with their histograms.
 * Errors     false: no memory for a row, and the row is lost.
 * Bounds     LOAD_CORES cores.
 */
#ifndef APP_LOAD_WATCH_H
#define APP_LOAD_WATCH_H

#include "engine/engine.h"
#include "load/client/client.h"
#include "load/report/result.h"

/* All figures at one moment. */
struct watch_sample {
	uint64_t now_us;
	struct load_tally total;
	struct counters count; /* of all cores */
	uint64_t completed[LOAD_CORES];
	uint64_t busy_tsc[LOAD_CORES];
	uint64_t total_tsc[LOAD_CORES];
	uint64_t waited_ns[LOAD_CORES]; /* the thread waited for its CPU */
	uint64_t away_us[LOAD_CORES];   /* turns of LOAD_AWAY_US or more */
	struct load_halt halt;          /* the last time in which no core ran */
};

struct watch {
	struct engine *engine;
	unsigned ncores;
	struct load_client *client[LOAD_CORES];
	uint64_t begin_us;
	uint64_t late_us;               /* a long row waits since then; 0: none waits */
	struct watch_sample first;      /* at the beginning of the load */
	struct watch_sample last;       /* at the end of the last second */
	struct watch_sample window;     /* at the beginning of the window; now_us 0: not yet */
	struct watch_sample window_end; /* at its end; now_us 0: not yet */
};

/* The clients are made, and begin at begin_us. */
void watch_begin(struct watch *w);
/* Do the tallies reach up to now_us? A core that did not run counts that time in its next
 * turn. A long row waits for that turn, but for a second at most. */
bool watch_ready(struct watch *w, uint64_t now_us);
/* Adds the second that is over to r->second: one row, or several if the cores did not run
 * (seconds.h). */
bool watch_second(struct watch *w, struct load_result *r);
/* Samples the beginning or the end of the steady window. */
void watch_window(struct watch *w, struct watch_sample *edge);
/* Fills in the tallies, cores and drops of r, up to now. */
void watch_result(struct watch *w, struct load_result *r);

#endif
