/* SPDX-License-Identifier: BSD-3-Clause */
/* The entries of a cache of neighbours: look-up, order of use, queues, eviction. */
#include "neigh/entries.h"

static uint32_t
entry_index(const struct neigh *n, const struct neigh_entry *e)
{
	return (uint32_t)(e - n->entry);
}

static uint32_t *
hash_head(struct neigh *n, be32 ip)
{
	struct prf_block b = prf_one(&n->prf, (struct prf_block) {ip, 0});

	return &n->hash[b.lo & n->hash_mask];
}

struct neigh_entry *
entry_find(struct neigh *n, be32 ip)
{
	for (uint32_t i = *hash_head(n, ip); i != ENTRY_NONE; i = n->entry[i].hash_next)
		if (n->entry[i].ip == ip)
			return &n->entry[i];
	return NULL;
}

void
entry_hint(const struct neigh *n, const struct neigh_entry *e, uint16_t *hint)
{
	uint32_t i = e != NULL ? entry_index(n, e) : NEIGH_NONE;

	*hint = i < NEIGH_NONE ? (uint16_t)i : NEIGH_NONE;
}

struct neigh_entry *
entry_find_by(struct neigh *n, be32 ip, uint16_t *hint)
{
	struct neigh_entry *e;

	if (*hint != NEIGH_NONE && *hint < n->fresh) {
		e = &n->entry[*hint];
		if (e->ip == ip && e->state != NEIGH_FREE)
			return e;
	}
	e = entry_find(n, ip);
	entry_hint(n, e, hint);
	return e;
}

/* The order of use. */

static void
order_remove(struct neigh *n, struct neigh_entry *e)
{
	struct chain *o = &n->usable;

	if (e->pinned)
		return;
	*(e->older == ENTRY_NONE ? &o->first : &n->entry[e->older].newer) = e->newer;
	*(e->newer == ENTRY_NONE ? &o->last : &n->entry[e->newer].older) = e->older;
}

static void
order_append(struct neigh *n, struct neigh_entry *e)
{
	struct chain *o = &n->usable;

	if (e->pinned)
		return;
	e->older = o->last;
	e->newer = ENTRY_NONE;
	*(o->last == ENTRY_NONE ? &o->first : &n->entry[o->last].newer) = entry_index(n, e);
	o->last = entry_index(n, e);
}

void
entry_stamp(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	if (e->used_ms == now.ms)
		return;
	e->used_ms = now.ms;
	if (!entry_usable(e))
		return;
	order_remove(n, e);
	order_append(n, e);
}

void
entry_pin(struct neigh *n, struct neigh_entry *e)
{
	if (entry_usable(e))
		order_remove(n, e);
	e->pinned = true;
}

/* Queues. */

static void
queue_remove(struct neigh *n, struct neigh_entry *e)
{
	struct chain *q = &n->queue[e->queue];

	*(e->ahead == ENTRY_NONE ? &q->first : &n->entry[e->ahead].behind) = e->behind;
	*(e->behind == ENTRY_NONE ? &q->last : &n->entry[e->behind].ahead) = e->ahead;
	e->queue = QUEUE_NONE;
}

static void
queue_append(struct neigh *n, struct neigh_entry *e, enum neigh_queue queue)
{
	struct chain *q = &n->queue[queue];

	e->queue = (uint8_t)queue;
	e->ahead = q->last;
	e->behind = ENTRY_NONE;
	*(q->last == ENTRY_NONE ? &q->first : &n->entry[q->last].behind) = entry_index(n, e);
	q->last = entry_index(n, e);
}

void
entry_wait(struct neigh *n, struct neigh_entry *e, enum neigh_queue q, struct clock now)
{
	static const uint32_t wait_ms[QUEUES] = {
	        [QUEUE_DOUBT] = NEIGH_DOUBT_MS,
	        [QUEUE_ASKED] = NEIGH_RETRY_MS,
	        [QUEUE_FAILED] = NEIGH_HOLD_MS,
	};

	if (e->queue != QUEUE_NONE)
		queue_remove(n, e);
	e->due_ms = now.ms + wait_ms[q];
	if (q != QUEUE_NONE)
		queue_append(n, e, q);
}

void
entry_set_state(struct neigh *n, struct neigh_entry *e, enum neigh_state state)
{
	bool was = entry_usable(e);

	if (e->queue != QUEUE_NONE)
		queue_remove(n, e);
	n->incomplete -= e->state == NEIGH_INCOMPLETE;
	n->incomplete += state == NEIGH_INCOMPLETE;
	e->state = (uint8_t)state;
	e->doubt = NEIGH_SURE;
	e->asked = 0;
	if (was && !entry_usable(e))
		order_remove(n, e);
	else if (!was && entry_usable(e))
		order_append(n, e);
}

/* Making and forgetting an entry. */

void
entry_forget(struct neigh *n, struct neigh_entry *e)
{
	uint32_t *link = hash_head(n, e->ip);

	while (*link != entry_index(n, e))
		link = &n->entry[*link].hash_next;
	*link = e->hash_next;
	entry_set_state(n, e, NEIGH_FREE);
	e->hash_next = n->free;
	n->free = entry_index(n, e);
}

/* The oldest FAILED entry that is not pinned. The loop is short: few entries are pinned. */
static uint32_t
entry_oldest_failed(const struct neigh *n)
{
	uint32_t i = n->queue[QUEUE_FAILED].first;

	while (i != ENTRY_NONE && n->entry[i].pinned)
		i = n->entry[i].behind;
	return i;
}

/* The entry whose place a new entry takes, or ENTRY_NONE. */
static uint32_t
entry_to_evict(const struct neigh *n, enum neigh_state state)
{
	uint32_t i = entry_oldest_failed(n);

	if (i != ENTRY_NONE)
		return i;
	if (state == NEIGH_INCOMPLETE && n->incomplete >= (n->conf.capacity + 1) / 2)
		return ENTRY_NONE;
	return n->usable.first;
}

/* A free entry; if there is none, an evicted one; NULL if none may be evicted. */
static struct neigh_entry *
entry_take(struct neigh *n, enum neigh_state state)
{
	uint32_t i = n->free;

	if (i == ENTRY_NONE && n->fresh < n->conf.capacity)
		return &n->entry[n->fresh++];
	if (i == ENTRY_NONE) {
		i = entry_to_evict(n, state);
		if (i == ENTRY_NONE)
			return NULL;
		entry_forget(n, &n->entry[i]);
	}
	n->free = n->entry[i].hash_next;
	return &n->entry[i];
}

struct neigh_entry *
entry_make(struct neigh *n, be32 ip, enum neigh_state state, struct clock now)
{
	struct neigh_entry *e = entry_take(n, state);
	uint32_t *head = hash_head(n, ip);

	if (e == NULL)
		return NULL;
	*e = (struct neigh_entry) {
	        .ip = ip,
	        .used_ms = now.ms,
	        .asked_ms = now.ms - NEIGH_RETRY_MS,
	        .hash_next = *head,
	};
	*head = entry_index(n, e);
	entry_set_state(n, e, state);
	return e;
}
