/* SPDX-License-Identifier: BSD-3-Clause */
/* entries: the entries of a cache of neighbours, for lib/neigh only.
 *
 * Threads  as in neigh.h: single writer.
 * Memory   the entries lie behind struct neigh, in one allocation.
 * Order    usable entries stand in the order of their use. A pinned entry stands in no
 *          order, so that the search for an entry to evict never meets it.
 * Queues   all entries of a queue wait equally long. The first entry is therefore always
 *          the next one due, and the end of a wait costs no search.
 */
#ifndef NEIGH_ENTRIES_H
#define NEIGH_ENTRIES_H

#include "base/prf.h"
#include "base/seq.h"
#include "neigh/neigh.h"

#define ENTRY_NONE UINT32_MAX

enum neigh_queue {
	QUEUE_NONE,
	QUEUE_HELD,       /* the rate holds the question back */
	QUEUE_HELD_POLLS, /* the rate holds back a question for which no packet waits */
	QUEUE_DOUBT,      /* an answer to a first question of a doubt: NEIGH_DOUBT_MS */
	QUEUE_ASKED,      /* an answer to another question: NEIGH_RETRY_MS */
	QUEUE_FAILED,     /* the end of a pause without questions: NEIGH_HOLD_MS */
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
	uint64_t ask_next_us;  /* the time at which the rate allows the next request */
	uint64_t ask_every_us; /* the distance of two requests at that rate */
	uint64_t ask_ahead_us; /* a request may leave earlier by this: the token bucket */
	struct chain usable;   /* usable entries; the longest unused is first */
	struct chain queue[QUEUES];
	uint32_t incomplete; /* entries that are INCOMPLETE */
	uint32_t free;       /* chain of forgotten entries, by hash_next */
	uint32_t fresh;      /* entries from this index on were never in use */
	uint32_t swept;      /* the entry whose age is checked next */
	uint32_t hash_mask;
	uint32_t *hash; /* the first entry of each hash chain */
	size_t bytes;
	struct neigh_entry entry[];
};

static inline bool
entry_usable(const struct neigh_entry *e)
{
	return e->state == NEIGH_REACHABLE || e->state == NEIGH_STALE;
}

/* NULL: there is none. */
struct neigh_entry *entry_find(struct neigh *n, be32 ip);
/* The same, but *hint is tried first. *hint is updated. */
struct neigh_entry *entry_find_by(struct neigh *n, be32 ip, uint16_t *hint);
void entry_hint(const struct neigh *n, const struct neigh_entry *e, uint16_t *hint);
/* NULL: all are in use, and none may be evicted for an entry in this state. */
struct neigh_entry *entry_make(
        struct neigh *n, be32 ip, enum neigh_state state, struct clock now);
void entry_forget(struct neigh *n, struct neigh_entry *e);
/* The entry leaves its queue, and its questions and doubt are forgotten. A change of state
 * does not count as a use: an entry that stays usable keeps its position in the order. */
void entry_set_state(struct neigh *n, struct neigh_entry *e, enum neigh_state state);
void entry_pin(struct neigh *n, struct neigh_entry *e);
/* Note a use of the entry: it becomes the last in the order. */
void entry_stamp(struct neigh *n, struct neigh_entry *e, struct clock now);
/* Move the entry to a queue, where its wait begins now. QUEUE_NONE: it leaves its queue. */
void entry_wait(struct neigh *n, struct neigh_entry *e, enum neigh_queue q, struct clock now);

#endif
