/* SPDX-License-Identifier: BSD-3-Clause */
/* keys: the key under which a cookie is made, and the keys that still hold.
 *
 * Time is cut into epochs of 64 s of the wall clock. Each epoch has a key of its own, derived
 * from a master: the latest one whose not_before_s has passed when the epoch begins. So cores
 * and hosts with the same masters agree on every epoch's key, and a key that leaks after its
 * epoch opens nothing.
 *
 * Threads      one struct for each core. Masters are replaced between two turns. The beacon
 *              alone is shared by cores.
 * Ownership    masters are copied. The beacon is borrowed.
 * Memory       the struct.
 * Errors       none.
 * Bounds       COOKIE_MASTERS_MAX masters. One set of former masters is kept.
 * Replacement  new masters count at once. Cookies made under the former ones hold until the end
 *              of the next epoch, or until the masters are replaced once more. The same masters
 *              again change nothing.
 * Clocks       the timestamps of a flow are offset by a PRF of its key (RFC 7323 7.1), under a
 *              key of the earliest master. So every host with the masters knows the offset, and
 *              it stays when masters are added.
 * Other hosts  have clocks of their own. In the last seconds of an epoch the next epoch's
 *              cookies hold, too, for a host with a clock that is ahead.
 * Beacon       the epoch in which a core of this host last sent a cookie. All cores accept
 *              cookies until two epochs later. After that no core computes a MAC for a stray
 *              ACK.
 */
#ifndef SYN_KEYS_H
#define SYN_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prf.h"

#define COOKIE_EPOCH_S     64
#define COOKIE_EPOCH_MS    (COOKIE_EPOCH_S * 1000u)
#define COOKIE_EPOCH_US    (COOKIE_EPOCH_S * UINT64_C(1000000))
#define COOKIE_AHEAD_US    (4 * UINT64_C(1000000)) /* the lead of another host's clock */
#define COOKIE_MASTERS_MAX 16

struct cookie_master {
	uint32_t id;
	uint64_t not_before_s; /* seconds since 1970; 0: always */
	uint8_t key[16];
};

struct cookie_masters {
	unsigned n;  /* at least one */
	bool shared; /* other hosts have them, and their cookies may come here */
	struct cookie_master master[COOKIE_MASTERS_MAX];
};

struct cookie_beacon {
	uint32_t epoch; /* the last cookie's epoch plus 1; 0: none was sent */
};

/* The keys of one epoch. */
struct cookie_epoch {
	struct prf key;
	struct prf former; /* the key by the former masters */
	bool has_former;
	uint32_t id; /* the master's */
};

struct cookie_keys {
	struct prf ts; /* from the earliest master: offsets of our clock */
	struct cookie_masters masters;
	struct prf former_ts;
	struct cookie_masters former;
	uint32_t former_until; /* the last epoch in which the former masters made cookies */
	bool has_former;
	uint32_t epoch;
	uint64_t epoch_ends_us;
	uint64_t from_us;          /* the derived keys hold from this time on */
	uint64_t for_us;           /* and for this long */
	struct cookie_epoch of[2]; /* the present epoch and the last one, by the lowest bit */
	struct cookie_epoch next;
	bool has_next; /* cookies of the next epoch hold, too */
	struct cookie_beacon *beacon;
	struct cookie_beacon own_beacon;
};

/* beacon: borrowed. NULL: there is one core. */
void cookie_keys_init(struct cookie_keys *k, const struct cookie_masters *masters,
        struct cookie_beacon *beacon, uint64_t now_us);
void cookie_keys_replace(
        struct cookie_keys *k, const struct cookie_masters *masters, uint64_t now_us);

/* Make a single master of 16 random bytes. */
void cookie_masters_draw(struct cookie_masters *m, const uint8_t secret[16]);

bool cookie_masters_equal(const struct cookie_masters *a, const struct cookie_masters *b);

/* Derive the keys of now_us. */
void cookie_keys_move(struct cookie_keys *k, uint64_t now_us);

/* To be called once a turn. now_us: the time of day. An operator may set it ahead or back. */
static inline void
cookie_keys_turn(struct cookie_keys *k, uint64_t now_us)
{
	if (__builtin_expect(now_us - k->from_us >= k->for_us, 0))
		cookie_keys_move(k, now_us);
}

/* The keys of the epoch with these two lowest bits. NULL: no cookie of that epoch holds. */
static inline const struct cookie_epoch *
cookie_keys_named(const struct cookie_keys *k, uint32_t bits)
{
	uint32_t back = (k->epoch - bits) & 3;

	if (back <= 1)
		return &k->of[bits & 1];
	return back == 3 && k->has_next ? &k->next : NULL;
}

/* A cookie was sent: tell all cores. */
static inline void
cookie_keys_sent(struct cookie_keys *k)
{
	if (__atomic_load_n(&k->beacon->epoch, __ATOMIC_RELAXED) != k->epoch + 1)
		__atomic_store_n(&k->beacon->epoch, k->epoch + 1, __ATOMIC_RELAXED);
}

/* May an ACK carry a cookie? */
static inline bool
cookie_keys_expect(const struct cookie_keys *k)
{
	uint32_t sent = __atomic_load_n(&k->beacon->epoch, __ATOMIC_RELAXED);

	/* the turn of another core may be in the next epoch already */
	return k->masters.shared || (sent != 0 && (int32_t)(k->epoch + 1 - sent) <= 2);
}

#endif
