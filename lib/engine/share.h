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
 * TCP     a segment of a connection that another worker opened, where the port
 *         could not be told to bring it there: to that worker alone, which
 *         answers it. The stack finds out (stack_io.hand_over).
 *
 * What came this way is never handed on again, so copies cannot multiply.
 *
 * Threads    an inbox has many writers and one reader, its worker.
 * Ownership  a copy is made from the sender's pool, and copied once more by the
 *            reader, into a packet of its own pool: it may be kept, and answered
 *            in, and a port that frees fast wants packets of one pool.
 * Bounds     32 frames an inbox, of which strangers' ICMP may take the half, and
 *            256 segments of TCP; a full one, or an empty pool, loses the copy:
 *            the cache that waits for it asks again, TCP does without the error
 *            (RFC 5927 5.2), and peers repeat their segments.
 */
#ifndef ENGINE_SHARE_H
#define ENGINE_SHARE_H

#include <stdint.h>

#include "base/counters.h"
#include "wire/seg.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

#define SHARE_WORKERS 64

struct share {
	unsigned n;
	struct rte_ring *inbox[SHARE_WORKERS]; /* ARP, ICMP */
	struct rte_ring *flows[SHARE_WORKERS]; /* TCP */
};

/* Inboxes for each of n workers. 0 or -errno. */
int share_init(struct share *s, unsigned n);
void share_fini(struct share *s);

/* Does it concern the other workers? seg is as decoded, own the address of the
 * port where it arrived. */
bool share_wants(const struct seg *seg, be32 own);
/* Copies of seg's packet for all but from. */
void share_send(
        struct share *s, unsigned from, const struct seg *seg, struct rte_mempool *pool);
/* A copy of seg's packet for this one worker. False: it is lost. */
bool share_hand_over(
        struct share *s, unsigned to, const struct seg *seg, struct rte_mempool *pool);
/* What others hand on, in packets of the reader's own pool; without one it is
 * lost (DROP_NO_MBUF). m[i]->port is the stack's number of the port. */
unsigned share_receive(struct share *s, unsigned to, struct rte_mbuf **m, unsigned n,
        struct rte_mempool *own, struct counters *c);

#endif
