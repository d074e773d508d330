/* SPDX-License-Identifier: BSD-3-Clause */
/* close_steps: the cost of each step of a connection's end.
 *
 * All connections are open at first, and segments arrive for them in random order.
 *
 * Threads  the main thread, after EAL has started.
 * Memory   the victim, its crowd and one order of the connections, for the call.
 * Errors   false, with a message on stderr: connections were left, or were not opened.
 * Bounds   n is a multiple of 16 * 1,024 and at most CROWD_MOST.
 */
#ifndef BENCH_CLOSE_STEPS_H
#define BENCH_CLOSE_STEPS_H

#include <stdbool.h>

#include "bench/kit/bench.h"
#include "bench/kit/crowd.h"

#define CLOSE_SLICES 16 /* parts of each step, for its median and spread */

struct close_steps {
	/* the peer closes first, or resets */
	struct bench_result fin;      /* its FIN is answered by a FIN that acknowledges it */
	struct bench_result last_ack; /* the connection's memory returns */
	struct bench_result passive;  /* the sum of these two */
	struct bench_result rst;      /* the connection's memory returns at once */
	/* we close first */
	struct bench_result our_fin;   /* hf_close(), and the FIN is sent */
	struct bench_result their_fin; /* it acknowledges ours, and TIME-WAIT begins */
	struct bench_result active;    /* the sum of these two */
	double expiry;                 /* one TIME-WAIT's end, when all end at once */
	uint64_t expiry_turn_ns;       /* the longest turn of the expiry */
	uint64_t retransmitted;        /* segments; there should be none */
	double open_cycles;            /* opening a connection, the first time */
};

/* Measures all steps with n connections. */
bool close_steps_measure(uint32_t n, bool offload, bool timestamps, struct close_steps *out);

#endif
