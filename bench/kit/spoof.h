/* SPDX-License-Identifier: BSD-3-Clause */
/* spoof: SYNs with forged source addresses, at a rate, beside a client's connections and
 * over the same ring.
 *
 * Threads    the client's.
 * Ownership  spoof_turn() gives its packets to the ring. The configuration is borrowed.
 * Memory     none is allocated but packets of the client's pool.
 * Bounds     64 SYNs a turn.
 * Pace       by the TSC. SYNs that were due and had no time are not made up for; `sent`
 *            counts those that were sent.
 * Loss       a SYN that the ring does not take is lost, as on a wire.
 */
#ifndef BENCH_SPOOF_H
#define BENCH_SPOOF_H

#include "client_frames.h"

struct spoof {
	const struct client_conf *conf; /* addresses, ring and pool; borrowed */
	struct template syn;
	double per_tsc; /* SYNs */
	double due;     /* SYNs, with a fraction */
	uint64_t last_tsc;
	uint64_t random;
	uint64_t sent;
	uint64_t lost;
};

/* The SYNs have Linux's options if the client has them, else MSS alone. per_s 0: no SYN is
 * sent. */
void spoof_init(struct spoof *s, const struct client_conf *conf, double per_s, uint64_t tsc);
void spoof_turn(struct spoof *s, uint64_t tsc);

#endif
