/* SPDX-License-Identifier: BSD-3-Clause */
/* side: one end of a wire in memory: a whole engine with one worker on a net_ring port, and
 * what its core did.
 *
 * Threads    the main thread. It looks at counters while the worker runs.
 * Ownership  the wire and the sides are the rig's. Packets cross the wire as they are, so
 *            both engines end before a side's packets are freed.
 * Memory     all of it at creation.
 * Errors     false, with a message on stderr.
 */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include "engine/engine.h"

struct rte_ring;

/* Two rings: to the server, and to the client. */
enum wire_end {
	WIRE_SERVER,
	WIRE_CLIENT,
	WIRE_ENDS,
};

struct wire {
	struct rte_ring *to[WIRE_ENDS];
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
	unsigned packets; /* of its pool */
	be32 ip, netmask, gateway;
	bool offload; /* no checksum is made or verified */
	bool vouch;   /* what it sends is marked as right: the other end verifies nothing */
	struct stack_conf stack;
};

/* A moment of a side's core. */
struct side_sample {
	uint64_t tsc;
	struct engine_usage usage;
	struct counters counters;
};

/* What a side's core did between two samples. */
struct side_work {
	double seconds;
	double cycles;                  /* TSC cycles of its busy time, for each of n things */
	double busy;                    /* share of its time */
	double packets_in, packets_out; /* for each of n things */
	uint64_t drops;
	uint64_t retransmits;
};

bool wire_create(struct wire *w, unsigned slots);
/* Free the packets that nobody took. */
void wire_empty(struct wire *w);
void wire_destroy(struct wire *w);

bool side_create(struct side *s, const struct wire *w, const struct side_conf *conf);
/* Its engine; packets of the other side are given back. */
void side_end(struct side *s);
/* Port and packets, once both engines have ended. */
void side_free(struct side *s);

void side_look(const struct side *s, struct side_sample *out);
struct side_work side_work(const struct side_sample *a, const struct side_sample *b, double n);

#endif
