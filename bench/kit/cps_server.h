/* SPDX-License-Identifier: BSD-3-Clause */
/* cps_server: the server's end of the rings: the smallest HTTP service for the real stack, and
 * for comparison a loop that swaps addresses.
 *
 * Threads    the server's lcore. Another core may set `halt` and call reflector_read().
 * Ownership  the service borrows the response. The reflector frees packets that the port does
 *            not transmit.
 * Memory     none is allocated.
 */
#ifndef BENCH_CPS_SERVER_H
#define BENCH_CPS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "handfast/handfast.h"

/* The bytes that answer every request. */
struct cps_response {
	const uint8_t *bytes;
	uint32_t len;
};

/* A service that answers and closes first. Its conf is a struct cps_response. */
extern const struct hf_service cps_service;

/* A loop that sends every packet of an ethdev back to its sender. */
struct reflector {
	uint16_t ethdev;
	bool halt;          /* written by another core */
	uint64_t packets;   /* read by another core, as are the next two */
	uint64_t busy_tsc;  /* of turns that had packets */
	uint64_t total_tsc; /* of all turns */
};

/* Runs until `halt` is set; an lcore_function_t. */
int reflector_main(void *reflector);
/* Reads the counters on another core. */
struct reflector reflector_read(struct reflector *r);

#endif
