/* SPDX-License-Identifier: BSD-3-Clause */
#include "syn/half_open.h"

#include "base/seq.h"

int
half_opens_create(struct half_opens *h, uint32_t capacity, int node)
{
	for (unsigned i = 0; i <= LIMIT_RETRIES; i++)
		h->queue[i] = (struct half_open_queue) {.head = POOL_NONE, .tail = POOL_NONE};
	h->longest = 0;
	return pool_create(&h->pool, capacity, sizeof(struct half_open), node);
}

void
half_opens_destroy(struct half_opens *h)
{
	pool_destroy(&h->pool);
}

static void
append(struct half_opens *h, uint32_t i, uint32_t due_ms)
{
	struct half_open *r = half_open_at(h, i);
	struct half_open_queue *q = &h->queue[r->rexmits];

	h->young += r->rexmits == 0;
	r->due_ms = due_ms;
	r->next = POOL_NONE;
	r->prev = q->tail;
	if (q->tail != POOL_NONE)
		half_open_at(h, q->tail)->next = i;
	else
		q->head = i;
	q->tail = i;
}

static void
take_out(struct half_opens *h, uint32_t i)
{
	struct half_open *r = half_open_at(h, i);
	struct half_open_queue *q = &h->queue[r->rexmits];

	h->young -= r->rexmits == 0;
	if (r->prev != POOL_NONE)
		half_open_at(h, r->prev)->next = r->next;
	else
		q->head = r->next;
	if (r->next != POOL_NONE)
		half_open_at(h, r->next)->prev = r->prev;
	else
		q->tail = r->prev;
}

uint32_t
half_open_take(struct half_opens *h, uint32_t due_ms)
{
	uint32_t i = pool_take(&h->pool);
	struct half_open *r;

	if (i == POOL_NONE)
		return i;
	r = half_open_at(h, i);
	r->rexmits = 0;
	r->answers = 0;
	r->live = true;
	r->again = false;
	append(h, i, due_ms);
	return i;
}

void
half_open_give(struct half_opens *h, uint32_t i)
{
	take_out(h, i);
	half_open_at(h, i)->live = false;
	pool_give(&h->pool, i);
}

void
half_open_again(struct half_opens *h, uint32_t i, uint32_t due_ms)
{
	struct half_open *r = half_open_at(h, i);

	take_out(h, i);
	r->rexmits++;
	r->again = true;
	if (r->rexmits > h->longest)
		h->longest = r->rexmits;
	append(h, i, due_ms);
}

uint32_t
half_open_due(const struct half_opens *h, uint32_t now_ms)
{
	for (unsigned q = 0; q <= h->longest; q++) {
		uint32_t i = h->queue[q].head;

		if (i != POOL_NONE && seq_leq(half_open_at(h, i)->due_ms, now_ms))
			return i;
	}
	return POOL_NONE;
}

uint32_t
half_open_oldest(const struct half_opens *h)
{
	for (unsigned q = h->longest + 1; q-- > 0;)
		if (h->queue[q].head != POOL_NONE)
			return h->queue[q].head;
	return POOL_NONE;
}
