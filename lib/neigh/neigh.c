/* SPDX-License-Identifier: BSD-3-Clause */
#include "neigh/neigh.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/prf.h"

#define CAPACITY_DEFAULT     1024
#define REACHABLE_MS_DEFAULT 60000
#define ASK_PER_S_DEFAULT    1000

/* Entries in the order of their use: the oldest is the next to go. */
struct order {
	uint16_t oldest;
	uint16_t newest;
};

struct neigh {
	struct prf prf;
	struct neigh_conf conf;
	neigh_ask_fn ask;
	void *ctx;
	uint64_t ask_next_us;  /* when a request would be on time at exactly the rate */
	uint64_t ask_every_us; /* the rate */
	uint64_t ask_ahead_us; /* how much earlier than that it may leave: the bucket */
	struct order usable;   /* REACHABLE, STALE */
	struct order unproven; /* INCOMPLETE, FAILED */
	uint16_t free;         /* chain of entries that were in use, by hash_next */
	uint16_t fresh;        /* entries from here on were never in use */
	uint32_t hash_mask;
	uint16_t *hash; /* heads */
	size_t bytes;
	struct neigh_entry entry[];
};

static bool
is_usable(const struct neigh_entry *e)
{
	return e->state == NEIGH_REACHABLE || e->state == NEIGH_STALE;
}

/* Neither a group nor nobody: what a host may send from. */
static bool
mac_of_host(const uint8_t *mac)
{
	static const uint8_t zero[ETH_ALEN];

	return !(mac[0] & 1) && memcmp(mac, zero, ETH_ALEN) != 0;
}

static uint16_t
index_of(const struct neigh *n, const struct neigh_entry *e)
{
	return (uint16_t)(e - n->entry);
}

static uint16_t *
hash_head(struct neigh *n, be32 ip)
{
	struct prf_block b = prf_one(&n->prf, (struct prf_block) {ip, 0});

	return &n->hash[b.lo & n->hash_mask];
}

static struct neigh_entry *
find(struct neigh *n, be32 ip)
{
	for (uint16_t i = *hash_head(n, ip); i != NEIGH_NONE; i = n->entry[i].hash_next)
		if (n->entry[i].ip == ip)
			return &n->entry[i];
	return NULL;
}

static struct order *
order_of(struct neigh *n, const struct neigh_entry *e)
{
	return is_usable(e) ? &n->usable : &n->unproven;
}

/* A pinned entry stands in no order: it is never looked for there. */
static void
order_remove(struct neigh *n, struct neigh_entry *e)
{
	struct order *o = order_of(n, e);

	if (e->pinned)
		return;
	*(e->older == NEIGH_NONE ? &o->oldest : &n->entry[e->older].newer) = e->newer;
	*(e->newer == NEIGH_NONE ? &o->newest : &n->entry[e->newer].older) = e->older;
}

static void
order_append(struct neigh *n, struct neigh_entry *e)
{
	struct order *o = order_of(n, e);

	if (e->pinned)
		return;
	e->older = o->newest;
	e->newer = NEIGH_NONE;
	*(o->newest == NEIGH_NONE ? &o->oldest : &n->entry[o->newest].newer) = index_of(n, e);
	o->newest = index_of(n, e);
}

static void
touch(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	if (e->used_ms == now.ms)
		return;
	e->used_ms = now.ms;
	order_remove(n, e);
	order_append(n, e);
}

/* Of its own a change of state is no use: within an order an entry stays where
 * it is. */
static void
set_state(struct neigh *n, struct neigh_entry *e, enum neigh_state state, struct clock now)
{
	bool moves = is_usable(e) != (state == NEIGH_REACHABLE || state == NEIGH_STALE);

	if (moves)
		order_remove(n, e);
	e->state = (uint8_t)state;
	e->asked = 0;
	e->changed_ms = now.ms;
	if (moves)
		order_append(n, e);
}

static void
forget(struct neigh *n, struct neigh_entry *e)
{
	uint16_t *link = hash_head(n, e->ip);

	while (*link != index_of(n, e))
		link = &n->entry[*link].hash_next;
	*link = e->hash_next;
	order_remove(n, e);
	e->state = NEIGH_FREE;
	e->hash_next = n->free;
	n->free = index_of(n, e);
}

/* A free entry, somebody's if need be; NULL when all are pinned. */
static struct neigh_entry *
take_entry(struct neigh *n)
{
	uint16_t i = n->free;

	if (i == NEIGH_NONE && n->fresh < n->conf.capacity)
		return &n->entry[n->fresh++];
	if (i == NEIGH_NONE) {
		i = n->unproven.oldest != NEIGH_NONE ? n->unproven.oldest : n->usable.oldest;
		if (i == NEIGH_NONE)
			return NULL;
		forget(n, &n->entry[i]);
	}
	n->free = n->entry[i].hash_next;
	return &n->entry[i];
}

static struct neigh_entry *
make(struct neigh *n, be32 ip, enum neigh_state state, struct clock now)
{
	struct neigh_entry *e = take_entry(n);
	uint16_t *head = hash_head(n, ip);

	if (e == NULL)
		return NULL;
	*e = (struct neigh_entry) {
	        .ip = ip,
	        .state = (uint8_t)state,
	        .used_ms = now.ms,
	        .changed_ms = now.ms,
	        .hash_next = *head,
	};
	*head = index_of(n, e);
	order_append(n, e);
	return e;
}

/* Ask once, if the rate allows it; else the next use or expiry does. */
static void
ask(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	if (n->ask_next_us > now.us + n->ask_ahead_us)
		return;
	if (n->ask_next_us < now.us)
		n->ask_next_us = now.us;
	n->ask_next_us += n->ask_every_us;
	e->asked++;
	e->changed_ms = now.ms;
	n->ask(n->ctx, e->ip, e->state == NEIGH_STALE ? e->mac : NULL);
}

/* The next request of an entry that has waited long enough for an answer. */
static bool
may_ask(const struct neigh_entry *e, struct clock now)
{
	return e->asked == 0 || now.ms - e->changed_ms >= NEIGH_RETRY_MS;
}

/* A STALE entry is used: is the host still there? */
static void
poll_stale(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	if (!may_ask(e, now))
		return;
	if (e->asked >= NEIGH_ASKS)
		set_state(n, e, NEIGH_INCOMPLETE, now);
	ask(n, e, now);
}

static void
expire_incomplete(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	if (!may_ask(e, now))
		return;
	if (e->asked >= NEIGH_ASKS)
		set_state(n, e, NEIGH_FAILED, now);
	else
		ask(n, e, now);
}

static void
expire_failed(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	if (now.ms - e->changed_ms < NEIGH_HOLD_MS)
		return;
	if (!e->pinned) {
		forget(n, e);
		return;
	}
	set_state(n, e, NEIGH_INCOMPLETE, now);
	ask(n, e, now);
}

static void
expire_one(struct neigh *n, struct neigh_entry *e, struct clock now)
{
	switch ((enum neigh_state)e->state) {
	case NEIGH_INCOMPLETE:
		expire_incomplete(n, e, now);
		break;
	case NEIGH_REACHABLE:
		if (now.ms - e->changed_ms >= n->conf.reachable_ms)
			set_state(n, e, NEIGH_STALE, now);
		break;
	case NEIGH_FAILED:
		expire_failed(n, e, now);
		break;
	case NEIGH_FREE:
	case NEIGH_STALE:
		break;
	}
}

static struct neigh_conf
with_defaults(const struct neigh_conf *conf)
{
	struct neigh_conf c = conf ? *conf : (struct neigh_conf) {0};

	c.capacity = c.capacity ? c.capacity : CAPACITY_DEFAULT;
	c.reachable_ms = c.reachable_ms ? c.reachable_ms : REACHABLE_MS_DEFAULT;
	c.ask_per_s = c.ask_per_s ? c.ask_per_s : ASK_PER_S_DEFAULT;
	return c;
}

struct neigh *
neigh_create(const struct neigh_conf *conf, neigh_ask_fn ask_fn, void *ctx, int node)
{
	struct neigh_conf c = with_defaults(conf);
	size_t entries = sizeof(struct neigh) + c.capacity * sizeof(struct neigh_entry);
	uint32_t heads = 1;
	uint8_t secret[16];
	struct neigh *n;
	int err = secret_fill(secret, sizeof(secret));

	if (err) {
		errno = -err;
		return NULL;
	}
	while (heads < c.capacity)
		heads *= 2;
	n = arena_alloc(entries + heads * sizeof(uint16_t), node);
	if (n == NULL)
		return NULL;
	n->bytes = entries + heads * sizeof(uint16_t);
	n->conf = c;
	n->ask = ask_fn;
	n->ctx = ctx;
	n->ask_every_us = c.ask_per_s < US_PER_SECOND ? US_PER_SECOND / c.ask_per_s : 1;
	n->ask_ahead_us = US_PER_SECOND / 10 - 1;
	n->usable = n->unproven = (struct order) {NEIGH_NONE, NEIGH_NONE};
	n->free = NEIGH_NONE;
	n->hash_mask = heads - 1;
	n->hash = (uint16_t *)(void *)((uint8_t *)n + entries);
	memset(n->hash, 0xff, heads * sizeof(uint16_t));
	prf_init(&n->prf, secret);
	return n;
}

void
neigh_destroy(struct neigh *n)
{
	if (n != NULL)
		arena_free(n, n->bytes);
}

const uint8_t *
neigh_mac(struct neigh *n, be32 ip, uint16_t *hint, struct clock now)
{
	struct neigh_entry *e;

	if (*hint < n->fresh && n->entry[*hint].ip == ip &&
	        n->entry[*hint].state != NEIGH_FREE) {
		e = &n->entry[*hint];
	} else {
		e = find(n, ip);
		if (e == NULL)
			e = make(n, ip, NEIGH_INCOMPLETE, now);
		*hint = e ? index_of(n, e) : NEIGH_NONE;
		if (e == NULL)
			return NULL;
	}
	touch(n, e, now);
	if (e->state == NEIGH_STALE)
		poll_stale(n, e, now);
	else if (e->state == NEIGH_INCOMPLETE && e->asked == 0)
		ask(n, e, now);
	return is_usable(e) ? e->mac : NULL;
}

enum neigh_state
neigh_look(struct neigh *n, be32 ip, const uint8_t **mac)
{
	const struct neigh_entry *e = find(n, ip);

	*mac = e != NULL && is_usable(e) ? e->mac : NULL;
	return e != NULL ? (enum neigh_state)e->state : NEIGH_FREE;
}

void
neigh_confirm(struct neigh *n, be32 ip, const uint8_t *mac, struct clock now)
{
	struct neigh_entry *e = find(n, ip);

	if (!mac_of_host(mac))
		return;
	if (e == NULL) {
		e = make(n, ip, NEIGH_STALE, now);
		if (e == NULL)
			return;
	} else if (is_usable(e)) {
		touch(n, e, now);
		return;
	} else {
		set_state(n, e, NEIGH_STALE, now);
		e->used_ms = now.ms;
	}
	memcpy(e->mac, mac, ETH_ALEN);
}

/* Asked when it answered last, so to speak: or each claim behind an answer could
 * have the next use ask again. */
static void
doubt(struct neigh_entry *e)
{
	if (e->state != NEIGH_REACHABLE)
		return;
	e->state = NEIGH_STALE;
	e->asked = 1;
}

/* RFC 826: the sender's pair updates what is there already, whatever the packet
 * is; here a MAC that is usable stays until it no longer answers. */
enum drop
neigh_input(struct neigh *n, be32 ip, const uint8_t *mac, bool answers_us, struct clock now)
{
	struct neigh_entry *e = find(n, ip);

	if (!mac_of_host(mac))
		return DROP_ARP_MALFORMED;
	if (e == NULL)
		return DROP_ARP_UNSOLICITED;
	if (is_usable(e) && memcmp(e->mac, mac, ETH_ALEN) != 0) {
		doubt(e);
		return DROP_ARP_CLAIM;
	}
	if (answers_us && e->asked > 0)
		set_state(n, e, NEIGH_REACHABLE, now);
	else if (!is_usable(e))
		set_state(n, e, NEIGH_STALE, now);
	memcpy(e->mac, mac, ETH_ALEN);
	return DROP_NONE;
}

void
neigh_pin(struct neigh *n, be32 ip, struct clock now)
{
	struct neigh_entry *e = find(n, ip);

	if (e == NULL)
		e = make(n, ip, NEIGH_INCOMPLETE, now);
	if (e == NULL)
		return;
	order_remove(n, e);
	e->pinned = true;
	if (e->state == NEIGH_FAILED)
		set_state(n, e, NEIGH_INCOMPLETE, now);
	if (may_ask(e, now))
		ask(n, e, now);
}

void
neigh_expire(struct neigh *n, struct clock now)
{
	for (uint16_t i = 0; i < n->fresh; i++)
		expire_one(n, &n->entry[i], now);
}

bool
neigh_entry_at(const struct neigh *n, unsigned i, struct neigh_entry *out)
{
	for (uint16_t k = 0; k < n->fresh; k++)
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
