/* SPDX-License-Identifier: BSD-3-Clause */
/* lan: a cache with a clock, and a link under it that notes the questions. */
#ifndef TESTS_NEIGH_LAN_H
#define TESTS_NEIGH_LAN_H

#include <criterion/criterion.h>
#include <string.h>

#include "neigh/neigh.h"

static const uint8_t mac_a[ETH_ALEN] = {2, 0, 0, 0, 0, 0xa};
static const uint8_t mac_b[ETH_ALEN] = {2, 0, 0, 0, 0, 0xb};
static const uint8_t mac_c[ETH_ALEN] = {2, 0, 0, 0, 0, 0xc};

/* The cache, its clock, and its last question. */
struct lan {
	struct neigh *n;
	struct clock now;
	unsigned asked;
	be32 target;
	bool unicast;
	uint8_t dst[ETH_ALEN];
};

static inline void
note_ask(void *ctx, be32 target, const uint8_t *dst)
{
	struct lan *l = ctx;

	l->asked++;
	l->target = target;
	l->unicast = dst != NULL;
	if (dst)
		memcpy(l->dst, dst, ETH_ALEN);
}

static inline void
lan_open(struct lan *l, struct neigh_conf conf, uint64_t start_us)
{
	*l = (struct lan) {.now = clock_from_us(start_us)};
	l->n = neigh_create(&conf, note_ask, l, -1);
	cr_assert_not_null(l->n);
}

static inline void
lan_pass_ms(struct lan *l, uint64_t ms)
{
	l->now = clock_from_us(l->now.us + ms * US_PER_MILLISECOND);
	neigh_expire(l->n, l->now);
}

static inline be32
host(unsigned i)
{
	return cpu_to_be32(0x0a000000 + i);
}

static const uint8_t *
lan_mac(struct lan *l, unsigned i)
{
	uint16_t hint = NEIGH_NONE;

	return neigh_mac(l->n, host(i), &hint, l->now);
}

static inline enum drop
lan_hears(struct lan *l, unsigned i, const uint8_t *mac, bool answers_us)
{
	return neigh_input(l->n, host(i), mac, answers_us, l->now);
}

static inline struct neigh_entry
lan_entry(struct lan *l, unsigned host_i)
{
	struct neigh_entry e;

	for (unsigned i = 0; neigh_entry_at(l->n, i, &e); i++)
		if (e.ip == host(host_i))
			return e;
	return (struct neigh_entry) {.state = NEIGH_FREE};
}

static inline unsigned
lan_count(struct lan *l)
{
	struct neigh_entry e;
	unsigned i = 0;

	while (neigh_entry_at(l->n, i, &e))
		i++;
	return i;
}

static inline void
expect_state(struct lan *l, unsigned i, enum neigh_state state)
{
	enum neigh_state is = (enum neigh_state)lan_entry(l, i).state;

	cr_assert_eq(
	        is, state, "%s instead of %s", neigh_state_name(is), neigh_state_name(state));
}

static inline void
expect_mac(struct lan *l, unsigned i, const uint8_t *mac)
{
	const uint8_t *is = lan_mac(l, i);

	cr_assert_not_null(is);
	cr_assert_arr_eq(is, mac, ETH_ALEN);
}

static inline void
lan_resolve(struct lan *l, unsigned i, const uint8_t *mac)
{
	cr_assert_null(lan_mac(l, i));
	cr_assert_eq(lan_hears(l, i, mac, true), DROP_NONE);
}

static inline void
lan_fail(struct lan *l, unsigned i)
{
	cr_assert_null(lan_mac(l, i));
	for (unsigned k = 0; k < NEIGH_ASKS; k++)
		lan_pass_ms(l, NEIGH_RETRY_MS);
	expect_state(l, i, NEIGH_FAILED);
}

static inline void
lan_stale(struct lan *l, unsigned i, const uint8_t *mac)
{
	lan_resolve(l, i, mac);
	lan_pass_ms(l, 60000);
	expect_state(l, i, NEIGH_STALE);
	l->asked = 0;
}

#endif
