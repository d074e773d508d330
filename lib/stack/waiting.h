/* SPDX-License-Identifier: BSD-3-Clause */
/* waiting: frames whose next hop's MAC is not known yet.
 *
 * A packet to an address that ARP asks for is saved, and sent once the address is resolved
 * (RFC 1122 2.3.2.2, a SHOULD). Otherwise the first packet of each connection would be lost. A
 * retransmission replaces the frame that waits, so that the peer does not get several SYNs at
 * once.
 *
 * Threads    the stack's core.
 * Ownership  waiting frames own their buffers.
 * Memory     in struct stack_if.
 * Errors     a frame that is dropped counts as NEIGH_UNRESOLVED.
 * Bounds     WAITING_MAX frames for each port, each for WAITING_MS and no longer than ARP
 * tries. When all places are taken, a new frame is dropped. Order      frames to one next hop
 * leave in the order in which they came.
 */
#ifndef STACK_WAITING_H
#define STACK_WAITING_H

#include "stack/stack.h"

#define WAITING_MAX 64
#define WAITING_MS  3000

struct stack;
struct stack_if;

struct waiting {
	unsigned n;
	struct waiting_frame {
		struct frame frame; /* complete but for the destination's MAC */
		be32 hop;
		uint32_t since_ms;
	} frame[WAITING_MAX];
};

/* Keep f, a TCP segment for hop. Its buffer is taken in any case. False: f was dropped. */
bool waiting_add(struct stack *st, const struct frame *f, be32 hop);
/* Send the frames whose MAC is known by now, drop those that have waited too long. */
void waiting_look(struct stack *st, struct stack_if *p);
/* Drop all frames. */
void waiting_drop(struct stack *st, struct stack_if *p);

#endif
