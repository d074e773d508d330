/* SPDX-License-Identifier: BSD-3-Clause */
/* transmit: what a stack asks of the engine (struct stack_io), with mbufs.
 *
 * A frame's buf is an mbuf: one that was allocated here, or the one in which
 * the segment lay that is being answered.
 *
 * Threads    one struct transmit per worker.
 * Ownership  transmit takes the buffers, sent or not.
 * Backlog    what a full queue does not take waits here, in its order, and goes
 *            first in the next turn; what comes meanwhile stands behind it. The
 *            stack sees which ports have one, and makes no more text for them.
 *            A turn never waits.
 * Bounds     TRANSMIT_BACKLOG frames for each port; answers to strangers, of
 *            which anybody can cause any number, find room in the first half
 *            only. A port that takes nothing for a second loses its backlog.
 * Counters   rx_* and tx_* are the engine's, once a burst; what was lost of a
 *            call for want of room the stack counts (DROP_TX_FULL), all else is
 *            counted here.
 * When workers have halted no turn will follow: what a port does not take then, with
 * `last` set, is lost.
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
/* An idle port hears from us so often: buffers that it has sent come back, and the
 * driver may speak for itself (LACP). */
#define TRANSMIT_IDLE_MS 4

struct transmit_backlog {
	uint16_t first;
	uint16_t n;
	uint32_t since_ms; /* since when the port takes nothing */
	struct rte_mbuf *m[TRANSMIT_BACKLOG];
};

struct transmit {
	struct rte_mempool *pool;
	struct counters *counters;      /* set once the stack is there */
	struct capture *capture;        /* or NULL */
	const struct clock_line *clock; /* with capture: the worker's */
	struct inboxes *inboxes;        /* with other workers; NULL: there are none */
	bool last;                      /* no turn will follow: nothing is kept for it */
	uint16_t queue;
	unsigned nports;
	uint32_t left_alone; /* a bit for each port that is not ours to use */
	uint32_t backlogged; /* a bit for each port that has a backlog */
	uint32_t stuck;      /* ... that took nothing for a second, and nothing since */
	uint32_t used;       /* ... that was asked to send lately */
	uint32_t now_ms;     /* of the turn */
	uint32_t looked_ms;  /* when idle ports last heard from us */
	uint16_t ethdev[LIMIT_PORTS]; /* by the stack's port number */
	struct transmit_backlog backlog[LIMIT_PORTS];
};

struct stack_io transmit_io(struct transmit *t);

/* A turn begins: what waits goes first. True if anything waited. */
bool transmit_turn(struct transmit *t, uint32_t now_ms);
/* What waits, waits for ports that go on taking something: the next turns send it. */
static inline bool
transmit_waits(const struct transmit *t)
{
	return (t->backlogged & ~t->stuck) != 0;
}

/* Send what waits, as much as the ports take at once. */
void transmit_drain(struct transmit *t);
/* Free what waits still, counted. */
void transmit_forget(struct transmit *t);

/* Free in bulk; mbufs of one segment and without other owners go straight to
 * their pool. */
void transmit_free(struct rte_mbuf **m, unsigned n);

#endif
