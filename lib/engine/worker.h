/* SPDX-License-Identifier: BSD-3-Clause */
/* worker: one core, its stack, and the turn.
 *
 * Threads    a worker's own lcore runs worker_turn() and worker_main(). The main core creates
 * the worker, and talks to it through worker_call() and the flag to halt. Any thread may post.
 * Ownership  the engine owns the worker, the worker its stack.
 * Memory     EAL's, on the NUMA node of the lcore.
 * Errors     counted.
 * Bounds     a turn receives WORKER_BURST packets from each port. Between two turns a worker
 * runs one call and POSTS_AT_ONCE posts. Calls back? yes: the events of services, calls and
 * posts.
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
	bool (*some)(struct stack *st, void *arg); /* instead of fn: again after each turn while
	                                              it returns true */
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
	uint64_t tsc;        /* the beginning of the last turn */
	struct clock_line clock;
	struct transmit tx;
	struct decode_port port[LIMIT_PORTS];
	be32 own[LIMIT_PORTS]; /* addresses of the ports */

	struct engine_usage load;
	uint64_t unsent_resets; /* in the last stop */
	uint32_t cut;           /* connections that the last stop cut off */
	uint64_t heard;         /* the number of the next news to read, for inbox_read() */

	/* Buffers that the stack did not keep, freed at the end of the turn. */
	unsigned nleft;
	struct rte_mbuf *left[(LIMIT_PORTS + 1) * WORKER_BURST];

	/* The main core writes these. */
	struct worker_call *call __attribute__((aligned(64))); /* NULL: none waits */
	bool halt;
	enum worker_state state; /* of a worker that the embedder's loop runs */

	/* Any thread writes this. */
	struct posts posts;
};

void worker_clock_init(struct clock_line *c);

/* One turn. Returns true if it did anything. */
bool worker_turn(struct worker *w);
/* A turn, then the posts. Returns true if either did anything. */
bool worker_step(struct worker *w);
/* One round of an embedder's loop: a step and a call. */
enum engine_turn worker_round(struct worker *w);
/* The loop: turns, posts and calls until w->halt. An lcore_function_t. */
int worker_main(void *worker);
/* Give a running worker a call. The call before it is done. */
void worker_post(struct worker *w, struct worker_call *call);
/* Wait until the call is done. */
void worker_wait(struct worker *w);
/* worker_post() and worker_wait(). */
void worker_call(struct worker *w, struct worker_call *call);

#endif
