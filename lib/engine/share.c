/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/share.h"

#include <assert.h>
#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#define INBOX      32
#define INBOX_ICMP 16
#define FLOWS      256
#define BURST      32

static struct rte_ring *
make_ring(const struct share *s, const char *of, unsigned worker, unsigned size)
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
share_fini(struct share *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		free_ring(s->inbox[i]);
		free_ring(s->flows[i]);
	}
	s->n = 0;
}

int
share_init(struct share *s, unsigned n)
{
	for (s->n = 0; s->n < n; s->n++) {
		unsigned i = s->n;
		int err;

		s->inbox[i] = make_ring(s, "share", i, INBOX);
		s->flows[i] = s->inbox[i] != NULL ? make_ring(s, "flows", i, FLOWS) : NULL;
		if (s->flows[i] != NULL)
			continue;
		err = -rte_errno;
		free_ring(s->inbox[i]);
		share_fini(s);
		return err;
	}
	return 0;
}

/* What claims our address teaches nobody, and could be answered. */
static bool
wants_arp(const struct seg *seg, be32 own)
{
	const struct arp_hdr *arp = (const void *)(seg->frame + seg->l3);

	if (seg->key.raddr == own)
		return false;
	return arp->oper == cpu_to_be16(ARP_REPLY) || seg->key.raddr == seg->key.laddr;
}

static bool
wants_icmp(const struct seg *seg)
{
	switch (seg->frame[seg->l4]) {
	case ICMP_UNREACHABLE:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER:
		return true;
	}
	return false;
}

bool
share_wants(const struct seg *seg, be32 own)
{
	if (seg->kind == SEG_ARP)
		return wants_arp(seg, own);
	return seg->kind == SEG_ICMP && wants_icmp(seg);
}

/* False: it has no room, or the pool no packet. */
static bool
put_copy(struct rte_ring *ring, const struct seg *seg, struct rte_mempool *pool)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(seg->buf, pool, 0, UINT32_MAX);

	if (copy == NULL)
		return false;
	copy->port = seg->port;
	if (rte_ring_enqueue(ring, copy) == 0)
		return true;
	rte_pktmbuf_free(copy);
	return false;
}

void
share_send(struct share *s, unsigned from, const struct seg *seg, struct rte_mempool *pool)
{
	unsigned most = seg->kind == SEG_ICMP ? INBOX_ICMP : INBOX;

	for (unsigned i = 0; i < s->n; i++)
		if (i != from && rte_ring_count(s->inbox[i]) < most)
			put_copy(s->inbox[i], seg, pool);
}

bool
share_hand_over(struct share *s, unsigned to, const struct seg *seg, struct rte_mempool *pool)
{
	assert(to < s->n);
	return !rte_ring_full(s->flows[to]) && put_copy(s->flows[to], seg, pool);
}

/* Back to the sender's pool, past this core's cache of it, where it would lie
 * idle. */
static void
give_back(struct rte_mbuf *m)
{
	while (m != NULL) {
		struct rte_mbuf *next = m->next;
		struct rte_mbuf *raw = rte_pktmbuf_prefree_seg(m);

		if (raw != NULL)
			rte_mempool_generic_put(raw->pool, (void **)&raw, 1, NULL);
		m = next;
	}
}

/* From others' packets to our own; returns how many could be had. */
static unsigned
take_over(struct rte_mbuf **m, struct rte_mbuf *const *theirs, unsigned n,
        struct rte_mempool *own)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(theirs[i], own, 0, UINT32_MAX);

		if (copy != NULL)
			m[taken++] = copy;
		give_back(theirs[i]);
	}
	return taken;
}

static unsigned
empty(struct rte_ring *ring, struct rte_mbuf **m, unsigned n, struct rte_mempool *own,
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
share_receive(struct share *s, unsigned to, struct rte_mbuf **m, unsigned n,
        struct rte_mempool *own, struct counters *c)
{
	unsigned first = empty(s->inbox[to], m, n, own, c);

	return first + empty(s->flows[to], m + first, n - first, own, c);
}
