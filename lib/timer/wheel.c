/* SPDX-License-Identifier: BSD-3-Clause */
/* The slots of the wheel: nodes are linked into them, move down a level, and come due. */
#include "timer/wheel.h"

#include <assert.h>

#include "base/seq.h"

#define LEVEL_BITS  8
#define LEVEL_WORDS (WHEEL_SLOTS / 64)
#define NEVER       UINT32_MAX

_Static_assert(WHEEL_SLOTS == 1 << LEVEL_BITS, "a level is a byte of the tick");
_Static_assert(WHEEL_LEVELS *LEVEL_BITS == 32, "the levels cover the tick");

static inline void
mark_busy(struct wheel *w, uint32_t slot)
{
	w->busy[slot / 64] |= UINT64_C(1) << slot % 64;
}

static inline void
mark_idle(struct wheel *w, uint32_t slot)
{
	w->busy[slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

/* The distance chooses the level, and that level's byte of the tick chooses the slot. The
 * slot may be the one of that level in which the wheel stands: a whole round ahead. That
 * slot was emptied when the wheel entered it, and comes round when the node is due. */
static inline uint32_t
slot_for(const struct wheel *w, uint32_t when)
{
	uint32_t distance = when - w->now;
	uint32_t level;

	if (distance > INT32_MAX) /* the past */
		return w->now % WHEEL_SLOTS;
	level = (31 - (uint32_t)__builtin_clz(distance | 1)) / LEVEL_BITS;
	return level * WHEEL_SLOTS + (when >> level * LEVEL_BITS) % WHEEL_SLOTS;
}

static inline void
link_node(struct wheel *w, struct wheel_node *n, uint32_t i)
{
	uint32_t slot = slot_for(w, n->when);
	uint32_t head = w->slot[slot];

	n->next = head;
	n->prev = WHEEL_HEAD | slot;
	if (head != WHEEL_NIL)
		wheel_node(w, head)->prev = i;
	else
		mark_busy(w, slot);
	w->slot[slot] = i;
}

/* Move up to `most` nodes of a slot to lower levels; returns the number moved. The wheel
 * stands at the first tick of the slot, so every node of it is near enough for a lower
 * level: none returns to this slot. */
static uint32_t
slot_move_down(struct wheel *w, uint32_t slot, uint32_t most)
{
	uint32_t i = w->slot[slot], n = 0;

	if (i == WHEEL_NIL || most == 0)
		return 0;
	while (i != WHEEL_NIL && n < most) {
		struct wheel_node *node = wheel_node(w, i);
		uint32_t next = node->next;

		link_node(w, node, i);
		i = next;
		n++;
	}
	w->slot[slot] = i;
	if (i != WHEEL_NIL)
		wheel_node(w, i)->prev = WHEEL_HEAD | slot;
	else
		mark_idle(w, slot);
	return n;
}

/* True: a slot of this level begins at the tick where the wheel stands. */
static inline bool
slot_begins_here(const struct wheel *w, uint32_t level, uint32_t *slot)
{
	uint32_t below = level * LEVEL_BITS;

	if (w->now & ((UINT32_C(1) << below) - 1))
		return false;
	*slot = level * WHEEL_SLOTS + (w->now >> below) % WHEEL_SLOTS;
	return true;
}

/* The distance from slot `from` to the next busy slot of a level: 1 to 256 (a whole
 * round), or NEVER. */
static uint32_t
next_busy_slot(const struct wheel *w, uint32_t level, uint32_t from)
{
	const uint64_t *busy = &w->busy[level * LEVEL_WORDS];
	uint32_t start = (from + 1) % WHEEL_SLOTS;
	uint64_t bits = busy[start / 64] & (~UINT64_C(0) << start % 64);

	/* The first word is read once more at the end, for the bits before the start. */
	for (uint32_t k = 0; k <= LEVEL_WORDS; k++) {
		uint32_t word = (start / 64 + k) % LEVEL_WORDS;

		if (k > 0)
			bits = busy[word];
		if (bits) {
			uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);

			return (slot - start) % WHEEL_SLOTS + 1;
		}
	}
	return NEVER;
}

/* Ticks until the next tick with work: nodes come due, or a slot of a higher level must
 * move down. NEVER: there is none. The caller has emptied the slot of the tick where the
 * wheel stands, and each slot of a higher level that begins there. */
static uint32_t
next_event(const struct wheel *w)
{
	uint32_t best = NEVER;

	for (uint32_t level = 0; level < WHEEL_LEVELS; level++) {
		uint32_t below = level * LEVEL_BITS;
		uint32_t into = w->now & ((UINT32_C(1) << below) - 1);
		uint32_t slots;

		/* A level has no event before its next slot begins. */
		if (best <= (UINT32_C(1) << below) - into)
			break;
		slots = next_busy_slot(w, level, (w->now >> below) % WHEEL_SLOTS);
		if (slots != NEVER && (slots << below) - into < best)
			best = (slots << below) - into;
	}
	return best;
}

/* Take up to max nodes from the slot of the tick where the wheel stands. */
static unsigned
take_due_nodes(struct wheel *w, uint32_t *due, unsigned max)
{
	uint32_t slot = w->now % WHEEL_SLOTS;
	uint32_t i = w->slot[slot];
	unsigned n = 0;

	if (i == WHEEL_NIL)
		return 0;
	while (i != WHEEL_NIL && n < max) {
		struct wheel_node *node = wheel_node(w, i);

		due[n++] = i;
		i = node->next;
		node->prev = WHEEL_NIL;
	}
	w->slot[slot] = i;
	if (i != WHEEL_NIL)
		wheel_node(w, i)->prev = WHEEL_HEAD | slot;
	else
		mark_idle(w, slot);
	w->armed -= n;
	return n;
}

void
wheel_init(struct wheel *w, void *nodes, size_t stride, uint32_t now)
{
	*w = (struct wheel) {.nodes = nodes, .stride = stride, .now = now};
	for (uint32_t i = 0; i < WHEEL_LEVELS * WHEEL_SLOTS; i++)
		w->slot[i] = WHEEL_NIL;
}

void
wheel_arm(struct wheel *w, uint32_t i, uint32_t when)
{
	struct wheel_node *n = wheel_node(w, i);

	assert(!wheel_armed(n) && i < WHEEL_HEAD);
	n->when = when;
	link_node(w, n, i);
	w->armed++;
}

void
wheel_disarm(struct wheel *w, uint32_t i)
{
	struct wheel_node *n = wheel_node(w, i);

	assert(wheel_armed(n));
	if (n->next != WHEEL_NIL)
		wheel_node(w, n->next)->prev = n->prev;
	if (n->prev & WHEEL_HEAD) {
		uint32_t slot = n->prev & ~WHEEL_HEAD;

		w->slot[slot] = n->next;
		if (n->next == WHEEL_NIL)
			mark_idle(w, slot);
	} else {
		wheel_node(w, n->prev)->next = n->next;
	}
	n->prev = WHEEL_NIL;
	w->armed--;
}

bool
wheel_moving(const struct wheel *w)
{
	uint32_t slot;

	for (uint32_t level = 1; level < WHEEL_LEVELS && slot_begins_here(w, level, &slot);
	        level++)
		if (w->slot[slot] != WHEEL_NIL)
			return true;
	return false;
}

void
wheel_settle(struct wheel *w, uint32_t *moves)
{
	uint32_t slot;

	for (uint32_t level = 1; level < WHEEL_LEVELS && slot_begins_here(w, level, &slot);
	        level++)
		*moves -= slot_move_down(w, slot, *moves);
}

/* The wheel does not advance while a slot moves down, since a node of that slot may be due
 * at this tick. Nodes that have moved fire meanwhile; the tick ends when all have moved. */
unsigned
wheel_expire_some(struct wheel *w, uint32_t now, uint32_t *due, unsigned max, uint32_t *moves)
{
	unsigned n = 0;

	while (n < max) {
		uint32_t ahead;

		wheel_settle(w, moves);
		n += take_due_nodes(w, due + n, max - n);
		if (n == max || !seq_lt(w->now, now) || wheel_moving(w))
			break;
		ahead = w->armed ? next_event(w) : NEVER;
		if (ahead > now - w->now) {
			w->now = now;
			break;
		}
		w->now += ahead;
	}
	return n;
}
