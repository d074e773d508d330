/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes and checks SYN cookies: the classes of options, the MAC, the bits of the timestamp. */
#include "syn/cookie.h"

#include "base/seq.h"

#define EPOCH_SHIFT 30
#define MAC_MASK    ((UINT32_C(1) << EPOCH_SHIFT) - 1)

/* The index stands in the upper bits. So a number near a cookie, as ACKs of an older connection
 * of the same flow carry it, is no cookie. */
#define INDEX_SHIFT 23
#define INDEX_BELOW ((UINT32_C(1) << INDEX_SHIFT) - 1)

/* Indices without timestamps are made of MSS, window scale and SACK-permitted, in this order.
 */
#define MSS_CLASSES    4
#define WSCALE_CLASSES 8
#define PLAIN_INDICES  (MSS_CLASSES * WSCALE_CLASSES * 2)

/* Indices with timestamps follow them. */
#define MSS_TS_CLASSES 16
#define INDICES        (PLAIN_INDICES + MSS_TS_CLASSES)

_Static_assert(INDICES <= MAC_MASK >> INDEX_SHIFT, "the index fits above INDEX_SHIFT");

/* The low bits of TSval. */
#define TS_BITS        6
#define TS_MASK        ((UINT32_C(1) << TS_BITS) - 1)
#define TS_WSCALE      0x0f
#define TS_WSCALE_NONE 0x0f /* no scale: the largest is 14 (RFC 7323 2.3) */
#define TS_SACK        0x10
#define TS_ECN         0x20 /* reserved for ECN (RFC 3168) */

/* The age that an echoed clock may have, and the lead that another host's clock may have. */
#define TS_AGE_MS   (3 * COOKIE_EPOCH_MS)
#define TS_AHEAD_MS COOKIE_EPOCH_MS

/* MSS classes: the minimum of every host, IPv6's minimum, tunnels, Ethernet; with timestamps
 * also small links and jumbo frames. */
static const uint16_t mss_class[MSS_CLASSES] = {536, 1300, 1440, 1460};
static const uint16_t mss_ts_class[MSS_TS_CLASSES] = {64, 216, 536, 966, 1220, 1240, 1300, 1360,
        1380, 1400, 1420, 1440, 1452, 1460, 4312, 8960};
/* Window scales of hosts that offer no timestamps: Windows (8) and small hosts (0 to 2). */
#define WSCALE_NONE 0
static const uint8_t wscale_class[WSCALE_CLASSES] = {0, 0, 1, 2, 4, 6, 7, 8};

static unsigned
class_of_mss(const uint16_t *class, unsigned n, const struct seg *s)
{
	uint16_t mss = (s->opts & SEG_OPT_MSS) ? s->mss : COOKIE_MSS_MIN;
	unsigned i = n - 1;

	while (i > 0 && class[i] > mss)
		i--;
	return i;
}

static unsigned
class_of_wscale(const struct seg *s)
{
	unsigned i = WSCALE_CLASSES - 1;

	if (!(s->opts & SEG_OPT_WSCALE))
		return WSCALE_NONE;
	while (i > 1 && wscale_class[i] > s->wscale)
		i--;
	return i;
}

static uint32_t
cookie_index(const struct seg *s)
{
	if (s->opts & SEG_OPT_TS)
		return PLAIN_INDICES + class_of_mss(mss_ts_class, MSS_TS_CLASSES, s);
	return (class_of_mss(mss_class, MSS_CLASSES, s) * WSCALE_CLASSES + class_of_wscale(s)) *
	               2 +
	       !!(s->opts & SEG_OPT_SACK_OK);
}

static uint32_t
ts_bits(const struct seg *s)
{
	uint32_t bits = TS_WSCALE_NONE;

	if (s->opts & SEG_OPT_WSCALE)
		bits = s->wscale < TCP_WSCALE_MAX ? s->wscale : TCP_WSCALE_MAX;
	if (s->opts & SEG_OPT_SACK_OK)
		bits |= TS_SACK;
	return bits;
}

/* The latest time that ends in these bits and is not ahead of our clock. */
static uint32_t
tsval_with(uint32_t clock, uint32_t bits)
{
	uint32_t tsval = (clock & ~TS_MASK) | bits;

	return bits > (clock & TS_MASK) ? tsval - (TS_MASK + 1) : tsval;
}

static struct prf_block
cookie_block(const struct flow_key *k, uint32_t irs)
{
	struct prf_block b = flow_block(k);

	b.hi |= (uint64_t)cpu_to_be32(irs) << 32;
	return b;
}

void
cookie_make_burst(const struct cookie_keys *k, struct seg *const *s, struct cookie *c,
        unsigned n, uint32_t now_ms)
{
	const struct cookie_epoch *e = &k->of[k->epoch & 1];
	struct prf_block b[LIMIT_BURST], clock[LIMIT_BURST];
	unsigned j = 0;

	do {
		clock[j] = flow_block(&s[j]->key);
		b[j] = cookie_block(&s[j]->key, s[j]->seq);
	} while (++j < n);
	prf_burst(&e->key, b, b, n);
	prf_burst(&k->ts, clock, clock, n);
	for (unsigned i = 0; i < n; i++) {
		uint32_t mac = (uint32_t)b[i].lo + (cookie_index(s[i]) << INDEX_SHIFT);

		c[i].iss = k->epoch << EPOCH_SHIFT | (mac & MAC_MASK);
		c[i].tsval = tsval_with(now_ms + (uint32_t)clock[i].lo, ts_bits(s[i]));
	}
}

static void
plain_offer(uint32_t index, struct syn_offer *o)
{
	unsigned wscale = index / 2 % WSCALE_CLASSES;

	o->opts = SEG_OPT_MSS;
	o->mss = mss_class[index / 2 / WSCALE_CLASSES];
	o->wscale = wscale_class[wscale];
	if (wscale != WSCALE_NONE)
		o->opts |= SEG_OPT_WSCALE;
	if (index & 1)
		o->opts |= SEG_OPT_SACK_OK;
}

static void
ts_offer(uint32_t index, const struct seg *s, struct syn_offer *o)
{
	o->opts = SEG_OPT_MSS | SEG_OPT_TS;
	o->mss = mss_ts_class[index - PLAIN_INDICES];
	o->tsval = s->tsval;
	o->wscale = s->tsecr & TS_WSCALE;
	if (o->wscale != TS_WSCALE_NONE)
		o->opts |= SEG_OPT_WSCALE;
	if (s->tsecr & TS_SACK)
		o->opts |= SEG_OPT_SACK_OK;
}

/* Is s an ACK of a cookie under one set of keys? b: the PRF of s under the epoch's key. ts: the
 * key of the clocks. */
static bool
cookie_matches(const struct prf *ts, struct prf_block b, const struct seg *s, uint32_t now_ms,
        struct cookie_found *found)
{
	uint32_t above = (s->ack - 1 - (uint32_t)b.lo) & MAC_MASK;
	uint32_t index = above >> INDEX_SHIFT, offset;

	if ((above & INDEX_BELOW) != 0 || index >= INDICES)
		return false;
	offset = (uint32_t)prf_one(ts, flow_block(&s->key)).lo;
	*found = (struct cookie_found) {.ts_offset = offset};
	if (index < PLAIN_INDICES) {
		plain_offer(index, &found->peer);
		return true;
	}
	if (!(s->opts & SEG_OPT_TS) ||
	        now_ms + offset + TS_AHEAD_MS - s->tsecr > TS_AGE_MS + TS_AHEAD_MS)
		return false;
	/* Another host with a clock that is ahead sent the cookie. The connection goes on from
	 * that host's time: the peer would drop earlier timestamps as old (RFC 7323 5.3). */
	if (seq_lt(now_ms + offset, s->tsecr))
		found->ts_offset = s->tsecr - now_ms;
	ts_offer(index, s, &found->peer);
	return true;
}

enum drop
cookie_check(const struct cookie_keys *k, const struct seg *s, uint32_t now_ms,
        struct cookie_found *found)
{
	const struct cookie_epoch *e = cookie_keys_named(k, (s->ack - 1) >> EPOCH_SHIFT);
	struct prf_block b;

	if (e == NULL)
		return DROP_COOKIE_EPOCH;
	b = cookie_block(&s->key, s->seq - 1);
	if (cookie_matches(&k->ts, prf_one(&e->key, b), s, now_ms, found))
		return DROP_NONE;
	if (e->has_former &&
	        cookie_matches(&k->former_ts, prf_one(&e->former, b), s, now_ms, found))
		return DROP_NONE;
	return DROP_COOKIE_WRONG;
}
