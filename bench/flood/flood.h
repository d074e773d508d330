/* SPDX-License-Identifier: BSD-3-Clause */
/* flood: what an attacker sends, kind by kind.
 *
 * Sources and numbers are drawn anew for every packet; sources from all
 * addresses that a packet may come from. Those that hit a connection have its
 * addresses and ports right and its sequence numbers wrong: a blind attack.
 *
 * Memory  two templates for each kind.
 */
#ifndef BENCH_FLOOD_H
#define BENCH_FLOOD_H

#include "bench/kit/client_frames.h"
#include "bench/kit/crowd.h"

enum flood_target {
	FLOOD_LISTENER,
	FLOOD_CLOSED, /* a port at which nobody listens */
	FLOOD_FLOW,   /* any of the crowd's connections, at random */
};

enum flood_defect {
	FLOOD_SOUND,
	FLOOD_CHECKSUM,
	FLOOD_OFFSET,
};

struct flood_kind {
	const char *name;
	uint8_t flags;
	enum template_options options;
	enum flood_target target;
	enum flood_defect defect;
	bool text;
	enum syn_cookie cookie;
	/* Each is taken back by a reset, outside the measurement, so that none
	 * meets a stack that is full. */
	bool taken_back;
};

/* The last one's name is NULL. */
extern const struct flood_kind flood_kinds[];

struct flood {
	const struct flood_kind *kind;
	struct victim *victim;
	struct crowd *crowd;
	uint32_t open; /* connections of the crowd */
	uint64_t random;
	uint64_t random_before; /* ... the last offer */
	struct template frame;
	struct crowd_say say; /* to a flow */
	struct template reset;
};

void flood_init(struct flood *f, const struct flood_kind *kind, struct victim *v,
        struct crowd *crowd, uint32_t open);

/* Offer up to n packets; returns how many there was room for. */
unsigned flood_offer(struct flood *f, unsigned n);
/* Offer the resets that take the last n back: right after their flood_offer(). */
void flood_take_back(struct flood *f, unsigned n);

#endif
