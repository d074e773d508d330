/* SPDX-License-Identifier: BSD-3-Clause */
/* Many neighbours, neighbours that move, and the news that connections have of them. Peers on
 * the link, each with a MAC, answer ARP and TCP. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "stack/private.h"
#include "stack/rig.h"

#define START_US 1000000
#define BYTES    5000
#define WND      8000
#define BATCH    100 /* SYNs of a millisecond, or answers */

struct peer {
	uint8_t mac[ETH_ALEN];
	uint32_t rcv_nxt;
	bool open; /* its window */
	bool done;
	bool deaf;
	uint32_t done_ms;
};

struct link {
	struct rig *r;
	struct peer *peer;
	unsigned n;
	unsigned done;
	unsigned questions;
	struct pending {
		uint8_t frame[64];
		unsigned len;
	} * pending; /* frames of peers, for the next turns */
	unsigned npending, room;
};

/* 10.1.0.0/16 */
static be32
addr_of(unsigned i)
{
	return rig_ip(10, 1, i / 200 + 1, i % 200 + 1);
}

static struct peer *
peer_at(struct link *l, be32 addr)
{
	for (unsigned i = 0; i < l->n; i++)
		if (addr_of(i) == addr)
			return &l->peer[i];
	return NULL;
}

static struct pending *
say(struct link *l)
{
	if (l->npending == l->room) {
		l->room = l->room * 2 + 64;
		l->pending = realloc(l->pending, l->room * sizeof(*l->pending));
		cr_assert_not_null(l->pending);
	}
	return &l->pending[l->npending++];
}

static void
say_arp(struct link *l, be32 addr, uint16_t oper, be32 target, const uint8_t *mac)
{
	struct pending *out = say(l);

	out->len = (unsigned)build_arp_request(out->frame, mac, addr, target, NULL);
	((struct arp_hdr *)(void *)(out->frame + 14))->oper = cpu_to_be16(oper);
}

static void
say_tcp(struct link *l, be32 addr, const struct peer *p, uint8_t flags, uint32_t seq)
{
	struct pending *out = say(l);

	out->len = rig_build(&(struct say) {.src = addr,
	                             .dst = rig_ip(10, 1, 0, 1),
	                             .src_mac = p->mac,
	                             .flags = flags,
	                             .seq = seq,
	                             .ack = flags & TCP_ACK ? p->rcv_nxt : 0,
	                             .wnd = p->open ? WND : 0},
	        out->frame);
}

/* A frame of ours is on the link. Only the peer with its destination MAC takes it. */
static void
sees(void *ctx, const struct rig_out *o)
{
	struct link *l = ctx;
	const struct seg *s = &o->seg;
	struct peer *p = peer_at(l, s->key.laddr);

	cr_assert_eq(o->parsed, DROP_NONE);
	l->questions += s->kind == SEG_ARP;
	if (p == NULL || p->deaf)
		return;
	if (!(s->frame[0] & 1) && memcmp(s->frame, p->mac, ETH_ALEN) != 0)
		return;
	if (s->kind == SEG_ARP) {
		say_arp(l, s->key.laddr, ARP_REPLY, s->key.raddr, p->mac);
		return;
	}
	if (s->flags & TCP_SYN)
		p->rcv_nxt = s->seq + 1;
	else if (p->open && s->seq == p->rcv_nxt)
		p->rcv_nxt += seg_len(s);
	if (!p->done && p->open && s->flags & TCP_FIN) {
		p->done = true;
		p->done_ms = l->r->now.ms;
		l->done++;
	}
	if (s->len != 0 || s->flags & (TCP_SYN | TCP_FIN))
		say_tcp(l, s->key.laddr, p, TCP_ACK, 1001);
}

/* N ms pass, with the frames of the peers. */
static void
pass(struct link *l, unsigned ms)
{
	while (ms-- > 0) {
		unsigned n = l->npending < BATCH ? l->npending : BATCH;

		for (unsigned i = 0; i < n; i++)
			rig_push(l->r, 0, l->pending[i].frame, l->pending[i].len);
		l->npending -= n;
		memmove(l->pending, l->pending + n, l->npending * sizeof(*l->pending));
		rig_wait(l->r, 1);
	}
}

/* A page, and the end. */
static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)self;
	cr_assert_eq(hf_send(h, c, rig_stream, BYTES), 0);
	hf_close(h, c);
}

static const struct hf_service page = {.name = "page", .opened = on_opened};

/* n peers that have sent nothing yet. */
static void
link_begin(struct link *l, unsigned n, uint32_t max_neighbours, bool open)
{
	struct stack_conf conf = {.max_conns = 4096,
	        .max_neighbours = max_neighbours,
	        .msl_ms = 1000,
	        .secret = "a test's secret"};
	struct stack_port ports[RIG_PORTS] = {rig_ports[0], rig_ports[1]};

	ports[0].ip = rig_ip(10, 1, 0, 1);
	ports[0].netmask = rig_ip(255, 255, 0, 0);
	ports[0].gateway = rig_ip(10, 1, 0, 2);
	*l = (struct link) {.n = n};
	l->peer = calloc(n, sizeof(*l->peer));
	cr_assert_not_null(l->peer);
	l->r = rig_new_with(&conf, START_US, ports);
	l->r->sees = sees;
	l->r->ctx = l;
	cr_assert_eq(stack_listen(l->r->st, 0, cpu_to_be16(80), &page, NULL), 0);
	for (unsigned i = 0; i < n; i++) {
		const uint8_t mac[ETH_ALEN] = {2, 1, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};

		memcpy(l->peer[i].mac, mac, ETH_ALEN);
		l->peer[i].open = open;
	}
}

/* All peers have a connection in the end. */
static void
link_open(struct link *l, unsigned n, uint32_t max_neighbours, bool open)
{
	link_begin(l, n, max_neighbours, open);
	for (unsigned i = 0; i < n; i++) {
		say_tcp(l, addr_of(i), &l->peer[i], TCP_SYN, 1000);
		if (i % BATCH == BATCH - 1)
			pass(l, 3);
	}
	pass(l, 50);
	cr_assert_eq(stack_counters(l->r->st)->conn_accepted, n);
}

static void
link_close(struct link *l)
{
	cr_expect_eq(rig_free(l->r), 0);
	free(l->peer);
	free(l->pending);
}

/* They read on, and say so only when they are asked: all get all of it, within the
 * time of a probe. */
static void
expect_all_read_on(unsigned n, uint32_t max_neighbours, unsigned within_ms)
{
	struct link l;
	unsigned ms;

	link_open(&l, n, max_neighbours, false);
	pass(&l, 3500);
	cr_assert_eq(l.done, 0);
	for (unsigned i = 0; i < n; i++)
		l.peer[i].open = true;
	for (ms = 0; ms < within_ms && l.done < n; ms += 50)
		pass(&l, 50);
	cr_expect_eq(l.done, n, "%u of %u within %u ms", l.done, n, ms);
	cr_expect_eq(rig_drops(l.r, DROP_ARP_UNSOLICITED), 0);
	if (max_neighbours == 0)
		cr_expect_eq(rig_drops(l.r, DROP_NEIGH_UNRESOLVED), 0);
	link_close(&l);
}

Test(stack_neighbours, crowd_with_closed_windows_reads_on)
{
	expect_all_read_on(1500, 0, 4000);
	expect_all_read_on(2500, 0, 4000);
}

/* The cache is too small for the peers. They are slower, but none starves. */
Test(stack_neighbours, crowd_larger_than_the_cache_reads_on)
{
	expect_all_read_on(1500, 1024, 60000);
}

static const uint8_t moved[ETH_ALEN] = {2, 9, 0, 0, 0, 9};
#define PEER addr_of(0)

/* The peer has completed its handshake, and has nothing of the page. The next segment goes to a
 * MAC that the peer has left. */
static void
link_moves(struct link *l)
{
	link_begin(l, 1, 0, true);
	say_tcp(l, PEER, &l->peer[0], TCP_SYN, 1000);
	pass(l, 1); /* the SYN, and its SYN-ACK */
	cr_assert_eq(l->npending, 1);
	memcpy(l->peer[0].mac, moved, ETH_ALEN);
}

static unsigned
until_done(struct link *l)
{
	unsigned ms = 0;

	for (; ms < 20000 && l->done == 0; ms++)
		pass(l, 1);
	return ms;
}

/* RFC 1122 3.3.1.4: the first retransmission is the question, the second one arrives. */
Test(stack_neighbours, peer_that_moved_without_a_word_is_found)
{
	struct link l;
	unsigned ms;

	link_moves(&l);
	ms = until_done(&l);
	cr_expect_leq(ms, 700, "%u ms", ms);
	cr_expect_leq(l.questions, 3);
	link_close(&l);
}

Test(stack_neighbours, peer_that_moved_and_says_so_is_found)
{
	struct link l;
	unsigned ms;

	link_moves(&l);
	pass(&l, 10);
	say_arp(&l, PEER, ARP_REQUEST, PEER, moved);
	ms = until_done(&l);
	cr_expect_leq(ms, 700, "%u ms", ms);
	cr_expect_eq(rig_drops(l.r, DROP_ARP_CLAIM), 3, "the word, and two answers");
	link_close(&l);
}

/* Half of a second of claims, and the same number of false answers to our questions. The known
 * peer answers, so nothing changes, and the text that it waits for is not late. */
Test(stack_neighbours, claims_do_not_move_a_peer_that_answers)
{
	struct link l;
	struct neigh_entry e;

	link_open(&l, 1, 0, false);
	pass(&l, 1500);
	for (unsigned ms = 0; ms < 500; ms++) {
		say_arp(&l, PEER, ARP_REQUEST, PEER, moved);
		say_arp(&l, PEER, ARP_REPLY, rig_ip(10, 1, 0, 1), moved);
		pass(&l, 1);
	}
	cr_expect_geq(rig_drops(l.r, DROP_ARP_CLAIM), 900);
	for (unsigned i = 0; stack_neigh_at(l.r->st, 0, i, &e); i++)
		if (e.ip == PEER)
			cr_expect_arr_eq(e.mac, l.peer[0].mac, ETH_ALEN);
	l.peer[0].open = true;
	cr_expect_leq(until_done(&l), 2000);
	link_close(&l);
}

/* It asks for nothing and answers no ARP, but it talks: that is enough. */
Test(stack_neighbours, a_neighbour_that_talks_is_not_asked_for)
{
	struct rig *r = rig_new(NULL, START_US);
	struct rig_log log = {0};
	struct neigh_entry e;
	uint32_t ack, seq = 1001;
	uint64_t asked = 0;

	rig_listen(r, 80, &rig_quiet, &log);
	ack = rig_handshake(r, 40000, (struct tcp_opts) {.present = 0}, 8000);
	for (unsigned s = 0; s < 300; s++) {
		rig_tcp(r, .flags = TCP_ACK, .seq = seq++, .ack = ack, .wnd = 8000, .text = "x",
		        .len = 1);
		rig_turn(r);
		rig_wait(r, 500);
		rig_forget(r);
		if (s == 10)
			asked = stack_counters(r->st)->arp_asked;
	}
	cr_expect_eq(log.bytes, 300);
	cr_assert(stack_neigh_at(r->st, 0, 0, &e));
	cr_expect_eq(e.state, NEIGH_REACHABLE);
	cr_assert_eq(hf_send(log.core, log.conn, "y", 1), 0);
	rig_turn(r);
	cr_assert_eq(rig_next(r)->seg.kind, SEG_TCP);
	cr_expect_eq(stack_counters(r->st)->arp_asked, asked);
	cr_expect_eq(rig_free(r), 0);
}

/* By the connections that there may be, and by the hosts that there can be. */
Test(stack_neighbours, capacity_is_what_is_served)
{
	struct stack_conf conf = {.max_conns = 40000, .secret = "a test's secret"};
	struct rig *r = rig_new(&conf, START_US);
	struct stack_port p = rig_ports[0];
	uint64_t large = stack_usage(r->st).bytes, small;

	p.gateway = rig_ip(10, 0, 0, 1);
	cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
	small = stack_usage(r->st).bytes;
	cr_expect_leq(small, large - 2000000, "a /24 has 254 hosts");
	p.netmask = rig_ip(255, 0, 0, 0);
	cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
	cr_expect_eq(stack_usage(r->st).bytes, large);
	cr_expect_eq(rig_free(r), 0);
}
