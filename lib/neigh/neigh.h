/* SPDX-License-Identifier: BSD-3-Clause */
/* neigh: from a next hop's IPv4 address to its MAC (RFC 826, RFC 1122 2.3.2).
 *
 * An entry is made only when we need it: we asked for the address, or a peer
 * completed a handshake from that MAC (proof that it receives what we send there).
 * An ARP packet that is no answer to us may update an entry. It never makes one.
 *
 * Threads    one cache per core and port; single writer.
 * Memory     all of it is allocated at creation: 60 bytes per entry, and 4 to 8 for its
 *            hash.
 * Errors     neigh_create() returns NULL and sets errno. A full cache returns no MAC.
 * Calls back `ask`, from neigh_mac(), neigh_unanswered(), neigh_input(), neigh_insist(),
 *            neigh_pin() and neigh_expire(). It must not call this cache.
 * States     INCOMPLETE  asked, no answer yet. Asked each second, 3 times in all.
 *            REACHABLE   proved less than `reachable_ms` ago: by an ARP answer, or
 *                        by a connection that made progress (neigh_heard()).
 *            STALE       usable. A use begins a poll: unicast, each second, 3 times.
 *                        Without an answer it becomes INCOMPLETE (RFC 1122
 *                        2.3.2.1, unicast poll).
 *            FAILED      no answer. Not asked again for NEIGH_HOLD_MS, and then
 *                        forgotten; a pinned entry is asked again instead.
 * Trust      an ARP packet, answer or not, does not replace a usable MAC that
 *            answers: another MAC for the address is only a claim. A claim begins a
 *            doubt (enum neigh_doubt), and so does traffic without an answer. A doubt is
 *            two questions NEIGH_DOUBT_MS apart; the second one is broadcast. If the
 *            old MAC answers, it stays. If the old MAC is silent, the first other host
 *            that answers has the address. If no host answers, the entry is INCOMPLETE
 *            within three seconds. A flood of claims to be the gateway therefore changes
 *            nothing while the gateway answers, and causes at most one doubt a second.
 *            An entry without a MAC accepts any MAC: as REACHABLE if the packet answers
 *            our question, else as STALE.
 * Time       neigh_expire() drives all of this, whether an entry is used or not. A doubt
 *            is short enough that an announced move is believed before most
 *            retransmission timers fire for the second time (600 ms).
 * Bounds     `capacity` entries. A full cache evicts the oldest FAILED entry first, then
 *            the usable entry that was unused for the longest time. It never evicts an
 *            entry whose question may still be answered, nor a pinned entry. Questions
 *            may evict usable entries until half of the capacity is INCOMPLETE. Beyond
 *            that no question is asked, and the packet is not sent. ARP requests leave
 *            at a rate of at most `ask_per_s`, in bursts of a tenth of a second's worth.
 *            Polls leave half of such a burst to questions for which a packet waits.
 * Hash       keyed, since a flood chooses addresses.
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

#define NEIGH_ASKS     3    /* requests without an answer until the entry is given up */
#define NEIGH_RETRY_MS 1000 /* from one request to the next (RFC 1122 2.3.2.1: the least) */
#define NEIGH_HOLD_MS  3000 /* without requests for a FAILED entry */
#define NEIGH_DOUBT_MS 150  /* for an answer to each of the first two questions of a doubt */

enum neigh_state {
	NEIGH_FREE,
	NEIGH_INCOMPLETE,
	NEIGH_REACHABLE,
	NEIGH_STALE,
	NEIGH_FAILED,
};

/* The doubt of a STALE entry: whether the host still has this MAC. */
enum neigh_doubt {
	NEIGH_SURE,    /* there is no doubt; a poll may be under way */
	NEIGH_LATER,   /* the doubt begins a second after the last question */
	NEIGH_ASKED,   /* the first question is out: NEIGH_DOUBT_MS for an answer */
	NEIGH_PRESSED, /* the second question is out, as broadcast */
	NEIGH_OPEN,    /* the old MAC was silent: the first host that answers has the address */
};

struct neigh_entry {
	be32 ip;
	uint8_t mac[ETH_ALEN];
	uint8_t heir[ETH_ALEN]; /* in a doubt: the first other MAC that answered; 0: none */
	uint8_t state;          /* enum neigh_state */
	uint8_t doubt;          /* enum neigh_doubt */
	uint8_t asked;          /* requests without an answer */
	uint8_t queue;          /* enum neigh_queue (entries.h): the reason of its wait */
	bool pinned;            /* a gateway: never evicted, never forgotten */
	bool claimed;           /* an ARP packet began the doubt */
	uint32_t used_ms;
	uint32_t proved_ms; /* the time of the last proof */
	uint32_t asked_ms;  /* the time of the last request */
	uint32_t due_ms;    /* the end of its wait */
	uint32_t hash_next;
	uint32_t older, newer;  /* the entries beside it in the order of use */
	uint32_t ahead, behind; /* the entries beside it in its queue */
};

struct neigh_conf {
	uint32_t capacity;     /* 0: 1,024; at most LIMIT_NEIGHBOURS */
	uint32_t reachable_ms; /* 0: 60,000 */
	uint32_t ask_per_s;    /* 0: 1,000 */
};

struct neigh;

/* Send an ARP request for target to dst; NULL: to all (broadcast). */
typedef void (*neigh_ask_fn)(void *ctx, be32 target, const uint8_t *dst);

/* Returns NULL and sets errno without memory, without randomness, or for a capacity above
 * LIMIT_NEIGHBOURS. node: as for arena_alloc(). */
struct neigh *neigh_create(
        const struct neigh_conf *conf, neigh_ask_fn ask, void *ctx, int node);
void neigh_destroy(struct neigh *n);
size_t neigh_bytes(const struct neigh *n);
/* The bytes of a cache with that capacity. */
size_t neigh_bytes_of(uint32_t capacity);

/* The MAC for ip, or NULL while it is unknown. Makes the entry and asks, if needed.
 * *hint: the index of the entry at the last call (NEIGH_NONE at first). It is updated:
 * to NEIGH_NONE without room for another question, or for an index above 16 bits.
 * The MAC is valid until the next call. */
const uint8_t *neigh_mac(struct neigh *n, be32 ip, uint16_t *hint, struct clock now);

/* The state of ip, without a question; the call does not count as a use. *mac: NULL if
 * there is no usable one. */
enum neigh_state neigh_look(struct neigh *n, be32 ip, const uint8_t **mac);

/* A peer at ip has proved that it receives what we send to mac. Without a usable entry one
 * is made, STALE. A usable MAC is not changed. */
void neigh_confirm(struct neigh *n, be32 ip, const uint8_t *mac, struct clock now);

/* A connection makes progress with segments from mac (RFC 1122 2.3.2.1 (4), RFC 4861
 * 7.3.1). Does what neigh_confirm() does, and counts as a use. If the entry has this MAC,
 * progress counts as an answer; only a doubt needs an answer by ARP. hint: as in
 * neigh_mac(). True: the entry became usable now. */
bool neigh_heard(
        struct neigh *n, be32 ip, const uint8_t *mac, uint16_t *hint, struct clock now);

/* Packets sent to ip were not answered in time (RFC 1122 3.3.1.4, RFC 9293 3.8.3 R1). This
 * begins a doubt, unless the MAC was proved less than NEIGH_DOUBT_MS ago. hint: as in
 * neigh_mac(). */
void neigh_unanswered(struct neigh *n, be32 ip, uint16_t *hint, struct clock now);

/* Take the sender of an ARP packet. answers_us: the packet is a reply, sent to us. Returns
 * the reason if the cache does not change. ARP_UNSOLICITED: there is no entry.
 * ARP_CLAIM: the entry has another MAC. ARP_MALFORMED: no host can have this MAC. The
 * caller answers a request in the first two cases all the same. */
enum drop neigh_input(
        struct neigh *n, be32 ip, const uint8_t *mac, bool answers_us, struct clock now);

/* A caller waits for ip without a limit: a FAILED entry is asked again, at most once a
 * second (RFC 1122 2.3.2.1), without the pause of NEIGH_HOLD_MS. */
void neigh_insist(struct neigh *n, be32 ip, struct clock now);

/* Never evict ip, a gateway. Asks at once. */
void neigh_pin(struct neigh *n, be32 ip, struct clock now);

/* Ask again, give up, age: to be called about each 20 ms. The work of a call is bounded,
 * whatever the capacity; the next call continues. */
void neigh_expire(struct neigh *n, struct clock now);
/* True: no entry is due. */
bool neigh_is_settled(const struct neigh *n, struct clock now);

/* For show: the entries in use among the next `most` indices from *at (0 at first). *at
 * advances, to UINT32_MAX at the end. Returns the number of entries written to out. */
unsigned neigh_list(
        const struct neigh *n, uint32_t *at, struct neigh_entry *out, unsigned most);
/* The i-th entry in use; false past the last. It searches, and is for tests only. */
bool neigh_entry_at(const struct neigh *n, unsigned i, struct neigh_entry *out);
const char *neigh_state_name(enum neigh_state s);

#endif
