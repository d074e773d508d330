/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocates the records of a client's connections. */
#include "load/client/conns.h"

#include <errno.h>

#include "base/arena.h"

static void *
conns_allocate(size_t bytes, int node)
{
	errno = 0;
	return bytes > 0 ? arena_alloc(bytes, node) : NULL;
}

void
conns_destroy(struct conns *s)
{
	if (s->at != NULL)
		arena_free(s->at, (size_t)s->capacity * sizeof(struct load_conn));
	if (s->progress != NULL)
		arena_free(s->progress, (size_t)s->capacity * s->progress_size);
	s->at = NULL;
	s->progress = NULL;
}

int
conns_create(struct conns *s, uint32_t capacity, uint32_t progress_size, int node)
{
	int err;

	*s = (struct conns) {
	        .capacity = capacity,
	        .progress_size = progress_size,
	        .free = CONNS_NONE,
	        .first = CONNS_NONE,
	        .last = CONNS_NONE,
	        .again = CONNS_NONE,
	        .again_last = CONNS_NONE,
	};
	if (capacity == 0)
		return 0;
	s->at = conns_allocate((size_t)capacity * sizeof(struct load_conn), node);
	if (s->at == NULL)
		return errno ? -errno : -ENOMEM;
	if (progress_size == 0)
		return 0;
	s->progress = conns_allocate((size_t)capacity * progress_size, node);
	if (s->progress != NULL)
		return 0;
	err = errno ? -errno : -ENOMEM;
	conns_destroy(s); /* it may change errno */
	return err;
}
