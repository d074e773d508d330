/* SPDX-License-Identifier: BSD-3-Clause */
/* side: one end of a wire in memory, with the work of its core.
 *
 * A side is a whole engine with one worker on a net_ring port.
 *
 * Threads    the main thread. It reads counters while the worker runs.
 * Ownership  the wire and the sides belong to the rig. Packets cross the wire without a copy,
 *            so both engines must end before either side's packets are freed.
 * Memory     all of it at creation.
 * Errors     false, with a message on stderr.
 */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include "engine/engine.h"

struct rte_ring;

enum wire_end {
	WIRE_SERVER,
	WIRE_CLIENT,
	WIRE_ENDS,
};

struct wire {
	struct rte_ring *to[WIRE_ENDS]; /* the rings to the server and to the client */
};

struct side {
	unsigned lcore;
	struct rte_mempool *pool;
	struct engine_port port;
	struct engine *engine;
};

struct side_conf {
	enum wire_end end;
	unsigned lcore;
	unsigned packets; /* in its pool */
	be32 ip, netmask, gateway;
	bool offload; /* no checksum is made or verified */
	bool vouch;   /* its packets are marked as right, so that the other end verifies nothing
	               */
	struct stack_conf stack;
};

/* A moment of a side's core. */
struct side_sample {
	uint64_t tsc;
	struct engine_usage usage;
	struct counters counters;
};

/* The work of a side's core between two samples. n is the caller's number of connections or
 * packets. */
struct side_work {
	double seconds;
	double cycles;                  /* TSC cycles of its busy time, for each of the n */
	double busy;                    /* busy share of its time */
	double packets_in, packets_out; /* for each of the n */
	uint64_t drops;                 /* packets, for all reasons */
	uint64_t retransmits;           /* segments */
};

/* Makes both rings, with a number of slots that is rounded up to a power of two. */
bool wire_create(struct wire *w, unsigned slots);
/* Frees the packets that are left in the rings. */
void wire_empty(struct wire *w);
void wire_destroy(struct wire *w);

bool side_create(struct side *s, const struct wire *w, const struct side_conf *conf);
/* Ends the side's engine, which gives back the packets of the other side. */
void side_end(struct side *s);
/* Frees port and packets. Both engines must have ended. */
void side_free(struct side *s);

/* Takes a sample of the side's core. */
void side_look(const struct side *s, struct side_sample *out);
struct side_work side_work(const struct side_sample *a, const struct side_sample *b, double n);

#endif
