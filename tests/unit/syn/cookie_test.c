/* SPDX-License-Identifier: BSD-3-Clause */
/* SYN cookies: making and checking them. */
#include "syn/cookie.h"

#include <criterion/criterion.h>
#include <string.h>

#include "wire/headers.h"

#define EPOCH    5000u
#define BEGIN_US (EPOCH * COOKIE_EPOCH_US)
#define ISS      0x89abcdefu /* of the peer */
#define LOW_BITS 63u

/* Two cores, or hosts: one sends, the other checks. */
struct pair {
	struct cookie_keys sends, checks;
	uint64_t now_us;
};

static void
use_portable(struct cookie_keys *k)
{
	prf_init_portable(&k->ts, (const uint8_t *)"clocks' own key.");
	for (unsigned e = 0; e < 2; e++)
		prf_init_portable(&k->of[e].key,
		        (const uint8_t *)(e ? "an odd epoch's k" : "an even epoch's "));
}

static struct pair
pair_new(bool portable)
{
	struct cookie_masters m;
	struct pair p = {.now_us = BEGIN_US + 40000000};

	cookie_masters_draw(&m, (const uint8_t *)"sixteen octets!");
	cookie_keys_init(&p.sends, &m, NULL, p.now_us);
	cookie_keys_init(&p.checks, &m, NULL, p.now_us);
	if (portable) {
		use_portable(&p.sends);
		use_portable(&p.checks);
	}
	return p;
}

static uint32_t
ms(const struct pair *p)
{
	return (uint32_t)(p->now_us / 1000);
}

static void
wait_s(struct pair *p, uint64_t s)
{
	p->now_us += s * 1000000;
	cookie_keys_turn(&p->sends, p->now_us);
	cookie_keys_turn(&p->checks, p->now_us);
}

static struct seg
syn(uint8_t opts, uint16_t mss, uint8_t wscale)
{
	return (struct seg) {
	        .key = {0x0200000a, 0x0100000a, 0x1234, 0x5000},
	        .seq = ISS,
	        .flags = TCP_SYN,
	        .opts = opts,
	        .mss = (opts & SEG_OPT_MSS) ? mss : 0,
	        .wscale = (opts & SEG_OPT_WSCALE) ? wscale : 0,
	        .tsval = 777,
	};
}

static struct cookie
make(struct pair *p, struct seg *s)
{
	struct cookie c;

	cookie_make_burst(&p->sends, &s, &c, 1, ms(p));
	return c;
}

/* The ACK of the peer that sent this SYN, to this SYN-ACK. */
static struct seg
ack(const struct seg *syn, const struct cookie *c)
{
	struct seg s = {
	        .key = syn->key,
	        .seq = syn->seq + 1,
	        .ack = c->iss + 1,
	        .flags = TCP_ACK,
	        .opts = syn->opts & SEG_OPT_TS,
	        .tsval = 999,
	        .tsecr = (syn->opts & SEG_OPT_TS) ? c->tsval : 0,
	};

	return s;
}

static enum drop
check(struct pair *p, const struct seg *s, struct cookie_found *f)
{
	return cookie_check(&p->checks, s, ms(p), f);
}

/* A SYN, its SYN-ACK, the ACK. */
static struct syn_offer
round_trip(struct pair *p, struct seg s)
{
	struct cookie c = make(p, &s);
	struct seg a = ack(&s, &c);
	struct cookie_found f;

	cr_assert_eq(check(p, &a, &f), DROP_NONE, "opts %#x MSS %u scale %u", s.opts, s.mss,
	        s.wscale);
	return f.peer;
}

static void
expect_no_more_than(const struct seg *s, const struct syn_offer *o)
{
	unsigned ts = s->opts & SEG_OPT_TS, least = ts ? 64 : 536;
	unsigned mss = (s->opts & SEG_OPT_MSS) ? s->mss : 536, scale = s->wscale;

	scale = scale < 14 ? scale : 14;
	cr_assert_eq(o->opts & ~SEG_OPT_MSS, s->opts & ~SEG_OPT_MSS, "opts %#x became %#x",
	        s->opts, o->opts);
	cr_assert_leq(o->mss, mss > least ? mss : least);
	if (s->opts & SEG_OPT_WSCALE) {
		cr_assert_leq(o->wscale, scale, "scale %u became %u", s->wscale, o->wscale);
		if (ts)
			cr_assert_eq(o->wscale, scale);
	}
	if (ts)
		cr_assert_eq(o->tsval, 999, "that of the ACK");
}

static void
all_offers(bool portable)
{
	static const uint16_t some[] = {1299, 1460, 65535, 536};
	struct pair p = pair_new(portable);

	for (unsigned kind = 0; kind < 4; kind++) {
		uint8_t opts = (uint8_t)((kind & 1 ? SEG_OPT_TS : 0) |
		                         (kind & 2 ? SEG_OPT_SACK_OK : 0));

		for (unsigned mss = 0; mss <= UINT16_MAX; mss++) {
			struct seg s = syn(opts | SEG_OPT_MSS, (uint16_t)mss, 0);
			struct syn_offer o;

			if (!cookie_fits(&s))
				continue;
			o = round_trip(&p, s);
			expect_no_more_than(&s, &o);
		}
		for (unsigned w = 0; w < 256 * 4; w++) {
			struct seg s = syn(
			        opts | SEG_OPT_MSS | SEG_OPT_WSCALE, some[w / 256], (uint8_t)w);
			struct syn_offer o = round_trip(&p, s);

			expect_no_more_than(&s, &o);
		}
		for (unsigned w = 0; w < 2; w++) {
			struct seg s = syn(opts | (w ? SEG_OPT_WSCALE : 0), 0, 5);
			struct syn_offer o = round_trip(&p, s);

			expect_no_more_than(&s, &o);
		}
	}
}

/* RFC 4987 3.6: the offer survives, rounded down. */
Test(syn_cookie, every_offer_survives_and_never_grows)
{
	all_offers(false);
}

/* The same holds where the CPU has no AES. */
Test(syn_cookie, every_offer_survives_without_aes)
{
	all_offers(true);
}

static unsigned
classes_of_mss(uint8_t opts, unsigned from)
{
	struct pair p = pair_new(false);
	unsigned n = 0, last = 0;

	for (unsigned mss = from; mss <= UINT16_MAX; mss++) {
		unsigned got = round_trip(&p, syn(opts | SEG_OPT_MSS, (uint16_t)mss, 0)).mss;

		cr_assert_geq(got, last, "a larger MSS became a smaller one");
		n += got != last;
		last = got;
	}
	return n;
}

Test(syn_cookie, as_many_mss_classes_as_its_record_says)
{
	cr_expect_eq(classes_of_mss(0, 536), 4);
	cr_expect_eq(classes_of_mss(SEG_OPT_TS, 0), 16);
}

/* Ethernet and the usual tunnels lose nothing. */
Test(syn_cookie, common_offers_are_exact)
{
	static const uint16_t plain[] = {536, 1300, 1440, 1460};
	static const uint16_t ts[] = {64, 536, 1220, 1360, 1380, 1400, 1440, 1452, 1460, 8960};
	static const uint8_t scale[] = {0, 1, 2, 4, 6, 7, 8};
	struct pair p = pair_new(false);

	for (unsigned i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		cr_expect_eq(round_trip(&p, syn(SEG_OPT_MSS, plain[i], 0)).mss, plain[i]);
	for (unsigned i = 0; i < sizeof(ts) / sizeof(ts[0]); i++)
		cr_expect_eq(
		        round_trip(&p, syn(SEG_OPT_MSS | SEG_OPT_TS, ts[i], 0)).mss, ts[i]);
	for (unsigned i = 0; i < sizeof(scale); i++)
		cr_expect_eq(round_trip(&p, syn(SEG_OPT_MSS | SEG_OPT_WSCALE, 1460, scale[i]))
		                     .wscale,
		        scale[i]);
}

/* RFC 9293 3.7.1: without the option it is 536. */
Test(syn_cookie, no_mss_is_536)
{
	struct pair p = pair_new(false);

	cr_expect_eq(round_trip(&p, syn(0, 0, 0)).mss, 536);
	cr_expect_eq(round_trip(&p, syn(SEG_OPT_TS, 0, 0)).mss, 536);
}

Test(syn_cookie, fits_what_it_can_say)
{
	for (unsigned mss = 0; mss < 2000; mss++) {
		struct seg plain = syn(SEG_OPT_MSS, (uint16_t)mss, 0),
		           ts = syn(SEG_OPT_MSS | SEG_OPT_TS, (uint16_t)mss, 0);

		cr_assert_eq(cookie_fits(&plain), mss >= 536);
		cr_assert(cookie_fits(&ts));
	}
	cr_expect(cookie_fits(&(struct seg) {.opts = SEG_OPT_SACK_OK}));
}

/* A cookie says two bits of its epoch; and others than it may differ. */
Test(syn_cookie, says_its_epoch)
{
	struct pair p = pair_new(false);
	struct seg s = syn(SEG_OPT_MSS, 1460, 0);

	for (unsigned e = 0; e < 8; e++) {
		struct cookie c = make(&p, &s);

		cr_expect_eq(c.iss >> 30, (EPOCH + e) & 3);
		wait_s(&p, 64);
	}
}

Test(syn_cookie, burst_is_as_each_alone)
{
	struct pair p = pair_new(false);
	struct seg seg[LIMIT_BURST], *s[LIMIT_BURST];
	struct cookie c[LIMIT_BURST];

	for (unsigned n = 1; n <= LIMIT_BURST; n++) {
		for (unsigned i = 0; i < n; i++) {
			seg[i] = syn((uint8_t)(i & 0xf) | SEG_OPT_MSS, (uint16_t)(536 + 20 * i),
			        (uint8_t)i);
			seg[i].key.raddr += i << 24;
			s[i] = &seg[i];
		}
		cookie_make_burst(&p.sends, s, c, n, ms(&p));
		for (unsigned i = 0; i < n; i++) {
			struct cookie alone = make(&p, s[i]);

			cr_assert_eq(c[i].iss, alone.iss);
			if (s[i]->opts & SEG_OPT_TS)
				cr_assert_eq(c[i].tsval, alone.tsval);
		}
	}
}

/* This epoch, and the next one. */
Test(syn_cookie, holds_for_two_epochs)
{
	for (unsigned ts = 0; ts < 2; ts++) {
		struct pair p = pair_new(false);
		struct seg s = syn(SEG_OPT_MSS | (ts ? SEG_OPT_TS : 0), 1460, 0);
		struct cookie c = make(&p, &s);
		struct seg a = ack(&s, &c);
		struct cookie_found f;

		cr_expect_eq(check(&p, &a, &f), DROP_NONE);
		wait_s(&p, 23);
		cr_expect_eq(check(&p, &a, &f), DROP_NONE);
		wait_s(&p, 1);
		cr_expect_eq(check(&p, &a, &f), DROP_NONE, "the next epoch");
		wait_s(&p, 63);
		cr_expect_eq(check(&p, &a, &f), DROP_NONE);
		wait_s(&p, 1);
		cr_expect_eq(check(&p, &a, &f), DROP_COOKIE_EPOCH);
		wait_s(&p, 64);
		cr_expect_eq(check(&p, &a, &f), DROP_COOKIE_EPOCH);
		wait_s(&p, 64);
		cr_expect_eq(check(&p, &a, &f), DROP_COOKIE_WRONG, "an epoch of the same name");
	}
}

/* Half of all guesses name an epoch that is not due. */
Test(syn_cookie, wrong_epoch_is_seen_first)
{
	struct pair p = pair_new(false);
	struct cookie_found f;

	for (uint32_t bits = 0; bits < 4; bits++) {
		struct seg s = syn(0, 0, 0);
		uint32_t back = (EPOCH - bits) & 3;

		s.flags = TCP_ACK;
		s.ack = (bits << 30 | 12345) + 1;
		cr_expect_eq(check(&p, &s, &f),
		        back <= 1 ? DROP_COOKIE_WRONG : DROP_COOKIE_EPOCH, "bits %u", bits);
	}
}

/* Everything that the MAC covers. */
Test(syn_cookie, is_of_one_flow_and_one_sequence_number)
{
	struct pair p = pair_new(false);
	struct seg s = syn(SEG_OPT_MSS, 1460, 0), t = syn(SEG_OPT_MSS | SEG_OPT_TS, 1460, 0);

	for (unsigned kind = 0; kind < 2; kind++) {
		struct cookie c = make(&p, kind ? &t : &s);
		struct seg good = ack(kind ? &t : &s, &c);
		struct cookie_found f;

		cr_expect_eq(check(&p, &good, &f), DROP_NONE);
		for (unsigned bit = 0; bit < 128; bit++) {
			struct seg a = good;
			uint8_t *octet = bit < 96 ? (uint8_t *)&a.key + bit / 8
			                          : (uint8_t *)&a.seq + (bit - 96) / 8;

			*octet ^= (uint8_t)(1 << bit % 8);
			cr_expect_eq(check(&p, &a, &f), DROP_COOKIE_WRONG, "bit %u", bit);
		}
	}
}

/* RFC 7323 7.1: our clock as the flow sees it, a little behind at most. */
Test(syn_cookie, tsval_is_never_ahead_of_the_flow_s_clock)
{
	struct pair p = pair_new(false);

	for (unsigned i = 0; i < 5000; i++) {
		struct seg s = syn((uint8_t)(SEG_OPT_TS | (i & 1 ? SEG_OPT_WSCALE : 0) |
		                             (i & 2 ? SEG_OPT_SACK_OK : 0)),
		        0, (uint8_t)(i >> 2 & 15));
		struct cookie c = make(&p, &s);
		struct seg a = ack(&s, &c);
		struct cookie_found f;

		cr_assert_eq(check(&p, &a, &f), DROP_NONE);
		cr_assert_leq(ms(&p) + f.ts_offset - c.tsval, LOW_BITS);
		p.now_us += 1000;
	}
}

/* A SYN that comes again is answered with no earlier time (PAWS). */
Test(syn_cookie, tsval_of_a_flow_does_not_go_back)
{
	struct pair p = pair_new(false);
	struct seg s = syn(SEG_OPT_TS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK, 0, 7);
	uint32_t last = make(&p, &s).tsval;

	for (unsigned i = 0; i < 500; i++) {
		uint32_t now;

		p.now_us += 1000;
		now = make(&p, &s).tsval;
		cr_assert_lt(now - last, 1000);
		last = now;
	}
}

/* An echo of a time that we cannot have sent. */
Test(syn_cookie, echoed_time_is_recent)
{
	static const struct {
		int32_t ms;
		enum drop why;
	} at[] = {
	        {0, DROP_NONE},
	        {-64 * 1000, DROP_NONE},
	        {-128 * 1000, DROP_NONE},
	        {-64 * 3100, DROP_COOKIE_WRONG},
	        {-64 * 300000, DROP_COOKIE_WRONG},
	        {64 * 900, DROP_NONE}, /* another host's */
	        {64 * 1100, DROP_COOKIE_WRONG},
	        {INT32_MIN, DROP_COOKIE_WRONG},
	};
	struct pair p = pair_new(false);
	struct seg s = syn(SEG_OPT_MSS | SEG_OPT_TS, 1460, 0);
	struct cookie c = make(&p, &s);

	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct seg a = ack(&s, &c);
		struct cookie_found f;

		a.tsecr += (uint32_t)at[i].ms;
		cr_expect_eq(check(&p, &a, &f), at[i].why, "%d ms", at[i].ms);
	}
}

/* RFC 7323 3.2: timestamps were agreed on. */
Test(syn_cookie, echo_must_be_there)
{
	struct pair p = pair_new(false);
	struct seg s = syn(SEG_OPT_MSS | SEG_OPT_TS, 1460, 0);
	struct cookie c = make(&p, &s);
	struct seg a = ack(&s, &c);
	struct cookie_found f;

	a.opts = 0;
	cr_expect_eq(check(&p, &a, &f), DROP_COOKIE_WRONG);
}

/* Keys are replaced between SYN and ACK: by ones that begin with the same
 * master, and by others altogether. */
Test(syn_cookie, holds_when_masters_are_replaced)
{
	for (unsigned kind = 0; kind < 4; kind++) {
		struct pair p = pair_new(false);
		struct seg s = syn(SEG_OPT_MSS | (kind & 1 ? SEG_OPT_TS : 0), 1460, 0);
		struct cookie c = make(&p, &s);
		struct seg a = ack(&s, &c);
		struct cookie_masters m = p.checks.masters;
		struct cookie_found before, f;

		cr_expect_eq(check(&p, &a, &before), DROP_NONE);
		m.master[m.n++] = (struct cookie_master) {
		        .id = 2, .not_before_s = kind & 2 ? 0 : 1, .key = "another master."};
		if (kind & 2)
			m.master[0] = m.master[--m.n];
		cookie_keys_replace(&p.checks, &m, p.now_us);
		cr_expect_eq(check(&p, &a, &f), DROP_NONE, "kind %u", kind);
		cr_expect_eq(f.ts_offset, before.ts_offset, "its clock goes on");
		c = make(&p, &s);
		wait_s(&p, 64);
		cr_expect_eq(check(&p, &a, &f), DROP_NONE);
		wait_s(&p, 64);
		cr_expect_eq(check(&p, &a, &f), DROP_COOKIE_EPOCH);
	}
}

/* Two hosts, one of whose clocks is ahead by N ms. It makes a cookie at a time of its own, and
 * the other host checks it at the same moment. Returns the number of refused ones among the 640
 * of an epoch. */
static unsigned
refused_at_skew(uint8_t opts, int64_t ahead_us)
{
	struct pair p = pair_new(false);
	struct seg s = syn(opts, 1460, 0);
	uint64_t begin_us = p.now_us;
	unsigned refused = 0;

	for (unsigned i = 0; i < 640; i++) {
		uint64_t sends_us = begin_us + i * 100000,
		         checks_us = sends_us - (uint64_t)ahead_us;
		struct seg *syns = &s, a;
		struct cookie_found f;
		struct cookie c;

		cookie_keys_turn(&p.sends, sends_us);
		cookie_keys_turn(&p.checks, checks_us);
		cookie_make_burst(&p.sends, &syns, &c, 1, (uint32_t)(sends_us / 1000));
		a = ack(&s, &c);
		if (cookie_check(&p.checks, &a, (uint32_t)(checks_us / 1000), &f) != DROP_NONE)
			refused++;
		else if (opts & SEG_OPT_TS)
			cr_expect_geq(
			        (int32_t)((uint32_t)(checks_us / 1000) + f.ts_offset - c.tsval),
			        0, "earlier than what the other host said");
	}
	return refused;
}

/* With a clock behind or ahead by a few seconds no cookie is refused. */
Test(syn_cookie, holds_at_a_host_whose_clock_differs)
{
	static const int64_t ahead_us[] = {
	        0, 1, 50000, 1000000, 3900000, -1, -1000000, -3900000};

	for (unsigned i = 0; i < sizeof(ahead_us) / sizeof(ahead_us[0]); i++) {
		cr_expect_eq(refused_at_skew(SEG_OPT_MSS, ahead_us[i]), 0);
		cr_expect_eq(refused_at_skew(SEG_OPT_MSS | SEG_OPT_TS, ahead_us[i]), 0);
	}
	/* no more than that: each epoch that holds is one more to guess */
	cr_expect_eq(refused_at_skew(SEG_OPT_MSS, 10000000), 60);
	cr_expect_eq(refused_at_skew(SEG_OPT_MSS, 64000000), 600);
}

/* In 4 of 64 seconds, three of four epochs are due. */
Test(syn_cookie, next_epoch_is_due_only_at_the_end_of_this_one)
{
	struct pair p = pair_new(false);
	struct seg s = syn(0, 0, 0);
	struct cookie_found f;
	unsigned due = 0;

	s.flags = TCP_ACK;
	for (unsigned i = 0; i < 640; i++) {
		p.now_us += 100000;
		cookie_keys_turn(&p.checks, p.now_us);
		for (uint32_t bits = 0; bits < 4; bits++) {
			s.ack = (bits << 30 | 12345) + 1;
			due += check(&p, &s, &f) == DROP_COOKIE_WRONG;
		}
	}
	cr_expect_eq(due, 640 * 2 + 40);
}
