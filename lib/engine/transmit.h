/* SPDX-License-Identifier: BSD-3-Clause */
/* transmit: what a stack asks of the engine (struct stack_io), with mbufs.
 *
 * A frame's buf is an mbuf: one that was allocated here, or the one in which
 * the segment lay that is being answered.
 *
 * Threads    one struct transmit per worker.
 * Ownership  transmit takes the buffers, sent or not. A queue that is full
 *            twice in a row loses the rest of the burst: TCP repeats what
 *            matters, and waiting would stop the core. Outside a turn there
 *            may be patience, up to 20 naps for each burst.
 * Counters   rx_* and tx_* are the engine's, once a burst; what was lost the
 *            stack counts (DROP_TX_FULL), which hears how many were sent.
 */
#ifndef ENGINE_TRANSMIT_H
#define ENGINE_TRANSMIT_H

#include "stack/stack.h"

struct rte_mbuf;
struct rte_mempool;
struct capture;
struct clock_line;
struct share;

/* About as long as a port needs for some packets. */
#define TRANSMIT_NAP_NS 50000

struct transmit {
	struct rte_mempool *pool;
	struct counters *counters;      /* set once the stack is there */
	struct capture *capture;        /* or NULL */
	const struct clock_line *clock; /* with capture: the worker's */
	struct share *share;            /* with other workers; NULL: there are none */
	unsigned patience;              /* naps that full queues may still cost; 0 in a turn */
	uint16_t queue;
	uint16_t ethdev[STACK_PORTS]; /* by the stack's port number */
};

struct stack_io transmit_io(struct transmit *t);

/* Free in bulk; mbufs of one segment and without other owners go straight to
 * their pool. */
void transmit_free(struct rte_mbuf **m, unsigned n);

#endif
