/* SPDX-License-Identifier: BSD-3-Clause */
/* The heap of an application's timers against a model that searches. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "timer/heap.h"

#define TIMERS 500
#define STEPS  20000

struct world {
	struct hf_timer timer[TIMERS];
	struct hf_timer *root;
	uint64_t random;
	unsigned fired;
	uint64_t last_us;
};

static uint64_t
draw(struct world *w, uint64_t below)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (w->random >> 33) % below;
}

static void
on_fired(struct hf_core *h, struct hf_timer *x)
{
	struct world *w = x->arg;

	(void)h;
	cr_assert_not(heap_has(x));
	cr_assert_geq(x->at_us, w->last_us, "the earliest first");
	w->last_us = x->at_us;
	w->fired++;
}

/* Returns how many nodes hang on x, x too. */
static unsigned
check_tree(const struct hf_timer *x, const struct hf_timer *up)
{
	uint32_t left, right;

	if (x == NULL)
		return 0;
	left = x->left != NULL ? x->left->rank : 0;
	right = x->right != NULL ? x->right->rank : 0;
	cr_assert_eq(x->up, up);
	cr_assert_geq(left, right);
	cr_assert_eq(x->rank, right + 1);
	if (up != NULL)
		cr_assert_geq(x->at_us, up->at_us);
	return 1 + check_tree(x->left, x) + check_tree(x->right, x);
}

static unsigned
count_armed(const struct world *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TIMERS; i++)
		n += heap_has(&w->timer[i]);
	return n;
}

static unsigned
count_due(const struct world *w, uint64_t now_us)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TIMERS; i++)
		n += heap_has(&w->timer[i]) && w->timer[i].at_us <= now_us;
	return n;
}

Test(timer_heap, any_order_of_put_and_remove)
{
	struct world *w = calloc(1, sizeof(*w));
	uint64_t now_us = 1000;

	for (unsigned i = 0; i < TIMERS; i++) {
		w->timer[i].fn = on_fired;
		w->timer[i].arg = w;
	}
	for (unsigned step = 0; step < STEPS; step++) {
		struct hf_timer *x = &w->timer[draw(w, TIMERS)];
		unsigned due, most = (unsigned)draw(w, 8);

		if (heap_has(x)) {
			heap_remove(&w->root, x);
		} else {
			x->at_us = now_us + draw(w, 2000);
			heap_put(&w->root, x);
		}
		if (step % 64 == 0)
			cr_assert_eq(check_tree(w->root, NULL), count_armed(w));
		if (draw(w, 4) != 0)
			continue;
		now_us += draw(w, 20);
		due = count_due(w, now_us);
		w->fired = 0;
		w->last_us = 0;
		cr_assert_eq(heap_fire(&w->root, NULL, now_us, most), due != 0 && most != 0);
		cr_assert_eq(w->fired, due < most ? due : most);
	}
	heap_fire(&w->root, NULL, UINT64_MAX, TIMERS);
	cr_expect_null(w->root);
	cr_expect_eq(count_armed(w), 0);
	free(w);
}

/* Sorted upwards, sorted downwards: the tree of either is a list. */
Test(timer_heap, a_million_in_order_and_back)
{
	unsigned n = 1000000;
	struct hf_timer *timer = calloc(n, sizeof(*timer)), *root = NULL;

	for (unsigned way = 0; way < 2; way++) {
		for (unsigned i = 0; i < n; i++) {
			timer[i].at_us = way == 0 ? i : n - i;
			heap_put(&root, &timer[i]);
		}
		cr_expect_leq(root->rank, 20u, "log2 of a million");
		for (unsigned i = 0; i < n; i++)
			heap_remove(&root, &timer[i]);
		cr_expect_null(root);
	}
	free(timer);
}
