/* SPDX-License-Identifier: BSD-3-Clause */
/* half_open: SYNs that were answered and wait for the handshake's last ACK
 * (SYN-RECEIVED of RFC 9293 3.3.2, by a passive open).
 *
 * The sender of a SYN has proved nothing, so its record is small: one cache line from a fixed
 * pool, until the ACK makes a connection of it.
 *
 * Threads    single writer.
 * Ownership  the caller owns a record from half_open_take() to half_open_give(), and the
 *            record's slot in the flow table.
 * Memory     all of it at creation: 64 bytes for each record, and a sketch of 32 KB.
 * Errors     POOL_NONE where there is no record.
 * Bounds     the pool. When it is full, half_open_oldest() names the record that goes. One
 *            address may hold an eighth of the pool and a /24 a quarter, and each of them
 *            HALF_OPEN_CAP_MIN. Records are counted from half of that bound on, so the
 *            most are 3/16 and 5/16. half_open_source_is_full() tells; the caller decides what
 *            follows (docs/decisions/0031-half-open-records-of-one-source.md).
 * Timers     one queue for each number of retransmissions. All records of a queue wait equally
 *            long, so the head of a queue is due first, and nothing is sorted.
 */
#ifndef SYN_HALF_OPEN_H
#define SYN_HALF_OPEN_H

#include "base/limits.h"
#include "base/sketch.h"
#include "conn/pool.h"
#include "syn/offer.h"

#define HALF_OPEN_CAP_MIN 64 /* records that each address may hold at least */

struct half_open {
	struct flow_key key;
	uint32_t irs;
	uint32_t iss;
	uint32_t ts_offset;
	struct syn_offer peer;
	uint32_t hash; /* of key */
	uint32_t next; /* in the queue, or POOL_NONE */
	uint32_t prev;
	uint32_t due_ms;
	uint32_t syn_us;       /* when the SYN came */
	uint8_t mac[ETH_ALEN]; /* the route back */
	uint8_t port;
	uint8_t listener;
	uint8_t rexmits : 4; /* SYN-ACKs sent again by the timer */
	uint8_t replies : 4; /* answers to segments that came meanwhile, at most 15 */
	uint8_t live : 1;
	uint8_t again : 1;   /* the SYN or the SYN-ACK was sent more than once, so that an ACK
	                        measures no round trip (Karn) */
	uint8_t counted : 1; /* in half_opens.held */
};

_Static_assert(sizeof(struct half_open) == 64, "a half-open connection is a cache line");
_Static_assert(LIMIT_RETRIES < 1 << 4, "half_open.rexmits has four bits");
_Static_assert(
        LIMIT_PORTS <= UINT8_MAX && LIMIT_USERS <= UINT8_MAX, "port and listener have a byte");

struct half_open_queue {
	uint32_t head;
	uint32_t tail;
};

struct half_opens {
	struct pool pool;
	uint32_t young;   /* records answered once, whose ACK may be on its way */
	uint32_t hand;    /* the next record that half_open_of_source() examines */
	unsigned longest; /* the queue with most retransmissions that was ever used */
	struct half_open_queue queue[LIMIT_RETRIES + 1];
	struct sketch held; /* counted records, by the address of their peer */
};

/* prf: a key of this pool's own; it is not kept. 0 or -errno. */
int half_opens_create(struct half_opens *h, uint32_t capacity, const struct prf *prf, int node);
void half_opens_destroy(struct half_opens *h);

static inline struct half_open *
half_open_at(const struct half_opens *h, uint32_t i)
{
	return (struct half_open *)(void *)(h->pool.base +
	                                    (size_t)i * sizeof(struct half_open));
}

static inline bool
half_open_is(const struct half_opens *h, uint32_t i, const struct flow_key *k)
{
	const struct half_open *r = half_open_at(h, i);

	return r->live && flow_equal(&r->key, k);
}

/* A record of this flow that waits until due_ms, with rexmits 0. The caller fills the rest.
 * POOL_NONE: no record is free. */
uint32_t half_open_take(struct half_opens *h, const struct flow_key *key, uint32_t due_ms);
/* Every record leaves through this function: it keeps the count of the record's source. */
void half_open_give(struct half_opens *h, uint32_t i);
/* The SYN-ACK was sent again: the record moves to the next queue, until due_ms. rexmits must be
 * below LIMIT_RETRIES. */
void half_open_again(struct half_opens *h, uint32_t i, uint32_t due_ms);

/* A record that is due, or POOL_NONE. It stays in its queue. */
uint32_t half_open_due(const struct half_opens *h, uint32_t now_ms);
/* The record that goes first when the pool is full, or POOL_NONE: the head of the queue with
 * most retransmissions. A peer that has not answered several SYN-ACKs is the least likely to
 * exist. */
uint32_t half_open_oldest(const struct half_opens *h);

/* Records are counted only if they are taken while this many are in use: half of what one
 * address may hold. So the uncounted records of a source are never more than that, and while
 * the pool is nearly empty nothing is counted. */
static inline uint32_t
half_open_count_from(const struct half_opens *h)
{
	return h->held.cap[SKETCH_ADDR] / 2;
}

/* Does the address, or its /24, hold as many records as it may? */
static inline bool
half_open_source_is_full(const struct half_opens *h, be32 addr)
{
	/* with fewer records in use, no source can hold as many */
	return h->pool.used >= h->held.cap[SKETCH_ADDR] &&
	       (sketch_is_full(&h->held, SKETCH_ADDR, addr) ||
	               sketch_is_full(&h->held, SKETCH_PREFIX, addr));
}

/* A record of the same source, which is full: of the address if the address is full, otherwise
 * of its /24. A hand goes round the pool and examines up to HALF_OPEN_REACH records for each
 * call, so the records of a source are found in turn. POOL_NONE: none of those that were
 * examined is of this source. */
#define HALF_OPEN_REACH 64
uint32_t half_open_of_source(struct half_opens *h, be32 addr);

#endif
