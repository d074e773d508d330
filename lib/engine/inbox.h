/* SPDX-License-Identifier: BSD-3-Clause */
/* inbox: what arrives on one worker's queue and concerns another, too.
 *
 * ARP     every worker has a neighbour cache of its own, but a reply arrives on
 *         one queue only, and not on that of the worker that asked; nor does
 *         an announcement (a request for the sender's own address, RFC 5227
 *         2.3), which tells all caches of a new MAC. Who receives one publishes
 *         it, once, and every other worker reads it there. Other requests stay:
 *         they are answered by who received them, and once. A worker that did
 *         not ask counts a reply that it reads as ARP_UNSOLICITED.
 * TCP     a segment of a connection that another worker opened, where the port
 *         could not be told to bring it there: to that worker alone, which
 *         answers it. The stack finds out (stack_io.hand_over).
 * ICMP    an error of another worker's flow; the stack finds out whose.
 *
 * Threads    an inbox has many writers and one reader, its worker. News has one
 *            writer at a time, and every worker reads.
 * Ownership  a copy is made from the sender's pool, and copied once more by the
 *            reader, into a packet of its own pool: it may be kept, and answered
 *            in, and a port that frees fast wants packets of one pool. News are
 *            bytes, not packets.
 * Bounds     256 segments of TCP and 32 errors an inbox; a full one, or an empty
 *            pool, loses the copy: TCP does without the error (RFC 5927 5.2), and
 *            peers repeat their segments. 256 news; who is behind by more has
 *            missed some, and who finds another writing for long publishes none:
 *            the cache that waits asks again. Whatever the number of workers,
 *            publishing writes one slot, and a worker reads INBOX_NEWS_AT_ONCE of
 *            them a turn at the most.
 */
#ifndef ENGINE_INBOX_H
#define ENGINE_INBOX_H

#include <stdint.h>

#include "base/counters.h"
#include "base/limits.h"
#include "wire/seg.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

#define INBOX_NEWS         256 /* a power of two */
#define INBOX_NEWS_AT_ONCE 16  /* that a worker reads in a turn */
#define INBOX_ARP          (sizeof(struct eth_hdr) + sizeof(struct arp_hdr))

/* An ARP packet, and where it arrived. */
struct inbox_arp {
	uint8_t frame[INBOX_ARP];
	uint8_t port;
	uint8_t from; /* worker */
	uint8_t pad[4];
};

#define INBOX_WORDS (sizeof(struct inbox_arp) / sizeof(uint64_t))

struct inbox_slot {
	uint64_t seq; /* 2 * number + 2 of what it holds; odd: it is being written */
	uint64_t word[INBOX_WORDS];
};

struct inbox_news {
	uint64_t next; /* number of what comes next: all that readers look at */
	uint8_t apart[56];
	bool writing;
	uint8_t apart_too[63];
	struct inbox_slot slot[INBOX_NEWS];
};

struct inboxes {
	unsigned n;
	struct rte_ring *errors[LIMIT_WORKERS]; /* ICMP */
	struct rte_ring *flows[LIMIT_WORKERS];  /* TCP */
	struct inbox_news news;
};

/* Inboxes for each of n workers. 0 or -errno. */
int inbox_init(struct inboxes *s, unsigned n);
void inbox_fini(struct inboxes *s);

/* Does it concern all workers? seg is as decoded, own the address of the port where it
 * arrived. */
bool inbox_is_news(const struct seg *seg, be32 own);
/* False: it is lost. */
bool inbox_publish(struct inboxes *s, unsigned from, const struct seg *seg);
/* What others have published since *heard, 0 at first, the oldest first; *missed: how
 * many came and went. */
unsigned inbox_read(struct inboxes *s, unsigned to, uint64_t *heard,
        struct inbox_arp news[INBOX_NEWS_AT_ONCE], uint64_t *missed);

/* A copy of seg's packet for this one worker. False: it is lost. */
bool inbox_hand_over(
        struct inboxes *s, unsigned to, const struct seg *seg, struct rte_mempool *pool);
/* What others hand on, in packets of the reader's own pool; without one it is
 * lost (DROP_NO_MBUF). m[i]->port is the stack's number of the port, m[i]->hash.usr is
 * seg.round. */
unsigned inbox_receive(struct inboxes *s, unsigned to, struct rte_mbuf **m, unsigned n,
        struct rte_mempool *own, struct counters *c);

#endif
