/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the load generator's client and the http service on the two sides of a wire. */
#include "load_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "base/defaults.h"
#include "bench/kit/cps_server.h"
#include "bench/kit/side.h"
#include "load/client/client.h"
#include "service/services.h"

#define PACKETS    32767
#define RING_LEAST 4096
#define WARM_UP_S  0.5
#define END_S      5.0

/* The client's port is the server's gateway. All source addresses are behind it. */
#define SERVER_IP    cpu_to_be32(0xc6120001) /* 198.18.0.1 */
#define CLIENT_IP    cpu_to_be32(0xc6120002)
#define NETMASK_24   cpu_to_be32(0xffffff00)
#define SOURCE_FIRST 0xc6130000u /* 198.19.0.0 */

struct load_rig {
	struct load_rig_conf conf;
	struct wire wire;
	struct http_conf http;
	struct side client, server;
};

static struct side_conf
side_conf_of(const struct load_rig *r, enum wire_end end, unsigned lcore)
{
	return (struct side_conf) {
	        .end = end,
	        .lcore = lcore,
	        .packets = PACKETS + 2 * r->conf.max_conns,
	        .ip = end == WIRE_SERVER ? SERVER_IP : CLIENT_IP,
	        .netmask = NETMASK_24,
	        .gateway = end == WIRE_SERVER ? CLIENT_IP : 0,
	        .offload = r->conf.offload,
	        .vouch = r->conf.offload,
	        .stack = {.max_conns = r->conf.max_conns + r->conf.max_conns / 4 + 1024,
	                .max_half_open = r->conf.max_conns + r->conf.max_conns / 4 + 1024,
	                .max_time_wait = DEFAULT_CONNS},
	};
}

static bool
make_sides(struct load_rig *r)
{
	struct side_conf client = side_conf_of(r, WIRE_CLIENT, r->conf.client_lcore);
	struct side_conf server = side_conf_of(r, WIRE_SERVER, r->conf.server_lcore);

	client.stack.source_first = SOURCE_FIRST;
	client.stack.source_count = r->conf.sources;
	client.stack.offer = r->conf.mss_only ? SEG_OPT_MSS : 0;
	return wire_create(&r->wire, RTE_MAX(4 * r->conf.max_conns, (uint32_t)RING_LEAST)) &&
	       side_create(&r->client, &r->wire, &client) &&
	       side_create(&r->server, &r->wire, &server) &&
	       engine_listen(r->server.engine, 0, cpu_to_be16(80), &service_http, &r->http) ==
	               0;
}

void
load_rig_destroy(struct load_rig *r)
{
	if (r == NULL)
		return;
	side_end(&r->client);
	side_end(&r->server);
	side_free(&r->client);
	side_free(&r->server);
	wire_destroy(&r->wire);
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
	        !make_sides(r)) {
		load_rig_destroy(r);
		return NULL;
	}
	return r;
}

static void
sleep_seconds(double seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds};

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
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
load_spec_of(const struct load_rig_load *load, double seconds)
{
	return (struct load_spec) {
	        .url = {.kind = LOAD_HTTP,
	                .addr = SERVER_IP,
	                .port = cpu_to_be16(80),
	                .path = "/"},
	        .concurrency = load->conns,
	        .warmup_s = WARM_UP_S / 2,
	        .duration_s = seconds + WARM_UP_S, /* the rig stops it earlier */
	        .requests = 1,
	        .close = load->we_close ? LOAD_CLOSE_FIN : LOAD_CLOSE_SERVER,
	        .timeout_ms = 5000,
	};
}

static struct load_rig_side
rig_side_of(const struct side_work *w)
{
	return (struct load_rig_side) {
	        .cycles = w->cycles,
	        .busy = w->busy,
	        .packets_in = w->packets_in,
	        .packets_out = w->packets_out,
	};
}

static void
fill_result(const struct load_tally *tally, uint64_t completed,
        const struct side_sample client[2], const struct side_sample server[2],
        struct load_rig_result *out)
{
	struct side_work c = side_work(&client[0], &client[1], (double)completed);
	struct side_work s = side_work(&server[0], &server[1], (double)completed);

	*out = (struct load_rig_result) {
	        .per_s = (double)completed / c.seconds,
	        .client = rig_side_of(&c),
	        .server = rig_side_of(&s),
	        .completed = completed,
	        .errors = load_tally_errors(tally),
	        .retransmits = c.retransmits,
	        .drops = c.drops + s.drops,
	        .p50_us = histogram_quantile(&tally->whole, 0.5),
	        .p99_us = histogram_quantile(&tally->whole, 0.99),
	};
}

/* Stops the load, and waits until its open connections have ended. */
static bool
end_client(struct load_client *c)
{
	double waited = 0;

	load_client_stop(c, false);
	for (; !load_client_done(c) && waited < END_S; waited += 0.01)
		sleep_seconds(0.01);
	return waited < END_S;
}

bool
load_rig_measure(struct load_rig *r, const struct load_rig_load *load, double seconds,
        struct load_rig_result *out)
{
	struct load_spec spec = load_spec_of(load, seconds);
	struct side_sample client[2], server[2];
	struct load_client *c;
	uint64_t completed;
	bool ok;

	if (engine_start(r->server.engine) != 0 || engine_start(r->client.engine) != 0 ||
	        (c = start_client(r, load, &spec)) == NULL)
		return false;
	sleep_seconds(WARM_UP_S);
	side_look(&r->client, &client[0]);
	side_look(&r->server, &server[0]);
	completed = counter_read(&load_client_tally(c)->completed);
	sleep_seconds(seconds);
	side_look(&r->client, &client[1]);
	side_look(&r->server, &server[1]);
	completed = counter_read(&load_client_tally(c)->completed) - completed;
	ok = end_client(c);
	fill_result(load_client_tally(c), completed, client, server, out);
	engine_client_end(r->client.engine, 0, c);
	engine_stop(r->client.engine);
	engine_stop(r->server.engine);
	wire_empty(&r->wire);
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
		if (rte_ring_enqueue(r->wire.to[i % 2], m) != 0)
			rte_pktmbuf_free(m);
	}
}

static struct load_rig_side
reflector_side(const struct reflector *a, const struct reflector *b)
{
	double busy = (double)(b->busy_tsc - a->busy_tsc);

	return (struct load_rig_side) {
	        .cycles = busy / (double)(b->packets - a->packets + 1),
	        .busy = busy / (double)(b->total_tsc - a->total_tsc),
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
	sleep_seconds(WARM_UP_S);
	before[0] = reflector_read(&client);
	before[1] = reflector_read(&server);
	sleep_seconds(seconds);
	after[0] = reflector_read(&client);
	after[1] = reflector_read(&server);
	__atomic_store_n(&client.halt, true, __ATOMIC_RELEASE);
	__atomic_store_n(&server.halt, true, __ATOMIC_RELEASE);
	rte_eal_wait_lcore(r->client.lcore);
	rte_eal_wait_lcore(r->server.lcore);
	wire_empty(&r->wire);
	*out = (struct load_rig_result) {
	        .per_s = (double)(after[1].packets - before[1].packets) *
	                 (double)rte_get_tsc_hz() /
	                 (double)(after[1].total_tsc - before[1].total_tsc),
	        .client = reflector_side(&before[0], &after[0]),
	        .server = reflector_side(&before[1], &after[1]),
	};
	return true;
}
