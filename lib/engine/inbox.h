/* SPDX-License-Identifier: BSD-3-Clause */
/* inbox: packets that arrive on one worker's queue and concern another worker.
 *
 * ARP        each worker has a neighbour cache of its own. A reply arrives on one queue only,
 *            seldom on that of the worker that asked. An announcement, a request for the
 *            sender's own address (RFC 5227 2.3), tells all caches of a new MAC and arrives on
 *            one queue, too. The worker that receives either publishes it once, and every other
 *            worker reads it. Other requests are not published: the worker that receives one
 *            answers it. A worker that did not ask counts a published reply as ARP_UNSOLICITED.
 * TCP        a segment of a connection that another worker opened, over a port that cannot be
 *            told to bring it there. It goes to that worker alone (stack_io.hand_over).
 * ICMP       an error that quotes another worker's flow. The stack finds the worker.
 *
 * Threads    an inbox has many writers and one reader, its worker. The news has one writer at a
 *            time, and every worker reads it.
 * Ownership  the sender copies the packet into its own pool. The reader copies it once more
 *            into a packet of the reader's pool, because it may be kept or answered in place,
 *            and a port that frees fast needs packets of one pool. News are bytes, not packets.
 * Memory     two rings for each worker at creation; the news is part of the struct.
 * Errors     false, or a count: the copy is lost. A lost ICMP error does no harm (RFC 5927
 *            5.2), and a peer repeats its segment. A cache without its ARP reply asks again.
 * Bounds     256 segments and 32 errors for each inbox. A full inbox or an empty pool loses the
 *            copy. 256 news: a worker that is further behind has missed some. A worker that
 *            waits too long for another writer publishes nothing. Publishing writes one slot,
 *            for any number of workers. A worker reads INBOX_NEWS_AT_ONCE news a turn at most.
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
#define INBOX_NEWS_AT_ONCE 16  /* news that a worker reads in a turn */
#define INBOX_ARP          (sizeof(struct eth_hdr) + sizeof(struct arp_hdr))

/* An ARP packet, its port and the worker that received it. */
struct inbox_arp {
	uint8_t frame[INBOX_ARP];
	uint8_t port;
	uint8_t from; /* the number of the worker */
	uint8_t pad[4];
};

#define INBOX_WORDS (sizeof(struct inbox_arp) / sizeof(uint64_t))

struct inbox_slot {
	uint64_t seq; /* 2 * number + 2 of the news in this slot; odd: it is being written */
	uint64_t word[INBOX_WORDS];
};

struct inbox_news {
	uint64_t
	        next; /* the number of the next news; readers poll it, so it has a line alone */
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

/* Create an inbox for each of n workers. 0 or -errno. */
int inbox_init(struct inboxes *s, unsigned n);
void inbox_fini(struct inboxes *s);

/* Does seg concern all workers? own: the address of the port that received it. */
bool inbox_is_news(const struct seg *seg, be32 own);
/* Publish seg. False: it is lost. */
bool inbox_publish(struct inboxes *s, unsigned from, const struct seg *seg);
/* Read the news of other workers since *heard, the oldest first. *heard is 0 at first. *missed:
 * the number of news that were overwritten before they were read. */
unsigned inbox_read(struct inboxes *s, unsigned to, uint64_t *heard,
        struct inbox_arp news[INBOX_NEWS_AT_ONCE], uint64_t *missed);

/* Put a copy of seg's packet into the inbox of worker `to`. False: it is lost. */
bool inbox_hand_over(
        struct inboxes *s, unsigned to, const struct seg *seg, struct rte_mempool *pool);
/* Take up to n packets from the inbox of worker `to`, in packets of the reader's own pool. A
 * packet without a buffer there is lost (DROP_NO_MBUF). m[i]->port is the stack's number of the
 * port, m[i]->hash.usr is seg.round. */
unsigned inbox_receive(struct inboxes *s, unsigned to, struct rte_mbuf **m, unsigned n,
        struct rte_mempool *own, struct counters *c);

#endif
