/* SPDX-License-Identifier: BSD-3-Clause */
/* close_steps: what each step of a connection's end costs, while all are open and
 * segments come for one here and one there. */
#ifndef BENCH_CLOSE_STEPS_H
#define BENCH_CLOSE_STEPS_H

#include <stdbool.h>

#include "bench/kit/bench.h"
#include "bench/kit/crowd.h"

#define CLOSE_SLICES 16 /* of each step, for median and spread */

struct close_steps {
	/* the peer closes: its FIN is answered by ours and an ACK of both */
	struct bench_result fin;
	struct bench_result last_ack; /* the connection's memory returns */
	struct bench_result passive;  /* both */
	struct bench_result rst;      /* memory returns at once */
	/* we close */
	struct bench_result our_fin;   /* hf_close(), and FIN out */
	struct bench_result their_fin; /* with the ACK of ours, to TIME-WAIT */
	struct bench_result active;    /* both */
	double expiry;                 /* of a TIME-WAIT, when all their time has come */
	uint64_t expiry_turn_ns;       /* the longest turn of those */
	uint64_t retransmitted;        /* segments, which there should not be */
	double open_cycles;            /* per connection, the first time */
};

/* n connections: a multiple of 16 * 1,024. False: something is left, or never
 * came; it has been said on stderr. */
bool close_steps_measure(uint32_t n, bool offload, bool timestamps, struct close_steps *out);

#endif
