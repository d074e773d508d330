/* SPDX-License-Identifier: BSD-3-Clause */
/* private: what an engine is made of; for lib/engine only. */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "engine/worker.h"

struct engine {
	unsigned nworkers;
	bool main_works;
	bool own_loop; /* no worker was launched: engine_turn() runs them */
	bool running;
	struct clock_line clock; /* the main core's; the workers have copies of their own */
	uint64_t told_ns;        /* the last engine_now() */
	struct inboxes inboxes;
	struct cookie_masters masters;
	struct cookie_beacon beacon;      /* the workers' */
	struct steer *steer[LIMIT_PORTS]; /* the workers', NULL with one of them */
	struct worker *worker[LIMIT_WORKERS];
};

/* On each worker: as of stack_set_draining(). */
void engine_set_draining(struct engine *e, uint32_t ms);
/* Without a turn more, those workers that are at work: the first `launched`. */
void engine_halt(struct engine *e, unsigned launched);

/* engine_call() on each worker, one after the other. */
void engine_call_all(struct engine *e, void (*fn)(struct stack *st, void *arg), void *arg);

#endif
