/* SPDX-License-Identifier: BSD-3-Clause */
/* cps_server: what stands at the other end of the rings: the real stack with
 * the smallest HTTP service, and for comparison a loop that swaps addresses.
 */
#ifndef BENCH_CPS_SERVER_H
#define BENCH_CPS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "handfast/handfast.h"

/* The same bytes for every request. */
struct cps_response {
	const uint8_t *bytes;
	uint32_t len;
};

/* conf: a struct cps_response. Answers, and closes first. */
extern const struct hf_service cps_service;

/* Send every packet of an ethdev back where it came from. */
struct reflector {
	uint16_t ethdev;
	bool halt;        /* written by another core */
	uint64_t packets; /* these are read by it */
	uint64_t busy_tsc;
	uint64_t total_tsc;
};

int reflector_main(void *reflector);
/* What it has done, read by another core. */
struct reflector reflector_read(struct reflector *r);

#endif
