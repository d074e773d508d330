/* SPDX-License-Identifier: BSD-3-Clause */
/* posts: functions that any thread asks a worker to call between two turns.
 *
 * Threads         posts_put() may be called by any thread at any time; posts_run() belongs to
 *                 the worker, or to the main core while the worker is halted.
 * Memory          all of it is part of the worker. A queue of zeroes is empty.
 * Errors          posts_put() returns -EAGAIN when the queue is full; nothing is queued then.
 * Bounds          POSTS_MAX functions wait. A writer never waits for another thread. A writer
 *                 that is interrupted in the middle delays the functions behind its own.
 * Calls back?     posts_run() calls the functions, in the order in which they were put.
 * May end the connection?  a function may end any connection of its core.
 */
#ifndef ENGINE_POSTS_H
#define ENGINE_POSTS_H

#include <stdint.h>

#define POSTS_MAX     256 /* a power of two */
#define POSTS_AT_ONCE 32  /* functions between two turns */

struct hf_core;

typedef void (*post_fn)(struct hf_core *h, void *arg);

struct post {
	uint64_t seq; /* 2 * lap: free for that lap; 2 * lap + 1: it holds a function */
	post_fn fn;
	void *arg;
};

struct posts {
	uint64_t tail __attribute__((aligned(64))); /* number of the next function to be put */
	uint64_t head __attribute__((aligned(64))); /* number of the next one to be called */
	struct post post[POSTS_MAX];
};

int posts_put(struct posts *p, post_fn fn, void *arg);
/* Call `most` functions at the most; returns how many were called. */
unsigned posts_run(struct posts *p, struct hf_core *h, unsigned most);

#endif
