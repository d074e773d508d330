/* SPDX-License-Identifier: BSD-3-Clause */
/* wheel: a hierarchical timing wheel (Varghese and Lauck, scheme 7).
 *
 * The wheel has four levels of 256 slots. The caller chooses the unit of a tick (the
 * stack: 1 ms). Nodes are embedded in the caller's records and linked by index, which
 * keeps a node at 12 bytes. The node of record i lies at nodes + i * stride.
 *
 * Threads    one writer; no function is thread-safe.
 * Ownership  the records are the caller's. A record with an armed node must stay.
 * Memory     the slots are in struct wheel; nothing is allocated.
 * Errors     none: arming an armed node, or disarming one that is not, is a bug (assert).
 * Calls back no: expired records are returned in an array.
 * Cost       arm and disarm are O(1). A record moves at most 3 times, and a call
 *            moves no more records than its `moves` allow.
 * Time       ticks have 32 bits and wrap. Distances are serial arithmetic from
 *            w->now, so expiry must not pause for weeks.
 * Horizon    2^31 - 1 ticks ahead. A tick in the past fires at the next expiry.
 * Order      records fire in the order of their ticks, and within a tick in any order. The
 *            wheel stands while a slot moves down. Records of later ticks then fire late
 *            rather than out of order, and no record fires early.
 * Bounds     2^31 - 1 records: the top bit of a link marks a slot.
 */
#ifndef TIMER_WHEEL_H
#define TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEEL_LEVELS 4
#define WHEEL_SLOTS  256
#define WHEEL_NIL    UINT32_MAX
#define WHEEL_HEAD   0x80000000u /* in prev: the other bits are a slot, not a node */

struct wheel_node {
	uint32_t next; /* WHEEL_NIL: this is the last of its slot */
	uint32_t prev; /* a node, or WHEEL_HEAD | slot; WHEEL_NIL: this is not armed */
	uint32_t when; /* the tick at which it fires */
};

struct wheel {
	uint8_t *nodes;
	size_t stride;
	uint32_t now;   /* the tick where the wheel stands: all earlier ticks have expired */
	uint32_t armed; /* nodes on the wheel */
	uint32_t slot[WHEEL_LEVELS * WHEEL_SLOTS];
	uint64_t busy[WHEEL_LEVELS * WHEEL_SLOTS / 64]; /* slots that are not empty */
};

void wheel_init(struct wheel *w, void *nodes, size_t stride, uint32_t now);

static inline struct wheel_node *
wheel_node(const struct wheel *w, uint32_t i)
{
	return (struct wheel_node *)(void *)(w->nodes + (size_t)i * w->stride);
}

/* Make a node unarmed. It must not be armed. */
static inline void
wheel_node_init(struct wheel_node *n)
{
	n->prev = WHEEL_NIL;
}

static inline bool
wheel_armed(const struct wheel_node *n)
{
	return n->prev != WHEEL_NIL;
}

/* Record i must not be armed. A tick at or before w->now is due at the next
 * wheel_expire(), even at one with the same now. */
void wheel_arm(struct wheel *w, uint32_t i, uint32_t when);
/* Record i must be armed. */
void wheel_disarm(struct wheel *w, uint32_t i);

/* Advance to now, and take at most max due records off the wheel into due[]; returns their
 * number. After a return of max there may be more: call again, at once or next turn
 * (w->now stays behind until all are taken). Between the calls any record may be armed,
 * and any that was not taken may be disarmed. Ticks without a due record cost next to
 * nothing, however many have passed.
 *
 * *moves: the number of records that the call may move down from higher levels; the
 * call subtracts those that it moved. At 0 the call may return less than max although
 * w->now is behind: the same call, or wheel_settle(), goes on next turn. */
unsigned wheel_expire_some(
        struct wheel *w, uint32_t now, uint32_t *due, unsigned max, uint32_t *moves);
/* Move records down without advancing. None fires. */
void wheel_settle(struct wheel *w, uint32_t *moves);

/* True: records of the slot where the wheel stands must still move down. */
bool wheel_moving(const struct wheel *w);

/* wheel_expire_some() without a bound on moves, for tests and benches. */
static inline unsigned
wheel_expire(struct wheel *w, uint32_t now, uint32_t *due, unsigned max)
{
	uint32_t moves = UINT32_MAX;

	return wheel_expire_some(w, now, due, max, &moves);
}

#endif
