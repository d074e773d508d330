/* SPDX-License-Identifier: BSD-3-Clause */
/* flow_table: from the hash of a flow to its record.
 *
 * Buckets of one cache line: 8 signatures of 16 bits, 8 references of 32 bits,
 * and a link to an overflow bucket. The table does not know the records: it
 * offers candidates whose signature fits, and the caller compares keys. So a
 * burst prefetches first all buckets, then all candidates' records.
 *
 * Threads    one table per core; single writer, no function is thread-safe.
 * Memory     all of it at creation. Insert never allocates.
 * Errors     insert returns -ENOSPC when bucket and overflow are full; nothing
 *            is lost.
 * Hash       32 bits, keyed (base/prf.h): bucket from the low bits, signature
 *            from the high ones.
 */
#ifndef CONN_FLOW_TABLE_H
#define CONN_FLOW_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define FLOW_NONE UINT32_MAX
#define FLOW_WAYS 8

struct flow_bucket {
	uint16_t signature[FLOW_WAYS]; /* 0: empty; a signature of 0 is stored as 1 */
	uint32_t ref[FLOW_WAYS];
	uint32_t overflow; /* index of a bucket, FLOW_NONE at the end */
	uint32_t spare[3];
} __attribute__((aligned(64)));

struct flow_table {
	struct flow_bucket *bucket; /* nbuckets, then the overflow ones */
	uint32_t nbuckets;          /* power of two */
	uint32_t noverflow;
	uint32_t free_overflow;     /* chain */
	uint32_t used;              /* references in the table */
	size_t bytes;
	int node;
};

/* Where a search stands. */
struct flow_cursor {
	const struct flow_bucket *bucket;
	uint32_t matches; /* ways of this bucket still to be offered */
	uint16_t signature;
};

/* Room for at least `entries` flows. 0 or -errno. */
int flow_table_create(struct flow_table *t, uint32_t entries, int node);
void flow_table_destroy(struct flow_table *t);

static inline const struct flow_bucket *
flow_table_bucket(const struct flow_table *t, uint32_t hash)
{
	return &t->bucket[hash & (t->nbuckets - 1)];
}

/* The bucket's line. */
static inline void
flow_table_prefetch(const struct flow_table *t, uint32_t hash)
{
	__builtin_prefetch(flow_table_bucket(t, hash));
}

/* The first reference whose signature fits, or FLOW_NONE; then the others. */
uint32_t flow_table_first(const struct flow_table *t, uint32_t hash, struct flow_cursor *at);
uint32_t flow_table_next(const struct flow_table *t, struct flow_cursor *at);

/* ref must not be in the table under this hash already. 0 or -ENOSPC. */
int flow_table_insert(struct flow_table *t, uint32_t hash, uint32_t ref);
/* ref must be there. */
void flow_table_remove(struct flow_table *t, uint32_t hash, uint32_t ref);
/* The same flow, another record: the slot is rewritten. old must be there. */
void flow_table_replace(struct flow_table *t, uint32_t hash, uint32_t old, uint32_t ref);

#endif
