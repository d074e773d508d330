/* SPDX-License-Identifier: BSD-3-Clause */
/* source: draws the address that a packet of a flood claims to come from.
 *
 * Any address is drawn but the martians, for which the packet would be dropped (RFC 1122
 * 3.2.1.3), and those of 240/4.
 *
 * Threads  the caller owns the state of the generator.
 * Memory   none.
 */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include "base/be.h"
#include "bench.h"

static inline be32
source_draw(uint64_t *random)
{
	uint32_t first, addr;

	do {
		addr = (uint32_t)bench_random(random);
		first = addr >> 24;
	} while (first == 0 || first == 127 || first >= 224);
	return cpu_to_be32(addr);
}

#endif
