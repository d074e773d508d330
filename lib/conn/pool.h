/* SPDX-License-Identifier: BSD-3-Clause */
/* pool: records of one size, known by index.
 *
 * The record that was freed last is taken first, since its lines are still in the cache.
 *
 * Threads    one writer; no function is thread-safe.
 * Ownership  a record is the caller's from pool_take() to pool_give().
 * Memory     all of it is allocated at creation, zeroed. The free list lives in the first
 *            four bytes of the records. Records are aligned to 64 bytes if their size
 *            is a multiple of 64.
 * Errors     pool_create() returns -errno; pool_take() returns POOL_NONE when all records
 *            are taken. The pool does not notice a record that is given twice.
 * Bounds     2^31 - 1 records.
 */
#ifndef CONN_POOL_H
#define CONN_POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_NONE UINT32_MAX

struct pool {
	uint8_t *base;
	uint32_t size;     /* bytes of a record */
	uint32_t capacity; /* records in all */
	uint32_t used;
	uint32_t free;  /* the first of the chain of freed records */
	uint32_t fresh; /* records from this index on were never taken */
	size_t bytes;
};

/* size: a multiple of 4; capacity: below 2^31. Returns 0 or -errno. */
int pool_create(struct pool *p, uint32_t capacity, uint32_t size, int node);
void pool_destroy(struct pool *p);

static inline void *
pool_at(const struct pool *p, uint32_t i)
{
	return p->base + (size_t)i * p->size;
}

static inline uint32_t
pool_index(const struct pool *p, const void *record)
{
	return (uint32_t)((size_t)((const uint8_t *)record - p->base) / p->size);
}

/* The index of a record with undefined content, or POOL_NONE if all are taken. */
static inline uint32_t
pool_take(struct pool *p)
{
	uint32_t i = p->free;

	if (i != POOL_NONE) {
		p->free = *(uint32_t *)pool_at(p, i);
	} else {
		if (p->fresh == p->capacity)
			return POOL_NONE;
		i = p->fresh++;
	}
	p->used++;
	return i;
}

static inline void
pool_give(struct pool *p, uint32_t i)
{
	*(uint32_t *)pool_at(p, i) = p->free;
	p->free = i;
	p->used--;
}

#endif
