/* SPDX-License-Identifier: BSD-3-Clause */
/* Derives the keys of epochs from masters, and replaces masters. */
#include "syn/keys.h"

#include <string.h>

/* "cookie" and "clock" as numbers. Other uses of the same secret have other numbers. */
#define FOR_COOKIES UINT64_C(0x65696b6f6f63)
#define FOR_CLOCKS  UINT64_C(0x6b636f6c63)

static const struct cookie_master *
first_master(const struct cookie_masters *m)
{
	const struct cookie_master *first = &m->master[0];

	for (unsigned i = 1; i < m->n; i++)
		if (m->master[i].not_before_s < first->not_before_s)
			first = &m->master[i];
	return first;
}

static const struct cookie_master *
master_of(const struct cookie_masters *m, uint32_t epoch)
{
	uint64_t begins_s = (uint64_t)epoch * COOKIE_EPOCH_S;
	const struct cookie_master *best = NULL;

	for (unsigned i = 0; i < m->n; i++) {
		const struct cookie_master *one = &m->master[i];

		if (one->not_before_s <= begins_s &&
		        (best == NULL || one->not_before_s >= best->not_before_s))
			best = one;
	}
	return best != NULL ? best : first_master(m); /* an early key rather than none */
}

static void
derive_prf(struct prf *out, const struct cookie_master *m, uint64_t purpose, uint32_t epoch)
{
	struct prf_block b = {.lo = purpose, .hi = epoch};
	struct prf master;
	uint8_t key[16];

	prf_init(&master, m->key);
	b = prf_one(&master, b);
	memcpy(key, &b, sizeof(key));
	prf_init(out, key);
}

static void
derive_epoch(const struct cookie_keys *k, struct cookie_epoch *e, uint32_t epoch)
{
	const struct cookie_master *m = master_of(&k->masters, epoch);

	derive_prf(&e->key, m, FOR_COOKIES, epoch);
	e->id = m->id;
	e->has_former = k->has_former && epoch <= k->former_until;
	if (e->has_former)
		derive_prf(&e->former, master_of(&k->former, epoch), FOR_COOKIES, epoch);
}

/* Derive the keys of the epoch at now_us. They hold until the epoch's last seconds begin, or,
 * with the next epoch's key, until those end. */
static void
enter_epoch(struct cookie_keys *k, uint64_t now_us)
{
	uint32_t epoch = (uint32_t)(now_us / COOKIE_EPOCH_US);

	k->epoch = epoch;
	k->epoch_ends_us = (epoch + UINT64_C(1)) * COOKIE_EPOCH_US;
	k->has_next = k->epoch_ends_us - now_us <= COOKIE_AHEAD_US;
	k->for_us = k->has_next ? COOKIE_AHEAD_US : COOKIE_EPOCH_US - COOKIE_AHEAD_US;
	k->from_us = k->has_next ? k->epoch_ends_us - COOKIE_AHEAD_US
	                         : k->epoch_ends_us - COOKIE_EPOCH_US;
	derive_epoch(k, &k->of[epoch & 1], epoch);
	derive_epoch(k, &k->of[(epoch - 1) & 1], epoch - 1);
	if (k->has_next)
		derive_epoch(k, &k->next, epoch + 1);
}

void
cookie_keys_init(struct cookie_keys *k, const struct cookie_masters *masters,
        struct cookie_beacon *beacon, uint64_t now_us)
{
	*k = (struct cookie_keys) {.masters = *masters};
	derive_prf(&k->ts, first_master(masters), FOR_CLOCKS, 0);
	k->beacon = beacon != NULL ? beacon : &k->own_beacon;
	enter_epoch(k, now_us);
}

bool
cookie_masters_equal(const struct cookie_masters *a, const struct cookie_masters *b)
{
	if (a->n != b->n || a->shared != b->shared)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->master[i].id != b->master[i].id ||
		        a->master[i].not_before_s != b->master[i].not_before_s ||
		        memcmp(a->master[i].key, b->master[i].key, sizeof(a->master[i].key)) !=
		                0)
			return false;
	return true;
}

void
cookie_keys_replace(
        struct cookie_keys *k, const struct cookie_masters *masters, uint64_t now_us)
{
	if (cookie_masters_equal(&k->masters, masters))
		return;
	k->former = k->masters;
	k->former_ts = k->ts;
	k->former_until = (uint32_t)(now_us / COOKIE_EPOCH_US);
	k->has_former = true;
	k->masters = *masters;
	derive_prf(&k->ts, first_master(masters), FOR_CLOCKS, 0);
	enter_epoch(k, now_us);
}

void
cookie_masters_draw(struct cookie_masters *m, const uint8_t secret[16])
{
	*m = (struct cookie_masters) {.n = 1};
	memcpy(m->master[0].key, secret, sizeof(m->master[0].key));
}

void
cookie_keys_move(struct cookie_keys *k, uint64_t now_us)
{
	enter_epoch(k, now_us);
	/* No cookie under the former masters holds any more. Their clock stays: connections
	 * that were opened with it may still enter TIME-WAIT. */
	if (k->has_former && (int32_t)(k->epoch - k->former_until) > 1)
		explicit_bzero(&k->former, sizeof(k->former));
}
