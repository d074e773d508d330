/* SPDX-License-Identifier: BSD-3-Clause */
/* wheel: a hierarchical timing wheel (Varghese and Lauck, scheme 7).
 *
 * Four levels of 256 slots; a tick is what the caller counts in (the stack:
 * 1 ms). Nodes are embedded in the caller's records and linked by index, so
 * that a node is 12 bytes; record i's node lies at nodes + i * stride.
 *
 * Threads    single writer.
 * Memory     the slots; nodes are the caller's.
 * Cost       arm and disarm O(1); a record is moved at most 3 times, and no call
 *            moves more of them than it is allowed.
 * Time       32-bit ticks that wrap; distances are serial arithmetic, taken from
 *            w->now, so w->now must not be left behind for weeks.
 * Horizon    2^31 - 1 ticks ahead; what is due already fires at the next expiry.
 * Order      of the tick, as far as expiry goes; within a tick none. While a slot is
 *            being moved down the wheel stands: what is due behind it fires late
 *            rather than before its turn, and nothing fires early.
 * Limit      2^31 - 1 records: the top bit of a link marks a slot.
 */
#ifndef TIMER_WHEEL_H
#define TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEEL_LEVELS 4
#define WHEEL_SLOTS  256
#define WHEEL_NIL    UINT32_MAX
#define WHEEL_HEAD   0x80000000u /* in prev: what follows is a slot, not a node */

struct wheel_node {
	uint32_t next; /* WHEEL_NIL: last of its slot */
	uint32_t prev; /* a node, or WHEEL_HEAD | slot; WHEEL_NIL: not armed */
	uint32_t when; /* tick */
};

struct wheel {
	uint8_t *nodes;
	size_t stride;
	uint32_t now;   /* the tick it stands in: all before it have been expired */
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

/* A node that was never armed, or has been disarmed. */
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
 * wheel_expire(), also when that is called with the same now again. */
void wheel_arm(struct wheel *w, uint32_t i, uint32_t when);
/* Record i must be armed. */
void wheel_disarm(struct wheel *w, uint32_t i);

/* Advance to now and take what is due off the wheel, at most max records, into
 * due[]; returns how many. If it returns max there may be more: call again (or
 * next turn: w->now stays behind until all is taken). What has not been taken
 * yet may be disarmed, and anything armed, in between. Ticks in which nothing
 * is due cost next to nothing, however many have passed.
 *
 * *moves: how many records it may move down from higher levels, less those that
 * it moved. At 0 it may return less than max with w->now behind: the same call goes
 * on next turn, as wheel_settle() does. */
unsigned wheel_expire_some(
        struct wheel *w, uint32_t now, uint32_t *due, unsigned max, uint32_t *moves);
/* Only move, without advancing: nothing fires. */
void wheel_settle(struct wheel *w, uint32_t *moves);

/* Some of the slot where the wheel stands is still to be moved down. */
bool wheel_moving(const struct wheel *w);

/* With as many moves as it takes (tests, benches). */
static inline unsigned
wheel_expire(struct wheel *w, uint32_t now, uint32_t *due, unsigned max)
{
	uint32_t moves = UINT32_MAX;

	return wheel_expire_some(w, now, due, max, &moves);
}

#endif
