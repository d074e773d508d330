/* SPDX-License-Identifier: BSD-3-Clause */
/* engine: the turn of the loop, on DPDK.
 *
 * Each worker core polls one queue pair of every port and runs a struct stack
 * of its own: receive, decode, stack_input, stack_turn_end, transmit, release.
 *
 * Threads    engine_* belong to the main core. Workers are EAL lcores; where
 *            the main core is the only one, it works too: engine_poll() runs
 *            its turns, and engine_call() runs at once.
 * Control    never enters a turn: engine_call() puts a function into a worker's
 *            mailbox, the worker runs it between two turns.
 * Ownership  ports and mempools are the caller's (drivers-glue opened them).
 * Errors     0 or -errno. engine_create() and engine_start() say on stderr what is wrong,
 *            and how to fix it where that can be said.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "stack/stack.h"

struct rte_mempool;
struct capture;
struct engine;

/* A port that is open: queue i is worker i's. */
struct engine_port {
	uint16_t id;           /* ethdev */
	struct stack_port net; /* ip 0: it is left alone */
	bool rx_csum_ip;       /* the port verifies IPv4 checksums */
	bool rx_csum_tcp;
	bool rss;    /* the port steers flows by RSS */
	bool rss_l4; /* ... ports are part of the hash */
	uint8_t rss_key[STEER_KEY_MAX];
	uint16_t reta[STEER_RETA_MAX]; /* as the port has it */
	unsigned reta_size; /* 0: not known; what comes to a wrong worker is handed over */
};

struct engine_conf {
	struct stack_conf stack; /* of each worker: its numbers are not divided */
	unsigned nports;
	struct engine_port port[LIMIT_PORTS];
	unsigned nworkers;
	unsigned lcore[LIMIT_WORKERS];           /* the main lcore only if nworkers is 1 */
	struct rte_mempool *pool[LIMIT_WORKERS]; /* worker i's packets: twice max_kept */
	bool own_loop; /* no lcore is launched: engine_turn() runs the workers */
};

int engine_create(struct engine **e, const struct engine_conf *conf);
void engine_destroy(struct engine *e); /* stopped */

/* On every worker's stack; before start or while running. What a worker
 * refuses the others keep: its error is returned. */
int engine_listen(struct engine *e, be32 addr, be16 port, const struct hf_service *service,
        const void *conf);

/* The same for a client, on worker w: see stack_client(). */
int engine_client(struct engine *e, unsigned w, const struct hf_service *service,
        const void *conf, void **self);
void engine_client_end(struct engine *e, unsigned w, void *self);
/* See stack_route_to(); asks for every worker, and returns the worst. */
enum stack_route engine_route_to(struct engine *e, be32 addr, unsigned *port);

/* On every worker: see stack.h. */
void engine_set_syn_cookie(struct engine *e, enum syn_cookie set);
void engine_set_when_full(struct engine *e, bool refuse);
void engine_set_cookie_keys(struct engine *e, const struct cookie_masters *masters);

int engine_start(struct engine *e);
/* RST to what is open, some after each turn, at the pace at which the ports take them: one
 * that takes nothing for a second is waited for no more, and all of it lasts ten seconds at
 * the most. closed() says HF_STOPPED. Then the workers halt. */
void engine_stop(struct engine *e);
/* Of the last stop: resets that no port took, or for which there was no buffer
 * or no MAC. Their peers learn it when they speak next. */
uint64_t engine_unsent_resets(const struct engine *e);
/* Of the last stop: connections that were reset while their application was not done, or
 * their peer had not acknowledged all. */
unsigned engine_cut(const struct engine *e);
/* Refuse new connections, tell the applications of the others (draining()), wait until they
 * are closed, or for `ms`, then stop. Peers that were told everything, and have only not
 * closed their own half, get a second for that. poll (may be NULL) is called meanwhile, and
 * ends the wait if it returns true. Returns engine_cut(). */
unsigned engine_drain(struct engine *e, uint32_t ms, bool (*poll)(void *ctx), void *ctx);
bool engine_running(const struct engine *e);
bool engine_main_works(const struct engine *e);

/* Some turns on the main core, if it is a worker: until there is nothing to
 * do, but not for long. Returns true if anything was done. */
bool engine_poll(struct engine *e);

/* With own_loop: one turn of worker w, and what waits for it between two turns. Each worker has
 * one thread at a time. Calls of the main core wait until that thread comes here, so the main
 * core runs none of these workers itself. ENGINE_TURN_HALTED: not started, or stopped. */
enum engine_turn {
	ENGINE_TURN_IDLE,
	ENGINE_TURN_BUSY,
	ENGINE_TURN_HALTED,
};
enum engine_turn engine_turn(struct engine *e, unsigned w);

/* Have worker w call fn between two turns; see posts.h. Any thread may ask, from
 * engine_create() to engine_destroy(), which calls what is left. -EAGAIN: too many wait;
 * -EINVAL: there is no such worker. */
int engine_post(
        struct engine *e, unsigned w, void (*fn)(struct hf_core *h, void *arg), void *arg);

/* The workers' time, for what engine_call() runs. */
struct clock engine_now(struct engine *e);
/* The rate of the TSC, as the kernel's clock says it is. */
uint64_t engine_tsc_hz(const struct engine *e);

/* Run fn on worker w between two turns, and wait for it. */
void engine_call(
        struct engine *e, unsigned w, void (*fn)(struct stack *st, void *arg), void *arg);
/* What takes longer than a turn should wait: fn does some of it, and is called again, after
 * a turn each, while it returns true. */
void engine_call_some(
        struct engine *e, unsigned w, bool (*fn)(struct stack *st, void *arg), void *arg);

/* What a worker did; readable at any time. */
struct engine_usage {
	unsigned lcore;
	int tid; /* the kernel's number of its thread; 0: not started yet */
	uint64_t turns;
	uint64_t busy_turns;
	uint64_t busy_tsc;    /* cycles in turns that did something and took less than 10 ms */
	uint64_t total_tsc;   /* cycles while it ran */
	uint64_t pool_in_use; /* packet buffers that the pool and cores' caches of it do not
	                         have: in queues, held */
};

void engine_usage(struct engine *e, unsigned w, struct engine_usage *out);
const struct counters *engine_counters(struct engine *e, unsigned w);

/* Copy every packet in and out from now on; NULL: stop, and when it returns no
 * worker uses the old one any more. */
void engine_set_capture(struct engine *e, struct capture *cap);

#endif
