/* SPDX-License-Identifier: BSD-3-Clause */
/* decode: from a burst of mbufs to a burst of struct seg.
 *
 * It is also the prefetch stage: an mbuf's own line, and up to six of its frame, are
 * asked for some packets before they are read.
 *
 * Ownership  seg[i].buf is mbuf[i], always, dropped or not: what the stack does
 *            not move is for the caller to free.
 * Room       seg[i].room is 0, so that no answer is written over it, where the
 *            bytes have other owners or lie outside the mbuf.
 */
#ifndef ENGINE_DECODE_H
#define ENGINE_DECODE_H

#include <stdbool.h>

#include "base/counters.h"
#include "wire/seg.h"

struct rte_mbuf;

/* Where a burst came from. */
struct decode_port {
	uint8_t index; /* as the stack counts ports */
	bool rx_csum_ip;
	bool rx_csum_tcp;
};

/* Counts what it drops. SEG_OTHER is not counted: the stack decides. */
void decode_burst(const struct decode_port *p, struct rte_mbuf **m, unsigned n, struct seg *seg,
        struct counters *c);

#endif
