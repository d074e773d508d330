/* SPDX-License-Identifier: BSD-3-Clause */
/* A bounded queue with many writers and one reader, without a lock: each slot says by its
 * number whose turn it is. */
#include "engine/posts.h"

#include <errno.h>
#include <stdbool.h>

/* The number of a free slot in the lap of position `at`. */
static uint64_t
free_seq(uint64_t at)
{
	return 2 * (at / POSTS_MAX);
}

int
posts_put(struct posts *p, post_fn fn, void *arg)
{
	uint64_t at = __atomic_load_n(&p->tail, __ATOMIC_RELAXED);

	for (;;) {
		struct post *slot = &p->post[at % POSTS_MAX];
		uint64_t seq = __atomic_load_n(&slot->seq, __ATOMIC_ACQUIRE);

		if (seq < free_seq(at))
			return -EAGAIN;
		if (seq > free_seq(at)) { /* another writer took the position */
			at = __atomic_load_n(&p->tail, __ATOMIC_RELAXED);
			continue;
		}
		if (!__atomic_compare_exchange_n(
		            &p->tail, &at, at + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		slot->fn = fn;
		slot->arg = arg;
		__atomic_store_n(&slot->seq, seq + 1, __ATOMIC_RELEASE);
		return 0;
	}
}

unsigned
posts_run(struct posts *p, struct hf_core *h, unsigned most)
{
	unsigned n;

	for (n = 0; n < most; n++) {
		struct post *slot = &p->post[p->head % POSTS_MAX];
		uint64_t full = free_seq(p->head) + 1;
		struct post taken;

		if (__atomic_load_n(&slot->seq, __ATOMIC_ACQUIRE) != full)
			break;
		taken = *slot;
		p->head++;
		__atomic_store_n(&slot->seq, full + 1, __ATOMIC_RELEASE);
		taken.fn(h, taken.arg);
	}
	return n;
}
