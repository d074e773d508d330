/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/arp_share.h"

#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#define INBOX 32

int
arp_share_init(struct arp_share *a, unsigned n)
{
	char name[RTE_RING_NAMESIZE];

	a->n = 0;
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "arp_%u_%p", i, (void *)a);
		a->inbox[i] = rte_ring_create(
		        name, INBOX, SOCKET_ID_ANY, RING_F_SC_DEQ | RING_F_EXACT_SZ);
		if (a->inbox[i] == NULL) {
			int err = -rte_errno;

			arp_share_fini(a);
			return err;
		}
		a->n++;
	}
	return 0;
}

void
arp_share_fini(struct arp_share *a)
{
	struct rte_mbuf *m;

	for (unsigned i = 0; i < a->n; i++) {
		while (rte_ring_dequeue(a->inbox[i], (void **)&m) == 0)
			rte_pktmbuf_free(m);
		rte_ring_free(a->inbox[i]);
	}
	a->n = 0;
}

void
arp_share_send(struct arp_share *a, unsigned from, uint8_t port, const struct rte_mbuf *m,
        struct rte_mempool *pool)
{
	for (unsigned i = 0; i < a->n; i++) {
		struct rte_mbuf *copy;

		if (i == from || rte_ring_full(a->inbox[i]))
			continue;
		copy = rte_pktmbuf_copy(m, pool, 0, UINT32_MAX);
		if (copy == NULL)
			return;
		copy->port = port;
		if (rte_ring_enqueue(a->inbox[i], copy) != 0)
			rte_pktmbuf_free(copy);
	}
}

unsigned
arp_share_receive(struct arp_share *a, unsigned to, struct rte_mbuf **m, unsigned n)
{
	if (rte_ring_empty(a->inbox[to]))
		return 0;
	return rte_ring_dequeue_burst(a->inbox[to], (void **)m, n, NULL);
}
