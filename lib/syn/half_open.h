/* SPDX-License-Identifier: BSD-3-Clause */
/* half_open: SYNs that were answered and wait for the handshake's last ACK
 * (SYN-RECEIVED of RFC 9293 3.3.2, by a passive open).
 *
 * Whoever sends a SYN has proved nothing, so what is kept of it is small: one
 * cache line from a fixed pool, until the ACK makes a connection of it.
 *
 * Threads    single writer.
 * Memory     all of it at creation; 64 bytes a record, plus its slot in the flow
 *            table, which is the caller's.
 * Timers     a queue for each number of retransmissions: in one queue all wait
 *            equally long, so that its head is due first, and nothing is sorted.
 * Bound      when the pool is full, half_open_oldest() says who has waited
 *            longest: who has not answered after several retransmissions is the
 *            least likely to be somebody.
 */
#ifndef SYN_HALF_OPEN_H
#define SYN_HALF_OPEN_H

#include "base/limits.h"
#include "conn/pool.h"
#include "syn/offer.h"

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
	uint32_t syn_us;       /* when it came */
	uint8_t mac[ETH_ALEN]; /* the way back */
	uint8_t port;
	uint8_t listener;
	uint8_t rexmits : 4;
	uint8_t answers : 4; /* to what came meanwhile: at most 15 */
	uint8_t live : 1;
	uint8_t again : 1; /* SYN or SYN-ACK went more than once: nobody knows which
	                      of them is acknowledged (Karn) */
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
	uint32_t young;   /* that have been answered once: their ACK may be on its way */
	unsigned longest; /* the queue with most retransmissions that was ever used */
	struct half_open_queue queue[LIMIT_RETRIES + 1];
};

int half_opens_create(struct half_opens *h, uint32_t capacity, int node);
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

/* A record that waits until due_ms, rexmits 0; the rest of it is the caller's
 * to fill. POOL_NONE if there is none left. */
uint32_t half_open_take(struct half_opens *h, uint32_t due_ms);
void half_open_give(struct half_opens *h, uint32_t i);
/* It has been answered once more: to the next queue, until due_ms. rexmits must
 * be below LIMIT_RETRIES. */
void half_open_again(struct half_opens *h, uint32_t i, uint32_t due_ms);

/* One whose time has come, or POOL_NONE; it is still where it was. */
uint32_t half_open_due(const struct half_opens *h, uint32_t now_ms);
/* Who goes first; POOL_NONE if there is none. */
uint32_t half_open_oldest(const struct half_opens *h);

#endif
