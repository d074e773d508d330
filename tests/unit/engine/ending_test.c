/* SPDX-License-Identifier: BSD-3-Clause */
/* An engine whose only worker is the main core, on a port that is slower than the worker. */
#include <criterion/criterion.h>

#include <errno.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_launch.h>

#include "engine/packets.h"
#include "engine/private.h"
#include "stack/private.h"
#include "wire/build.h"
#include "wire/parse.h"

#define CONNS 400
#define MOST  64 /* frames that a turn brings */

static const uint8_t our_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 2};
static const uint8_t peer_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 1};
#define OURS cpu_to_be32(0x0a000002)
#define PEER cpu_to_be32(0x0a000001)

static struct wire {
	struct rte_mbuf *in[MOST];
	unsigned nin;
	unsigned refusals; /* calls that take nothing, from now on */
	unsigned at_once;  /* frames that a call takes */
	unsigned resets;
	uint32_t iss; /* of the last SYN-ACK */
} wire;

static uint16_t
bring(void *queue, struct rte_mbuf **m, uint16_t n)
{
	uint16_t k = (uint16_t)RTE_MIN(n, wire.nin);

	(void)queue;
	memcpy(m, wire.in, k * sizeof(*m));
	wire.nin = 0;
	return k;
}

static void
see(const struct rte_mbuf *m)
{
	struct seg s = {.frame = rte_pktmbuf_mtod(m, uint8_t *), .frame_len = m->data_len};

	if (parse_frame(&s) != DROP_NONE || s.kind != SEG_TCP)
		return;
	wire.resets += (s.flags & TCP_RST) != 0;
	if (s.flags & TCP_SYN)
		wire.iss = s.seq;
}

static uint16_t
take(void *queue, struct rte_mbuf **m, uint16_t n)
{
	uint16_t k = 0;

	(void)queue;
	if (wire.refusals > 0) {
		wire.refusals--;
		return 0;
	}
	for (; k < n && k < wire.at_once; k++) {
		see(m[k]);
		rte_pktmbuf_free(m[k]);
	}
	return k;
}

static struct {
	unsigned opened, closed, destroyed, late;
	enum hf_reason why;
} seen;

static void *
make(const void *conf, int node)
{
	(void)conf;
	(void)node;
	return &seen;
}

static void
destroy(void *self)
{
	(void)self;
	seen.destroyed++;
}

static void
opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)h;
	(void)self;
	(void)c;
	seen.opened++;
}

static void
closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	(void)h;
	(void)self;
	(void)c;
	seen.closed++;
	seen.why = why;
	seen.late += seen.destroyed;
}

static const struct hf_service service = {
        .name = "service",
        .create = make,
        .destroy = destroy,
        .opened = opened,
        .closed = closed,
};

static void
peer_says(struct packets *p, struct worker *w, uint16_t sport, uint8_t flags, uint32_t ack)
{
	uint8_t frame[256];
	struct tcp_out o = {
	        .key = {.raddr = OURS,
	                .laddr = PEER,
	                .rport = cpu_to_be16(80),
	                .lport = cpu_to_be16(sport)},
	        .seq = (flags & TCP_SYN) ? 1000 : 1001,
	        .ack = ack,
	        .wnd = 8000,
	        .flags = flags,
	};
	struct build_l2 l2 = {.offload_ip = false};

	l2.src = peer_mac;
	l2.dst = our_mac;
	wire.in[wire.nin++] = packets_make(p, frame, build_tcp(frame, &o, &l2));
	worker_turn(w);
}

struct rig {
	struct engine e;
	struct packets *packets;
};

static struct worker *
worker(struct rig *r)
{
	struct worker *w = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*w));
	struct stack_conf conf = {.max_conns = 4 * CONNS};
	struct stack_port port = {.ip = OURS, .netmask = cpu_to_be32(0xffffff00), .mtu = 1500};
	struct clock now = clock_from_us(1000000);
	struct stack_io io;

	memset(w, 0, sizeof(*w));
	w->nports = w->tx.nports = 1;
	w->own[0] = OURS;
	w->clock = (struct clock_line) {
	        .ns = 1000000000, .period_tsc = UINT64_MAX}; /* it stands still */
	r->e.clock = w->clock;
	w->tx.pool = packets_pool(r->packets);
	io = transmit_io(&w->tx);
	memcpy(port.mac, our_mac, ETH_ALEN);
	cr_assert_eq(stack_create(&w->st, &conf, &io, -1, now), 0);
	cr_assert_eq(stack_set_port(w->st, 0, &port, now), 0);
	w->counters = w->tx.counters = stack_counters(w->st);
	return w;
}

/* CONNS are open. */
static struct rig *
rig_create(void)
{
	static void *data[1] = {&wire};
	struct rig *r = calloc(1, sizeof(*r));

	wire = (struct wire) {.at_once = MOST};
	memset(&seen, 0, sizeof(seen));
	rte_eth_fp_ops[0].rx_pkt_burst = bring;
	rte_eth_fp_ops[0].rxq.data = data;
	rte_eth_fp_ops[0].tx_pkt_burst = take;
	rte_eth_fp_ops[0].txq.data = data;
	r->packets = packets_create();
	r->e.nworkers = 1;
	r->e.main_works = r->e.running = true;
	r->e.worker[0] = worker(r);
	cr_assert_eq(stack_listen(r->e.worker[0]->st, 0, cpu_to_be16(80), &service, NULL), 0);
	for (uint16_t i = 0; i < CONNS; i++) {
		peer_says(r->packets, r->e.worker[0], 2000 + i, TCP_SYN, 0);
		peer_says(r->packets, r->e.worker[0], 2000 + i, TCP_ACK, wire.iss + 1);
	}
	cr_assert_eq(seen.opened, (unsigned)CONNS);
	return r;
}

static void
rig_destroy(struct rig *r)
{
	transmit_forget(&r->e.worker[0]->tx);
	stack_destroy(r->e.worker[0]->st);
	cr_expect_eq(seen.destroyed, 1u);
	cr_expect_eq(seen.late, 0u, "closed() of a service that is destroyed");
	cr_expect_eq(packets_in_use(r->packets), 0u);
	packets_destroy(r->packets);
	free(r->e.worker[0]);
	free(r);
}

/* The end may take any time: the turns between its portions send the waiting frames. */
Test(ending, a_full_queue_costs_no_reset)
{
	struct rig *r = rig_create();

	wire.refusals = 200;
	wire.at_once = 3;
	engine_stop(&r->e);
	cr_expect_eq(wire.resets, (unsigned)CONNS);
	cr_expect_eq(engine_unsent_resets(&r->e), 0u);
	cr_expect_eq(engine_cut(&r->e), (unsigned)CONNS);
	cr_expect_eq(seen.closed, (unsigned)CONNS);
	cr_expect_eq(seen.why, HF_STOPPED);
	cr_expect_not(engine_running(&r->e));
	rig_destroy(r);
}

/* A segment that still arrives is handled: it finds no connection, or a refusal. */
Test(ending, a_turn_comes_between_two_portions)
{
	struct rig *r = rig_create();
	struct worker *w = r->e.worker[0];
	uint64_t turns = w->load.turns;

	engine_stop(&r->e);
	cr_expect_geq(w->load.turns - turns, CONNS / 128u);
	cr_expect_eq(wire.resets, (unsigned)CONNS);
	rig_destroy(r);
}

/* A second passes in 100 million cycles. The frames that waited before are not resets. */
Test(ending, a_port_that_takes_nothing_costs_the_resets_and_a_second)
{
	struct rig *r = rig_create();
	struct worker *w = r->e.worker[0];

	wire.at_once = 0;
	for (uint16_t i = 0; i < 50; i++)
		peer_says(r->packets, w, 5000 + i, TCP_SYN, 0);
	cr_assert_eq(w->tx.backlog[0].n, 50u);
	w->clock.tsc = rte_rdtsc();
	w->clock.rate = w->clock.slew = UINT64_C(10) << 48;
	engine_stop(&r->e);
	cr_expect_geq(engine_unsent_resets(&r->e), (unsigned)CONNS);
	cr_expect_leq(engine_unsent_resets(&r->e), CONNS + 2u, "some ask for MACs");
	cr_expect_eq(seen.closed, (unsigned)CONNS);
	cr_expect_not(engine_running(&r->e));
	rig_destroy(r);
}

/* The buffer is not ours: only its owner takes it. */
Test(ending, a_port_without_an_address_is_not_polled)
{
	struct rig *r = rig_create();
	uint64_t received = r->e.worker[0]->counters->rx_packets;

	r->e.worker[0]->left_alone = 1u << 0;
	peer_says(r->packets, r->e.worker[0], 1999, TCP_SYN, 0);
	cr_expect_eq(wire.nin, 1u);
	cr_expect_eq(r->e.worker[0]->counters->rx_packets, received);
	r->e.worker[0]->left_alone = 0;
	worker_turn(r->e.worker[0]);
	cr_expect_eq(wire.nin, 0u);
	engine_stop(&r->e);
	rig_destroy(r);
}

static unsigned waits;

/* This replaces EAL's function: an embedder's own does something else there. */
int
rte_eal_remote_launch(lcore_function_t *f, void *arg, unsigned lcore)
{
	(void)f;
	(void)arg;
	(void)lcore;
	return -EBUSY;
}

int
rte_eal_wait_lcore(unsigned lcore)
{
	(void)lcore;
	waits++;
	return 0;
}

/* The embedder may call it for ever. */
Test(ending, an_lcore_that_is_at_work_already_is_not_waited_for)
{
	struct rig *r = rig_create();

	engine_stop(&r->e);
	r->e.main_works = false;
	cr_expect_eq(engine_start(&r->e), -EBUSY);
	cr_expect_eq(waits, 0u);
	cr_expect_not(engine_running(&r->e));
	rig_destroy(r);
}

/* No application is left to be told, and no connection was cut off. */
Test(ending, a_drain_without_connections_ends_at_once)
{
	struct rig *r = rig_create();

	engine_stop(&r->e);
	r->e.running = true;
	cr_expect_eq(engine_drain(&r->e, 1000000, NULL, NULL), 0u);
	cr_expect_not(engine_running(&r->e));
	rig_destroy(r);
}
