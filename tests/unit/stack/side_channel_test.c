/* SPDX-License-Identifier: BSD-3-Clause */
/* The numbers that an attacker off the path can count (CVE-2016-5696, RFC 5961 7;
 * docs/decisions/0011-answers-to-strangers.md).
 *
 * The attacker forges its victim's address, and does not see the answers. From its own address
 * it asks for all answers that it can get: resets of a closed port, ACKs of a connection in
 * TIME-WAIT, challenge ACKs of an open one. Worlds that differ in the victim's connection alone
 * give it the same numbers, in every second but the one of 1,024 in which chance puts both
 * addresses in one part. */
#include <criterion/criterion.h>

#include "stack/private.h"
#include "stack/rig.h"

#define VICTIM      rig_ip(10, 0, 0, 50)
#define VICTIM_PORT 50000
#define CLOSED_PORT 81
#define EACH        70 /* more than twice a share */
#define SECONDS     40
#define BY_CHANCE   8 /* seconds that may differ: of 1,760, 2 parts each, some 3 */

/* The victim's connection with us, which the attacker wants to know. */
enum has { HAS_NOTHING, HAS_HALF_OPEN, HAS_OPEN, HAS_TIME_WAIT, HAS_COUNT };

struct counts {
	unsigned resets, bare_acks, challenges;
};

struct world {
	struct rig *r;
	struct rig_log log;
	uint32_t own_open; /* RCV.NXT of the attacker's own connections */
	uint32_t own_old;
	uint32_t guess;  /* RCV.NXT of the victim's connection, if there is one */
	uint32_t proper; /* the number that the victim would acknowledge */
	struct counts got;
};

#define OPEN_PORT 40001
#define OLD_PORT  40002
#define ASK_PORT  40003

/* A frame leaves. The attacker sees the frames to its own address. */
static void
overhear(void *ctx, const struct rig_out *o)
{
	struct world *w = ctx;

	if (o->seg.kind != SEG_TCP || o->seg.key.laddr != rig_ip(10, 0, 0, 1))
		return;
	if (o->seg.flags & TCP_RST)
		w->got.resets++;
	else if (o->seg.key.lport == cpu_to_be16(OLD_PORT))
		w->got.bare_acks++;
	else if (o->seg.key.lport == cpu_to_be16(OPEN_PORT))
		w->got.challenges++;
}

/* Returns the number to acknowledge. The peer's next number is 1001. */
static uint32_t
open_one(struct rig *r, be32 src, uint16_t sport, bool half)
{
	uint32_t ack;

	rig_tcp(r, .src = src, .sport = sport, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	ack = rig_next(r)->seg.seq + 1;
	if (!half) {
		rig_tcp(r, .src = src, .sport = sport, .flags = TCP_ACK, .seq = 1001,
		        .ack = ack, .wnd = 8000);
		rig_turn(r);
	}
	rig_forget(r);
	return ack;
}

static uint32_t
end_one(struct rig *r, be32 src, uint16_t sport)
{
	uint32_t ack = open_one(r, src, sport, false);

	rig_tcp(r, .src = src, .sport = sport, .flags = TCP_ACK, .seq = 1001, .ack = ack,
	        .wnd = 8000, .text = "x", .len = 1);
	rig_turn(r);
	rig_tcp(r, .src = src, .sport = sport, .flags = TCP_ACK | TCP_FIN, .seq = 1002,
	        .ack = ack + 6, .wnd = 8000);
	rig_turn(r);
	rig_forget(r);
	return ack + 6;
}

static struct world *
world_new(enum has has, uint32_t rst_per_s, uint64_t now_us)
{
	struct stack_conf conf = {.max_conns = 64,
	        .max_time_wait = 64,
	        .msl_ms = 10000000,
	        .rst_per_s = rst_per_s != 0 ? rst_per_s : 32768, /* 32 for an address */
	        .secret = "a test's secret"};
	struct world *w = calloc(1, sizeof(*w));
	struct rig *r = w->r = rig_new(&conf, now_us);

	rig_listen(r, 80, &rig_answer, &w->log);
	w->own_open = open_one(r, 0, OPEN_PORT, false);
	w->own_old = end_one(r, 0, OLD_PORT);
	w->guess = 1001;
	switch (has) {
	case HAS_HALF_OPEN:
	case HAS_OPEN:
		w->proper = open_one(r, VICTIM, VICTIM_PORT, has == HAS_HALF_OPEN);
		break;
	case HAS_TIME_WAIT:
		w->guess = 1003;
		w->proper = end_one(r, VICTIM, VICTIM_PORT);
		break;
	case HAS_NOTHING:
	case HAS_COUNT:
		break;
	}
	r->sees = overhear;
	r->ctx = w;
	return w;
}

static void
world_end(struct world *w)
{
	cr_expect_eq(rig_free(w->r), 0);
	free(w);
}

/* The forged segment, which is repeated. */
struct probe {
	uint8_t flags;
	uint16_t dport;
	int32_t off; /* from RCV.NXT, a lucky guess */
	bool acks;   /* the segment acknowledges the right number */
	uint32_t len;
};

static void
forge(struct world *w, const struct probe *p)
{
	for (unsigned i = 0; p != NULL && i < 2 * EACH; i++)
		rig_tcp(w->r, .src = VICTIM, .sport = VICTIM_PORT, .dport = p->dport,
		        .flags = p->flags, .seq = w->guess + (uint32_t)p->off,
		        .ack = p->acks ? w->proper : 0x12345678, .wnd = 8000, .text = "x",
		        .len = p->len);
	rig_turn(w->r);
}

static void
ask(struct world *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		rig_tcp(w->r, .sport = ASK_PORT, .dport = CLOSED_PORT, .flags = TCP_SYN);
		rig_tcp(w->r, .sport = OLD_PORT, .flags = TCP_ACK, .seq = 900,
		        .ack = w->own_old, .wnd = 8000);
		rig_tcp(w->r, .sport = OPEN_PORT, .flags = TCP_SYN, .seq = 5000, .wnd = 8000);
	}
	rig_turn(w->r);
}

/* The attacker asks for some answers before the forged segments, and for the rest behind them.
 * The first segment of a second differs. */
static struct counts
one_second(struct world *w, unsigned second, const struct probe *p)
{
	uint64_t from_us = second * (uint64_t)US_PER_SECOND;

	w->got = (struct counts) {0};
	w->r->now = clock_from_us(from_us + second * 7919 % 300000);
	if (second & 1)
		ask(w, second % 5);
	forge(w, p);
	w->r->now = clock_from_us(from_us + 300000 + second * 104729 % 600000);
	ask(w, EACH);
	w->r->now = clock_from_us(from_us + 990000);
	ask(w, EACH);
	return w->got;
}

/* The cases follow each other, each in seconds of its own. */
struct study {
	uint32_t rst_per_s; /* 0: as it comes */
	unsigned second;
	unsigned seen;    /* seconds in which the attacker's numbers tell two worlds apart */
	unsigned studied; /* of these */
	struct counts sum;
};

static void
compare(struct study *t, enum has a, const struct probe *pa, enum has b, const struct probe *pb)
{
	uint64_t now_us = ++t->second * (uint64_t)US_PER_SECOND;
	struct world *wa = world_new(a, t->rst_per_s, now_us);
	struct world *wb = world_new(b, t->rst_per_s, now_us);

	for (unsigned i = 0; i < SECONDS; i++) {
		unsigned second = ++t->second;
		struct counts ca = one_second(wa, second, pa);
		struct counts cb = one_second(wb, second, pb);

		t->seen += memcmp(&ca, &cb, sizeof(ca)) != 0;
		t->studied++;
		t->sum.resets += ca.resets;
		t->sum.bare_acks += ca.bare_acks;
		t->sum.challenges += ca.challenges;
	}
	world_end(wa);
	world_end(wb);
}

static const struct probe probes[] = {
        {TCP_SYN, CLOSED_PORT, 0, false, 0},
        {TCP_SYN, 80, -1, false, 0},
        {TCP_SYN, 80, 2000, false, 0},
        {TCP_ACK, 80, 0, false, 0},
        {TCP_ACK, 80, 0, false, 1},
        {TCP_ACK, 80, -100, true, 0},
        {TCP_ACK, CLOSED_PORT, 0, false, 0},
        {TCP_SYN | TCP_ACK, 80, 0, true, 0},
        {TCP_RST, 80, 100, false, 0},
        {TCP_RST, 80, 100000, false, 0},
        {TCP_FIN | TCP_ACK, 80, -1, true, 0},
};

/* The victim is served: a missing answer would be seen. */
static void
expect_blind(const struct study *t)
{
	cr_expect_leq(t->seen, BY_CHANCE, "%u of %u seconds", t->seen, t->studied);
	cr_expect_geq(t->sum.resets, t->studied * 25);
	cr_expect_leq(t->sum.resets, t->studied * 39);
	cr_expect_geq(t->sum.bare_acks, t->studied * 25);
	cr_expect_leq(t->sum.bare_acks, t->studied * 39);
	cr_expect_geq(t->sum.challenges, t->studied * 8);
}

Test(side_channel, counts_do_not_tell_what_the_victim_has)
{
	struct study t = {0};

	for (enum has has = HAS_HALF_OPEN; has < HAS_COUNT; has++)
		for (unsigned i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
			compare(&t, HAS_NOTHING, &probes[i], has, &probes[i]);
	expect_blind(&t);
}

Test(side_channel, counts_do_not_tell_whether_probes_were_answered)
{
	struct study t = {0};

	for (enum has has = HAS_NOTHING; has < HAS_COUNT; has++)
		for (unsigned i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
			compare(&t, has, NULL, has, &probes[i]);
	expect_blind(&t);
}

/* The attack works without parts: all share 40 answers a second. */
Test(side_channel, a_budget_that_all_share_would_tell)
{
	struct study t = {.rst_per_s = 40};

	compare(&t, HAS_NOTHING, &probes[3], HAS_HALF_OPEN, &probes[3]);
	compare(&t, HAS_NOTHING, &probes[3], HAS_OPEN, &probes[3]);
	compare(&t, HAS_NOTHING, &probes[5], HAS_TIME_WAIT, &probes[5]);
	cr_expect_geq(t.seen, t.studied / 2, "%u of %u seconds", t.seen, t.studied);
}
