/* SPDX-License-Identifier: BSD-3-Clause */
/* victim: one worker of the engine under the control of a bench, with the wire before it.
 *
 * The bench writes the packets that the worker will receive, lets it run turns, and looks at
 * the frames that it sent. The wire is a port in memory that this thread polls (mem_port.h),
 * or a pair of rings that another core can poll.
 *
 * Threads    the measuring thread. On rings, the worker may run on another lcore between
 *            victim_launch() and victim_halt(). Only victim_room(), victim_offer() and
 *            victim_look() may be called meanwhile.
 * Ownership  the bench borrows a packet from victim_room() until victim_offer(), and a frame
 *            while victim_look() shows it.
 * Memory     the stack, the slots and the packets, at creation.
 * Errors     NULL or false, with a message on stderr.
 * Bounds     victim_room() lends up to VICTIM_ROOM packets at a time.
 * Time       a turn's time is this thread's CPU time. It stands still while other programs
 *            of the machine run.
 * Addresses  192.168.255.1 is attacked, and .2 is its gateway. All other addresses are
 *            behind the gateway.
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
	bool offload;         /* checksums are left to the port, which makes none */
	bool rings;           /* the wire is a pair of rings; else a port in memory */
	unsigned lcore;       /* on rings: the lcore of the worker */
	unsigned rx_slots;    /* of the ring or the port; a power of two */
	unsigned tx_slots;    /* of the ring or the port; a power of two */
	bool keep;            /* in memory: as in struct mem_port_conf */
	unsigned packet_room; /* bytes of a packet; 0: DPDK's default */
};

struct victim *victim_create(const struct victim_conf *conf);
void victim_destroy(struct victim *v);

struct worker *victim_worker(struct victim *v);
uint16_t victim_ethdev(const struct victim *v);
/* The addresses for a template of a frame to the victim; server_port is VICTIM_OPEN_PORT. */
const struct client_conf *victim_peer(const struct victim *v);

/* Listens at VICTIM_OPEN_PORT, and answers the stack's ARP request for its gateway. */
bool victim_serve(struct victim *v, const struct hf_service *service, const void *conf);

/* Lends up to n packets, and at most VICTIM_ROOM, for the bench to write. Returns their
 * number. victim_offer() says how many of them were written, and ends the loan of all. */
unsigned victim_room(struct victim *v, struct rte_mbuf **m, unsigned n);
void victim_offer(struct victim *v, struct rte_mbuf **m, unsigned n);
/* Marks a packet as a frame of len bytes, with right checksums or none. */
void victim_seal(const struct victim *v, struct rte_mbuf *m, unsigned len);

/* The present time of the victim's clock. */
struct clock victim_now(const struct victim *v);

/* Runs one turn. Returns its nanoseconds. */
uint64_t victim_turn(struct victim *v);
/* Runs turns until all offered packets have been received. Returns their nanoseconds. */
uint64_t victim_take(struct victim *v);
/* Runs turns until all offered packets have been received and a turn has nothing to do. */
void victim_settle(struct victim *v);
/* Converts nanoseconds to cycles of the TSC. */
double victim_cycles(uint64_t ns);
/* Advances the victim's clock by `us`. */
void victim_sleep(struct victim *v, uint64_t us);

/* Hands every TCP frame that was sent since the last look to fn (NULL: they are forgotten).
 * Returns their number. */
typedef void (*victim_look_fn)(void *ctx, const uint8_t *frame);
unsigned victim_look(struct victim *v, victim_look_fn fn, void *ctx);

/* On rings: main(ctx) runs on the worker's lcore until victim_halt(). */
bool victim_launch(struct victim *v, int (*main)(void *), void *ctx);
void victim_halt(struct victim *v);

#endif
