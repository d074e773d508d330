/* SPDX-License-Identifier: BSD-3-Clause */
/* flow_table: from the hash of a flow to its record.
 *
 * A bucket is one cache line: 10 signatures of 16 bits, 10 references of 32 bits,
 * and a link to an overflow bucket. The table does not know the records: it
 * offers candidates whose signature fits, and the caller compares keys. A burst can
 * therefore prefetch all buckets first, and then the records of all candidates.
 *
 * Threads    one table per core, with one writer. No function is thread-safe.
 * Ownership  the table holds references. The records are the caller's.
 * Memory     all of it is allocated at creation: 10 bytes per entry. Insert never
 *            allocates.
 * Errors     create returns -errno. Insert returns -ENOSPC when the bucket and the
 *            overflow buckets are full, and then changes nothing.
 * Bounds     2^31 - 1 entries. Insert and remove touch two buckets of a chain; a
 *            look-up reads all of it.
 * Hash       32 bits, keyed (base/prf.h). The high bits choose the bucket, by a multiply:
 *            so the number of buckets need not be a power of two, which would cost up
 *            to twice the memory. The low bits are the signature.
 * Chains     a bucket that has an overflow chain is full, and so is each bucket
 *            of the chain but the first. Insert, and the repair after a removal,
 *            therefore touch two buckets, however long an attacker makes the chain.
 */
#ifndef CONN_FLOW_TABLE_H
#define CONN_FLOW_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

#define FLOW_NONE UINT32_MAX
#define FLOW_WAYS 10
#define FLOW_ALL  0x55555u /* two bits per way */

struct flow_bucket {
	uint16_t signature[FLOW_WAYS]; /* 0: empty. A signature of 0 is stored as 1. */
	uint32_t ref[FLOW_WAYS];
	uint32_t overflow; /* index of the next bucket; FLOW_NONE at the end */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct flow_bucket) == 64, "a bucket is a cache line");

struct flow_table {
	struct flow_bucket *bucket; /* nbuckets buckets, then noverflow overflow buckets */
	uint32_t nbuckets;
	uint32_t noverflow;
	uint32_t free_overflow; /* the first of the chain of free overflow buckets */
	uint32_t used;          /* references in the table */
	uint32_t used_overflow; /* overflow buckets that are linked */
	uint32_t inserted;      /* inserts so far; while it stays the same, a miss holds */
	size_t bytes;
};

/* The position of a search. It is valid until the table changes. */
struct flow_cursor {
	const struct flow_bucket *bucket;
	uint32_t matches; /* two bits for each way of this bucket that is still to be offered */
	uint16_t signature;
};

/* Room for `entries` flows, which fill 75 % of the buckets. Overflow buckets take what a
 * random hash distributes unevenly. Returns 0 or -errno. node: as for arena_alloc(). */
int flow_table_create(struct flow_table *t, uint32_t entries, int node);
void flow_table_destroy(struct flow_table *t);

static inline uint32_t
flow_table_index(const struct flow_table *t, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * t->nbuckets >> 32);
}

static inline const struct flow_bucket *
flow_table_bucket(const struct flow_table *t, uint32_t hash)
{
	return &t->bucket[flow_table_index(t, hash)];
}

static inline uint16_t
flow_table_signature(uint32_t hash)
{
	uint16_t s = (uint16_t)hash;

	return s ? s : 1;
}

/* Prefetch the cache line of the bucket. */
static inline void
flow_table_prefetch(const struct flow_table *t, uint32_t hash)
{
	__builtin_prefetch(flow_table_bucket(t, hash));
}

/* The ways that hold the signature. Way i is bit 2 * i. */
static inline uint32_t
flow_bucket_match(const struct flow_bucket *b, uint16_t signature)
{
	vec_u16x8 wanted = (vec_u16x8) {} + signature;
	uint32_t first = vec_same_u16x8(vec_load_u16x8(b->signature), wanted);
	uint32_t last = vec_same_u16x8(vec_load_two_u16(b->signature + 8), wanted);

	return (first | last << 16) & FLOW_ALL;
}

/* The next reference with the same signature, or FLOW_NONE. */
static inline uint32_t
flow_table_next(const struct flow_table *t, struct flow_cursor *at)
{
	uint32_t way;

	while (at->matches == 0) {
		if (at->bucket->overflow == FLOW_NONE)
			return FLOW_NONE;
		at->bucket = &t->bucket[at->bucket->overflow];
		at->matches = flow_bucket_match(at->bucket, at->signature);
	}
	way = (uint32_t)__builtin_ctz(at->matches) / 2;
	at->matches &= at->matches - 1;
	return at->bucket->ref[way];
}

/* The first reference with the same signature, or FLOW_NONE. The caller compares keys:
 * another flow may have the same signature. */
static inline uint32_t
flow_table_first(const struct flow_table *t, uint32_t hash, struct flow_cursor *at)
{
	at->bucket = flow_table_bucket(t, hash);
	at->signature = flow_table_signature(hash);
	at->matches = flow_bucket_match(at->bucket, at->signature);
	return flow_table_next(t, at);
}

/* ref must not be in the table under this hash already. Returns 0 or -ENOSPC. */
int flow_table_insert(struct flow_table *t, uint32_t hash, uint32_t ref);
/* ref must be in the table under this hash. */
void flow_table_remove(struct flow_table *t, uint32_t hash, uint32_t ref);
/* The flow gets another record: the slot of old is rewritten. old must be in the table. */
void flow_table_replace(struct flow_table *t, uint32_t hash, uint32_t old, uint32_t ref);

#endif
