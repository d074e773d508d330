/* SPDX-License-Identifier: BSD-3-Clause */
/* Retransmissions and timeouts of each connection that has had any. */
#include "tcp/losses.h"

#include <errno.h>

#include "base/arena.h"
#include "tcp/handle.h"

#define CONNS_PER_ENTRY 16
#define SETS_MIN        32

int
losses_create(struct losses *l, uint32_t max_conns, int node)
{
	uint32_t sets = max_conns / CONNS_PER_ENTRY / LOSSES_WAYS;

	l->sets = sets > SETS_MIN ? sets : SETS_MIN;
	l->bytes = (size_t)l->sets * LOSSES_WAYS * sizeof(struct tcp_loss);
	l->entry = arena_alloc(l->bytes, node);
	return l->entry != NULL ? 0 : -ENOMEM;
}

void
losses_destroy(struct losses *l)
{
	if (l->entry != NULL)
		arena_free(l->entry, l->bytes);
	l->entry = NULL;
}

static struct tcp_loss *
set_of(const struct tcp *t, const struct tcp_conn *c)
{
	return &t->losses.entry[(size_t)(tcp_index(t, c) % t->losses.sets) * LOSSES_WAYS];
}

const struct tcp_loss *
losses_find(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_loss *set = set_of(t, c);
	uint64_t handle = handle_of(t, c);

	for (unsigned i = 0; i < LOSSES_WAYS; i++)
		if (set[i].handle == handle)
			return &set[i];
	return NULL;
}

static struct tcp_loss *
find_or_take(struct tcp *t, const struct tcp_conn *c)
{
	struct tcp_loss *set = set_of(t, c), *free = NULL;
	uint64_t handle = handle_of(t, c);

	for (unsigned i = 0; i < LOSSES_WAYS; i++) {
		if (set[i].handle == handle)
			return &set[i];
		if (free == NULL && handle_conn(t, set[i].handle) == NULL)
			free = &set[i];
	}
	if (free != NULL)
		*free = (struct tcp_loss) {.handle = handle};
	else
		t->losses.refused++;
	return free;
}

void
losses_sent_again(struct tcp *t, const struct tcp_conn *c, uint32_t bytes)
{
	struct tcp_loss *l = find_or_take(t, c);

	if (l == NULL)
		return;
	l->segments++;
	l->bytes += bytes;
}

void
losses_timeout(struct tcp *t, const struct tcp_conn *c)
{
	struct tcp_loss *l = find_or_take(t, c);

	if (l != NULL)
		l->timeouts++;
}
