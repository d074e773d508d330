/* SPDX-License-Identifier: BSD-3-Clause */
/* private: the parts of an engine, for lib/engine only.
 *
 * Threads    the main core.
 * Ownership  the engine owns workers, steer tables and inboxes.
 * Memory     EAL's, at engine_create().
 * Errors     as of engine.h.
 * Bounds     LIMIT_WORKERS workers.
 */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "engine/worker.h"

struct engine {
	unsigned nworkers;
	bool main_works;
	bool own_loop; /* engine_turn() runs the workers: none was launched */
	bool running;
	bool whole;              /* engine_create() has made all of it */
	bool ending;             /* engine_destroy() has begun: nothing can be posted */
	struct clock_line clock; /* the main core's; the workers have copies of their own */
	uint64_t told_ns;        /* the last engine_now() */
	struct inboxes inboxes;
	struct cookie_masters masters;
	struct cookie_beacon beacon;      /* of all workers */
	struct steer *steer[LIMIT_PORTS]; /* of all workers; NULL: there is one worker */
	struct worker *worker[LIMIT_WORKERS];
};

/* stack_set_draining() on each worker. */
void engine_set_draining(struct engine *e, uint32_t ms);
/* Halt the first `launched` workers without another turn. */
void engine_halt(struct engine *e, unsigned launched);

/* engine_call() on each worker, one after the other. */
void engine_call_all(struct engine *e, void (*fn)(struct stack *st, void *arg), void *arg);

#endif
