/* SPDX-License-Identifier: BSD-3-Clause */
/* memory_client: what the connections take that hf_connect() opened, with the
 * load's client as their user.
 *
 * Two stacks in memory that are each other's wire. The client's opens them all; the
 * server never answers what it is asked, so that they stay.
 */
#ifndef BENCH_MEMORY_CLIENT_H
#define BENCH_MEMORY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

struct memory_client {
	double stack;  /* bytes of a connection: a stack for all, less one for half of them */
	double record; /* of the load's client, by which the process grew when it was made */
	uint32_t open; /* on either side, in the end */
};

/* conns: a multiple of 2. False: it was not possible; stderr says why. */
bool memory_client_measure(uint32_t conns, struct memory_client *out);

#endif
