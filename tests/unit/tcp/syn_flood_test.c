/* SPDX-License-Identifier: BSD-3-Clause */
/* A million SYNs of forged hosts against a pool of 1,024, and honest hosts among them. */
#include "peer.h"
#include "tcp/flows.h"

#define POOL    1024
#define SYNS    1000000u
#define HONEST  50
#define BURST   50 /* SYNs of a turn */
#define PER_S   (BURST * 1000u)
#define SYN_ACK (TCP_SYN | TCP_ACK)

struct flood {
	struct peer *p;
	bool (*emit)(void *below, const struct tcp_out *out);
	uint64_t chance;
	uint64_t answers;
};

/* Segments to forged hosts are counted. There is one flood at a time. */
static struct flood flood;

static bool
emit(void *below, const struct tcp_out *o)
{
	if (o->key.raddr == PEER_ADDR)
		return flood.emit(below, o);
	cr_assert_eq(o->flags, SYN_ACK);
	if (o->asked_by != NULL)
		o->asked_by->buf = NULL;
	flood.answers++;
	return true;
}

static uint32_t
next(void)
{
	uint64_t z = flood.chance += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(z ^ z >> 29);
}

static void
begin(enum syn_cookie set, uint32_t syn_rate)
{
	flood = (struct flood) {.p = peer_new((struct peer_how) {.max_half_open = POOL,
	                                .syn_cookie = set,
	                                .syn_rate = syn_rate,
	                                .max_conns = 8192}),
	        .chance = 1};
	flood.emit = flood.p->t->emit;
	flood.p->t->emit = emit;
}

/* The SYNs come from addresses without a host, with usual options. */
static void
spoofed(struct seg *s)
{
	static const uint8_t first[] = {0};

	*s = (struct seg) {
	        .key = {next() | 0x80, OUR_ADDR, (be16)next(), OUR_PORT},
	        .kind = SEG_TCP,
	        .buf = s, /* the answer takes it */
	        .flags = TCP_SYN,
	        .seq = next(),
	        .opts = SEG_OPT_MSS | (next() & (SEG_OPT_TS | SEG_OPT_SACK_OK)),
	        .mss = 1460,
	        .tsval = next(),
	        .wnd = 1000,
	};
	flows_look_ahead(flood.p->t, s, first, 1);
	if (s->ref == FLOW_NONE)
		cr_assert_eq(tcp_segment(flood.p->t, s), DROP_NONE);
}

static void
one_turn(void)
{
	struct seg s[BURST];

	for (unsigned i = 0; i < BURST; i++)
		spoofed(&s[i]);
	if (flood.p->t->syns.n != 0)
		tcp_answer_syns(flood.p->t);
	peer_wait(flood.p, 1);
}

/* The number of the HONEST hosts that get through, each with a round trip of N ms. */
static unsigned
served(uint32_t rtt_ms)
{
	unsigned turns = SYNS / BURST / HONEST, n = 0;

	for (unsigned i = 0; i < HONEST; i++) {
		struct peer *q = peer_beside(flood.p);

		for (unsigned k = 0; k < turns; k++) {
			if (k == 10)
				peer_send(q, .flags = TCP_SYN);
			one_turn();
			if (k == 10 + rtt_ms)
				peer_send(q, .flags = TCP_ACK, .len = 10);
		}
		n += q->got == 10;
		cr_expect_leq(flood.p->t->half.pool.used, POOL);
	}
	return n;
}

static void
end(void)
{
	flood.p->t->emit = flood.emit;
	syn_mode_set(&flood.p->t->syn, SYN_COOKIE_ALWAYS, flood.p->t->now.ms);
	peer_end(flood.p);
}

/* RFC 4987 3.6: an honest host is served, and nothing grows. */
Test(tcp_syn_flood, auto_serves_all_clients)
{
	const struct counters *n;

	begin(SYN_COOKIE_AUTO, 10000);
	n = flood.p->t->count;
	cr_expect_eq(served(100), HONEST);
	cr_expect(flood.p->t->syn.stateless);
	cr_expect_eq(flood.p->t->syn.to_stateless, 1);
	cr_expect_eq(n->syn_evicted, 0);
	cr_expect_leq(n->syn_received, POOL / 2 + BURST);
	cr_expect_geq(flood.answers, SYNS - SYNS / 1000, "%u SYNs, %llu answers", SYNS,
	        (unsigned long long)flood.answers);
	cr_expect_leq(flood.answers, SYNS + 5 * POOL);
	cr_expect_eq(n->conn_accepted, HONEST);
	end();
}

/* The same holds where the pool is the reason, and not the rate. */
Test(tcp_syn_flood, auto_by_the_pool_alone)
{
	begin(SYN_COOKIE_AUTO, UINT32_MAX);
	cr_expect_eq(served(100), HONEST);
	cr_expect(flood.p->t->syn.stateless);
	cr_expect_eq(flood.p->t->count->syn_evicted, 0);
	end();
}

Test(tcp_syn_flood, always_keeps_nothing)
{
	begin(SYN_COOKIE_ALWAYS, 10000);
	cr_expect_eq(served(100), HONEST);
	cr_expect_eq(flood.p->t->count->syn_received, 0);
	end();
}

/* The pool turns over in 20 ms: hosts whose ACK is quicker get in, and the others do not. */
Test(tcp_syn_flood, off_serves_clients_quicker_than_eviction)
{
	uint32_t turn_over_ms = POOL * 1000 / PER_S;

	begin(SYN_COOKIE_OFF, 10000);
	cr_expect_eq(served(turn_over_ms - 3), HONEST);
	cr_expect_eq(flood.p->t->half.pool.used, POOL);
	cr_expect_geq(flood.p->t->count->syn_evicted, SYNS - SYNS / 100);
	end();
	begin(SYN_COOKIE_OFF, 10000);
	cr_expect_eq(served(turn_over_ms + 3), 0);
	end();
}

/* After the flood: quiet for two epochs, then records again. */
Test(tcp_syn_flood, records_again_afterwards)
{
	struct peer *q;

	begin(SYN_COOKIE_AUTO, 10000);
	for (unsigned i = 0; i < 200; i++)
		one_turn();
	cr_expect(flood.p->t->syn.stateless);
	for (unsigned i = 0; i < 63 + 128 + 1; i++)
		peer_jump(flood.p, 1000000);
	cr_expect(!flood.p->t->syn.stateless);
	cr_expect_eq(flood.p->t->half.pool.used, 0);
	q = peer_beside(flood.p);
	peer_send(q, .flags = TCP_SYN);
	cr_expect_eq(peer_state(q), TCP_SYN_RECEIVED);
	end();
}
