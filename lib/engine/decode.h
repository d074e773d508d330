/* SPDX-License-Identifier: BSD-3-Clause */
/* decode: from a burst of mbufs to a burst of struct seg.
 *
 * It is also the prefetch stage: an mbuf's own line, and up to six lines of its frame, are
 * fetched some packets before they are read.
 *
 * Threads    the worker.
 * Ownership  seg[i].buf is mbuf[i], always, dropped or not. The caller frees the buffers that
 * the stack does not move. Memory     none. Errors     enum drop, counted. Bounds     none:
 * each packet costs a fixed amount of work, but for its checksum. Room       seg[i].room is 0
 * where the bytes have other owners or lie outside the mbuf. So no answer is written over them.
 */
#ifndef ENGINE_DECODE_H
#define ENGINE_DECODE_H

#include <stdbool.h>

#include "base/counters.h"
#include "wire/seg.h"

struct rte_mbuf;

/* The port of a burst. */
struct decode_port {
	uint8_t index; /* the stack's number of the port */
	bool rx_csum_ip;
	bool rx_csum_tcp;
};

/* Counts what it drops. SEG_OTHER is not counted: the stack decides. */
void decode_burst(const struct decode_port *p, struct rte_mbuf **m, unsigned n, struct seg *seg,
        struct counters *c);

#endif
