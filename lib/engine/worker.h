/* SPDX-License-Identifier: BSD-3-Clause */
/* worker: one core, its stack, and the turn.
 *
 * Threads    a worker's own lcore runs worker_turn() and worker_main(); the
 *            main core makes it, and talks to it through worker_call() and the
 *            flag to halt.
 */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

#include "base/clock_line.h"
#include "engine/decode.h"
#include "engine/engine.h"
#include "engine/posts.h"
#include "engine/inbox.h"
#include "engine/transmit.h"

#define WORKER_BURST 32

_Static_assert(WORKER_BURST <= LIMIT_BURST, "the stack takes a burst in one call");

struct worker_call {
	void (*fn)(struct stack *st, void *arg);
	bool (*some)(struct stack *st, void *arg); /* or this, turn after turn while true */
	void *arg;
};

/* The main core starts a worker of the embedder's loop and asks for its halt. The worker's
 * thread alone says that it has halted. */
enum worker_state {
	WORKER_HALTED,
	WORKER_RUNS,
	WORKER_HALTING,
};

struct worker {
	struct stack *st;
	struct counters *counters;
	unsigned index;
	unsigned lcore;
	unsigned nports;
	uint32_t left_alone; /* a bit for each port that is not polled */
	bool was_busy;       /* the last turn did something */
	uint64_t tsc;        /* of the last turn */
	struct clock_line clock;
	struct transmit tx;
	struct decode_port port[LIMIT_PORTS];
	be32 own[LIMIT_PORTS]; /* addresses of the ports */

	struct engine_usage load;
	uint64_t unsent_resets; /* of the last stop */
	uint32_t cut;           /* ... connections that it cut off */
	uint64_t heard;         /* news of other workers, as inbox_read() counts */

	/* Buffers that nobody kept, freed at the end of the turn. */
	unsigned nleft;
	struct rte_mbuf *left[(LIMIT_PORTS + 1) * WORKER_BURST];

	/* What the main core writes. */
	struct worker_call *call __attribute__((aligned(64))); /* NULL: none waits */
	bool halt;
	enum worker_state state; /* of a worker that the embedder's loop runs */

	/* What any thread writes. */
	struct posts posts;
};

void worker_clock_init(struct clock_line *c);

/* One turn. Returns true if it did anything. */
bool worker_turn(struct worker *w);
/* A turn, and then what threads have posted. Returns true if either did anything. */
bool worker_step(struct worker *w);
/* One round of a loop that is the embedder's: a step and a call. */
enum engine_turn worker_round(struct worker *w);
/* Turns, and calls between them, until told to halt. An lcore_function_t. */
int worker_main(void *worker);
/* Have a running worker do this between two turns; the call before it is done. */
void worker_post(struct worker *w, struct worker_call *call);
/* Until it has done it. */
void worker_wait(struct worker *w);
/* Both. */
void worker_call(struct worker *w, struct worker_call *call);

#endif
