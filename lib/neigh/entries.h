/* SPDX-License-Identifier: BSD-3-Clause */
/* entries: the places of a cache, how they are found, and in which order they go;
 * for lib/neigh only.
 *
 * Order   usable entries stand in the order of their use; a pinned one in none, so
 *         that it is never looked for there.
 * Queues  who waits for something waits equally long as all others in its queue, so
 *         the first one is always the next, and the end of a wait costs no search.
 */
#ifndef NEIGH_ENTRIES_H
#define NEIGH_ENTRIES_H

#include "base/prf.h"
#include "base/seq.h"
#include "neigh/neigh.h"

#define ENTRY_NONE UINT32_MAX

enum neigh_queue {
	QUEUE_NONE,
	QUEUE_HELD,       /* questions that the rate holds back */
	QUEUE_HELD_POLLS, /* ... for which nobody waits */
	QUEUE_DOUBT,      /* asked, in a doubt's beginning: NEIGH_DOUBT_MS */
	QUEUE_ASKED,      /* NEIGH_RETRY_MS */
	QUEUE_FAILED,     /* NEIGH_HOLD_MS */
	QUEUES,
};

struct chain {
	uint32_t first;
	uint32_t last;
};

struct neigh {
	struct prf prf;
	struct neigh_conf conf;
	neigh_ask_fn ask;
	void *ctx;
	uint64_t ask_next_us;  /* when a request would be on time at exactly the rate */
	uint64_t ask_every_us; /* the rate */
	uint64_t ask_ahead_us; /* how much earlier than that it may leave: the bucket */
	struct chain usable;   /* the oldest use first */
	struct chain queue[QUEUES];
	uint32_t incomplete; /* entries in that state */
	uint32_t free;       /* chain of entries that were in use, by hash_next */
	uint32_t fresh;      /* entries from here on were never in use */
	uint32_t swept;      /* who ages next */
	uint32_t hash_mask;
	uint32_t *hash; /* heads */
	size_t bytes;
	struct neigh_entry entry[];
};

static inline bool
entry_usable(const struct neigh_entry *e)
{
	return e->state == NEIGH_REACHABLE || e->state == NEIGH_STALE;
}

struct neigh_entry *entry_find(struct neigh *n, be32 ip);
/* ... or where *hint says; *hint is updated. */
struct neigh_entry *entry_find_by(struct neigh *n, be32 ip, uint16_t *hint);
void entry_hint(const struct neigh *n, const struct neigh_entry *e, uint16_t *hint);
/* NULL: nobody's place may be taken for one in this state. */
struct neigh_entry *entry_make(
        struct neigh *n, be32 ip, enum neigh_state state, struct clock now);
void entry_forget(struct neigh *n, struct neigh_entry *e);
/* Of its own a change of state is no use: who was usable, and is, stays where it is in
 * the order. Nothing is asked any more, and nothing waited for. */
void entry_set_state(struct neigh *n, struct neigh_entry *e, enum neigh_state state);
void entry_pin(struct neigh *n, struct neigh_entry *e);
/* It is used. */
void entry_stamp(struct neigh *n, struct neigh_entry *e, struct clock now);
/* Wait there, from now on; QUEUE_NONE: for nothing. */
void entry_wait(struct neigh *n, struct neigh_entry *e, enum neigh_queue q, struct clock now);

#endif
