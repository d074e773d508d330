/* SPDX-License-Identifier: BSD-3-Clause */
/* macswap: the least that can be done with a packet: receive, swap the Ethernet
 * addresses, transmit, as testpmd's mode of that name. What others are
 * compared with.
 *
 * Threads  whoever polls the port; another core reads packets and busy_tsc.
 */
#ifndef BENCH_MACSWAP_H
#define BENCH_MACSWAP_H

#include <stdbool.h>
#include <stdint.h>

struct macswap {
	uint16_t ethdev;
	bool halt; /* written by another core */
	uint64_t packets;
	uint64_t busy_tsc;
};

/* One burst; returns its size. */
unsigned macswap_turn(const struct macswap *s);
/* An lcore_function_t. */
int macswap_main(void *macswap);

#endif
