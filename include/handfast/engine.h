/* SPDX-License-Identifier: BSD-3-Clause */
/* engine.h: the cores of an embedder, and the loop that each one runs.
 *
 * An engine has workers. A worker is a core that polls one queue of every port and owns the
 * connections that arrive there; handfast.h calls it a core. Workers run in one of
 * three ways.
 *
 *   lcores      hf_engine_start() launches them on lcores, none of which is the main one
 *   main lcore  there is one worker, on the main lcore, which calls hf_engine_poll()
 *   own loop    conf.own_loop: threads of the embedder call hf_worker_turn()
 *
 * Threads    hf_engine_*() belong to the thread that started EAL, the control thread.
 *            hf_worker_turn() belongs to one thread for each worker at a time, never to the
 *            control thread. hf_post() and hf_engine_stats() may be called by any thread,
 *            until hf_engine_destroy() is called.
 * Ownership  the engine is the caller's. The engine opens ports and packet pools, and closes
 *            them in the end. DPDK forgets a device that was closed. EAL starts once in a
 *            process, so only a new process finds the device again.
 * Memory     all of it is taken by hf_engine_create().
 * Errors     0 or -errno. Each hf_engine_*() that fails prints a line on stderr: what is wrong,
 *            and how to fix it. In an event, or on another thread, they say so and return
 *            -EPERM, or nothing. EAL prints the cause when hf_eal_start() fails. Nothing is
 *            printed by hf_engine_stats(), hf_post(), hf_thread_*() and hf_worker_turn().
 * Bounds     HF_WORKERS workers, HF_POSTS functions that wait for a worker. hf_engine_stop()
 *            lasts ten seconds at the most, if each worker of an own loop has its turns.
 * Calls back?              hf_engine_stop() and hf_engine_drain() bring events to services.
 *                          With the main lcore alone the control thread itself runs them.
 * May end the connection?  hf_engine_stop(), hf_engine_drain() and hf_engine_client_end() do.
 */
#ifndef HANDFAST_ENGINE_H
#define HANDFAST_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include <handfast/core.h>
#include <handfast/ports.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define HF_WORKERS 64
#define HF_POSTS   256

struct hf_engine;

/* Start EAL with a command line as DPDK documents it, once in a process. An embedder that calls
 * rte_eal_init() itself needs neither of the two. Returns how many arguments EAL took, or
 * -errno. */
int hf_eal_start(int argc, char **argv);
void hf_eal_stop(void);

/* A member that is 0 has the default in brackets. */
struct hf_engine_conf {
	uint32_t size; /* sizeof(struct hf_engine_conf) where the embedder was compiled */
	unsigned nports;
	const struct hf_port_conf *ports;
	unsigned nworkers;      /* [1] */
	const unsigned *lcores; /* one for each worker, on whose NUMA node its memory is [the
	                           main lcore] */
	bool own_loop;          /* hf_worker_turn() runs the workers */
	bool refuse_when_full;  /* reset a SYN when no connection is free [give no answer] */
	uint8_t dscp;           /* code point of what is sent, up to 63 [0] */
	uint8_t ttl;            /* time to live of what is sent [64] */
	uint32_t packets;       /* packet buffers of each worker [16,383], at least 1,024 for
	                           each port and 1,023 more; many ports raise the default */
	uint32_t max_kept;      /* buffers that queues and services of a worker may hold, at
	                           most half of `packets` [8,192, or that half] */
	uint32_t max_conns;     /* connections of each worker [65,536] */
	uint32_t rcv_wnd;       /* bytes of receive window that a connection offers [262,144] */
	uint32_t source_first;  /* first address that connections are opened from, in network
	                           byte order [the port's own address] */
	uint32_t source_count;  /* number of such addresses, at most 32,000 [0] */
};

/* Open the ports and make the workers. All members are checked before the first port is opened,
 * so these errors cost no device:
 * -EPERM: EAL has not been started, or the caller is another thread; -E2BIG: a member that this
 * library does not know is not 0; -EINVAL: size is smaller than that of the first version, or a
 * member is out of its range; there is no such port or lcore, or it is named twice; a port has
 * fewer queue pairs than there are workers, or is a member of a bond; the main lcore is one of
 * several workers, without own_loop; no port has an address; an address, gateway or source is
 * none that a host can have there; a netmask is 0 or no row of ones; a source is a port's
 * address or gateway. After them: -ENOMEM: a packet pool or a worker's tables do not fit;
 * -EBUSY: another engine has the port open; other errors are the driver's. Several engines may
 * exist in one process, each with ports of its own. On a launched lcore one of them runs at a
 * time. */
int hf_engine_create(struct hf_engine **e, const struct hf_engine_conf *conf);
/* Close all of it. The engine is stopped, and no other thread is in hf_post() or
 * hf_engine_stats(), or calls them from now on. Functions that wait since hf_post() are called.
 * For them hf_post(), hf_connect() and hf_listen() return -ESHUTDOWN. */
void hf_engine_destroy(struct hf_engine *e);

/* Have every worker listen, before the start or later. addr 0: any address of ours. Each
 * worker makes an instance of the service from conf. If a worker refuses, the others
 * go on, and its error is returned: -EADDRINUSE: there is such a listener; -EADDRNOTAVAIL: the
 * address is neither a port's nor a source; -ENOSPC: 250 listeners and clients; -EINVAL: no TCP
 * port; or errno of the service's create(). */
int hf_engine_listen(struct hf_engine *e, struct hf_addr local,
        const struct hf_service *service, const void *conf);
/* Give worker w an instance that opens connections in its turn(). *self is the instance; self
 * may be NULL; then hf_engine_client_end() cannot name the instance. -EINVAL: there is no
 * worker w; -ENOSPC: 250 listeners and clients; or errno of the service's create(). */
int hf_engine_client(struct hf_engine *e, unsigned w, const struct hf_service *service,
        const void *conf, void **self);
/* Reset what that instance has open, without an event, and destroy it. A worker that does not
 * exist, or a self that is NULL, is refused with a message. */
void hf_engine_client_end(struct hf_engine *e, unsigned w, void *self);

/* -EALREADY: it runs; -EBUSY: an lcore runs another function. */
int hf_engine_start(struct hf_engine *e);
/* Reset all connections; closed() says HF_STOPPED. Then the workers halt. An own loop's
 * threads go on calling hf_worker_turn() until it returns HF_TURN_HALTED. */
void hf_engine_stop(struct hf_engine *e);
/* Refuse new connections, tell services by draining(), wait until all are closed or for `ms`,
 * then stop. poll is called meanwhile, and ends the wait if it returns true; it may be NULL.
 * Returns how many connections were reset before they were done. */
unsigned hf_engine_drain(struct hf_engine *e, uint32_t ms, bool (*poll)(void *ctx), void *ctx);
bool hf_engine_running(const struct hf_engine *e);

/* With the main lcore alone: some turns. Returns true if anything was done. */
bool hf_engine_poll(struct hf_engine *e);

enum hf_turn {
	HF_TURN_IDLE,   /* there was nothing to do */
	HF_TURN_BUSY,   /* something was done */
	HF_TURN_HALTED, /* the engine has not been started, or it has been stopped */
};

/* With own_loop: one turn of worker w, never from inside an event. A thread that is no lcore of
 * DPDK's calls hf_thread_enter() first and hf_thread_leave() in the end; without them it has no
 * cache of packet buffers and is slow. */
enum hf_turn hf_worker_turn(struct hf_engine *e, unsigned w);
/* -ENOMEM: EAL has no lcore number left; -EINVAL: the thread is known already. */
int hf_thread_enter(void);
void hf_thread_leave(void);

/* Have worker w call fn between two turns, in the order of the posts of a thread. Each fn that
 * was taken is called once: after one of the next turns, or by hf_engine_destroy(). fn may use
 * all of handfast.h for connections of that core but hf_keep(); it must not block. A signal
 * handler must not call this.
 * -EAGAIN: HF_POSTS functions wait; -EINVAL: there is no worker w, or fn is NULL; -ESHUTDOWN:
 * hf_engine_destroy() has been called, and fn will not be. */
int hf_post(
        struct hf_engine *e, unsigned w, void (*fn)(struct hf_core *h, void *arg), void *arg);

/* The work of a worker since it was made. New members are added at the end. */
struct hf_stats {
	uint64_t turns;
	uint64_t busy_turns; /* turns that did something */
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t accepted;  /* handshakes completed as server */
	uint64_t connected; /* handshakes completed as client */
	uint64_t closed;    /* connections closed in order by both sides */
	uint64_t reset;     /* connections reset by the peer */
	uint64_t aborted;   /* connections reset by us */
	uint64_t timed_out; /* connections given up for want of an answer */
	uint64_t retransmitted_segments;
	uint64_t text_bytes_in;  /* bytes delivered to services */
	uint64_t text_bytes_out; /* bytes that peers acknowledged */
	uint64_t dropped;        /* packets that were dropped, for any reason */
	uint64_t buffers_in_use; /* packet buffers in queues or held */
};

/* Fill `size` bytes of *stats, which is sizeof(*stats) where the embedder was compiled. A
 * member that the library does not know is 0. Numbers may be of different moments. -EINVAL:
 * size is 0, or there is no worker w. */
int hf_engine_stats(struct hf_engine *e, unsigned w, struct hf_stats *stats, uint32_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
