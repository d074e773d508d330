/* SPDX-License-Identifier: BSD-3-Clause */
/* waiting: frames whose next hop's MAC is not known yet.
 *
 * The packets to an address that ARP asks for are saved, and sent once it is
 * resolved (RFC 1122 2.3.2.2, a SHOULD: else a connection's first packet is
 * always lost). Whoever sends again what waits replaces it, so that the peer
 * does not get its SYNs in a bunch.
 *
 * Ownership  the buffers of what waits are ours.
 * Bounds     WAITING_MAX frames of a port, each for WAITING_MS at the most and
 *            no longer than ARP tries. What comes when that is full is dropped;
 *            all that is counts as NEIGH_UNRESOLVED.
 * Order      to one next hop, that of their coming.
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
		struct frame frame; /* whole but for the destination's MAC */
		be32 hop;
		uint32_t since_ms;
	} frame[WAITING_MAX];
};

/* f, a TCP segment, is for hop, of which no MAC is known. Takes its buffer;
 * false: it was dropped. */
bool waiting_add(struct stack *st, const struct frame *f, be32 hop);
/* Send what has a MAC by now, drop what has waited in vain. */
void waiting_look(struct stack *st, struct stack_if *p);
/* Drop everything. */
void waiting_drop(struct stack *st, struct stack_if *p);

#endif
