/* SPDX-License-Identifier: BSD-3-Clause */
/* arp_share: every worker has a neighbour cache of its own, but an ARP frame
 * arrives on one queue only. The worker that received it hands copies on.
 *
 * Only replies are handed on. A request is answered by who received it, and
 * once; what its sender's addresses could teach the others they learn as soon
 * as they ask for themselves. A reply is what a worker waits for that asked,
 * and nothing is sent because of one, so that copies cannot multiply.
 * A worker that did not ask counts its copy as ARP_UNSOLICITED.
 *
 * Threads    an inbox has many writers and one reader, its worker.
 * Bounds     32 frames an inbox; a full one, or an empty pool, loses the copy,
 *            and the cache that waits for it asks again.
 */
#ifndef ENGINE_ARP_SHARE_H
#define ENGINE_ARP_SHARE_H

#include <stdint.h>

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

#define ARP_SHARE_WORKERS 64

struct arp_share {
	unsigned n;
	struct rte_ring *inbox[ARP_SHARE_WORKERS];
};

/* An inbox for each of n workers. 0 or -errno. */
int arp_share_init(struct arp_share *a, unsigned n);
void arp_share_fini(struct arp_share *a);

/* Copies of m, which arrived on a port of this number, for all but from. */
void arp_share_send(struct arp_share *a, unsigned from, uint8_t port, const struct rte_mbuf *m,
	struct rte_mempool *pool);
/* m[i]->port is the number given to arp_share_send(). The caller frees them. */
unsigned arp_share_receive(struct arp_share *a, unsigned to, struct rte_mbuf **m, unsigned n);

#endif
