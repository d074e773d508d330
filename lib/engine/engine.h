/* SPDX-License-Identifier: BSD-3-Clause */
/* engine: the turn of the loop, on DPDK.
 *
 * Each worker core polls one queue pair of every port and runs a struct stack of its own:
 * receive, decode, stack_input(), stack_turn_end(), transmit, release.
 *
 * Threads    engine_* belong to the main core, unless they say otherwise. Workers are EAL
 *            lcores. A main core that is the only lcore works, too: engine_poll() runs its
 *            turns, and engine_call() runs at once.
 * Ownership  ports and mempools are the caller's (drivers-glue opened them).
 * Memory     EAL's and the stacks', at engine_create().
 * Errors     0 or -errno. engine_create() and engine_start() print the cause on stderr, and how
 *            to fix it where that is known.
 * Bounds     LIMIT_WORKERS workers, LIMIT_PORTS ports.
 * Control    never enters a turn: engine_call() puts a function into a worker's mailbox, and
 * the worker runs it between two turns. Calls back? turns call the events of services, and
 * functions put by engine_post().
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
	struct stack_port net; /* ip 0: the port is not used */
	bool rx_csum_ip;       /* the port verifies IPv4 checksums */
	bool rx_csum_tcp;
	bool rss;    /* the port steers flows by RSS */
	bool rss_l4; /* TCP ports are part of the hash */
	uint8_t rss_key[STEER_KEY_MAX];
	uint16_t reta[STEER_RETA_MAX]; /* the table, read back from the port */
	unsigned reta_size; /* 0: the table is not known, and workers hand segments over */
};

struct engine_conf {
	struct stack_conf stack; /* for each worker: its numbers are not divided */
	unsigned nports;
	struct engine_port port[LIMIT_PORTS];
	unsigned nworkers;
	unsigned lcore[LIMIT_WORKERS];           /* the main lcore only if nworkers is 1 */
	struct rte_mempool *pool[LIMIT_WORKERS]; /* one for each worker, of 2 * max_kept */
	bool own_loop; /* no lcore is launched: engine_turn() runs the workers */
};

int engine_create(struct engine **e, const struct engine_conf *conf);
/* The engine is stopped, and other threads call no engine_post() any more. Functions that wait
 * in engine_post() are called, while new posts and new connections are refused. */
void engine_destroy(struct engine *e);

/* Listen on every worker's stack, before the start or while running. If a worker refuses, the
 * others keep their listeners, and its error is returned. */
int engine_listen(struct engine *e, be32 addr, be16 port, const struct hf_service *service,
        const void *conf);

/* stack_client() on worker w. */
int engine_client(struct engine *e, unsigned w, const struct hf_service *service,
        const void *conf, void **self);
void engine_client_end(struct engine *e, unsigned w, void *self);
/* stack_route_to() on every worker. Returns the worst answer. */
enum stack_route engine_route_to(struct engine *e, be32 addr, unsigned *port);

/* stack_set_*() on every worker. */
void engine_set_syn_cookie(struct engine *e, enum syn_cookie set);
void engine_set_when_full(struct engine *e, bool refuse);
void engine_set_cookie_keys(struct engine *e, const struct cookie_masters *masters);

int engine_start(struct engine *e);
/* Reset all connections, some after each turn, at the pace of the ports, then halt the workers.
 * A port that takes nothing for a second is not waited for, and all of it lasts ten seconds at
 * most. closed() says HF_STOPPED. */
void engine_stop(struct engine *e);
/* The number of resets in the last stop that no port took, or that found no buffer or no MAC.
 * Their peers are reset when they send again. */
uint64_t engine_unsent_resets(const struct engine *e);
/* The number of connections that the last stop cut off: their application was not done, or
 * their peer had not acknowledged everything. */
unsigned engine_cut(const struct engine *e);
/* Refuse new connections, tell the applications of open ones (draining()), wait until all are
 * closed, or for `ms`, then stop. A peer that has acknowledged everything and has only not
 * closed its own half gets a second for that. poll may be NULL. It is called meanwhile and ends
 * the wait if it returns true. Returns engine_cut(). */
unsigned engine_drain(struct engine *e, uint32_t ms, bool (*poll)(void *ctx), void *ctx);
bool engine_running(const struct engine *e);
bool engine_main_works(const struct engine *e);

/* Run some turns on the main core, if it is a worker: until a turn does nothing, or for 64
 * turns. Returns true if anything was done. */
bool engine_poll(struct engine *e);

/* With own_loop: one turn of worker w, then the calls and posts that wait for it. Each worker
 * has one thread at a time. A call of the main core waits until that thread comes here, so the
 * main core runs none of these workers itself. ENGINE_TURN_HALTED: not started, or stopped. */
enum engine_turn {
	ENGINE_TURN_IDLE,
	ENGINE_TURN_BUSY,
	ENGINE_TURN_HALTED,
};
enum engine_turn engine_turn(struct engine *e, unsigned w);

/* Have worker w call fn between two turns; see posts.h. Any thread may call this from
 * engine_create() to engine_destroy(), which calls the functions that are left. -EAGAIN: too
 * many functions wait. -EINVAL: there is no such worker. -ESHUTDOWN: engine_destroy() calls
 * these functions. */
int engine_post(
        struct engine *e, unsigned w, void (*fn)(struct hf_core *h, void *arg), void *arg);

/* The workers' time, for functions that engine_call() runs. */
struct clock engine_now(struct engine *e);
/* The rate of the TSC, measured against the kernel's clock. */
uint64_t engine_tsc_hz(const struct engine *e);

/* Run fn on worker w between two turns, and wait for it. */
void engine_call(
        struct engine *e, unsigned w, void (*fn)(struct stack *st, void *arg), void *arg);
/* The same for work that takes longer than a turn should wait: fn does some of it, and is
 * called again after a turn while it returns true. */
void engine_call_some(
        struct engine *e, unsigned w, bool (*fn)(struct stack *st, void *arg), void *arg);

/* The work of a worker; readable at any time. */
struct engine_usage {
	unsigned lcore;
	int tid; /* the kernel's number of the thread; 0: not started yet */
	uint64_t turns;
	uint64_t busy_turns;
	uint64_t busy_tsc;    /* cycles in turns that did something and took less than 10 ms */
	uint64_t total_tsc;   /* cycles while it ran */
	uint64_t pool_in_use; /* packet buffers in queues or held: neither in the pool nor in a
	                         core's cache of it */
};

void engine_usage(struct engine *e, unsigned w, struct engine_usage *out);
const struct counters *engine_counters(struct engine *e, unsigned w);

/* Copy every packet in and out into cap from now on. NULL: stop. When this function returns, no
 * worker uses the former capture. */
void engine_set_capture(struct engine *e, struct capture *cap);

#endif
