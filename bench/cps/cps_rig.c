/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures a server core on one side of a wire, with a cheap client and a flood on the other.
 */
#include "cps_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "bench/kit/client.h"
#include "bench/kit/client_frames.h"
#include "bench/kit/cps_server.h"
#include "bench/kit/side.h"
#include "bench/kit/spoof.h"

#define SERVER_PACKETS 16383
#define CLIENT_PACKETS 16383 /* and one for each connection */
#define RING_MIN       4096
#define RING_MOST      32768 /* unless the connections need more slots */
#define BURST          64
#define WARM_UP_S      0.3
#define HTTP_PORT      80

/* 192.168.255.1 is the server, and .2 is its gateway. 10.0.0.0/8 is behind the gateway. */
#define SERVER_IP  cpu_to_be32(0xc0a8ff01)
#define CLIENT_IP  cpu_to_be32(0xc0a8ff02)
#define NETMASK_30 cpu_to_be32(0xfffffffc)

static const uint8_t client_mac[ETH_ALEN] = {0x02, 0, 0, 0, 0, 0x02};
static const char request[] = "GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";

struct rig {
	struct rig_conf conf;
	struct wire wire;
	struct side server;
	struct rte_mempool *client_pool;
	uint8_t *response_bytes;
	struct cps_response response;
	uint64_t next_tuple;
};

/* A moment of the server core. */
struct sample {
	uint64_t done;
	struct side_sample server;
};

static bool
make_response(struct rig *r)
{
	char head[160];
	int len = snprintf(head, sizeof(head),
	        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %u\r\n"
	        "Connection: close\r\n\r\n",
	        r->conf.body);

	r->response.len = (uint32_t)len + r->conf.body;
	r->response_bytes = malloc(r->response.len);
	if (r->response_bytes == NULL)
		return false;
	memcpy(r->response_bytes, head, (size_t)len);
	for (uint32_t i = 0; i < r->conf.body; i++)
		r->response_bytes[(uint32_t)len + i] = (uint8_t)('a' + i % 26);
	r->response.bytes = r->response_bytes;
	return true;
}

static unsigned
ring_slots(const struct rig_conf *c)
{
	unsigned each = 2 + c->body / 700; /* all segments of a response may be in the ring */
	unsigned most = RTE_MIN(each * c->max_conns, (unsigned)RING_MOST);

	return RTE_MAX(RTE_MAX(most, 2 * c->max_conns), (unsigned)RING_MIN);
}

static bool
make_client_pool(struct rig *r)
{
	unsigned packets = r->conf.max_conns + CLIENT_PACKETS;

	r->client_pool = rte_pktmbuf_pool_create(
	        "client", packets, 512, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (r->client_pool == NULL)
		fprintf(stderr, "no memory for %u packets; try fewer --conns\n", packets);
	return r->client_pool != NULL;
}

/* With offload neither end makes checksums: packets keep the marks that say so. */
static bool
make_server(struct rig *r)
{
	uint32_t stack_conns = r->conf.stack_conns;
	const struct side_conf conf = {
	        .end = WIRE_SERVER,
	        .lcore = r->conf.server_lcore,
	        .packets = SERVER_PACKETS,
	        .ip = SERVER_IP,
	        .netmask = NETMASK_30,
	        .gateway = CLIENT_IP,
	        .offload = r->conf.offload,
	        .stack = {.max_conns = stack_conns != 0 ? stack_conns : 2 * r->conf.max_conns,
	                .max_half_open = stack_conns != 0 ? stack_conns / 4
	                                                  : 2 * r->conf.max_conns,
	                .max_time_wait = r->conf.time_wait,
	                .syn_cookie = (enum syn_cookie)r->conf.syn_cookie},
	};
	int err;

	if (!side_create(&r->server, &r->wire, &conf))
		return false;
	err = engine_listen(
	        r->server.engine, 0, cpu_to_be16(HTTP_PORT), &cps_service, &r->response);
	if (err != 0)
		fprintf(stderr, "cannot listen: %s\n", strerror(-err));
	return err == 0;
}

void
rig_destroy(struct rig *r)
{
	if (r == NULL)
		return;
	side_end(&r->server);
	side_free(&r->server);
	wire_destroy(&r->wire);
	rte_mempool_free(r->client_pool);
	free(r->response_bytes);
	free(r);
}

struct rig *
rig_create(const struct rig_conf *conf)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->conf = *conf;
	if (!make_response(r) || !wire_create(&r->wire, ring_slots(conf)) ||
	        !make_client_pool(r) || !make_server(r)) {
		rig_destroy(r);
		return NULL;
	}
	return r;
}

static struct client_conf
client_conf_of(const struct rig *r, const struct rig_load *load)
{
	struct client_conf conf = {
	        .to_server = r->wire.to[WIRE_SERVER],
	        .from_server = r->wire.to[WIRE_CLIENT],
	        .pool = r->client_pool,
	        .conns = load->conns,
	        .server_ip = SERVER_IP,
	        .our_ip = CLIENT_IP,
	        .server_port = cpu_to_be16(HTTP_PORT),
	        .request = request,
	        .response = r->response.bytes,
	        .response_len = r->response.len,
	        .linux_options = load->linux_options,
	        .first_tuple = r->next_tuple,
	        .scattered = load->scattered,
	        .give_up_ms = load->give_up_ms,
	        .lossy = load->lossy,
	        .offload = r->conf.offload,
	};

	memcpy(conf.server_mac, r->server.port.net.mac, ETH_ALEN);
	memcpy(conf.our_mac, client_mac, ETH_ALEN);
	return conf;
}

static void
take_sample(struct rig *r, const struct client *c, struct sample *s)
{
	s->done = client_stats(c)->done;
	side_look(&r->server, &s->server);
}

static void
run_client(struct client *c, struct spoof *s, double seconds)
{
	uint64_t now = rte_rdtsc();
	uint64_t end = now + (uint64_t)(seconds * (double)rte_get_tsc_hz());

	for (; now < end; now = rte_rdtsc()) {
		client_turn(c, now);
		spoof_turn(s, now);
	}
}

static void
fill_result(const struct sample *a, const struct sample *b, const struct client_stats *stats,
        struct rig_result *out)
{
	double n = (double)(b->done - a->done);
	struct side_work w = side_work(&a->server, &b->server, n);

	*out = (struct rig_result) {
	        .per_s = n / w.seconds,
	        .cycles = w.cycles,
	        .busy = w.busy,
	        .packets_in = w.packets_in,
	        .packets_out = w.packets_out,
	        .done = b->done - a->done,
	        .retransmits = stats->retransmits,
	        .resets = stats->resets,
	        .wrong = stats->wrong,
	        .server_drops = w.drops,
	        .first_wrong = stats->first_wrong,
	};
}

static void
fill_flood(const struct client *c, const struct spoof *s, uint64_t began_tsc,
        struct rig_result *out)
{
	const struct client_stats *stats = client_stats(c);
	uint64_t now = rte_rdtsc(), oldest = client_oldest_tsc(c, now);
	double hz = (double)rte_get_tsc_hz();

	out->given_up = stats->given_up;
	out->lost = stats->lost;
	out->spoofed = s->sent;
	out->spoofed_lost = s->lost;
	out->spoofed_per_s = (double)s->sent * hz / (double)(now - began_tsc);
	out->longest_ms = (double)RTE_MAX(oldest, stats->longest_tsc) * 1e3 / hz;
}

static void
count_time_wait(struct stack *st, void *arg)
{
	*(uint32_t *)arg = stack_usage(st).time_wait;
}

bool
rig_measure(struct rig *r, const struct rig_load *load, double seconds, struct rig_result *out)
{
	struct client_conf conf = client_conf_of(r, load);
	struct client *c = client_create(&conf);
	struct sample before, after;
	struct spoof spoof;
	uint64_t began;

	if (c == NULL || engine_start(r->server.engine) != 0) {
		client_destroy(c);
		return false;
	}
	began = rte_rdtsc();
	spoof_init(&spoof, &conf, load->spoofed_per_s, began);
	run_client(c, &spoof, WARM_UP_S);
	take_sample(r, c, &before);
	run_client(c, &spoof, seconds);
	take_sample(r, c, &after);
	fill_result(&before, &after, client_stats(c), out);
	fill_flood(c, &spoof, began, out);
	engine_call(r->server.engine, 0, count_time_wait, &out->time_wait);
	engine_stop(r->server.engine);
	wire_empty(&r->wire);
	r->next_tuple = client_next_tuple(c);
	client_destroy(c);
	return true;
}

static void
launch_packets(struct rig *r, unsigned packets)
{
	const struct rig_load load = {.conns = 1};
	struct client_conf conf = client_conf_of(r, &load);
	struct template t[SAY_COUNT];
	struct fill f = {.seq = 1};

	templates_make(t, &conf);
	for (unsigned i = 0; i < packets; i++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(r->client_pool);

		if (m == NULL)
			return;
		f.addr = cpu_to_be32(0x0a000001 + i);
		f.port = cpu_to_be16((uint16_t)(1024 + i % 60000));
		m->data_len = (uint16_t)template_write(
		        &t[SAY_ACK], rte_pktmbuf_mtod(m, uint8_t *), &f);
		m->pkt_len = m->data_len;
		if (rte_ring_enqueue(r->wire.to[WIRE_SERVER], m) != 0)
			rte_pktmbuf_free(m);
	}
}

/* Sends each packet that comes back again. */
static void
return_packets(struct rig *r, double seconds)
{
	uint64_t end = rte_rdtsc() + (uint64_t)(seconds * (double)rte_get_tsc_hz());
	struct rte_mbuf *m[BURST];

	while (rte_rdtsc() < end) {
		unsigned n = rte_ring_sc_dequeue_burst(
		        r->wire.to[WIRE_CLIENT], (void **)m, BURST, NULL);

		if (n > 0)
			rte_ring_sp_enqueue_bulk(r->wire.to[WIRE_SERVER], (void **)m, n, NULL);
	}
}

bool
rig_baseline(struct rig *r, unsigned packets, double seconds, struct rig_result *out)
{
	struct reflector ref = {.ethdev = r->server.port.id};
	struct reflector before, after;
	uint64_t tsc;
	double n;

	launch_packets(r, packets);
	if (rte_eal_remote_launch(reflector_main, &ref, r->conf.server_lcore) != 0)
		return false;
	return_packets(r, WARM_UP_S);
	tsc = rte_rdtsc();
	before = reflector_read(&ref);
	return_packets(r, seconds);
	tsc = rte_rdtsc() - tsc;
	after = reflector_read(&ref);
	n = (double)(after.packets - before.packets);
	*out = (struct rig_result) {
	        .per_s = n * (double)rte_get_tsc_hz() / (double)tsc,
	        .cycles = (double)(after.busy_tsc - before.busy_tsc) / (n > 0 ? n : 1),
	        .busy = (double)(after.busy_tsc - before.busy_tsc) /
	                (double)(after.total_tsc - before.total_tsc),
	};
	__atomic_store_n(&ref.halt, true, __ATOMIC_RELEASE);
	rte_eal_wait_lcore(r->conf.server_lcore);
	wire_empty(&r->wire);
	return true;
}
