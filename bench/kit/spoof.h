/* SPDX-License-Identifier: BSD-3-Clause */
/* spoof: SYNs from addresses that did not send them, at a rate, beside a client's
 * connections and over the same ring.
 *
 * Pace     by the TSC. What is due comes at most 64 at a time; what could not be
 *          sent for want of time is not made up for: `sent` tells what was.
 * Loss     what the ring does not take is lost, as on a wire.
 * Threads  the client's.
 */
#ifndef BENCH_SPOOF_H
#define BENCH_SPOOF_H

#include "client_frames.h"

struct spoof {
	const struct client_conf *conf; /* addresses, ring and pool; borrowed */
	struct template syn;
	double per_tsc;
	double due;
	uint64_t last_tsc;
	uint64_t random;
	uint64_t sent;
	uint64_t lost;
};

/* Linux's options, or none but MSS. per_s 0: none come. */
void spoof_init(struct spoof *s, const struct client_conf *conf, double per_s, uint64_t tsc);
void spoof_turn(struct spoof *s, uint64_t tsc);

#endif
