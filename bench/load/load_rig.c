/* SPDX-License-Identifier: BSD-3-Clause */
#include "load_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "bench/kit/cps_server.h"
#include "drivers-glue/port.h"
#include "engine/engine.h"
#include "load/client/client.h"
#include "service/services.h"

#define PACKETS    32767
#define RING_LEAST 4096
#define BURST      64
#define WARM_UP_S  0.5
#define END_S      5.0
#define TIME_WAITS 65536

/* The client's port is the server's gateway; behind it are all its addresses. */
#define SERVER_IP    cpu_to_be32(0xc6120001) /* 198.18.0.1 */
#define CLIENT_IP    cpu_to_be32(0xc6120002)
#define NETMASK_24   cpu_to_be32(0xffffff00)
#define SOURCE_FIRST 0xc6130000u /* 198.19.0.0 */

struct side {
	struct rte_mempool *pool;
	struct engine_port port;
	struct engine *engine;
	unsigned lcore;
};

struct load_rig {
	struct load_rig_conf conf;
	struct rte_ring *ring[2];
	struct http_conf http;
	struct side client, server;
};

/* A moment of a core. */
struct sample {
	uint64_t tsc;
	struct engine_usage load;
	struct counters counters;
};

static bool
no_memory(const char *what)
{
	fprintf(stderr, "load_bench: no memory for %s; try fewer --conns\n", what);
	return false;
}

static bool
make_wire(struct load_rig *r)
{
	unsigned slots = rte_align32pow2(RTE_MAX(4 * r->conf.max_conns, (uint32_t)RING_LEAST));
	unsigned flags = RING_F_SP_ENQ | RING_F_SC_DEQ;
	int a, b;

	r->ring[0] = rte_ring_create("to_server", slots, SOCKET_ID_ANY, flags);
	r->ring[1] = rte_ring_create("to_client", slots, SOCKET_ID_ANY, flags);
	if (r->ring[0] == NULL || r->ring[1] == NULL)
		return no_memory("rings");
	a = rte_eth_from_rings("server", &r->ring[0], 1, &r->ring[1], 1, 0);
	b = rte_eth_from_rings("client", &r->ring[1], 1, &r->ring[0], 1, 0);
	if (a < 0 || b < 0)
		return no_memory("net_ring ports");
	r->server.port.id = (uint16_t)a;
	r->client.port.id = (uint16_t)b;
	return true;
}

/* What two NICs would do: one makes the checksums that it was asked for, the
 * other finds them right. */
static uint16_t
vouch(uint16_t port, uint16_t queue, struct rte_mbuf **m, uint16_t n, void *ctx)
{
	(void)port;
	(void)queue;
	(void)ctx;
	for (uint16_t i = 0; i < n; i++)
		m[i]->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	return n;
}

static bool
make_side(struct load_rig *r, struct side *s, const struct engine_conf *like)
{
	struct engine_conf conf = *like;
	be32 ip = conf.port[0].net.ip, gateway = conf.port[0].net.gateway;

	s->pool = port_pool(s->lcore, PACKETS + 2 * r->conf.max_conns);
	if (s->pool == NULL)
		return no_memory("packets");
	if (port_open(s->port.id, 1, &s->pool, &s->port, NULL) != 0)
		return false;
	s->port.net.ip = ip;
	s->port.net.netmask = NETMASK_24;
	s->port.net.gateway = gateway;
	s->port.rx_csum_ip = s->port.rx_csum_tcp = r->conf.offload;
	s->port.net.offload_ip = s->port.net.offload_tcp = r->conf.offload;
	if (r->conf.offload && rte_eth_add_tx_callback(s->port.id, 0, vouch, NULL) == NULL)
		return no_memory("a callback");
	conf.nports = conf.nworkers = 1;
	conf.port[0] = s->port;
	conf.lcore[0] = s->lcore;
	conf.pool[0] = s->pool;
	return engine_create(&s->engine, &conf) == 0;
}

static struct engine_conf
conf_of(const struct load_rig *r, be32 ip, be32 gateway)
{
	struct engine_conf conf = {0};

	conf.stack.max_conns = r->conf.max_conns + r->conf.max_conns / 4 + 1024;
	conf.stack.max_half_open = conf.stack.max_conns;
	conf.stack.max_time_wait = TIME_WAITS;
	conf.port[0].net.ip = ip;
	conf.port[0].net.gateway = gateway;
	return conf;
}

static bool
make_sides(struct load_rig *r)
{
	struct engine_conf client = conf_of(r, CLIENT_IP, 0);
	struct engine_conf server = conf_of(r, SERVER_IP, CLIENT_IP);

	client.stack.source_first = SOURCE_FIRST;
	client.stack.source_count = r->conf.sources;
	client.stack.offer = r->conf.mss_only ? SEG_OPT_MSS : 0;
	r->client.lcore = r->conf.client_lcore;
	r->server.lcore = r->conf.server_lcore;
	return make_side(r, &r->client, &client) && make_side(r, &r->server, &server) &&
	       engine_listen(r->server.engine, 0, cpu_to_be16(80), &service_http, &r->http) ==
	               0;
}

void
load_rig_destroy(struct load_rig *r)
{
	if (r == NULL)
		return;
	engine_destroy(r->client.engine);
	engine_destroy(r->server.engine);
	if (r->http.body != NULL)
		http_conf_free(&r->http);
	free(r);
}

struct load_rig *
load_rig_create(const struct load_rig_conf *conf)
{
	struct load_rig *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->conf = *conf;
	if (http_conf_init(&r->http) != 0 || http_conf_body(&r->http, conf->body) != 0 ||
	        !make_wire(r) || !make_sides(r)) {
		load_rig_destroy(r);
		return NULL;
	}
	return r;
}

static void
nap(double seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds};

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

static void
empty_rings(struct load_rig *r)
{
	struct rte_mbuf *m[BURST];
	unsigned n;

	for (unsigned i = 0; i < 2; i++) {
		while ((n = rte_ring_dequeue_burst(r->ring[i], (void **)m, BURST, NULL)) > 0)
			rte_pktmbuf_free_bulk(m, n);
	}
}

static struct load_client *
start_client(struct load_rig *r, const struct load_rig_load *load, const struct load_spec *spec)
{
	struct load_client_conf conf = {
	        .spec = spec,
	        .shares = 1,
	        .max_conns = r->conf.max_conns + 1024,
	        .source_first = SOURCE_FIRST,
	        .source_count = r->conf.sources,
	        .scattered = load->scattered,
	        .seed = rte_rdtsc(),
	        .begin_us = engine_now(r->client.engine).us,
	};
	void *self;

	if (engine_client(r->client.engine, 0, &load_client, &conf, &self) != 0)
		return NULL;
	return self;
}

static struct load_spec
spec_of(const struct load_rig_load *load, double seconds)
{
	return (struct load_spec) {
	        .url = {.kind = LOAD_HTTP,
	                .addr = SERVER_IP,
	                .port = cpu_to_be16(80),
	                .path = "/"},
	        .concurrency = load->conns,
	        .warmup_s = WARM_UP_S / 2,
	        .duration_s = seconds + WARM_UP_S, /* it is stopped before */
	        .requests = 1,
	        .close = load->we_close ? LOAD_CLOSE_FIN : LOAD_CLOSE_SERVER,
	        .timeout_ms = 5000,
	};
}

static void
take_sample(const struct side *s, struct sample *out)
{
	out->tsc = rte_rdtsc();
	engine_usage(s->engine, 0, &out->load);
	memset(&out->counters, 0, sizeof(out->counters));
	counters_sum(&out->counters, engine_counters(s->engine, 0));
}

static struct load_rig_side
side_of(const struct sample *a, const struct sample *b, double n)
{
	double busy = (double)(b->load.busy_tsc - a->load.busy_tsc);
	double each = n > 0 ? n : 1;

	return (struct load_rig_side) {
	        .cycles = busy / each,
	        .busy = busy / (double)(b->load.total_tsc - a->load.total_tsc),
	        .packets_in = (double)(b->counters.rx_packets - a->counters.rx_packets) / each,
	        .packets_out = (double)(b->counters.tx_packets - a->counters.tx_packets) / each,
	};
}

static uint64_t
drops_of(const struct sample *a, const struct sample *b)
{
	uint64_t n = 0;

	for (unsigned i = DROP_NONE + 1; i < DROP_COUNT; i++)
		n += b->counters.drop[i] - a->counters.drop[i];
	return n;
}

static void
fill_result(const struct load_tally *tally, uint64_t completed, const struct sample client[2],
        const struct sample server[2], struct load_rig_result *out)
{
	double n = (double)completed;

	*out = (struct load_rig_result) {
	        .per_s = n * (double)rte_get_tsc_hz() / (double)(client[1].tsc - client[0].tsc),
	        .client = side_of(&client[0], &client[1], n),
	        .server = side_of(&server[0], &server[1], n),
	        .completed = completed,
	        .errors = load_tally_errors(tally),
	        .retransmits = client[1].counters.segments_retransmitted -
	                       client[0].counters.segments_retransmitted,
	        .drops = drops_of(&client[0], &client[1]) + drops_of(&server[0], &server[1]),
	        .p50_us = histogram_quantile(&tally->whole, 0.5),
	        .p99_us = histogram_quantile(&tally->whole, 0.99),
	};
}

/* What is open goes on to its end. */
static bool
end_client(struct load_client *c)
{
	double waited = 0;

	load_client_stop(c, false);
	for (; !load_client_done(c) && waited < END_S; waited += 0.01)
		nap(0.01);
	return waited < END_S;
}

bool
load_rig_measure(struct load_rig *r, const struct load_rig_load *load, double seconds,
        struct load_rig_result *out)
{
	struct load_spec spec = spec_of(load, seconds);
	struct sample client[2], server[2];
	struct load_client *c;
	uint64_t completed;
	bool ok;

	if (engine_start(r->server.engine) != 0 || engine_start(r->client.engine) != 0 ||
	        (c = start_client(r, load, &spec)) == NULL)
		return false;
	nap(WARM_UP_S);
	take_sample(&r->client, &client[0]);
	take_sample(&r->server, &server[0]);
	completed = counter_read(&load_client_tally(c)->completed);
	nap(seconds);
	take_sample(&r->client, &client[1]);
	take_sample(&r->server, &server[1]);
	completed = counter_read(&load_client_tally(c)->completed) - completed;
	ok = end_client(c);
	fill_result(load_client_tally(c), completed, client, server, out);
	engine_client_end(r->client.engine, 0, c);
	engine_stop(r->client.engine);
	engine_stop(r->server.engine);
	empty_rings(r);
	return ok;
}

static void
launch_packets(struct load_rig *r, unsigned packets)
{
	for (unsigned i = 0; i < packets; i++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(r->client.pool);

		if (m == NULL)
			return;
		m->data_len = 66; /* an ACK with timestamps */
		m->pkt_len = 66;
		memset(rte_pktmbuf_mtod(m, void *), (int)i, 66);
		if (rte_ring_enqueue(r->ring[i % 2], m) != 0)
			rte_pktmbuf_free(m);
	}
}

static struct load_rig_side
reflected(const struct reflector *a, const struct reflector *b)
{
	double busy = (double)(b->busy_tsc - a->busy_tsc);

	return (struct load_rig_side) {
	        .cycles = busy / (double)(b->packets - a->packets + 1),
	        .busy = busy / (double)(b->total_tsc - a->total_tsc),
	};
}

static struct reflector
read_reflector(struct reflector *r)
{
	return (struct reflector) {
	        .packets = counter_read(&r->packets),
	        .busy_tsc = counter_read(&r->busy_tsc),
	        .total_tsc = counter_read(&r->total_tsc),
	};
}

bool
load_rig_baseline(
        struct load_rig *r, unsigned packets, double seconds, struct load_rig_result *out)
{
	struct reflector client = {.ethdev = r->client.port.id};
	struct reflector server = {.ethdev = r->server.port.id};
	struct reflector before[2], after[2];

	launch_packets(r, packets);
	if (rte_eal_remote_launch(reflector_main, &client, r->client.lcore) != 0 ||
	        rte_eal_remote_launch(reflector_main, &server, r->server.lcore) != 0)
		return false;
	nap(WARM_UP_S);
	before[0] = read_reflector(&client);
	before[1] = read_reflector(&server);
	nap(seconds);
	after[0] = read_reflector(&client);
	after[1] = read_reflector(&server);
	__atomic_store_n(&client.halt, true, __ATOMIC_RELEASE);
	__atomic_store_n(&server.halt, true, __ATOMIC_RELEASE);
	rte_eal_wait_lcore(r->client.lcore);
	rte_eal_wait_lcore(r->server.lcore);
	empty_rings(r);
	*out = (struct load_rig_result) {
	        .per_s = (double)(after[1].packets - before[1].packets) *
	                 (double)rte_get_tsc_hz() /
	                 (double)(after[1].total_tsc - before[1].total_tsc),
	        .client = reflected(&before[0], &after[0]),
	        .server = reflected(&before[1], &after[1]),
	};
	return true;
}
