/* SPDX-License-Identifier: BSD-3-Clause */
/* A leftist tree of timers with links upwards, so that any timer can be removed. */
#include "timer/heap.h"

#include <assert.h>

static uint32_t
rank_of(const struct hf_timer *x)
{
	return x != NULL ? x->rank : 0;
}

/* The child of less rank goes right. Returns true if the rank of x has changed. */
static bool
settle_rank(struct hf_timer *x)
{
	struct hf_timer *left = x->left;
	uint32_t before = x->rank;

	if (rank_of(left) < rank_of(x->right)) {
		x->left = x->right;
		x->right = left;
	}
	x->rank = rank_of(x->right) + 1;
	return x->rank != before;
}

/* As deep as two ways along right children are long: 2 * log2(n + 1). */
static struct hf_timer *
merge(struct hf_timer *a, struct hf_timer *b)
{
	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	if (b->at_us < a->at_us) {
		struct hf_timer *later = a;

		a = b;
		b = later;
	}
	a->right = merge(a->right, b);
	a->right->up = a;
	settle_rank(a);
	return a;
}

void
heap_put(struct hf_timer **root, struct hf_timer *x)
{
	assert(!heap_has(x));
	x->left = x->right = NULL;
	x->rank = 1;
	*root = merge(*root, x);
	(*root)->up = NULL;
}

/* The ranks above x change for no more than log2(n + 1) nodes: each that does is one more than
 * the one below it. */
void
heap_remove(struct hf_timer **root, struct hf_timer *x)
{
	struct hf_timer *rest = merge(x->left, x->right), *up = x->up;

	assert(heap_has(x));
	if (rest != NULL)
		rest->up = up;
	if (up == NULL)
		*root = rest;
	else if (up->left == x)
		up->left = rest;
	else
		up->right = rest;
	while (up != NULL && settle_rank(up))
		up = up->up;
	x->rank = 0;
}

unsigned
heap_fire_due(struct hf_timer **root, struct hf_core *h, uint64_t now_us, unsigned most)
{
	unsigned n;

	for (n = 0; n < most && *root != NULL && (*root)->at_us <= now_us; n++) {
		struct hf_timer *x = *root;

		heap_remove(root, x);
		x->fn(h, x);
	}
	return n;
}
