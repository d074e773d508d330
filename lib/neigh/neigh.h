/* SPDX-License-Identifier: BSD-3-Clause */
/* neigh: from a next hop's IPv4 address to its MAC (RFC 826, RFC 1122 2.3.2).
 *
 * An entry comes to be only because we need it: we asked for it, or a peer
 * finished a handshake from that MAC (proof that it hears what we send there).
 * ARP packets that nobody asked for update an entry, never make one.
 *
 * States     INCOMPLETE  asked, no answer yet; asked each second, 3 times in all
 *            REACHABLE   an ARP answer came less than `reachable_ms` ago
 *            STALE       usable; asked (unicast) when used, each second at most;
 *                        3 of those without an answer make it INCOMPLETE
 *                        (RFC 1122 2.3.2.1, unicast poll)
 *            FAILED      no answer; not asked again for NEIGH_HOLD_MS, and then
 *                        forgotten (a pinned one: asked again)
 * Trust      no ARP packet, answer or not, takes a usable MAC's place: that the
 *            host has another one is a claim. It makes the entry STALE, so that
 *            its use asks the old MAC; when that is silent, 3 times in as many
 *            seconds, whoever answers then is believed. So who floods with claims
 *            to be the gateway changes nothing while the gateway answers, and
 *            makes no more requests than one a second. An entry without a MAC
 *            takes any, asked for or not, but is then STALE.
 * Bounds     `capacity` entries; when full, the one not used for the longest
 *            time goes (INCOMPLETE and FAILED ones first; a gateway never).
 *            ARP requests leave at most at `ask_per_s`, a tenth of a second's
 *            worth of them at once.
 * Hash       keyed: a flood chooses addresses.
 * Threads    one cache per core and port; single writer.
 * Memory     all of it at creation.
 */
#ifndef NEIGH_NEIGH_H
#define NEIGH_NEIGH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/drop.h"
#include "wire/headers.h"

#define NEIGH_NONE UINT16_MAX

#define NEIGH_ASKS     3    /* requests without an answer, then it is given up */
#define NEIGH_RETRY_MS 1000 /* between them (RFC 1122 2.3.2.1: no more often) */
#define NEIGH_HOLD_MS  3000

enum neigh_state {
	NEIGH_FREE,
	NEIGH_INCOMPLETE,
	NEIGH_REACHABLE,
	NEIGH_STALE,
	NEIGH_FAILED,
};

struct neigh_entry {
	be32 ip;
	uint8_t mac[ETH_ALEN];
	uint8_t state; /* enum neigh_state */
	uint8_t asked; /* requests without an answer */
	uint32_t used_ms;
	uint32_t changed_ms; /* of the last request; REACHABLE: answer; FAILED: giving up */
	uint16_t hash_next;
	uint16_t older; /* neighbours in the order of use */
	uint16_t newer;
	bool pinned; /* the gateway */
};

struct neigh_conf {
	uint16_t capacity;     /* 0: 1024 */
	uint32_t reachable_ms; /* 0: 60,000 */
	uint32_t ask_per_s;    /* 0: 1,000 */
};

struct neigh;

/* dst NULL: broadcast. */
typedef void (*neigh_ask_fn)(void *ctx, be32 target, const uint8_t *dst);

/* NULL, with errno set, if there is no memory or no randomness. node: as for
 * arena_alloc(). */
struct neigh *neigh_create(
        const struct neigh_conf *conf, neigh_ask_fn ask, void *ctx, int node);
void neigh_destroy(struct neigh *n);

/* The MAC for ip, or NULL while it is not known; asks if need be, and makes
 * the entry. *hint: where it stood last time (NEIGH_NONE at first); updated, to
 * NEIGH_NONE if the cache is full of pinned entries. The MAC is good until the
 * next call. */
const uint8_t *neigh_mac(struct neigh *n, be32 ip, uint16_t *hint, struct clock now);

/* What is known of ip, without asking, and not counted as a use. *mac: NULL
 * where there is none to send to. */
enum neigh_state neigh_look(struct neigh *n, be32 ip, const uint8_t **mac);

/* A peer at ip has proved that it hears us at mac: made STALE if there was no
 * usable entry; an existing MAC is not changed. */
void neigh_confirm(struct neigh *n, be32 ip, const uint8_t *mac, struct clock now);

/* An ARP packet's sender. answers_us: a reply sent to us. Returns why nothing
 * came of it for the cache: ARP_UNSOLICITED, there is no entry (a request is
 * answered all the same); ARP_CLAIM, it has another MAC (likewise);
 * ARP_MALFORMED, no host has this MAC. */
enum drop neigh_input(
        struct neigh *n, be32 ip, const uint8_t *mac, bool answers_us, struct clock now);

/* Never evict ip (the gateway); asks at once. */
void neigh_pin(struct neigh *n, be32 ip, struct clock now);

/* Once in a while (each 100 ms or so): ask again, give up, age. */
void neigh_expire(struct neigh *n, struct clock now);

/* For show: the i-th entry that is in use; false past the last. */
bool neigh_entry_at(const struct neigh *n, unsigned i, struct neigh_entry *out);
const char *neigh_state_name(enum neigh_state s);

#endif
