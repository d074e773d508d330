/* SPDX-License-Identifier: BSD-3-Clause */
/* transmit: struct stack_io with mbufs.
 *
 * A frame's buf is an mbuf: one that was allocated here, or the one that held the segment which
 * is being answered.
 *
 * Threads    one struct transmit for each worker.
 * Ownership  transmit takes the buffers, sent or not.
 * Memory     the struct; packets come from the worker's pool.
 * Errors     counted. The stack counts frames that a call lost for want of room (DROP_TX_FULL);
 *            everything else is counted here, tx_* once a burst.
 * Bounds     TRANSMIT_BACKLOG frames for each port. Answers to strangers, which anyone can
 * cause in any number, use the first half only. A port that takes nothing for a second loses
 * its backlog. Backlog    frames that a full queue does not take wait here, in order, and go
 * first in the next turn. Later frames stand behind them. The stack sees which ports have a
 *            backlog and makes no more text for them. A turn never waits.
 * The end    when workers have halted no turn follows. With `last` set, frames that a port does
 *            not take are lost.
 */
#ifndef ENGINE_TRANSMIT_H
#define ENGINE_TRANSMIT_H

#include "stack/stack.h"

struct rte_mbuf;
struct rte_mempool;
struct capture;
struct clock_line;
struct inboxes;

#define TRANSMIT_BACKLOG  512 /* frames */
#define TRANSMIT_STUCK_MS 1000
/* The interval at which an idle port is called: sent buffers come back, and the driver may send
 * packets of its own (LACP). */
#define TRANSMIT_IDLE_MS 4

struct transmit_backlog {
	uint16_t first;
	uint16_t n;
	uint32_t since_ms; /* the port took nothing from this time on */
	struct rte_mbuf *m[TRANSMIT_BACKLOG];
};

struct transmit {
	struct rte_mempool *pool;
	struct counters *counters;      /* the stack's */
	struct capture *capture;        /* or NULL */
	const struct clock_line *clock; /* the worker's, for captures */
	struct inboxes *inboxes;        /* NULL: there is one worker */
	bool last;                      /* no turn will follow: no frame is kept */
	uint16_t queue;
	unsigned nports;
	uint32_t left_alone;          /* a bit for each port that is not used */
	uint32_t backlogged;          /* a bit for each port that has a backlog */
	uint32_t stuck;               /* a bit for each port that took nothing for a second */
	uint32_t used;                /* a bit for each port that was called since looked_ms */
	uint32_t now_ms;              /* the time of the turn */
	uint32_t looked_ms;           /* the last time at which idle ports were called */
	uint16_t ethdev[LIMIT_PORTS]; /* by the stack's port number */
	struct transmit_backlog backlog[LIMIT_PORTS];
};

struct stack_io transmit_io(struct transmit *t);

/* A turn begins: the backlogs go first. True if any frame waited. */
bool transmit_turn(struct transmit *t, uint32_t now_ms);
/* Do frames wait for ports that still take some? Then the next turns send them. */
static inline bool
transmit_waits(const struct transmit *t)
{
	return (t->backlogged & ~t->stuck) != 0;
}

/* Send as much of the backlogs as the ports take at once. */
void transmit_drain(struct transmit *t);
/* Free the backlogs, counted. */
void transmit_forget(struct transmit *t);

/* Free mbufs in bulk. Those of one segment without other owners go straight to their pool. */
void transmit_free(struct rte_mbuf **m, unsigned n);

#endif
