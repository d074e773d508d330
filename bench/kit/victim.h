/* SPDX-License-Identifier: BSD-3-Clause */
/* victim: one worker of the engine, and the wire in front of it, in our hands.
 *
 * Whoever measures writes the packets that the worker will receive, has it run
 * turns, and looks at what it sent. The wire is a port in memory, polled by this
 * thread (mem_port.h), or a pair of rings, so that another core can poll it.
 *
 * Threads    one: the measuring one. On rings, the worker may run on another
 *            lcore between victim_launch() and victim_halt(); meanwhile only
 *            victim_room(), victim_offer() and victim_look() may be called.
 * Time       what turns take is this thread's share of its CPU: on a machine that
 *            others use, too, it stands still while they run.
 * Addresses  192.168.255.1 is attacked; .2 is its gateway, everybody else is
 *            behind it.
 * Errors     NULL or false, with a message on stderr.
 */
#ifndef BENCH_VICTIM_H
#define BENCH_VICTIM_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "engine/worker.h"

#define VICTIM_OPEN_PORT   80
#define VICTIM_CLOSED_PORT 9
#define VICTIM_ROOM        64 /* packets that victim_room() lends at most */

struct victim;

struct victim_conf {
	struct stack_conf stack;
	bool offload;      /* the port verifies and makes checksums: nobody does */
	bool rings;        /* rx_slots and tx_slots are the rings' */
	unsigned lcore;    /* on rings: where the worker will run */
	unsigned rx_slots; /* powers of two */
	unsigned tx_slots;
	bool keep;            /* what was sent keeps its slot until it is looked at */
	unsigned packet_room; /* bytes of a packet; 0: as usual */
};

struct victim *victim_create(const struct victim_conf *conf);
void victim_destroy(struct victim *v);

struct worker *victim_worker(struct victim *v);
uint16_t victim_ethdev(const struct victim *v);
/* What a template of a frame to the victim needs to know; server_port is
 * VICTIM_OPEN_PORT. */
const struct client_conf *victim_peer(const struct victim *v);

/* Listen at VICTIM_OPEN_PORT, and answer the stack's search for its gateway. */
bool victim_serve(struct victim *v, const struct hf_service *service, const void *conf);

/* Up to n (VICTIM_ROOM) packets to be written, all of them lent until
 * victim_offer() says how many were; returns how many there are. */
unsigned victim_room(struct victim *v, struct rte_mbuf **m, unsigned n);
void victim_offer(struct victim *v, struct rte_mbuf **m, unsigned n);
/* Written: this is a frame of so many bytes, with right checksums or none. */
void victim_seal(const struct victim *v, struct rte_mbuf *m, unsigned len);

/* Its clock, as of now. */
struct clock victim_now(const struct victim *v);

/* One turn. Returns its nanoseconds. */
uint64_t victim_turn(struct victim *v);
/* Turns until all that was offered has been received. Returns their nanoseconds. */
uint64_t victim_take(struct victim *v);
/* ... and until a turn has nothing to do. */
void victim_settle(struct victim *v);
/* So many nanoseconds are how many cycles of the TSC? */
double victim_cycles(uint64_t ns);
/* Time passes at once. */
void victim_sleep(struct victim *v, uint64_t us);

/* Hand every TCP frame that was sent since the last look to fn (NULL: just
 * forget them); returns how many. */
typedef void (*victim_look_fn)(void *ctx, const uint8_t *frame);
unsigned victim_look(struct victim *v, victim_look_fn fn, void *ctx);

/* On rings: the worker runs on its lcore, until it is halted. */
bool victim_launch(struct victim *v, int (*main)(void *), void *ctx);
void victim_halt(struct victim *v);

#endif
