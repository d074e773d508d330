/* SPDX-License-Identifier: BSD-3-Clause */
/* closer: a service that closes a crowd's connections from the victim's side, in its turn.
 *
 * Threads    the victim's.
 * Ownership  the closer borrows the crowd. It borrows the array of closer_close() until the
 *            next turn has ended.
 * Memory     the caller's struct closer, which must live as long as the victim's stack.
 * Errors     false, with a message on stderr.
 */
#ifndef BENCH_CLOSER_H
#define BENCH_CLOSER_H

#include "bench/kit/crowd.h"

struct closer {
	const struct crowd *crowd;
	const uint32_t *who; /* the peers whose connections the next turn closes */
	uint32_t n;          /* their number; 0 after that turn */
};

/* Makes the closer a client of the victim's stack. */
bool closer_init(struct closer *c, struct victim *v, const struct crowd *crowd);
/* Closes these connections, all in the next turn. */
void closer_close(struct closer *c, const uint32_t *who, uint32_t n);

#endif
