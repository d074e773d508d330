/* SPDX-License-Identifier: BSD-3-Clause */
/* One source, an address or a /24, holds a share of the half-open records and no more:
 * docs/decisions/0031-half-open-records-of-one-source.md */
#include "peer.h"
#include "tcp/flows.h"

#define POOL       1024
#define COUNTED    (POOL / 16) /* counting begins there */
#define ADDR_CAP   (POOL / 8)
#define NET_CAP    (POOL / 4)
#define NAT        0x0909090au /* 10.9.9.9 */
#define CLIENTS    1500
#define PEERS_FROM 40000 /* their ports */
#define SYN_ACK    (TCP_SYN | TCP_ACK)

static const struct hf_service mute = {.name = "mute"};

/* Clients that are no struct peer, and the stack's answers to them. Their ports are not those
 * of peers. */
struct crowd {
	struct peer *p;
	bool (*emit)(void *below, const struct tcp_out *out);
	uint32_t iss[65536]; /* ours, by the client's port; 0: not answered */
};

static struct crowd crowd;

static bool
crowd_emit(void *below, const struct tcp_out *o)
{
	uint16_t port = be16_to_cpu(o->key.rport);

	if (port >= PEERS_FROM && port < PEERS_FROM + PEERS)
		return crowd.emit(below, o);
	if (o->flags == SYN_ACK)
		crowd.iss[port] = o->seq;
	if (o->asked_by != NULL)
		o->asked_by->buf = NULL;
	return true;
}

static struct peer *
crowd_begin_with(enum syn_cookie set, enum tcp_state first)
{
	crowd = (struct crowd) {.p = peer_reach((struct peer_how) {.state = first,
	                                .max_half_open = POOL,
	                                .service = &mute,
	                                .syn_cookie = set,
	                                .syn_rate = UINT32_MAX,
	                                .rst_per_s = 1000000,
	                                .max_conns = 8192})};
	crowd.emit = crowd.p->t->emit;
	crowd.p->t->emit = crowd_emit;
	return crowd.p;
}

static struct peer *
crowd_begin(enum syn_cookie set)
{
	return crowd_begin_with(set, TCP_LISTEN);
}

static uint32_t
counted(const struct tcp *t)
{
	const struct sketch *k = &t->half.held;
	uint32_t n = 0;

	for (unsigned scope = 0; scope < SKETCH_SCOPES; scope++)
		for (unsigned place = 0; place < SKETCH_PLACES; place++)
			n += k->held[scope][0][place] + k->held[scope][1][place];
	return n;
}

/* All that is open is reset: with it go the clients of the crowd. */
static void
crowd_end(void)
{
	tcp_abort_all(crowd.p->t, HF_STOPPED);
	cr_expect_eq(crowd.p->t->half.pool.used, 0);
	cr_expect_eq(counted(crowd.p->t), 0, "records are counted that are not there");
	peer_end(crowd.p);
}

static enum drop
crowd_send(be32 addr, uint16_t port, uint8_t flags, uint32_t seq, uint32_t ack)
{
	static const uint8_t first[] = {0};
	struct tcp *t = crowd.p->t;
	struct seg s = {
	        .key = {addr, OUR_ADDR, cpu_to_be16(port), OUR_PORT},
	        .kind = SEG_TCP,
	        .flags = flags,
	        .seq = seq,
	        .ack = ack,
	        .opts = (flags & TCP_SYN) ? SEG_OPT_MSS : 0,
	        .mss = 1460,
	        .wnd = 1000,
	};
	enum drop why;

	s.buf = &s; /* the answer takes it */
	flows_look_ahead(t, &s, first, 1);
	why = tcp_segment(t, &s);
	if (t->syns.n != 0)
		tcp_answer_syns(t);
	return why;
}

static enum drop
crowd_syn(be32 addr, uint16_t port)
{
	return crowd_send(addr, port, TCP_SYN, port * 1000u, 0);
}

static enum drop
crowd_ack(be32 addr, uint16_t port)
{
	return crowd_send(addr, port, TCP_ACK, port * 1000u + 1, crowd.iss[port] + 1);
}

static uint32_t
records_of(be32 addr, be32 mask)
{
	const struct half_opens *h = &crowd.p->t->half;
	uint32_t n = 0;

	for (uint32_t i = 0; i < h->pool.fresh; i++)
		n += half_open_at(h, i)->live &&
		     ((half_open_at(h, i)->key.raddr ^ addr) & mask) == 0;
	return n;
}

/* Half-open records of clients elsewhere. */
static void
honest_syns(struct peer **q, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		q[i] = peer_beside(crowd.p);
		cr_assert_eq(peer_send(q[i], .flags = TCP_SYN), DROP_NONE);
	}
}

static void
expect_honest_served(struct peer **q, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		cr_expect_eq(peer_state(q[i]), TCP_SYN_RECEIVED, "record %u is gone", i);
		peer_send(q[i], .flags = TCP_ACK);
		cr_expect_eq(peer_state(q[i]), TCP_ESTABLISHED);
	}
}

/* Without cookies a source at its limit displaces itself alone. */
Test(tcp_syn_cap, off_one_address_displaces_itself_alone)
{
	struct peer *p = crowd_begin(SYN_COOKIE_OFF), *q[20];
	const struct counters *n = p->t->count;

	honest_syns(q, 20);
	for (unsigned i = 0; i < 20000; i++)
		crowd_syn(NAT, (uint16_t)(1024 + i));
	cr_expect_leq(records_of(NAT, UINT32_MAX), ADDR_CAP + COUNTED);
	cr_expect_geq(records_of(NAT, UINT32_MAX), ADDR_CAP);
	cr_expect_eq(n->syn_evicted + n->drop[DROP_SYN_CAP], n->syn_capped);
	cr_expect_geq(n->syn_capped, 20000 - ADDR_CAP - COUNTED);
	cr_expect(!p->t->syn.stateless);
	expect_honest_served(q, 20);
	crowd_end();
}

/* ... in turn: the newest half of its records is there, so an ACK that is quick gets in. */
Test(tcp_syn_cap, off_newest_of_the_source_stay)
{
	uint16_t last = 30000;

	crowd_begin(SYN_COOKIE_OFF);
	for (uint16_t port = 1024; port <= last; port++)
		crowd_syn(NAT, port);
	for (uint16_t port = last; port > last - ADDR_CAP / 2; port--)
		cr_expect_eq(crowd_ack(NAT, port), DROP_NONE, "port %u is gone", port);
	cr_expect_eq(crowd.p->t->count->conn_accepted, ADDR_CAP / 2);
	crowd_end();
}

/* Where the hand meets records of others alone, the SYN is dropped; the hand goes on. */
Test(tcp_syn_cap, off_dropped_where_no_own_record_is_in_reach)
{
	struct peer *p = crowd_begin(SYN_COOKIE_OFF);
	const uint64_t *dropped = &p->t->count->drop[DROP_SYN_CAP];
	unsigned tries = 0;

	for (unsigned i = 0; i < 4 * HALF_OPEN_REACH; i++) /* each of a /24 of its own */
		cr_assert_eq(crowd_syn(NAT + ((i % 200) << 24) + (0x10u << (i / 200)), 1024),
		        DROP_NONE);
	for (unsigned i = 0; !half_open_source_is_full(&p->t->half, NAT); i++)
		cr_assert_eq(crowd_syn(NAT, (uint16_t)(2000 + i)), DROP_NONE);
	while (crowd_syn(NAT, (uint16_t)(10000 + tries)) == DROP_SYN_CAP) {
		counter_drop(p->t->count, DROP_SYN_CAP); /* as the burst does */
		tries++;
	}
	cr_expect_geq(tries, 1);
	cr_expect_leq(tries, 5);
	cr_expect_eq(*dropped, tries);
	cr_expect_eq(p->t->count->syn_evicted, 1);
	crowd_end();
}

/* `auto` answers with cookies instead: no record is displaced, and other sources keep theirs.
 */
Test(tcp_syn_cap, auto_sends_cookies_to_the_source_alone)
{
	struct peer *p = crowd_begin(SYN_COOKIE_AUTO), *q[20];
	const struct counters *n = p->t->count;

	for (unsigned i = 0; i < 20000; i++)
		cr_assert_eq(crowd_syn(NAT, (uint16_t)(1024 + i)), DROP_NONE);
	cr_expect_eq(n->syn_evicted, 0);
	cr_expect_eq(n->cookies_sent, n->syn_capped);
	cr_expect_eq(n->cookies_sent, 20000 - records_of(NAT, UINT32_MAX));
	cr_expect_leq(records_of(NAT, UINT32_MAX), ADDR_CAP + COUNTED);
	cr_expect(!p->t->syn.stateless, "one source must not take records from all");
	honest_syns(q, 20);
	cr_expect_eq(n->cookies_sent, n->syn_capped);
	expect_honest_served(q, 20);
	crowd_end();
}

/* A /24 may hold more than an address, and has a limit, too. */
Test(tcp_syn_cap, auto_limits_a_prefix)
{
	struct peer *p = crowd_begin(SYN_COOKIE_AUTO);

	for (unsigned i = 0; i < 20000; i++)
		crowd_syn((NAT & 0x00ffffff) | (i % 250 + 1) << 24, (uint16_t)(1024 + i));
	cr_expect_leq(records_of(NAT, 0x00ffffff), NET_CAP + COUNTED);
	cr_expect_geq(records_of(NAT, 0x00ffffff), NET_CAP);
	cr_expect(!p->t->syn.stateless);
	crowd_end();
}

/* More clients behind a NAT than it may have records: all get in. */
Test(tcp_syn_cap, auto_serves_all_clients_of_a_nat)
{
	struct peer *p = crowd_begin(SYN_COOKIE_AUTO);

	for (uint16_t port = 1024; port < 1024 + CLIENTS; port++)
		crowd_syn(NAT, port);
	for (uint16_t port = 1024; port < 1024 + CLIENTS; port++) {
		cr_assert_neq(crowd.iss[port], 0);
		cr_expect_eq(crowd_ack(NAT, port), DROP_NONE);
	}
	cr_expect_eq(p->t->count->conn_accepted, CLIENTS);
	cr_expect_gt(p->t->count->cookies_valid, CLIENTS / 2);
	cr_expect_eq(records_of(NAT, UINT32_MAX), 0);
	crowd_end();
}

/* A SYN that no cookie can hold gets a record of the source's own. */
Test(tcp_syn_cap, auto_record_where_no_cookie_fits)
{
	struct peer *p = crowd_begin(SYN_COOKIE_AUTO), *q = peer_beside(p);

	for (unsigned i = 0; !half_open_source_is_full(&p->t->half, PEER_ADDR); i++)
		crowd_syn(PEER_ADDR, (uint16_t)(50000 + i));
	sent_forget(p);
	cr_expect_eq(
	        peer_send(q, .flags = TCP_SYN, .opts = SEG_OPT_MSS, .mss = 500), DROP_NONE);
	cr_expect_eq(peer_state(q), TCP_SYN_RECEIVED);
	cr_expect_eq(p->t->count->cookies_sent, 0);
	cr_expect_eq(p->t->count->syn_evicted, 1);
	crowd_end();
}

/* A SYN that follows on a TIME-WAIT needs the floor of its numbers, which no cookie has. A
 * record of the same source makes room, so that no other source is displaced. */
Test(tcp_syn_cap, record_after_time_wait_is_of_the_same_source)
{
	struct peer *q = crowd_begin_with(SYN_COOKIE_AUTO, TCP_TIME_WAIT), *p = q;
	uint32_t used;

	for (unsigned i = 0; !half_open_source_is_full(&p->t->half, PEER_ADDR); i++)
		crowd_syn(PEER_ADDR, (uint16_t)(50000 + i));
	used = p->t->half.pool.used;
	sent_forget(p);
	cr_expect_eq(peer_send(q, .flags = TCP_SYN, .seq = 100), DROP_NONE);
	cr_expect_eq(peer_state(q), TCP_SYN_RECEIVED);
	cr_expect_eq(p->t->count->cookies_sent, 0);
	cr_expect_eq(p->t->count->syn_evicted, 1);
	cr_expect_eq(p->t->half.pool.used, used);
	crowd_end();
}

/* Fill until records are counted: n more of them. */
static void
count_some(unsigned n)
{
	for (unsigned i = 0; i < COUNTED + n; i++)
		crowd_syn(NAT, (uint16_t)(1024 + i));
	cr_assert_eq(counted(crowd.p->t), 4 * n, "two rows each of addresses and prefixes");
}

#define FIRST_COUNTED (1024 + COUNTED)

/* A record leaves the count at its end, whatever ends it. */
Test(tcp_syn_cap, handshake_leaves_the_count)
{
	crowd_begin(SYN_COOKIE_AUTO);
	count_some(1);
	crowd_ack(NAT, FIRST_COUNTED);
	cr_expect_eq(counted(crowd.p->t), 0);
	crowd_end();
}

Test(tcp_syn_cap, reset_leaves_the_count)
{
	crowd_begin(SYN_COOKIE_AUTO);
	count_some(1);
	crowd_send(NAT, FIRST_COUNTED, TCP_RST, FIRST_COUNTED * 1000u + 1, 0);
	cr_expect_eq(counted(crowd.p->t), 0);
	crowd_end();
}

Test(tcp_syn_cap, timeout_leaves_the_count)
{
	struct peer *p = crowd_begin(SYN_COOKIE_AUTO);

	count_some(10);
	for (unsigned i = 0; i < 70; i++)
		peer_jump(p, 1000000);
	cr_expect_eq(p->t->half.pool.used, 0);
	cr_expect_eq(counted(p->t), 0);
	crowd_end();
}

Test(tcp_syn_cap, refused_handshake_leaves_the_count)
{
	struct peer *p = crowd_begin(SYN_COOKIE_AUTO);

	count_some(1);
	p->t->conf.refuse = true;
	while (pool_take(&p->t->conns) != POOL_NONE)
		;
	crowd_ack(NAT, FIRST_COUNTED);
	cr_expect_eq(counted(p->t), 0);
	for (uint32_t i = 0; i < p->t->conns.capacity; i++)
		pool_give(&p->t->conns, i);
	crowd_end();
}

Test(tcp_syn_cap, eviction_leaves_the_count)
{
	struct peer *p = crowd_begin(SYN_COOKIE_OFF);

	for (unsigned i = 0; i < 4 * POOL; i++) /* from everywhere: no source is at its limit */
		crowd_syn(NAT + ((i * 7919u) << 24) + (i % 8 << 4), (uint16_t)(1024 + i));
	cr_expect_geq(p->t->count->syn_evicted, 3 * POOL);
	cr_expect_leq(counted(p->t), 4 * POOL);
	crowd_end();
}

/* While the pool is nearly empty nothing is counted. */
Test(tcp_syn_cap, nothing_is_counted_below_a_sixteenth)
{
	struct peer *p = crowd_begin(SYN_COOKIE_AUTO);

	for (unsigned i = 0; i < 50000; i++) {
		crowd_syn(NAT, (uint16_t)(1024 + i % 30000));
		cr_assert_eq(counted(p->t), 0);
		crowd_send(NAT, (uint16_t)(1024 + i % 30000), TCP_RST,
		        (1024 + i % 30000) * 1000u + 1, 0);
	}
	crowd_end();
}

/* A small pool has no limit by source: any address may hold 64. */
Test(tcp_syn_cap, any_address_may_hold_64)
{
	struct peer *p = peer_new((struct peer_how) {.max_half_open = 64});

	cr_expect_eq(p->t->half.held.cap[SKETCH_ADDR], HALF_OPEN_CAP_MIN);
	cr_expect_eq(p->t->half.held.cap[SKETCH_PREFIX], HALF_OPEN_CAP_MIN);
	peer_end(p);
}
