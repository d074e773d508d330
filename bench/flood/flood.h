/* SPDX-License-Identifier: BSD-3-Clause */
/* flood: the packets of an attacker, kind by kind.
 *
 * Sources and sequence numbers are drawn anew for every packet, sources from all addresses
 * that a packet may come from. A packet for a connection has the right addresses and ports
 * and wrong sequence numbers, as in a blind attack.
 *
 * Threads    the measuring thread.
 * Ownership  a flood borrows its victim and its crowd.
 * Memory     two templates, in the caller's struct flood.
 * Bounds     flood_offer() offers as many packets as the victim has room for.
 */
#ifndef BENCH_FLOOD_H
#define BENCH_FLOOD_H

#include "bench/kit/client_frames.h"
#include "bench/kit/crowd.h"

enum flood_target {
	FLOOD_LISTENER,
	FLOOD_CLOSED, /* a port without a listener */
	FLOOD_FLOW,   /* one of the crowd's connections, at random */
};

enum flood_defect {
	FLOOD_SOUND,
	FLOOD_CHECKSUM, /* of TCP */
	FLOOD_OFFSET,   /* a data offset below 5 */
};

struct flood_kind {
	const char *name;
	uint8_t flags;
	enum template_options options;
	enum flood_target target;
	enum flood_defect defect;
	bool text;
	enum syn_cookie cookie;
	/* A reset takes each packet back, outside the measurement, so that no packet
	 * meets a full stack. */
	bool taken_back;
};

/* All kinds. A kind without a name ends the array. */
extern const struct flood_kind flood_kinds[];

struct flood {
	const struct flood_kind *kind;
	struct victim *victim;
	struct crowd *crowd;
	uint32_t open; /* connections of the crowd */
	uint64_t random;
	uint64_t random_before; /* the value of `random` before the last offer */
	struct template frame;
	struct crowd_say say; /* for FLOOD_FLOW */
	struct template reset;
};

void flood_init(struct flood *f, const struct flood_kind *kind, struct victim *v,
        struct crowd *crowd, uint32_t open);

/* Offers up to n packets. Returns the number that the victim had room for. */
unsigned flood_offer(struct flood *f, unsigned n);
/* Offers the resets that take the last n packets back. It must follow their flood_offer(). */
void flood_take_back(struct flood *f, unsigned n);

#endif
