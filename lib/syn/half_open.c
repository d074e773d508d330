/* SPDX-License-Identifier: BSD-3-Clause */
/* The pool of half-open records, its queues by the number of retransmissions, and the count of
 * records of each source. */
#include "syn/half_open.h"

#include "base/seq.h"

/* One address may hold an eighth of the pool, a /24 a quarter. */
#define ADDR_PART   8
#define PREFIX_PART 4

int
half_opens_create(struct half_opens *h, uint32_t capacity, const struct prf *prf, int node)
{
	sketch_init(&h->held, prf, capacity, ADDR_PART, PREFIX_PART, HALF_OPEN_CAP_MIN);
	h->hand = 0;
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
half_open_append(struct half_opens *h, uint32_t i, uint32_t due_ms)
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
half_open_unlink(struct half_opens *h, uint32_t i)
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
half_open_take(struct half_opens *h, const struct flow_key *key, uint32_t due_ms)
{
	bool counted = h->pool.used >= half_open_count_from(h);
	uint32_t i = pool_take(&h->pool);
	struct half_open *r;

	if (i == POOL_NONE)
		return i;
	r = half_open_at(h, i);
	r->key = *key;
	r->rexmits = 0;
	r->replies = 0;
	r->live = true;
	r->again = false;
	r->counted = counted;
	if (counted)
		sketch_add(&h->held, key->raddr);
	half_open_append(h, i, due_ms);
	return i;
}

void
half_open_give(struct half_opens *h, uint32_t i)
{
	struct half_open *r = half_open_at(h, i);

	half_open_unlink(h, i);
	r->live = false;
	if (r->counted)
		sketch_remove(&h->held, r->key.raddr);
	pool_give(&h->pool, i);
}

void
half_open_again(struct half_opens *h, uint32_t i, uint32_t due_ms)
{
	struct half_open *r = half_open_at(h, i);

	half_open_unlink(h, i);
	r->rexmits++;
	r->again = true;
	if (r->rexmits > h->longest)
		h->longest = r->rexmits;
	half_open_append(h, i, due_ms);
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

uint32_t
half_open_of_source(struct half_opens *h, be32 addr)
{
	enum sketch_scope scope = sketch_is_full(&h->held, SKETCH_ADDR, addr) ? SKETCH_ADDR
	                                                                      : SKETCH_PREFIX;

	for (unsigned n = 0; n < HALF_OPEN_REACH && n < h->pool.fresh; n++) {
		uint32_t i = h->hand < h->pool.fresh ? h->hand : 0;
		const struct half_open *r = half_open_at(h, i);

		h->hand = i + 1;
		if (r->live && sketch_is_same(scope, r->key.raddr, addr))
			return i;
	}
	return POOL_NONE;
}
