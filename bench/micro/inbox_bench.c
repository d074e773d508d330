/* SPDX-License-Identifier: BSD-3-Clause */
/* inbox_bench: the cost of a forged ICMP error, and of an ARP announcement, to the core that
 * receives it.
 *
 * It is measured with 2 and with 64 workers. The number of workers should make no difference.
 */
#include <string.h>

#include <rte_mbuf.h>

#include "bench/kit/bench.h"
#include "bench/kit/cpus.h"
#include "bench/kit/eal.h"
#include "bench/kit/table.h"
#include "engine/decode.h"
#include "engine/inbox.h"
#include "engine/transmit.h"
#include "wire/build.h"
#include "wire/checksum.h"

#define ROUNDS  15
#define BURST   16
#define BURSTS  64
#define PACKETS 8191
#define HOST    0x0a000002u

static const uint8_t our_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 2};
static const uint8_t peer_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 1};

enum kind { KNOWN, ROUND, OVER_RATE, NEWS, KINDS };

static const char *const titles[KINDS] = {
        [KNOWN] = "ICMP error, owner known",
        [ROUND] = "ICMP error, goes round",
        [OVER_RATE] = "ICMP error, over the rate",
        [NEWS] = "ARP announcement",
};

struct cell {
	enum kind kind;
	unsigned workers;
	struct inboxes inboxes;
	struct steer steer;
	struct stack *st;
	struct transmit tx;
	struct rte_mempool *pool;
	uint64_t seed;
	uint64_t now_us;
};

static unsigned
forge_error(struct cell *c, uint8_t *f)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(void *)(f + 14);
	struct icmp_hdr *icmp = (struct icmp_hdr *)(void *)(f + 34);
	struct ipv4_hdr *quoted = (struct ipv4_hdr *)(void *)(f + 42);
	uint64_t random = bench_random(&c->seed);
	/* port 443 has a listener; no other port belongs to worker 0 */
	uint16_t port = c->kind == ROUND ? 443 : (uint16_t)(30000 + random % 30000);
	be16 ports[2];

	port = (uint16_t)(port + (c->kind != ROUND && port % c->workers == 0));
	ports[0] = cpu_to_be16(port);
	ports[1] = cpu_to_be16(80);
	memset(f, 0, 70);
	memcpy(f, our_mac, ETH_ALEN);
	memcpy(f + 6, peer_mac, ETH_ALEN);
	f[12] = 8;
	*ip = (struct ipv4_hdr) {.version_ihl = 0x45,
	        .total_length = cpu_to_be16(56),
	        .ttl = 3,
	        .protocol = IPPROTO_ICMP_,
	        .src = cpu_to_be32(0x0b000000u + (uint32_t)(random >> 40)),
	        .dst = cpu_to_be32(HOST)};
	ip->checksum = checksum_ipv4(ip);
	icmp->type = ICMP_UNREACHABLE;
	*quoted = (struct ipv4_hdr) {.version_ihl = 0x45,
	        .protocol = IPPROTO_TCP_,
	        .src = cpu_to_be32(HOST),
	        .dst = cpu_to_be32((uint32_t)random)};
	memcpy(quoted + 1, ports, sizeof(ports));
	icmp->checksum = (be16)~checksum_fold(checksum_add(0, icmp, 36));
	return 70;
}

static unsigned
forge_news(struct cell *c, uint8_t *f)
{
	be32 host = cpu_to_be32(0x0a000000u + 3 + (uint32_t)(bench_random(&c->seed) % 200));

	return build_arp_request(f, peer_mac, host, host, NULL);
}

/* Reads the inboxes of the other workers, and frees their packets. */
static void
empty_inboxes(struct cell *c)
{
	struct rte_mbuf *m[64];
	struct counters ignored = {0};
	unsigned n;

	for (unsigned to = 1; to < c->workers; to++) {
		while ((n = inbox_receive(&c->inboxes, to, m, 32, c->pool, &ignored)) != 0)
			rte_pktmbuf_free_bulk(m, n);
	}
}

/* Handles a burst as worker.c does. */
static void
handle_burst(struct cell *c, struct rte_mbuf **m)
{
	const struct decode_port port = {.index = 0};
	struct seg seg[BURST];

	stack_turn_begin(c->st, clock_from_us(c->now_us));
	decode_burst(&port, m, BURST, seg, stack_counters(c->st));
	for (unsigned i = 0; i < BURST; i++) {
		if (inbox_is_news(&seg[i], cpu_to_be32(HOST)))
			inbox_publish(&c->inboxes, 0, &seg[i]);
	}
	stack_input(c->st, seg, BURST);
	stack_turn_end(c->st, false);
	rte_pktmbuf_free_bulk(m, BURST);
}

/* Returns cycles per packet. A second passes between bursts, so that only the packets of
 * OVER_RATE exceed the rate. */
static double
run_round(void *ctx, unsigned round)
{
	struct cell *c = ctx;
	struct rte_mbuf *m[BURST];
	uint64_t cycles = 0;

	(void)round;
	for (unsigned b = 0; b < BURSTS; b++) {
		uint64_t start;

		if (rte_pktmbuf_alloc_bulk(c->pool, m, BURST) != 0)
			return 0;
		for (unsigned i = 0; i < BURST; i++) {
			uint8_t *f = rte_pktmbuf_mtod(m[i], uint8_t *);
			unsigned len = c->kind == NEWS ? forge_news(c, f) : forge_error(c, f);

			m[i]->data_len = (uint16_t)len;
			m[i]->pkt_len = len;
		}
		c->now_us += c->kind == OVER_RATE ? 0 : US_PER_SECOND;
		start = bench_start();
		handle_burst(c, m);
		cycles += bench_stop() - start;
		empty_inboxes(c);
	}
	return (double)cycles / (BURST * BURSTS);
}

static bool
make_worker(struct cell *c)
{
	const struct hf_service quiet = {.name = "quiet"};
	static struct hf_service service;
	struct stack_conf conf = {.max_conns = 1024, .max_kept = 64};
	struct stack_port port = {
	        .ip = cpu_to_be32(HOST), .netmask = cpu_to_be32(0xffffff00), .mtu = 1500};
	struct clock now = clock_from_us(c->now_us);
	struct stack_io io;

	service = quiet;
	memcpy(port.mac, our_mac, ETH_ALEN);
	if (inbox_init(&c->inboxes, c->workers) != 0)
		return false;
	steer_init_ports(&c->steer, c->workers);
	port.steer = &c->steer;
	c->tx.pool = c->pool;
	c->tx.inboxes = &c->inboxes;
	io = transmit_io(&c->tx);
	if (stack_create(&c->st, &conf, &io, -1, now) != 0)
		return false;
	c->tx.counters = stack_counters(c->st);
	return stack_set_port(c->st, 0, &port, now) == 0 &&
	       stack_listen(c->st, 0, cpu_to_be16(443), &service, NULL) == 0;
}

static bool
measure_kind(struct cell *c, enum kind kind, unsigned workers, double *figure)
{
	bool ok;

	*c = (struct cell) {.kind = kind,
	        .workers = workers,
	        .pool = c->pool,
	        .seed = 1,
	        .now_us = US_PER_SECOND};
	ok = make_worker(c);
	if (ok) {
		struct bench_result r = bench_run(run_round, c, ROUNDS);
		char what[64];

		snprintf(what, sizeof(what), "%s, %u workers", titles[kind], workers);
		table_row(what, r, "cycles/packet");
		*figure = r.median;
	}
	stack_destroy(c->st);
	inbox_fini(&c->inboxes);
	return ok;
}

int
main(void)
{
	static struct cell c;
	double few, many;

	if (!eal_start("inbox_bench", "0", false, 64))
		return BENCH_SKIPPED;
	c.pool = rte_pktmbuf_pool_create(
	        "packets", PACKETS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (c.pool == NULL)
		return BENCH_SKIPPED;
	table_head(
	        "inbox_bench: what concerns other workers, on the core that receives it; TSC "
	        "%.0f MHz; %u rounds of %u packets",
	        bench_tsc_hz() / 1e6, ROUNDS, BURST * BURSTS);
	for (enum kind k = 0; k < KINDS; k++) {
		if (!measure_kind(&c, k, 2, &few) || !measure_kind(&c, k, 64, &many))
			return 1;
		table_note("64 workers cost %.2f times what 2 do", many / few);
	}
	return 0;
}
