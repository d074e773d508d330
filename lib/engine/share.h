/* SPDX-License-Identifier: BSD-3-Clause */
/* share: what arrives on one worker's queue and concerns another, too. The
 * worker that received it hands copies on.
 *
 * ARP     every worker has a neighbour cache of its own, but a reply arrives on
 *         one queue only, and not on that of the worker that asked; nor does
 *         an announcement (a request for the sender's own address, RFC 5227
 *         2.3), which tells all caches of a new MAC. Other requests stay: they
 *         are answered by who received them, and once. A worker that did not
 *         ask counts its copy of a reply as ARP_UNSOLICITED.
 * ICMP    an error has the addresses of a router, so that neither RSS nor the
 *         kernel puts it where the flow is that it quotes. All but the owner
 *         of that flow count it as ICMP_UNMATCHED.
 *
 * Nothing of this is answered, and copies are never handed on again, so they
 * cannot multiply.
 *
 * Threads    an inbox has many writers and one reader, its worker.
 * Bounds     32 frames an inbox, of which strangers' ICMP may take the half; a
 *            full one, or an empty pool, loses the copy: the cache that waits
 *            for it asks again, and TCP does without the error (RFC 5927 5.2).
 */
#ifndef ENGINE_SHARE_H
#define ENGINE_SHARE_H

#include <stdint.h>

#include "wire/seg.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

#define SHARE_WORKERS 64

struct share {
	unsigned n;
	struct rte_ring *inbox[SHARE_WORKERS];
};

/* An inbox for each of n workers. 0 or -errno. */
int share_init(struct share *s, unsigned n);
void share_fini(struct share *s);

/* Does it concern the other workers? seg is as decoded, own the address of the
 * port where it arrived. */
bool share_wants(const struct seg *seg, be32 own);
/* Copies of seg's packet for all but from. */
void share_send(
        struct share *s, unsigned from, const struct seg *seg, struct rte_mempool *pool);
/* m[i]->port is the stack's number of the port. */
unsigned share_receive(struct share *s, unsigned to, struct rte_mbuf **m, unsigned n);
/* Copies go back to their pool past this core's cache, where another worker's
 * packets would lie idle. */
void share_free(struct rte_mbuf **m, unsigned n);

#endif
