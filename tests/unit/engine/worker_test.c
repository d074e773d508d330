/* SPDX-License-Identifier: BSD-3-Clause */
/* Two workers on a port that brings answers to the wrong one. */
#include <criterion/criterion.h>

#include <rte_ethdev.h>
#include <rte_ring.h>

#include "engine/packets.h"
#include "engine/look.h"
#include "engine/worker.h"
#include "stack/private.h"
#include "wire/build.h"
#include "wire/checksum.h"
#include "wire/parse.h"

#define WORKERS   2
#define MOST      16
#define PEER_PORT 80

static const uint8_t our_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 2};
static const uint8_t peer_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 1};
#define OURS cpu_to_be32(0x0a000002)
#define PEER cpu_to_be32(0x0a000001)

/* A port: the frames that its queues will bring, and the last frame that each took. */
static struct queue {
	struct rte_mbuf *in[MOST];
	unsigned nin;
	uint8_t out[MOST][128];
	unsigned len[MOST];
	unsigned nout;
	bool full;
} queues[WORKERS];

static uint16_t
bring(void *queue, struct rte_mbuf **m, uint16_t n)
{
	struct queue *q = queue;
	uint16_t k = (uint16_t)RTE_MIN(n, q->nin);

	memcpy(m, q->in, k * sizeof(*m));
	q->nin = 0;
	return k;
}

static uint16_t
take(void *queue, struct rte_mbuf **m, uint16_t n)
{
	struct queue *q = queue;

	if (q->full)
		return 0;
	for (uint16_t i = 0; i < n; i++) {
		cr_assert_lt(q->nout, MOST);
		q->len[q->nout] = m[i]->data_len;
		memcpy(q->out[q->nout++], rte_pktmbuf_mtod(m[i], void *), m[i]->data_len);
		rte_pktmbuf_free(m[i]);
	}
	return n;
}

/* A client that opens one connection. */
struct log {
	bool asked;
	unsigned opened, closed;
	uint32_t bytes;
	enum hf_reason why;
};

static const struct hf_service client;

static void
on_turn(struct hf_core *h, void *self)
{
	struct log *log = self;
	struct hf_open how = {.peer = {PEER, cpu_to_be16(PEER_PORT)}};

	if (!log->asked)
		cr_expect_eq(hf_connect(h, &client, self, &how, NULL), 0);
	log->asked = true;
}

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)h;
	(void)c;
	((struct log *)self)->opened++;
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)h;
	(void)c;
	(void)bytes;
	((struct log *)self)->bytes += len;
	return len;
}

static void
on_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	(void)h;
	(void)c;
	((struct log *)self)->closed++;
	((struct log *)self)->why = why;
}

static const struct hf_service client = {
        .name = "client",
        .turn = on_turn,
        .opened = on_opened,
        .data = on_data,
        .closed = on_closed,
};

struct rig {
	struct inboxes inboxes;
	struct steer steer;
	struct worker *worker[WORKERS];
	struct packets *packets[WORKERS];
	struct log log;
	struct seg said; /* the client's last segment */
};

static struct rte_ring *
ring(unsigned size)
{
	struct rte_ring *r = aligned_alloc(
	        RTE_CACHE_LINE_SIZE, (size_t)rte_ring_get_memsize(2 * size));

	cr_assert_eq(rte_ring_init(r, "ring", size, RING_F_SC_DEQ | RING_F_EXACT_SZ), 0);
	return r;
}

static struct worker *
worker(struct rig *r, unsigned i)
{
	struct worker *w = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*w));
	struct stack_conf conf = {.max_conns = 16, .core = i};
	struct stack_port port = {.ip = OURS,
	        .netmask = cpu_to_be32(0xffffff00),
	        .mtu = 1500,
	        .steer = &r->steer};
	struct clock now = clock_from_us(1000000);
	struct stack_io io;

	memset(w, 0, sizeof(*w));
	w->index = i;
	w->nports = 1;
	w->own[0] = OURS;
	w->clock = (struct clock_line) {
	        .ns = 1000000000, .period_tsc = UINT64_MAX}; /* it stands still */
	w->tx.pool = packets_pool(r->packets[i]);
	w->tx.queue = (uint16_t)i;
	w->tx.inboxes = &r->inboxes;
	io = transmit_io(&w->tx);
	memcpy(port.mac, our_mac, ETH_ALEN);
	cr_assert_eq(stack_create(&w->st, &conf, &io, -1, now), 0);
	cr_assert_eq(stack_set_port(w->st, 0, &port, now), 0);
	w->counters = w->tx.counters = stack_counters(w->st);
	return w;
}

static struct rig *
rig_create(void)
{
	static void *data[WORKERS] = {&queues[0], &queues[1]};
	struct rig *r = calloc(1, sizeof(*r));

	rte_eth_fp_ops[0].rx_pkt_burst = bring;
	rte_eth_fp_ops[0].rxq.data = data;
	rte_eth_fp_ops[0].tx_pkt_burst = take;
	rte_eth_fp_ops[0].txq.data = data;
	steer_init_ports(&r->steer, WORKERS);
	r->inboxes.n = WORKERS;
	for (unsigned i = 0; i < WORKERS; i++) {
		r->packets[i] = packets_create();
		r->inboxes.errors[i] = ring(32);
		r->inboxes.flows[i] = ring(256);
		r->worker[i] = worker(r, i);
	}
	cr_assert_eq(stack_client(r->worker[0]->st, &client, &r->log, NULL), 0);
	return r;
}

static void
rig_destroy(struct rig *r)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		stack_destroy(r->worker[i]->st);
		free(r->inboxes.errors[i]);
		free(r->inboxes.flows[i]);
		free(r->worker[i]);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		cr_expect_eq(packets_in_use(r->packets[i]), 0u, "worker %u", i);
		packets_destroy(r->packets[i]);
	}
	free(r);
}

/* These bytes come on queue 1, and both workers have a turn. */
static void
arrive(struct rig *r, const void *frame, unsigned len)
{
	queues[1].in[queues[1].nin++] = packets_make(r->packets[1], frame, len);
	worker_turn(r->worker[1]);
	worker_turn(r->worker[0]);
}

/* The next TCP segment that the client has sent. */
static const struct seg *
client_said(struct rig *r)
{
	struct queue *q = &queues[0];

	for (unsigned i = 0; i < q->nout; i++) {
		r->said = (struct seg) {.frame = q->out[i], .frame_len = (uint16_t)q->len[i]};
		cr_assert_eq(parse_frame(&r->said), DROP_NONE);
		q->len[i] = 0;
		if (r->said.kind == SEG_TCP) {
			q->nout = 0;
			return &r->said;
		}
	}
	cr_assert_fail("the client says nothing");
	return NULL;
}

static void
peer_says(struct rig *r, uint8_t flags, uint32_t seq, const char *text)
{
	uint8_t frame[256];
	struct tcp_out o = {
	        .key = {.raddr = OURS,
	                .laddr = PEER,
	                .rport = r->said.key.rport,
	                .lport = cpu_to_be16(PEER_PORT)},
	        .seq = seq,
	        .ack = r->said.seq + seg_len(&r->said),
	        .wnd = 8000,
	        .flags = flags,
	        .npieces = 1,
	        .len = (uint32_t)strlen(text),
	        .piece = {{.data = (const uint8_t *)text, .len = (uint32_t)strlen(text)}},
	};
	struct build_l2 l2 = {.offload_ip = false};

	l2.src = peer_mac;
	l2.dst = our_mac;
	arrive(r, frame, build_tcp(frame, &o, &l2));
}

/* ARP's answer comes to the other worker, too. */
static struct rig *
rig_that_said_syn(void)
{
	struct rig *r = rig_create();
	uint8_t arp[42];

	worker_turn(r->worker[0]);
	build_arp_request(arp, peer_mac, PEER, OURS, NULL);
	((struct arp_hdr *)(void *)(arp + 14))->oper = cpu_to_be16(ARP_REPLY);
	arrive(r, arp, sizeof(arp));
	cr_expect_eq(client_said(r)->flags, TCP_SYN);
	cr_expect_eq(be16_to_cpu(r->said.key.rport) % WORKERS, 0, "a port of worker 0's");
	return r;
}

Test(worker, a_connection_lives_though_its_answers_come_to_another)
{
	struct rig *r = rig_that_said_syn();
	struct worker *receiver = r->worker[1];

	peer_says(r, TCP_SYN | TCP_ACK, 1000, "");
	cr_expect_eq(r->log.opened, 1u);
	cr_expect_eq(client_said(r)->flags, TCP_ACK);
	peer_says(r, TCP_ACK | TCP_PSH, 1001, "hello");
	cr_expect_eq(r->log.bytes, 5u);
	cr_expect_eq(client_said(r)->ack, 1006u);
	cr_expect_eq(receiver->counters->handed_over, 2u);
	cr_expect_eq(receiver->counters->rx_packets, 3u);
	cr_expect_eq(r->worker[0]->counters->rx_packets, 0u, "each packet counts once");
	cr_expect_eq(queues[1].nout, 0u, "nothing was refused");
	rig_destroy(r);
}

Test(worker, a_refusal_reaches_the_caller)
{
	struct rig *r = rig_that_said_syn();

	peer_says(r, TCP_RST | TCP_ACK, 0, "");
	cr_expect_eq(r->log.closed, 1u);
	cr_expect_eq(r->log.why, HF_REFUSED);
	rig_destroy(r);
}

/* RFC 9293 3.10.7.1: the owner resets an unknown segment, once. */
Test(worker, a_flow_that_was_not_opened_is_reset_by_its_owner)
{
	struct rig *r = rig_that_said_syn();

	r->said.key.rport = cpu_to_be16(be16_to_cpu(r->said.key.rport) ^ 2);
	peer_says(r, TCP_SYN | TCP_ACK, 1000, "");
	cr_expect_eq(client_said(r)->flags, TCP_RST);
	cr_expect_eq(queues[1].nout, 0u);
	cr_expect_eq(r->log.opened, 0u);
	rig_destroy(r);
}

/* The workers may disagree about the owner of the flow. */
Test(worker, what_was_handed_over_stays)
{
	struct rig *r = rig_that_said_syn();
	const uint16_t all_ours[2] = {1, 1};
	const uint8_t key[STEER_KEY_MAX] = {0};
	struct stack_port port = {.ip = OURS, .netmask = cpu_to_be32(0xffffff00), .mtu = 1500};
	struct steer other;

	steer_init_rss(&other, WORKERS, key, all_ours, 2, true);
	port.steer = &other;
	memcpy(port.mac, our_mac, ETH_ALEN);
	cr_assert_eq(stack_set_port(r->worker[0]->st, 0, &port, clock_from_us(1000000)), 0);
	r->said.key.rport = cpu_to_be16(be16_to_cpu(r->said.key.rport) ^ 2);
	peer_says(r, TCP_SYN | TCP_ACK, 1000, "");
	cr_expect_eq(client_said(r)->flags, TCP_RST);
	cr_expect_eq(r->worker[0]->counters->handed_over, 0u);
	cr_expect_eq(rte_ring_count(r->inboxes.flows[1]), 0u);
	rig_destroy(r);
}

struct portions {
	struct worker *w;
	unsigned calls;
	uint64_t turns[3];
};

static bool
do_portion(struct stack *st, void *arg)
{
	struct portions *p = arg;

	cr_expect_eq(st, p->w->st);
	p->turns[p->calls++] = p->w->load.turns;
	p->w->halt = p->calls == 3;
	return p->calls < 3;
}

/* A turn passes between each two portions. */
Test(worker, a_turn_comes_between_two_portions_of_a_call)
{
	struct rig *r = rig_create();
	struct portions p = {.w = r->worker[1]};
	struct worker_call call = {.some = do_portion, .arg = &p};

	p.w->call = &call;
	worker_main(p.w);
	cr_expect_eq(p.calls, 3);
	cr_expect_eq(p.turns[1], p.turns[0] + 1);
	cr_expect_eq(p.turns[2], p.turns[0] + 2);
	cr_expect_null(p.w->call, "the caller may go on");
	rig_destroy(r);
}

static void
count_turns(struct hf_core *h, void *arg)
{
	struct portions *p = arg;

	cr_expect_eq(h, stack_core(p->w->st));
	p->turns[p->calls++] = p->w->load.turns;
}

/* A loop of the embedder's own runs turns, posts and calls, and says itself that it halts. */
Test(worker, a_round_is_a_turn_and_then_what_was_posted)
{
	struct rig *r = rig_create();
	struct portions p = {.w = r->worker[1]};

	cr_expect_eq(posts_put(&p.w->posts, count_turns, &p), 0);
	cr_expect_eq(worker_round(p.w), ENGINE_TURN_HALTED);
	cr_expect_eq(p.calls, 0, "it has not been started");
	p.w->state = WORKER_RUNS;
	cr_expect_eq(worker_round(p.w), ENGINE_TURN_BUSY);
	cr_expect_eq(p.calls, 1);
	cr_expect_eq(p.turns[0], 1u, "behind the turn");
	cr_expect_eq(worker_round(p.w), ENGINE_TURN_IDLE);
	p.w->state = WORKER_HALTING;
	cr_expect_eq(worker_round(p.w), ENGINE_TURN_HALTED);
	cr_expect_eq(p.w->state, WORKER_HALTED);
	cr_expect_eq(p.w->load.turns, 2u);
	rig_destroy(r);
}

/* RFC 1122 4.2.3.9: the SYN went to a port that does not exist. The router does not know
 * which core has sent it. */
Test(worker, an_icmp_error_finds_its_connection_on_another)
{
	struct rig *r = rig_that_said_syn();
	struct ipv4_hdr *ip, *quoted;
	struct icmp_hdr *icmp;
	uint8_t f[14 + 20 + 8 + 28] = {[12] = 8};

	ip = (struct ipv4_hdr *)(void *)(f + 14);
	icmp = (struct icmp_hdr *)(void *)(f + 34);
	quoted = (struct ipv4_hdr *)(void *)(f + 42);
	memcpy(f, our_mac, ETH_ALEN);
	memcpy(f + 6, peer_mac, ETH_ALEN);
	*ip = (struct ipv4_hdr) {.version_ihl = 0x45,
	        .total_length = cpu_to_be16(sizeof(f) - 14),
	        .ttl = 64,
	        .protocol = IPPROTO_ICMP_,
	        .src = PEER,
	        .dst = OURS};
	ip->checksum = checksum_ipv4(ip);
	icmp->type = ICMP_UNREACHABLE;
	icmp->code = ICMP_UNREACH_PORT;
	memcpy(quoted, r->said.frame + 14, 28);
	icmp->checksum = (be16)~checksum_fold(checksum_add(0, icmp, sizeof(f) - 34));
	arrive(r, f, sizeof(f));
	cr_expect_eq(r->worker[1]->counters->handed_over, 1u);
	cr_expect_eq(r->worker[1]->counters->drop[DROP_ICMP_UNMATCHED], 0u);
	cr_expect_eq(r->log.closed, 1u);
	rig_destroy(r);
}

/* It goes first in the next turn, and nothing is lost. */
Test(worker, what_a_full_queue_refuses_is_sent_in_the_next_turn)
{
	struct rig *r = rig_that_said_syn();

	queues[0].full = true;
	peer_says(r, TCP_SYN | TCP_ACK, 1000, "");
	cr_expect_eq(r->log.opened, 1u);
	cr_expect_eq(queues[0].nout, 0u);
	cr_expect_eq(r->worker[0]->counters->tx_waited, 1u);
	queues[0].full = false;
	cr_expect(worker_turn(r->worker[0]));
	cr_expect_eq(client_said(r)->flags, TCP_ACK);
	cr_expect_eq(r->worker[0]->counters->drop[DROP_TX_FULL], 0u);
	rig_destroy(r);
}

/* A look is taken when it is due, and at once if the TSC has run back. Told time goes on. */
Test(worker, clock_is_compared_when_due_and_never_goes_back)
{
	struct rig *r = rig_create();
	struct worker *w = r->worker[0];
	uint64_t us = w->st->tcp.now.us;
	struct clock_look now = look_now();

	now.day_ns = us * NS_PER_MICROSECOND;
	clock_line_init(&w->clock, &now, 2500000000u);
	w->tsc = w->clock.tsc;
	for (unsigned i = 0; i < 10; i++) {
		uint64_t looked = w->clock.tsc;

		if (i % 2)
			w->tsc += UINT64_C(1)
			          << 60; /* the rate of before; the rate is lower now */
		else
			w->clock.period_tsc = 0;
		worker_turn(w);
		cr_expect_gt(w->clock.tsc, looked);
		cr_expect_geq(w->st->tcp.now.us, us);
		cr_expect_lt(w->load.total_tsc, UINT64_C(1) << 60);
		us = w->st->tcp.now.us;
	}
	rig_destroy(r);
}

/* A program that was stopped in a turn was not busy meanwhile. */
Test(worker, time_in_which_it_did_not_run_is_not_busy)
{
	static const struct {
		uint64_t cycles;
		bool busy;
	} turns[] = {{9000000, true}, {20000000000, false}, {1500000000000, false}};
	struct rig *r = rig_create();
	struct worker *w = r->worker[0];
	struct clock_look now = look_now();

	now.day_ns = w->st->tcp.now.us * NS_PER_MICROSECOND;
	for (unsigned i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		uint64_t busy = w->load.busy_tsc, total = w->load.total_tsc;

		/* far more cycles a second than this machine has, so that the turn itself takes
		 * nothing */
		clock_line_init(&w->clock, &now, 1000000000000u);
		w->clock.tsc = rte_rdtsc();
		w->clock.period_tsc = UINT64_MAX;
		w->tsc = w->clock.tsc - turns[i].cycles;
		w->was_busy = true;
		worker_turn(w);
		cr_expect_geq(w->load.total_tsc - total, turns[i].cycles);
		if (turns[i].busy)
			cr_expect_geq(w->load.busy_tsc - busy, turns[i].cycles);
		else
			cr_expect_eq(w->load.busy_tsc, busy);
	}
	rig_destroy(r);
}
