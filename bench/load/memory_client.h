/* SPDX-License-Identifier: BSD-3-Clause */
/* memory_client: the memory of connections that hf_connect() opened for the load's client.
 *
 * Two stacks in memory are wired to each other. The client's stack opens all connections. The
 * server never answers a request, so that the connections stay open.
 *
 * Threads  one thread; no EAL is needed.
 * Memory   two stacks and their buffers, for the call.
 * Errors   false, with a message on stderr.
 * Bounds   conns is a multiple of 2.
 */
#ifndef BENCH_MEMORY_CLIENT_H
#define BENCH_MEMORY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

struct memory_client {
	double stack;  /* bytes of a connection: the difference of a stack for all of them and
	                  one for half of them */
	double record; /* bytes of a connection in the load's client: the growth of the process
	                  while the client was made */
	uint32_t open; /* connections that were open on both sides at the end */
};

/* Opens and measures conns connections. */
bool memory_client_measure(uint32_t conns, struct memory_client *out);

#endif
