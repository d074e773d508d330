/* SPDX-License-Identifier: BSD-3-Clause */
/* Creation of the table, and the operations that change it: insert, remove, replace. */
#include "conn/flow_table.h"

#include <assert.h>
#include <errno.h>

#include "base/arena.h"

/* With 7.5 entries in a bucket of 10 a random hash overfills 13.8 % of the buckets
 * (Poisson). A table has overflow buckets for a sixth of its buckets. From two thousand
 * buckets on, the need is more than 4 standard deviations below that. A smaller table
 * gets OVERFLOW_LEAST more. */
#define MEAN_TIMES_10  75
#define OVERFLOW_SHARE 6
#define OVERFLOW_LEAST 16

/* One slot of the table. */
struct place {
	struct flow_bucket *bucket;
	uint32_t way;
};

static uint32_t
first_way(uint32_t ways)
{
	return (uint32_t)__builtin_ctz(ways) / 2;
}

static struct place
slot_find(struct flow_table *t, uint32_t hash, uint32_t ref)
{
	struct flow_bucket *b = &t->bucket[flow_table_index(t, hash)];
	uint16_t signature = flow_table_signature(hash);

	for (;;) {
		uint32_t ways = flow_bucket_match(b, signature);

		for (; ways; ways &= ways - 1)
			if (b->ref[first_way(ways)] == ref)
				return (struct place) {b, first_way(ways)};
		assert(b->overflow != FLOW_NONE);
		b = &t->bucket[b->overflow];
	}
}

/* Link a spare bucket between a full bucket and the rest of its chain. NULL: none is left. */
static struct flow_bucket *
chain_grow(struct flow_table *t, struct flow_bucket *b)
{
	uint32_t i = t->free_overflow;
	struct flow_bucket *o;

	if (i == FLOW_NONE)
		return NULL;
	o = &t->bucket[i];
	t->free_overflow = o->overflow;
	o->overflow = b->overflow;
	b->overflow = i;
	t->used_overflow++;
	return o;
}

/* Fill the gap that a removal leaves, from the chain's first overflow bucket: no other
 * bucket of a chain may have a free slot. An overflow bucket that becomes empty is freed. */
static void
chain_fill_gap(struct flow_table *t, struct flow_bucket *home, struct place gap)
{
	uint32_t i = home->overflow;
	struct flow_bucket *o = &t->bucket[i];
	uint32_t taken = ~flow_bucket_match(o, 0) & FLOW_ALL;
	uint32_t way = first_way(taken);

	gap.bucket->signature[gap.way] = o->signature[way];
	gap.bucket->ref[gap.way] = o->ref[way];
	o->signature[way] = 0;
	if (taken & (taken - 1))
		return;
	home->overflow = o->overflow;
	o->overflow = t->free_overflow;
	t->free_overflow = i;
	t->used_overflow--;
}

int
flow_table_create(struct flow_table *t, uint32_t entries, int node)
{
	uint64_t nbuckets = ((uint64_t)entries * 10 + MEAN_TIMES_10 - 1) / MEAN_TIMES_10;
	uint64_t total;

	if (entries == 0 || entries > INT32_MAX)
		return -EINVAL;
	*t = (struct flow_table) {
	        .nbuckets = (uint32_t)nbuckets,
	        .noverflow = (uint32_t)(nbuckets / OVERFLOW_SHARE + OVERFLOW_LEAST),
	        .free_overflow = FLOW_NONE,
	};
	total = nbuckets + t->noverflow;
	t->bytes = total * sizeof(struct flow_bucket);
	t->bucket = arena_alloc(t->bytes, node);
	if (t->bucket == NULL)
		return errno ? -errno : -ENOMEM;
	for (uint32_t i = 0; i < t->nbuckets; i++)
		t->bucket[i].overflow = FLOW_NONE;
	for (uint32_t i = (uint32_t)total; i-- > t->nbuckets;) {
		t->bucket[i].overflow = t->free_overflow;
		t->free_overflow = i;
	}
	return 0;
}

void
flow_table_destroy(struct flow_table *t)
{
	if (t->bucket != NULL)
		arena_free(t->bucket, t->bytes);
	*t = (struct flow_table) {.free_overflow = FLOW_NONE};
}

int
flow_table_insert(struct flow_table *t, uint32_t hash, uint32_t ref)
{
	struct flow_bucket *home = &t->bucket[flow_table_index(t, hash)];
	struct flow_bucket *b = home;
	uint32_t empty = flow_bucket_match(b, 0);
	uint32_t way;

	if (empty == 0 && home->overflow != FLOW_NONE) {
		b = &t->bucket[home->overflow];
		empty = flow_bucket_match(b, 0);
	}
	if (empty == 0) {
		b = chain_grow(t, home);
		if (b == NULL)
			return -ENOSPC;
		empty = flow_bucket_match(b, 0);
	}
	way = first_way(empty);
	b->signature[way] = flow_table_signature(hash);
	b->ref[way] = ref;
	t->used++;
	t->inserted++;
	return 0;
}

void
flow_table_remove(struct flow_table *t, uint32_t hash, uint32_t ref)
{
	struct flow_bucket *home = &t->bucket[flow_table_index(t, hash)];
	struct place at = slot_find(t, hash, ref);

	if (home->overflow == FLOW_NONE)
		at.bucket->signature[at.way] = 0;
	else
		chain_fill_gap(t, home, at);
	t->used--;
}

void
flow_table_replace(struct flow_table *t, uint32_t hash, uint32_t old, uint32_t ref)
{
	struct place at = slot_find(t, hash, old);

	at.bucket->ref[at.way] = ref;
}
