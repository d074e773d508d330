/* SPDX-License-Identifier: BSD-3-Clause */
/* keys: under which key a cookie is made, and which ones still hold.
 *
 * Time is cut into epochs of 64 s of the wall clock. Each has a key of its own,
 * derived from a master: the latest one whose not_before_s has passed when the
 * epoch begins. So all who have the same masters, cores or hosts behind one
 * address, agree on every epoch's key, and a key that leaks late opens nothing.
 *
 * Replacement  new masters count at once; cookies that were made under the old
 *              ones hold until the end of the next epoch, or until the masters are
 *              replaced once more. The same masters again change nothing.
 * Threads      one per core, set between two turns; masters are copied in.
 * Clocks       The timestamps of a flow are set off by a PRF of its key (RFC 7323
 *              7.1), under a key of the earliest master, so that whoever has
 *              the masters knows them, too. It stays when masters are added.
 * Other hosts  have clocks of their own. In an epoch's last seconds the next one's
 *              cookies hold, too: a host that is ahead makes them already.
 * Beacon       shared by the cores of a host: when one of them last sent a
 *              cookie. Until two epochs later all of them accept cookies, then
 *              nobody has to compute one for each stray ACK.
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
#define COOKIE_AHEAD_US    (4 * UINT64_C(1000000)) /* that another host may be */
#define COOKIE_MASTERS_MAX 16

struct cookie_master {
	uint32_t id;
	uint64_t not_before_s; /* seconds since 1970; 0: always */
	uint8_t key[16];
};

struct cookie_masters {
	unsigned n;  /* at least one */
	bool shared; /* with other hosts: their cookies come here, too */
	struct cookie_master master[COOKIE_MASTERS_MAX];
};

struct cookie_beacon {
	uint32_t epoch; /* of the last cookie sent, plus 1; 0: never */
};

/* What holds for one epoch. */
struct cookie_epoch {
	struct prf key;
	struct prf former; /* of masters that were replaced */
	bool has_former;
	uint32_t id; /* of its master */
};

struct cookie_keys {
	struct prf ts; /* of the masters' first one: how far our clock is set off */
	struct cookie_masters masters;
	struct prf former_ts;
	struct cookie_masters former;
	uint32_t former_until; /* last epoch for which the former masters made cookies */
	bool has_former;
	uint32_t epoch;
	uint64_t epoch_ends_us;
	uint64_t from_us;          /* what is derived here holds from then, */
	uint64_t for_us;           /* for so long */
	struct cookie_epoch of[2]; /* by the epoch's lowest bit: this one and the last */
	struct cookie_epoch next;
	bool has_next; /* ... counts, too */
	struct cookie_beacon *beacon;
	struct cookie_beacon own_beacon;
};

/* beacon: borrowed; NULL: there is one core. */
void cookie_keys_init(struct cookie_keys *k, const struct cookie_masters *masters,
        struct cookie_beacon *beacon, uint64_t now_us);
void cookie_keys_replace(
        struct cookie_keys *k, const struct cookie_masters *masters, uint64_t now_us);

/* A single master from 16 random bytes. */
void cookie_masters_draw(struct cookie_masters *m, const uint8_t secret[16]);

bool cookie_masters_equal(const struct cookie_masters *a, const struct cookie_masters *b);

void cookie_keys_move(struct cookie_keys *k, uint64_t now_us);

/* Once a turn. now_us: the time of day, which may be set, ahead or back. */
static inline void
cookie_keys_turn(struct cookie_keys *k, uint64_t now_us)
{
	if (__builtin_expect(now_us - k->from_us >= k->for_us, 0))
		cookie_keys_move(k, now_us);
}

/* What holds for the epoch whose two lowest bits are these, or NULL: none does. */
static inline const struct cookie_epoch *
cookie_keys_named(const struct cookie_keys *k, uint32_t bits)
{
	uint32_t back = (k->epoch - bits) & 3;

	if (back <= 1)
		return &k->of[bits & 1];
	return back == 3 && k->has_next ? &k->next : NULL;
}

/* Cookies are being sent. */
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

	/* another core's turn may be in the next epoch already */
	return k->masters.shared || (sent != 0 && (int32_t)(k->epoch + 1 - sent) <= 2);
}

#endif
