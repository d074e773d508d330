/* SPDX-License-Identifier: BSD-3-Clause */
/* Rings and news between workers: what one receives and another one needs. */
#include "engine/inbox.h"

#include <assert.h>
#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_ring.h>

#define ERRORS 32
#define FLOWS  256
#define BURST  32
#define SPINS  64 /* while another worker writes; then that worker was interrupted */

static struct rte_ring *
make_ring(const struct inboxes *s, const char *of, unsigned worker, unsigned size)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%s_%u_%p", of, worker, (const void *)s);
	return rte_ring_create(name, size, SOCKET_ID_ANY, RING_F_SC_DEQ | RING_F_EXACT_SZ);
}

static void
free_ring(struct rte_ring *ring)
{
	struct rte_mbuf *m;

	while (ring != NULL && rte_ring_dequeue(ring, (void **)&m) == 0)
		rte_pktmbuf_free(m);
	rte_ring_free(ring);
}

void
inbox_fini(struct inboxes *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		free_ring(s->errors[i]);
		free_ring(s->flows[i]);
	}
	s->n = 0;
}

int
inbox_init(struct inboxes *s, unsigned n)
{
	for (s->n = 0; s->n < n; s->n++) {
		unsigned i = s->n;
		int err;

		s->errors[i] = make_ring(s, "errors", i, ERRORS);
		s->flows[i] = s->errors[i] != NULL ? make_ring(s, "flows", i, FLOWS) : NULL;
		if (s->flows[i] != NULL)
			continue;
		err = -rte_errno;
		free_ring(s->errors[i]);
		inbox_fini(s);
		return err;
	}
	return 0;
}

/* A packet that claims our own address is no news: a cache must not learn it. */
bool
inbox_is_news(const struct seg *seg, be32 own)
{
	const struct arp_hdr *arp = (const void *)(seg->frame + seg->l3);

	if (seg->kind != SEG_ARP || seg->key.raddr == own)
		return false;
	return arp->oper == cpu_to_be16(ARP_REPLY) || seg->key.raddr == seg->key.laddr;
}

_Static_assert(sizeof(struct inbox_arp) % sizeof(uint64_t) == 0, "it is copied by words");
_Static_assert(LIMIT_WORKERS <= UINT8_MAX, "a worker's number fits inbox_arp.from");

static bool
lock_news(struct inbox_news *w)
{
	for (unsigned i = 0; i < SPINS; i++) {
		if (!__atomic_exchange_n(&w->writing, true, __ATOMIC_ACQUIRE))
			return true;
		rte_pause();
	}
	return false;
}

/* The number is odd while the words change, so that no reader mixes the words of two news. */
static void
write_slot(struct inbox_slot *slot, uint64_t number, const struct inbox_arp *a)
{
	uint64_t word[INBOX_WORDS];

	memcpy(word, a, sizeof(word));
	__atomic_store_n(&slot->seq, 2 * number + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	for (unsigned i = 0; i < INBOX_WORDS; i++)
		__atomic_store_n(&slot->word[i], word[i], __ATOMIC_RELAXED);
	__atomic_store_n(&slot->seq, 2 * number + 2, __ATOMIC_RELEASE);
}

/* False: the slot has been overwritten. */
static bool
read_slot(const struct inbox_slot *slot, uint64_t number, struct inbox_arp *a)
{
	uint64_t word[INBOX_WORDS];

	if (__atomic_load_n(&slot->seq, __ATOMIC_ACQUIRE) != 2 * number + 2)
		return false;
	for (unsigned i = 0; i < INBOX_WORDS; i++)
		word[i] = __atomic_load_n(&slot->word[i], __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(&slot->seq, __ATOMIC_RELAXED) != 2 * number + 2)
		return false;
	memcpy(a, word, sizeof(*a));
	return true;
}

bool
inbox_publish(struct inboxes *s, unsigned from, const struct seg *seg)
{
	struct inbox_news *w = &s->news;
	struct inbox_arp a = {.port = seg->port, .from = (uint8_t)from};
	uint64_t number;

	if (!lock_news(w))
		return false;
	number = w->next;
	memcpy(a.frame, seg->frame, INBOX_ARP);
	write_slot(&w->slot[number % INBOX_NEWS], number, &a);
	__atomic_store_n(&w->next, number + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&w->writing, false, __ATOMIC_RELEASE);
	return true;
}

unsigned
inbox_read(struct inboxes *s, unsigned to, uint64_t *heard,
        struct inbox_arp news[INBOX_NEWS_AT_ONCE], uint64_t *missed)
{
	const struct inbox_news *w = &s->news;
	uint64_t next = __atomic_load_n(&w->next, __ATOMIC_ACQUIRE);
	unsigned n = 0;

	*missed = 0;
	if (next - *heard > INBOX_NEWS) {
		*missed = next - *heard - INBOX_NEWS;
		*heard = next - INBOX_NEWS;
	}
	for (unsigned i = 0; i < INBOX_NEWS_AT_ONCE && *heard != next; i++, ++*heard) {
		if (!read_slot(&w->slot[*heard % INBOX_NEWS], *heard, &news[n]))
			++*missed;
		else if (news[n].from != to)
			n++;
	}
	return n;
}

/* False: the ring is full, or the pool is empty. */
static bool
put_copy(struct rte_ring *ring, const struct seg *seg, struct rte_mempool *pool)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(seg->buf, pool, 0, UINT32_MAX);

	if (copy == NULL)
		return false;
	copy->port = seg->port;
	copy->hash.usr = seg->round;
	if (rte_ring_enqueue(ring, copy) == 0)
		return true;
	rte_pktmbuf_free(copy);
	return false;
}

bool
inbox_hand_over(struct inboxes *s, unsigned to, const struct seg *seg, struct rte_mempool *pool)
{
	struct rte_ring *ring;

	assert(to < s->n);
	ring = seg->kind == SEG_ICMP ? s->errors[to] : s->flows[to];
	return !rte_ring_full(ring) && put_copy(ring, seg, pool);
}

/* Give a packet back to the sender's pool, past this core's cache of that pool, where it would
 * lie idle. */
static void
give_mbuf_back(struct rte_mbuf *m)
{
	while (m != NULL) {
		struct rte_mbuf *next = m->next;
		struct rte_mbuf *raw = rte_pktmbuf_prefree_seg(m);

		if (raw != NULL)
			rte_mempool_generic_put(raw->pool, (void **)&raw, 1, NULL);
		m = next;
	}
}

/* Copy packets of others into our own pool. Returns the number of copies. */
static unsigned
take_over(struct rte_mbuf **m, struct rte_mbuf *const *theirs, unsigned n,
        struct rte_mempool *own)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(theirs[i], own, 0, UINT32_MAX);

		if (copy != NULL)
			m[taken++] = copy;
		give_mbuf_back(theirs[i]);
	}
	return taken;
}

static unsigned
drain_ring(struct rte_ring *ring, struct rte_mbuf **m, unsigned n, struct rte_mempool *own,
        struct counters *c)
{
	struct rte_mbuf *theirs[BURST];
	unsigned there, taken;

	if (likely(rte_ring_empty(ring)))
		return 0;
	n = RTE_MIN(n, (unsigned)BURST);
	there = rte_ring_dequeue_burst(ring, (void **)theirs, n, NULL);
	taken = take_over(m, theirs, there, own);
	counter_add(&c->drop[DROP_NO_MBUF], there - taken);
	return taken;
}

unsigned
inbox_receive(struct inboxes *s, unsigned to, struct rte_mbuf **m, unsigned n,
        struct rte_mempool *own, struct counters *c)
{
	unsigned first = drain_ring(s->errors[to], m, n, own, c);

	return first + drain_ring(s->flows[to], m + first, n - first, own, c);
}
