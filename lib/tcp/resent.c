/* SPDX-License-Identifier: BSD-3-Clause */
/* The counts of retransmissions and timeouts, for connections that had any. */
#include "tcp/resent.h"

#include <errno.h>

#include "base/arena.h"
#include "tcp/handle.h"

#define CONNS_PER_ENTRY 16
#define SETS_MIN        32

int
resent_create(struct resents *l, uint32_t max_conns, int node)
{
	uint32_t sets = max_conns / CONNS_PER_ENTRY / RESENT_WAYS;

	l->sets = sets > SETS_MIN ? sets : SETS_MIN;
	l->bytes = (size_t)l->sets * RESENT_WAYS * sizeof(struct resent);
	l->entry = arena_alloc(l->bytes, node);
	return l->entry != NULL ? 0 : -ENOMEM;
}

void
resent_destroy(struct resents *l)
{
	if (l->entry != NULL)
		arena_free(l->entry, l->bytes);
	l->entry = NULL;
}

static struct resent *
resent_set(const struct tcp *t, const struct tcp_conn *c)
{
	return &t->resent.entry[(size_t)(tcp_index(t, c) % t->resent.sets) * RESENT_WAYS];
}

const struct resent *
resent_find(const struct tcp *t, const struct tcp_conn *c)
{
	const struct resent *set = resent_set(t, c);
	uint64_t handle = handle_of(t, c);

	for (unsigned i = 0; i < RESENT_WAYS; i++)
		if (set[i].handle == handle)
			return &set[i];
	return NULL;
}

static bool
was_refused_since_opening(const struct tcp *t, const struct tcp_conn *c)
{
	return t->resent.refused != 0 &&
	       clock_stamp_age_ms(t->now, tcp_rare(t, c)->opened) >=
	               clock_stamp_age_ms(t->now, t->resent.refused_stamp);
}

bool
resent_is_partial(const struct tcp *t, const struct tcp_conn *c)
{
	const struct resent *l = resent_find(t, c);

	return l != NULL ? l->partial : was_refused_since_opening(t, c);
}

static struct resent *
resent_find_or_take(struct tcp *t, const struct tcp_conn *c)
{
	struct resent *set = resent_set(t, c), *free = NULL;
	uint64_t handle = handle_of(t, c);

	for (unsigned i = 0; i < RESENT_WAYS; i++) {
		if (set[i].handle == handle)
			return &set[i];
		if (free == NULL && handle_conn(t, set[i].handle) == NULL)
			free = &set[i];
	}
	if (free == NULL) {
		t->resent.refused++;
		t->resent.refused_stamp = clock_stamp(t->now);
		return NULL;
	}
	*free = (struct resent) {.handle = handle, .partial = was_refused_since_opening(t, c)};
	return free;
}

void
resent_segment(struct tcp *t, const struct tcp_conn *c, uint32_t bytes)
{
	struct resent *l = resent_find_or_take(t, c);

	if (l == NULL)
		return;
	l->segments++;
	l->bytes += bytes;
}

void
resent_timeout(struct tcp *t, const struct tcp_conn *c)
{
	struct resent *l = resent_find_or_take(t, c);

	if (l != NULL)
		l->timeouts = (l->timeouts + 1) & 0x7fffffff;
}
