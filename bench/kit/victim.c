/* SPDX-License-Identifier: BSD-3-Clause */
/* One worker under attack: its wire, its stack and its clock. */
#include "victim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "bench.h"
#include "client_frames.h"
#include "drivers-glue/port.h"
#include "mem_port.h"

#define SERVER_IP  cpu_to_be32(0xc0a8ff01)
#define GATEWAY_IP cpu_to_be32(0xc0a8ff02)
#define NETMASK_30 cpu_to_be32(0xfffffffc)
#define SPARE      8192 /* packets for the pool's caches and for those that the stack keeps */
#define CACHE      512
#define BURST      64
#define TURNS_MAX  1000000 /* ends a wait for a stack that is never idle */

static const uint8_t gateway_mac[ETH_ALEN] = {0x02, 0, 0, 0, 0, 0x02};

struct victim {
	struct worker w;
	struct victim_conf conf;
	struct rte_mempool *pool;
	struct mem_port *port;
	struct rte_mempool *wire_pool; /* on rings: packets that another core writes */
	struct rte_ring *to, *from;
	struct engine_port eth;
	bool has_ethdev;
	struct client_conf peer;
};

static struct rte_mempool *
make_pool(const char *name, unsigned n, unsigned room)
{
	struct rte_mempool *pool;

	room = room != 0 ? room + RTE_PKTMBUF_HEADROOM : RTE_MBUF_DEFAULT_BUF_SIZE;
	pool = rte_pktmbuf_pool_create(name, n, CACHE, 0, (uint16_t)room, SOCKET_ID_ANY);
	if (pool == NULL)
		fprintf(stderr, "no memory for %u packets; give EAL more (--memory MB)\n", n);
	return pool;
}

static bool
make_rings(struct victim *v)
{
	unsigned flags = RING_F_SP_ENQ | RING_F_SC_DEQ;
	int id;

	v->to = rte_ring_create("to_victim", v->conf.rx_slots, SOCKET_ID_ANY, flags);
	v->from = rte_ring_create("from_victim", v->conf.tx_slots, SOCKET_ID_ANY, flags);
	v->wire_pool = make_pool(
	        "wire", v->conf.rx_slots + v->conf.tx_slots + SPARE, v->conf.packet_room);
	if (v->to == NULL || v->from == NULL || v->wire_pool == NULL)
		return false;
	id = rte_eth_from_rings("victim", &v->to, 1, &v->from, 1, 0);
	return id >= 0 && port_open((uint16_t)id, 1, &v->pool, &v->eth, NULL) == 0;
}

static bool
make_wire(struct victim *v)
{
	const struct victim_conf *conf = &v->conf;

	v->pool = make_pool(
	        "packets", conf->rx_slots + conf->tx_slots + SPARE, conf->packet_room);
	if (v->pool == NULL)
		return false;
	if (conf->rings) {
		v->has_ethdev = make_rings(v);
		return v->has_ethdev;
	}
	v->port = mem_port_create(&(struct mem_port_conf) {.pool = v->pool,
	                                  .rx_slots = conf->rx_slots,
	                                  .tx_slots = conf->tx_slots,
	                                  .keep = conf->keep},
	        &v->eth);
	return v->port != NULL;
}

static void
set_worker(struct victim *v)
{
	struct worker *w = &v->w;

	w->lcore = v->conf.rings ? v->conf.lcore : rte_lcore_id();
	w->nports = 1;
	w->tx.pool = v->pool;
	w->tx.ethdev[0] = v->eth.id;
	w->own[0] = SERVER_IP;
	w->port[0] = (struct decode_port) {
	        .rx_csum_ip = v->conf.offload, .rx_csum_tcp = v->conf.offload};
	worker_clock_init(&w->clock);
	w->tsc = rte_rdtsc();
}

struct clock
victim_now(const struct victim *v)
{
	return clock_line_at(&v->w.clock, rte_rdtsc());
}

static bool
make_stack(struct victim *v)
{
	struct clock now = victim_now(v);
	struct stack_io io = transmit_io(&v->w.tx);
	struct stack_port net = v->eth.net;
	int err;

	net.ip = SERVER_IP;
	net.netmask = NETMASK_30;
	net.gateway = GATEWAY_IP;
	net.offload_ip = net.offload_tcp = v->conf.offload;
	err = stack_create(&v->w.st, &v->conf.stack, &io, -1, now);
	if (err == 0)
		err = stack_set_port(v->w.st, 0, &net, now);
	if (err != 0) {
		fprintf(stderr, "no stack: %s; ask for fewer connections (--open N)\n",
		        strerror(-err));
		return false;
	}
	v->w.counters = v->w.tx.counters = stack_counters(v->w.st);
	return true;
}

static void
set_peer(struct victim *v)
{
	struct client_conf *p = &v->peer;

	p->server_ip = SERVER_IP;
	p->our_ip = GATEWAY_IP;
	p->server_port = cpu_to_be16(VICTIM_OPEN_PORT);
	p->offload = v->conf.offload;
	memcpy(p->server_mac, v->eth.net.mac, ETH_ALEN);
	memcpy(p->our_mac, gateway_mac, ETH_ALEN);
}

void
victim_destroy(struct victim *v)
{
	if (v == NULL)
		return;
	if (v->w.st != NULL)
		stack_destroy(v->w.st);
	if (v->has_ethdev)
		mem_port_remove(v->eth.id);
	mem_port_destroy(v->port);
	rte_ring_free(v->to);
	rte_ring_free(v->from);
	rte_mempool_free(v->wire_pool);
	rte_mempool_free(v->pool);
	rte_free(v);
}

struct victim *
victim_create(const struct victim_conf *conf)
{
	struct victim *v = rte_zmalloc("victim", sizeof(*v), RTE_CACHE_LINE_SIZE);

	if (v == NULL)
		return NULL;
	v->conf = *conf;
	if (!make_wire(v)) {
		victim_destroy(v);
		return NULL;
	}
	set_worker(v);
	set_peer(v);
	if (!make_stack(v)) {
		victim_destroy(v);
		return NULL;
	}
	return v;
}

struct worker *
victim_worker(struct victim *v)
{
	return &v->w;
}

uint16_t
victim_ethdev(const struct victim *v)
{
	return v->eth.id;
}

const struct client_conf *
victim_peer(const struct victim *v)
{
	return &v->peer;
}

unsigned
victim_room(struct victim *v, struct rte_mbuf **m, unsigned n)
{
	unsigned k = 0;

	n = RTE_MIN(n, (unsigned)VICTIM_ROOM);
	if (v->conf.rings) {
		n = RTE_MIN(n, rte_ring_free_count(v->to));
		return rte_pktmbuf_alloc_bulk(v->wire_pool, m, n) == 0 ? n : 0;
	}
	while (k < n && (m[k] = mem_port_room(v->port, k)) != NULL)
		k++;
	return k;
}

void
victim_offer(struct victim *v, struct rte_mbuf **m, unsigned n)
{
	if (v->conf.rings)
		rte_ring_sp_enqueue_bulk(v->to, (void **)m, n, NULL);
	else
		mem_port_offer(v->port, n);
}

void
victim_seal(const struct victim *v, struct rte_mbuf *m, unsigned len)
{
	m->data_len = (uint16_t)len;
	m->pkt_len = len;
	m->ol_flags = v->conf.offload
	                      ? RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD
	                      : 0;
}

static bool
has_packets_waiting(const struct victim *v)
{
	return v->conf.rings ? rte_ring_count(v->to) != 0 : mem_port_waiting(v->port) != 0;
}

uint64_t
victim_turn(struct victim *v)
{
	uint64_t start = bench_cpu_ns();

	worker_turn(&v->w);
	return bench_cpu_ns() - start;
}

uint64_t
victim_take(struct victim *v)
{
	uint64_t start = bench_cpu_ns();

	do
		worker_turn(&v->w);
	while (has_packets_waiting(v));
	return bench_cpu_ns() - start;
}

double
victim_cycles(uint64_t ns)
{
	return (double)ns * (double)rte_get_tsc_hz() / 1e9;
}

void
victim_settle(struct victim *v)
{
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		if (!worker_turn(&v->w) && !has_packets_waiting(v))
			break;
	}
}

void
victim_sleep(struct victim *v, uint64_t us)
{
	v->w.clock.ns += us * NS_PER_MICROSECOND;
	v->w.clock.origin_ns += us * NS_PER_MICROSECOND;
}

/* Any frame that is not TCP is the stack's ARP request for its gateway. */
static void
answer_arp(struct victim *v, const uint8_t *frame, unsigned len)
{
	struct rte_mbuf *m;

	if (victim_room(v, &m, 1) == 0)
		return;
	memcpy(rte_pktmbuf_mtod(m, uint8_t *), frame, len);
	if (frame_answer_arp(rte_pktmbuf_mtod(m, uint8_t *), len, &v->peer)) {
		victim_seal(v, m, len);
		victim_offer(v, &m, 1);
	} else if (v->conf.rings) {
		rte_pktmbuf_free(m);
	}
}

static unsigned
look_at_frame(struct victim *v, const struct rte_mbuf *m, victim_look_fn fn, void *ctx)
{
	const uint8_t *frame = rte_pktmbuf_mtod(m, const uint8_t *);

	if (be16_load(frame + 12) != ETH_TYPE_IPV4) {
		answer_arp(v, frame, m->data_len);
		return 0;
	}
	if (fn != NULL)
		fn(ctx, frame);
	return 1;
}

static unsigned
look_into_ring(struct victim *v, victim_look_fn fn, void *ctx)
{
	struct rte_mbuf *m[BURST];
	unsigned n, seen = 0;

	while ((n = rte_ring_sc_dequeue_burst(v->from, (void **)m, BURST, NULL)) > 0) {
		for (unsigned i = 0; i < n; i++)
			seen += look_at_frame(v, m[i], fn, ctx);
		rte_pktmbuf_free_bulk(m, n);
	}
	return seen;
}

unsigned
victim_look(struct victim *v, victim_look_fn fn, void *ctx)
{
	const struct rte_mbuf *m;
	unsigned seen = 0;

	if (v->conf.rings)
		return look_into_ring(v, fn, ctx);
	while ((m = mem_port_sent(v->port)) != NULL)
		seen += look_at_frame(v, m, fn, ctx);
	return seen;
}

bool
victim_serve(struct victim *v, const struct hf_service *service, const void *conf)
{
	int err = stack_listen(v->w.st, 0, cpu_to_be16(VICTIM_OPEN_PORT), service, conf);

	if (err != 0) {
		fprintf(stderr, "cannot listen: %s\n", strerror(-err));
		return false;
	}
	victim_settle(v);
	victim_look(v, NULL, NULL);
	victim_settle(v);
	return true;
}

bool
victim_launch(struct victim *v, int (*main)(void *), void *ctx)
{
	v->w.halt = false;
	return rte_eal_remote_launch(main, ctx, v->w.lcore) == 0;
}

void
victim_halt(struct victim *v)
{
	__atomic_store_n(&v->w.halt, true, __ATOMIC_RELEASE);
	rte_eal_wait_lcore(v->w.lcore);
}
