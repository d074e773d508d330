/* SPDX-License-Identifier: BSD-3-Clause */
/* pool: records of one size, known by index, last freed first taken (the one
 * whose lines are still in the cache).
 *
 * Threads    single writer.
 * Memory     all of it at creation, zeroed; the free list lives in the records'
 *            first four bytes. Records are aligned to 64 bytes if their size is
 *            a multiple of 64.
 * Bugs       giving a record twice is not noticed.
 */
#ifndef CONN_POOL_H
#define CONN_POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_NONE UINT32_MAX

struct pool {
	uint8_t *base;
	uint32_t size;     /* of a record */
	uint32_t capacity; /* records */
	uint32_t used;
	uint32_t free;  /* head of the freed ones */
	uint32_t fresh; /* records from here on were never taken */
	size_t bytes;
};

/* size: a multiple of 4; capacity: below 2^31. 0 or -errno. */
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

/* Takes a record, its content undefined; POOL_NONE if all are taken. */
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
