/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/share.h"

#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#define INBOX      32
#define INBOX_ICMP 16

int
share_init(struct share *s, unsigned n)
{
	char name[RTE_RING_NAMESIZE];

	s->n = 0;
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "share_%u_%p", i, (void *)s);
		s->inbox[i] = rte_ring_create(
		        name, INBOX, SOCKET_ID_ANY, RING_F_SC_DEQ | RING_F_EXACT_SZ);
		if (s->inbox[i] == NULL) {
			int err = -rte_errno;

			share_fini(s);
			return err;
		}
		s->n++;
	}
	return 0;
}

void
share_fini(struct share *s)
{
	struct rte_mbuf *m;

	for (unsigned i = 0; i < s->n; i++) {
		while (rte_ring_dequeue(s->inbox[i], (void **)&m) == 0)
			rte_pktmbuf_free(m);
		rte_ring_free(s->inbox[i]);
	}
	s->n = 0;
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
	case ICMP_SOURCE_QUENCH:
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

void
share_send(struct share *s, unsigned from, const struct seg *seg, struct rte_mempool *pool)
{
	unsigned most = seg->kind == SEG_ICMP ? INBOX_ICMP : INBOX;

	for (unsigned i = 0; i < s->n; i++) {
		struct rte_mbuf *copy;

		if (i == from || rte_ring_count(s->inbox[i]) >= most)
			continue;
		copy = rte_pktmbuf_copy(seg->buf, pool, 0, UINT32_MAX);
		if (copy == NULL)
			return;
		copy->port = seg->port;
		if (rte_ring_enqueue(s->inbox[i], copy) != 0)
			rte_pktmbuf_free(copy);
	}
}

unsigned
share_receive(struct share *s, unsigned to, struct rte_mbuf **m, unsigned n)
{
	if (rte_ring_empty(s->inbox[to]))
		return 0;
	return rte_ring_dequeue_burst(s->inbox[to], (void **)m, n, NULL);
}

void
share_free(struct rte_mbuf **m, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *one = m[i];

		while (one != NULL) {
			struct rte_mbuf *next = one->next;
			struct rte_mbuf *raw = rte_pktmbuf_prefree_seg(one);

			if (raw != NULL)
				rte_mempool_generic_put(raw->pool, (void **)&raw, 1, NULL);
			one = next;
		}
	}
}
