/* SPDX-License-Identifier: BSD-3-Clause */
/* engine_rig: lib/engine between a stack and its ports, without EAL. Ports take any number of
 * frames, and inboxes lie in ordinary memory. A model of it judges.
 *
 * Judged  frames leave in their order, once, unchanged, or are counted. The waiting frames are
 *         bounded in number and time. They wait for all of that time while their port takes
 *         nothing, and as long as it takes something. News and segments of other workers come
 *         in their order. No packet is lost.
 * Memory  one rig for the whole process, since a pool of packets takes its time. */
#ifndef FUZZ_ENGINE_RIG_H
#define FUZZ_ENGINE_RIG_H

#include <rte_mbuf.h>

#include "engine/packets.h"
#include "engine/inbox.h"
#include "engine/transmit.h"

#define ENGINE_PORTS  2
#define ENGINE_FLOWS  256 /* an inbox holds: lib/engine/inbox.h */
#define ENGINE_ERRORS 32

/* A port: it takes the frames for which it has room, and refuses each packet of a multiple of
 * `refuses`. */
struct engine_wire {
	unsigned room, refuses;
	uint32_t next; /* no frame of a lower number may follow */
	uint64_t taken, bytes;
	uint32_t took_ms; /* when it took something last */
};

/* The items that were handed to a worker, the oldest first. */
struct engine_inbox {
	unsigned first, n;
	struct {
		uint32_t sum, len;
		uint8_t port, round;
	} handed[ENGINE_FLOWS];
};

struct engine_rig {
	struct packets *packets;
	struct counters counters;
	struct transmit tx;
	struct inboxes inboxes;
	struct engine_wire wire[ENGINE_PORTS];
	uint32_t number; /* of the next frame */
	uint64_t said, lost;
	unsigned published; /* news */
	struct {
		uint32_t sum;
		unsigned from;
	} news[INBOX_NEWS];
	uint64_t heard[LIMIT_WORKERS];
	struct engine_inbox errors[LIMIT_WORKERS], flows[LIMIT_WORKERS];
};

/* Make the rig new again. */
struct engine_rig *engine_rig(void);
/* All that is still somewhere is given back, or it ends here. */
void engine_rig_end(struct engine_rig *r);

/* n frames at once. how: FRAME_CSUM_* and ENGINE_STRANGER. */
#define ENGINE_STRANGER 0x80
void engine_say(struct engine_rig *r, uint8_t port, unsigned n, uint8_t how);
/* A packet that arrived is written over and sent; it is gone. */
void engine_answer(struct engine_rig *r, const struct seg *s, uint8_t port);
void engine_turn(struct engine_rig *r, uint32_t ms);
void engine_drain(struct engine_rig *r);

void engine_publish(struct engine_rig *r, unsigned from, const struct seg *s);
void engine_read(struct engine_rig *r, unsigned to);
void engine_hand_over(struct engine_rig *r, unsigned to, const struct seg *s);
void engine_receive(struct engine_rig *r, unsigned to, unsigned n);

uint32_t engine_sum(const void *bytes, size_t len);

#endif
