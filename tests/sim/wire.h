/* SPDX-License-Identifier: BSD-3-Clause */
/* wire: the way of frames between two hosts. Frames may be late, lost, doubled, in another
 * order, or damaged.
 *
 * Damage is of a kind that the checksums of IP and TCP always find: one octet is changed, or
 * the end is cut off. It lies behind the Ethernet header, whose own check sequence is no part
 * of the wire. */
#ifndef TESTS_SIM_WIRE_H
#define TESTS_SIM_WIRE_H

#include "sim.h"

struct wire_faults {
	uint32_t loss, twice, damage, cut; /* in a thousand */
	uint32_t delay_us;
	uint32_t jitter_us; /* more than the gap of two frames: they change places */
};

struct packet {
	uint64_t at_us;
	uint64_t order; /* of those at the same time */
	uint8_t *bytes;
	uint16_t len;
	bool to_server;
	bool damaged;
};

struct wire {
	struct wire_faults faults;
	struct rng rng;
	struct packet *heap; /* the next one first */
	unsigned n, room;
	uint64_t sent;
};

void wire_send(
        struct wire *w, uint64_t now_us, bool to_server, const void *bytes, unsigned len);
/* wire_send() without any fault. */
void wire_pass(
        struct wire *w, uint64_t now_us, bool to_server, const void *bytes, unsigned len);
/* When the next one arrives; UINT64_MAX: none is under way. */
uint64_t wire_next_us(const struct wire *w);
/* Take it; its bytes are the caller's to free(). */
struct packet wire_take(struct wire *w);
void wire_free(struct wire *w);

#endif
