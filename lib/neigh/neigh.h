/* SPDX-License-Identifier: BSD-3-Clause */
/* neigh: from a next hop's IPv4 address to its MAC (RFC 826, RFC 1122 2.3.2).
 *
 * An entry comes to be only because we need it: we asked for it, or a peer
 * finished a handshake from that MAC (proof that it hears what we send there).
 * ARP packets that nobody asked for update an entry, never make one.
 *
 * States     INCOMPLETE  asked, no answer yet; asked each second, 3 times in all
 *            REACHABLE   proved less than `reachable_ms` ago: by an ARP answer, or
 *                        by a connection that made progress (neigh_heard())
 *            STALE       usable; its use begins a poll: unicast, each second, 3
 *                        times; no answer to them makes it INCOMPLETE
 *                        (RFC 1122 2.3.2.1, unicast poll)
 *            FAILED      no answer; not asked again for NEIGH_HOLD_MS, and then
 *                        forgotten (a pinned one: asked again)
 * Trust      no ARP packet, answer or not, takes the place of a usable MAC that
 *            answers: that the host has another one is a claim. A claim, or
 *            traffic that nobody answers, is a doubt (enum neigh_doubt): two
 *            questions NEIGH_DOUBT_MS apart, the second one to everybody. If the
 *            old MAC answers, it stays. If it is silent, whoever else answers has
 *            the address; if nobody does, the entry is INCOMPLETE within three
 *            seconds. So who floods with claims to be the gateway changes nothing
 *            while the gateway answers, and causes no more than one doubt a second.
 *            An entry without a MAC takes any: as REACHABLE if it answers our
 *            question, else as STALE.
 * Time       all of this runs by neigh_expire(), whether an entry is used or not;
 *            the doubt's length lets an announced move be believed before most
 *            retransmission timers fire for the second time (600 ms).
 * Bounds     `capacity` entries. When full, of those without an answer the oldest
 *            goes, then the usable one not used for the longest time; a question
 *            that may still be answered never, and a gateway never. Questions take
 *            usable entries' places up to half of the capacity; beyond it nobody
 *            is asked, and what was to be sent is not. ARP requests leave at
 *            most at `ask_per_s`, a tenth of a second's worth of them at once; polls
 *            leave half of that to questions that somebody waits for.
 * Hash       keyed: a flood chooses addresses.
 * Threads    one cache per core and port; single writer.
 * Memory     all of it at creation: 60 bytes an entry, and 4 to 8 for its hash.
 */
#ifndef NEIGH_NEIGH_H
#define NEIGH_NEIGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/drop.h"
#include "base/limits.h"
#include "wire/headers.h"

#define NEIGH_NONE UINT16_MAX /* a hint that tells nothing */

#define NEIGH_ASKS     3    /* requests without an answer, then it is given up */
#define NEIGH_RETRY_MS 1000 /* between them (RFC 1122 2.3.2.1: no more often) */
#define NEIGH_HOLD_MS  3000
#define NEIGH_DOUBT_MS 150 /* after each of a doubt's first two questions */

enum neigh_state {
	NEIGH_FREE,
	NEIGH_INCOMPLETE,
	NEIGH_REACHABLE,
	NEIGH_STALE,
	NEIGH_FAILED,
};

/* Of a STALE entry: is the host still there, and where? */
enum neigh_doubt {
	NEIGH_SURE,    /* not asked, or a poll */
	NEIGH_LATER,   /* it was asked less than a second ago */
	NEIGH_ASKED,   /* the first question is out: NEIGH_DOUBT_MS for an answer */
	NEIGH_PRESSED, /* and the second, to everybody */
	NEIGH_OPEN,    /* the old MAC was silent: who answers first has it */
};

struct neigh_entry {
	be32 ip;
	uint8_t mac[ETH_ALEN];
	uint8_t heir[ETH_ALEN]; /* of a doubt: who else answered first; 0: nobody */
	uint8_t state;          /* enum neigh_state */
	uint8_t doubt;          /* enum neigh_doubt */
	uint8_t asked;          /* requests without an answer */
	uint8_t queue;          /* what it waits for: enum neigh_queue, entries.h */
	bool pinned;            /* the gateway */
	bool claimed;           /* of a doubt: by an ARP packet */
	uint32_t used_ms;
	uint32_t proved_ms; /* REACHABLE: since when */
	uint32_t asked_ms;  /* the last request */
	uint32_t due_ms;    /* the end of its waiting */
	uint32_t hash_next;
	uint32_t older, newer;  /* neighbours in the order of use */
	uint32_t ahead, behind; /* ... and in the queue */
};

struct neigh_conf {
	uint32_t capacity;     /* 0: 1,024; LIMIT_NEIGHBOURS at the most */
	uint32_t reachable_ms; /* 0: 60,000 */
	uint32_t ask_per_s;    /* 0: 1,000 */
};

struct neigh;

/* dst NULL: broadcast. */
typedef void (*neigh_ask_fn)(void *ctx, be32 target, const uint8_t *dst);

/* NULL, with errno set, if there is no memory or no randomness, or more is asked for
 * than LIMIT_NEIGHBOURS. node: as for arena_alloc(). */
struct neigh *neigh_create(
        const struct neigh_conf *conf, neigh_ask_fn ask, void *ctx, int node);
void neigh_destroy(struct neigh *n);
size_t neigh_bytes(const struct neigh *n);
/* What a cache of that capacity takes. */
size_t neigh_bytes_of(uint32_t capacity);

/* The MAC for ip, or NULL while it is not known; asks if need be, and makes
 * the entry. *hint: where it stood last time (NEIGH_NONE at first); updated, to
 * NEIGH_NONE if there is no room for another question, or if it stands beyond what
 * 16 bits tell. The MAC is good until the next call. */
const uint8_t *neigh_mac(struct neigh *n, be32 ip, uint16_t *hint, struct clock now);

/* What is known of ip, without asking, and not counted as a use. *mac: NULL
 * where there is none to send to. */
enum neigh_state neigh_look(struct neigh *n, be32 ip, const uint8_t **mac);

/* A peer at ip has proved that it hears us at mac: made STALE if there was no
 * usable entry; an existing MAC is not changed. */
void neigh_confirm(struct neigh *n, be32 ip, const uint8_t *mac, struct clock now);

/* The same, of a connection that makes progress with segments from mac (RFC 1122
 * 2.3.2.1 (4), RFC 4861 7.3.1): it is a use, too, and if that is the MAC that we
 * have, it is as good as an answer. A doubt is settled by ARP alone. hint: as of
 * neigh_mac(). True if the entry became usable by it. */
bool neigh_heard(
        struct neigh *n, be32 ip, const uint8_t *mac, uint16_t *hint, struct clock now);

/* Nobody has answered what was sent there, in time (RFC 1122 3.3.1.4, RFC 9293 3.8.3
 * R1): a doubt, unless it was proved less than NEIGH_DOUBT_MS ago. hint: as of
 * neigh_mac(). */
void neigh_unanswered(struct neigh *n, be32 ip, uint16_t *hint, struct clock now);

/* An ARP packet's sender. answers_us: a reply sent to us. Returns why nothing
 * came of it for the cache: ARP_UNSOLICITED, there is no entry (a request is
 * answered all the same); ARP_CLAIM, it has another MAC (likewise);
 * ARP_MALFORMED, no host has this MAC. */
enum drop neigh_input(
        struct neigh *n, be32 ip, const uint8_t *mac, bool answers_us, struct clock now);

/* Somebody waits for ip for as long as it takes: a FAILED entry is asked again, once a
 * second as before (RFC 1122 2.3.2.1), instead of being left alone for NEIGH_HOLD_MS. */
void neigh_insist(struct neigh *n, be32 ip, struct clock now);

/* Never evict ip (the gateway); asks at once. */
void neigh_pin(struct neigh *n, be32 ip, struct clock now);

/* Once in a while (each 20 ms or so): ask again, give up, age. Its work is bounded
 * whatever the capacity: what is due beyond that comes next time. */
void neigh_expire(struct neigh *n, struct clock now);
/* Nothing is due any more. */
bool neigh_is_settled(const struct neigh *n, struct clock now);

/* For show: the entries in use among the next `most` places from *at (0 at first);
 * *at moves on, to UINT32_MAX at the end. Returns how many were written to out. */
unsigned neigh_list(
        const struct neigh *n, uint32_t *at, struct neigh_entry *out, unsigned most);
/* The i-th entry in use; false past the last. A search, for tests: others list. */
bool neigh_entry_at(const struct neigh *n, unsigned i, struct neigh_entry *out);
const char *neigh_state_name(enum neigh_state s);

#endif
