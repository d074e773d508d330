/* SPDX-License-Identifier: BSD-3-Clause */
/* The states of a neighbour: questions, doubts, claims, and their ends (RFC 826, RFC 1122
 * 2.3.2.1). */
#include "neigh/neigh.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "neigh/entries.h"

#define CAPACITY_DEFAULT     1024
#define REACHABLE_MS_DEFAULT 60000
#define ASK_PER_S_DEFAULT    1000
#define EXPIRE_MOST          256 /* entries of each queue, and aged entries, in one call */

static const uint8_t no_mac[ETH_ALEN];

static bool
same_mac(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, ETH_ALEN) == 0;
}

/* A host can have this MAC: it is no group address, and not zero. */
static bool
mac_of_host(const uint8_t *mac)
{
	return !(mac[0] & 1) && !same_mac(mac, no_mac);
}

/* No packet waits for the answer to a poll: the MAC is usable meanwhile. */
static bool
question_is_poll(const struct neigh_entry *e)
{
	return e->state == NEIGH_STALE && e->doubt == NEIGH_SURE;
}

static bool
rate_allows(const struct neigh *n, bool poll, struct clock now)
{
	return n->ask_next_us <= now.us + (poll ? n->ask_ahead_us / 2 : n->ask_ahead_us);
}

/* The destination of a question: the MAC that we have, or NULL for broadcast. */
static const uint8_t *
question_target(const struct neigh_entry *e)
{
	bool alone = e->state == NEIGH_STALE &&
	             (e->doubt == NEIGH_SURE || (e->doubt == NEIGH_ASKED && !e->claimed));

	return alone ? e->mac : NULL;
}

/* Ask once, as soon as the rate allows it, and begin to wait for the answer. */
static void
question_ask(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	bool poll = question_is_poll(e);
	bool begins = e->doubt == NEIGH_ASKED || e->doubt == NEIGH_PRESSED;

	if (!rate_allows(n, poll, now)) {
		entry_wait(n, e, poll ? QUEUE_HELD_POLLS : QUEUE_HELD, now);
		return;
	}
	if (n->ask_next_us < now.us)
		n->ask_next_us = now.us;
	n->ask_next_us += n->ask_every_us;
	e->asked++;
	e->asked_ms = now.ms;
	entry_wait(n, e, begins ? QUEUE_DOUBT : QUEUE_ASKED, now);
	n->ask(n->ctx, e->ip, question_target(e));
}

static void
entry_proved(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	entry_set_state(n, e, NEIGH_REACHABLE);
	e->proved_ms = now.ms;
}

/* The old MAC is silent, and another one answered our question: that one has the address. */
static void
heir_inherits(struct neigh *n, struct neigh_entry *e, const uint8_t *mac, struct clock now)
{
	entry_proved(n, e, now);
	memcpy(e->mac, mac, ETH_ALEN);
}

/* Ask whether the host is still there. A poll under way serves as the first question. A
 * claim asks at most once a second, since any host can send claims. Silence asks again
 * after NEIGH_DOUBT_MS, since an attacker seldom can cause it. */
static void
doubt_begin(struct neigh *n, struct neigh_entry *e, bool claimed, struct clock now)
{
	uint32_t apart_ms = claimed ? NEIGH_RETRY_MS : NEIGH_DOUBT_MS;
	bool later = e->doubt == NEIGH_LATER && !claimed;

	if (e->doubt != NEIGH_SURE && !later)
		return;
	if (e->state == NEIGH_REACHABLE)
		entry_set_state(n, e, NEIGH_STALE);
	memset(e->heir, 0, ETH_ALEN);
	e->claimed = claimed || later;
	e->doubt = NEIGH_ASKED;
	if (e->asked > 0) {
		entry_wait(n, e, QUEUE_DOUBT, now);
	} else if (now.ms - e->asked_ms < apart_ms) {
		e->doubt = NEIGH_LATER;
		entry_wait(n, e, QUEUE_ASKED, now);
	} else {
		question_ask(n, e, now);
	}
}

/* No answer came to the last question of a usable entry. */
static void
stale_wait_ended(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	switch ((enum neigh_doubt)e->doubt) {
	case NEIGH_LATER:
		e->doubt = NEIGH_ASKED;
		break;
	case NEIGH_ASKED:
		e->doubt = NEIGH_PRESSED;
		break;
	case NEIGH_PRESSED:
		if (!same_mac(e->heir, no_mac)) {
			heir_inherits(n, e, e->heir, now);
			return;
		}
		e->doubt = NEIGH_OPEN;
		entry_wait(n, e, QUEUE_ASKED, now);
		return;
	case NEIGH_OPEN:
	case NEIGH_SURE:
		if (e->asked >= NEIGH_ASKS)
			entry_set_state(n, e, NEIGH_INCOMPLETE);
		break;
	}
	question_ask(n, e, now);
}

/* The time for which e waited is over. */
static void
wait_ended(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	switch ((enum neigh_state)e->state) {
	case NEIGH_INCOMPLETE:
		if (e->asked < NEIGH_ASKS) {
			question_ask(n, e, now);
			break;
		}
		entry_set_state(n, e, NEIGH_FAILED);
		entry_wait(n, e, QUEUE_FAILED, now);
		break;
	case NEIGH_FAILED:
		if (!e->pinned) {
			entry_forget(n, e);
			break;
		}
		entry_set_state(n, e, NEIGH_INCOMPLETE);
		question_ask(n, e, now);
		break;
	case NEIGH_STALE:
		stale_wait_ended(n, e, now);
		break;
	case NEIGH_REACHABLE:
	case NEIGH_FREE:
		break;
	}
}

static void
ask_held(struct neigh *n, enum neigh_queue q, struct clock now)
{
	while (n->queue[q].first != ENTRY_NONE && rate_allows(n, q == QUEUE_HELD_POLLS, now))
		question_ask(n, &n->entry[n->queue[q].first], now);
}

static bool
queue_is_due(const struct neigh *n, enum neigh_queue q, struct clock now)
{
	uint32_t first = n->queue[q].first;

	return first != ENTRY_NONE && !seq_lt(now.ms, n->entry[first].due_ms);
}

static void
expire_queue(struct neigh *n, enum neigh_queue q, struct clock now)
{
	for (unsigned i = 0; i < EXPIRE_MOST && queue_is_due(n, q, now); i++)
		wait_ended(n, &n->entry[n->queue[q].first], now);
}

static bool
proof_is_old(const struct neigh *n, const struct neigh_entry *e, struct clock now)
{
	return e->state == NEIGH_REACHABLE && now.ms - e->proved_ms >= n->conf.reachable_ms;
}

/* Age some entries: a stamp in milliseconds must not wrap while its entry is REACHABLE.
 * No packet waits for this, so a part of the entries in each call is enough. */
static void
age_entries(struct neigh *n, struct clock now)
{
	for (uint32_t i = 0; i < EXPIRE_MOST && i < n->fresh; i++) {
		struct neigh_entry *e;

		if (n->swept >= n->fresh)
			n->swept = 0;
		e = &n->entry[n->swept++];
		if (proof_is_old(n, e, now))
			entry_set_state(n, e, NEIGH_STALE);
	}
}

void
neigh_expire(struct neigh *n, struct clock now)
{
	ask_held(n, QUEUE_HELD, now);
	expire_queue(n, QUEUE_DOUBT, now);
	expire_queue(n, QUEUE_ASKED, now);
	expire_queue(n, QUEUE_FAILED, now);
	ask_held(n, QUEUE_HELD_POLLS, now);
	age_entries(n, now);
}

bool
neigh_is_settled(const struct neigh *n, struct clock now)
{
	return !queue_is_due(n, QUEUE_DOUBT, now) && !queue_is_due(n, QUEUE_ASKED, now) &&
	       !queue_is_due(n, QUEUE_FAILED, now);
}

static struct neigh_conf
conf_with_defaults(const struct neigh_conf *conf)
{
	struct neigh_conf c = conf ? *conf : (struct neigh_conf) {0};

	c.capacity = c.capacity ? c.capacity : CAPACITY_DEFAULT;
	c.reachable_ms = c.reachable_ms ? c.reachable_ms : REACHABLE_MS_DEFAULT;
	c.ask_per_s = c.ask_per_s ? c.ask_per_s : ASK_PER_S_DEFAULT;
	return c;
}

static void
entries_init(struct neigh *n, uint32_t heads, size_t entries)
{
	static const struct chain none = {ENTRY_NONE, ENTRY_NONE};

	n->usable = none;
	for (unsigned q = 0; q < QUEUES; q++)
		n->queue[q] = none;
	n->free = ENTRY_NONE;
	n->hash_mask = heads - 1;
	n->hash = (uint32_t *)(void *)((uint8_t *)n + entries);
	memset(n->hash, 0xff, heads * sizeof(uint32_t));
}

static uint32_t
hash_heads(uint32_t capacity)
{
	uint32_t heads = 1;

	while (heads < capacity)
		heads *= 2;
	return heads;
}

size_t
neigh_bytes_of(uint32_t capacity)
{
	return sizeof(struct neigh) + capacity * sizeof(struct neigh_entry) +
	       hash_heads(capacity) * sizeof(uint32_t);
}

struct neigh *
neigh_create(const struct neigh_conf *conf, neigh_ask_fn ask_fn, void *ctx, int node)
{
	struct neigh_conf c = conf_with_defaults(conf);
	size_t entries = sizeof(struct neigh) + c.capacity * sizeof(struct neigh_entry);
	uint8_t secret[16];
	struct neigh *n;
	int err = c.capacity <= LIMIT_NEIGHBOURS ? secret_fill(secret, sizeof(secret))
	                                         : -EINVAL;

	if (err) {
		errno = -err;
		return NULL;
	}
	n = arena_alloc(neigh_bytes_of(c.capacity), node);
	if (n == NULL)
		return NULL;
	n->bytes = neigh_bytes_of(c.capacity);
	n->conf = c;
	n->ask = ask_fn;
	n->ctx = ctx;
	n->ask_every_us = c.ask_per_s < US_PER_SECOND ? US_PER_SECOND / c.ask_per_s : 1;
	n->ask_ahead_us = US_PER_SECOND / 10 - 1;
	entries_init(n, hash_heads(c.capacity), entries);
	prf_init(&n->prf, secret);
	return n;
}

void
neigh_destroy(struct neigh *n)
{
	if (n != NULL)
		arena_free(n, n->bytes);
}

size_t
neigh_bytes(const struct neigh *n)
{
	return n->bytes;
}

const uint8_t *
neigh_mac(struct neigh *n, be32 ip, uint16_t *hint, struct clock now)
{
	struct neigh_entry *e = entry_find_by(n, ip, hint);

	if (e == NULL) {
		e = entry_make(n, ip, NEIGH_INCOMPLETE, now);
		entry_hint(n, e, hint);
		if (e == NULL)
			return NULL;
		question_ask(n, e, now);
		return NULL;
	}
	entry_stamp(n, e, now);
	if (proof_is_old(n, e, now))
		entry_set_state(n, e, NEIGH_STALE);
	if (e->state == NEIGH_STALE && e->queue == QUEUE_NONE)
		question_ask(n, e, now);
	return entry_usable(e) ? e->mac : NULL;
}

enum neigh_state
neigh_look(struct neigh *n, be32 ip, const uint8_t **mac)
{
	const struct neigh_entry *e = entry_find(n, ip);

	*mac = e != NULL && entry_usable(e) ? e->mac : NULL;
	return e != NULL ? (enum neigh_state)e->state : NEIGH_FREE;
}

/* The host ip receives what we send to mac. True: the entry became usable now. */
static bool
mac_learn(struct neigh *n, struct neigh_entry *e, be32 ip, const uint8_t *mac, struct clock now)
{
	if (!mac_of_host(mac))
		return false;
	if (e != NULL) {
		entry_stamp(n, e, now);
		if (entry_usable(e))
			return false;
		entry_set_state(n, e, NEIGH_STALE);
	} else {
		e = entry_make(n, ip, NEIGH_STALE, now);
		if (e == NULL)
			return false;
	}
	memcpy(e->mac, mac, ETH_ALEN);
	return true;
}

void
neigh_confirm(struct neigh *n, be32 ip, const uint8_t *mac, struct clock now)
{
	mac_learn(n, entry_find(n, ip), ip, mac, now);
}

bool
neigh_heard(struct neigh *n, be32 ip, const uint8_t *mac, uint16_t *hint, struct clock now)
{
	struct neigh_entry *e = entry_find_by(n, ip, hint);
	bool news = mac_learn(n, e, ip, mac, now);

	if (e == NULL)
		e = entry_find_by(n, ip, hint);
	if (e != NULL && entry_usable(e) && same_mac(e->mac, mac) && e->doubt == NEIGH_SURE)
		entry_proved(n, e, now);
	return news;
}

void
neigh_unanswered(struct neigh *n, be32 ip, uint16_t *hint, struct clock now)
{
	struct neigh_entry *e = entry_find_by(n, ip, hint);

	if (e == NULL || !entry_usable(e))
		return;
	if (e->state == NEIGH_REACHABLE && now.ms - e->proved_ms < NEIGH_DOUBT_MS)
		return;
	doubt_begin(n, e, false, now);
}

/* RFC 826 lets the sender of any packet update an existing entry. Deviation: a usable MAC
 * stays until it no longer answers. */
static enum drop
mac_claimed(struct neigh *n, struct neigh_entry *e, const uint8_t *mac, bool answers_us,
        struct clock now)
{
	bool asked = e->doubt >= NEIGH_ASKED && e->asked > 0;

	if (asked && answers_us && e->doubt == NEIGH_OPEN) {
		heir_inherits(n, e, mac, now);
		return DROP_NONE;
	}
	if (!asked || !answers_us)
		doubt_begin(n, e, true, now);
	else if (same_mac(e->heir, no_mac))
		memcpy(e->heir, mac, ETH_ALEN);
	return DROP_ARP_CLAIM;
}

enum drop
neigh_input(struct neigh *n, be32 ip, const uint8_t *mac, bool answers_us, struct clock now)
{
	struct neigh_entry *e = entry_find(n, ip);

	if (!mac_of_host(mac))
		return DROP_ARP_MALFORMED;
	if (e == NULL)
		return DROP_ARP_UNSOLICITED;
	if (entry_usable(e) && !same_mac(e->mac, mac))
		return mac_claimed(n, e, mac, answers_us, now);
	if (answers_us && e->asked > 0)
		entry_proved(n, e, now);
	else if (!entry_usable(e))
		entry_set_state(n, e, NEIGH_STALE);
	memcpy(e->mac, mac, ETH_ALEN);
	return DROP_NONE;
}

void
neigh_insist(struct neigh *n, be32 ip, struct clock now)
{
	struct neigh_entry *e = entry_find(n, ip);

	if (e == NULL || e->state != NEIGH_FAILED || now.ms - e->asked_ms < NEIGH_RETRY_MS)
		return;
	entry_set_state(n, e, NEIGH_INCOMPLETE);
	question_ask(n, e, now);
}

void
neigh_pin(struct neigh *n, be32 ip, struct clock now)
{
	struct neigh_entry *e = entry_find(n, ip);

	if (e == NULL)
		e = entry_make(n, ip, NEIGH_INCOMPLETE, now);
	if (e == NULL)
		return;
	entry_pin(n, e);
	if (e->state == NEIGH_FAILED)
		entry_set_state(n, e, NEIGH_INCOMPLETE);
	if (e->queue == QUEUE_NONE && e->state != NEIGH_REACHABLE)
		question_ask(n, e, now);
}

unsigned
neigh_list(const struct neigh *n, uint32_t *at, struct neigh_entry *out, unsigned most)
{
	unsigned found = 0;

	for (; most > 0 && *at < n->fresh; most--, ++*at)
		if (n->entry[*at].state != NEIGH_FREE)
			out[found++] = n->entry[*at];
	if (*at >= n->fresh)
		*at = UINT32_MAX;
	return found;
}

bool
neigh_entry_at(const struct neigh *n, unsigned i, struct neigh_entry *out)
{
	for (uint32_t k = 0; k < n->fresh; k++)
		if (n->entry[k].state != NEIGH_FREE && i-- == 0) {
			*out = n->entry[k];
			return true;
		}
	return false;
}

const char *
neigh_state_name(enum neigh_state s)
{
	switch (s) {
	case NEIGH_FREE:
		return "FREE";
	case NEIGH_INCOMPLETE:
		return "INCOMPLETE";
	case NEIGH_REACHABLE:
		return "REACHABLE";
	case NEIGH_STALE:
		return "STALE";
	case NEIGH_FAILED:
		return "FAILED";
	}
	return "?";
}
