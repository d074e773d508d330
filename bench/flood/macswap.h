/* SPDX-License-Identifier: BSD-3-Clause */
/* macswap: receives packets, swaps their Ethernet addresses and transmits them.
 *
 * No stack can do less with a packet, so the floods are compared with it. testpmd has a mode
 * of this name.
 *
 * Threads    the thread that polls the port. Another core may read packets and busy_tsc.
 * Ownership  a packet that the port does not transmit is freed.
 * Memory     the caller's struct macswap.
 */
#ifndef BENCH_MACSWAP_H
#define BENCH_MACSWAP_H

#include <stdbool.h>
#include <stdint.h>

struct macswap {
	uint16_t ethdev;
	bool halt;         /* written by another core */
	uint64_t packets;  /* counted by macswap_main() */
	uint64_t busy_tsc; /* of turns that had packets */
};

/* Handles one burst. Returns its size. */
unsigned macswap_turn(const struct macswap *s);
/* Runs turns until `halt` is set; an lcore_function_t. */
int macswap_main(void *macswap);

#endif
