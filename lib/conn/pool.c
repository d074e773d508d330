/* SPDX-License-Identifier: BSD-3-Clause */
/* Creation and destruction of a pool of records. */
#include "conn/pool.h"

#include <errno.h>

#include "base/arena.h"

int
pool_create(struct pool *p, uint32_t capacity, uint32_t size, int node)
{
	size_t bytes = (size_t)capacity * size;
	void *base;

	/* From 2^31 on an index would collide with the marks of the wheel. */
	if (capacity == 0 || capacity > INT32_MAX || size == 0 || size % sizeof(uint32_t) != 0)
		return -EINVAL;
	base = arena_alloc(bytes, node);
	if (base == NULL)
		return errno ? -errno : -ENOMEM;
	*p = (struct pool) {
	        .base = base,
	        .size = size,
	        .capacity = capacity,
	        .free = POOL_NONE,
	        .bytes = bytes,
	};
	return 0;
}

void
pool_destroy(struct pool *p)
{
	if (p->base != NULL)
		arena_free(p->base, p->bytes);
	*p = (struct pool) {.free = POOL_NONE};
}
