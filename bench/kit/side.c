/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the ends of a wire of two rings, and measures their cores. */
#include "side.h"

#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "drivers-glue/port.h"

#define BURST 64

static const char *const end_names[WIRE_ENDS] = {
        [WIRE_SERVER] = "server",
        [WIRE_CLIENT] = "client",
};

static bool
fail_without_memory(const char *what)
{
	fprintf(stderr, "no memory for %s; try fewer --conns\n", what);
	return false;
}

bool
wire_create(struct wire *w, unsigned slots)
{
	unsigned flags = RING_F_SP_ENQ | RING_F_SC_DEQ;

	slots = rte_align32pow2(slots);
	w->to[WIRE_SERVER] = rte_ring_create("to_server", slots, SOCKET_ID_ANY, flags);
	w->to[WIRE_CLIENT] = rte_ring_create("to_client", slots, SOCKET_ID_ANY, flags);
	return (w->to[WIRE_SERVER] != NULL && w->to[WIRE_CLIENT] != NULL) ||
	       fail_without_memory("rings");
}

void
wire_empty(struct wire *w)
{
	struct rte_mbuf *m[BURST];
	unsigned n;

	for (unsigned i = 0; i < WIRE_ENDS; i++) {
		while ((n = rte_ring_dequeue_burst(w->to[i], (void **)m, BURST, NULL)) > 0)
			rte_pktmbuf_free_bulk(m, n);
	}
}

void
wire_destroy(struct wire *w)
{
	for (unsigned i = 0; i < WIRE_ENDS; i++)
		rte_ring_free(w->to[i]);
}

/* Marks checksums as right. Between two NICs, one would make the checksums and the other would
 * find them right. */
static uint16_t
vouch_for(uint16_t port, uint16_t queue, struct rte_mbuf **m, uint16_t n, void *ctx)
{
	(void)port;
	(void)queue;
	(void)ctx;
	for (uint16_t i = 0; i < n; i++)
		m[i]->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	return n;
}

static bool
open_side_port(struct side *s, const struct wire *w, const struct side_conf *conf)
{
	struct rte_ring *in = w->to[conf->end], *out = w->to[WIRE_CLIENT - conf->end];
	int id = rte_eth_from_rings(end_names[conf->end], &in, 1, &out, 1, 0);

	if (id < 0)
		return fail_without_memory("a net_ring port");
	s->pool = port_pool(s->lcore, conf->packets);
	if (s->pool == NULL)
		return fail_without_memory("packets");
	if (port_open((uint16_t)id, 1, &s->pool, &s->port, NULL) != 0)
		return false;
	s->port.id = (uint16_t)id;
	s->port.net.ip = conf->ip;
	s->port.net.netmask = conf->netmask;
	s->port.net.gateway = conf->gateway;
	s->port.rx_csum_ip = s->port.rx_csum_tcp = conf->offload;
	s->port.net.offload_ip = s->port.net.offload_tcp = conf->offload;
	return !conf->vouch ||
	       rte_eth_add_tx_callback((uint16_t)id, 0, vouch_for, NULL) != NULL ||
	       fail_without_memory("a callback");
}

bool
side_create(struct side *s, const struct wire *w, const struct side_conf *conf)
{
	struct engine_conf engine = {.stack = conf->stack, .nports = 1, .nworkers = 1};

	s->lcore = conf->lcore;
	if (!open_side_port(s, w, conf))
		return false;
	engine.port[0] = s->port;
	engine.lcore[0] = s->lcore;
	engine.pool[0] = s->pool;
	return engine_create(&s->engine, &engine) == 0;
}

void
side_end(struct side *s)
{
	engine_destroy(s->engine);
	s->engine = NULL;
}

void
side_free(struct side *s)
{
	if (s->port.net.mtu != 0)
		port_close(s->port.id);
	rte_mempool_free(s->pool);
}

void
side_look(const struct side *s, struct side_sample *out)
{
	out->tsc = rte_rdtsc();
	engine_usage(s->engine, 0, &out->usage);
	memset(&out->counters, 0, sizeof(out->counters));
	counters_sum(&out->counters, engine_counters(s->engine, 0));
}

struct side_work
side_work(const struct side_sample *a, const struct side_sample *b, double n)
{
	double busy = (double)(b->usage.busy_tsc - a->usage.busy_tsc), each = n > 0 ? n : 1;
	struct counters c = b->counters;
	struct side_work w;

	counters_subtract(&c, &a->counters);
	w = (struct side_work) {
	        .seconds = (double)(b->tsc - a->tsc) / (double)rte_get_tsc_hz(),
	        .cycles = busy / each,
	        .busy = busy / (double)(b->usage.total_tsc - a->usage.total_tsc),
	        .packets_in = (double)c.rx_packets / each,
	        .packets_out = (double)c.tx_packets / each,
	        .retransmits = c.segments_retransmitted,
	};
	for (unsigned i = DROP_NONE + 1; i < DROP_COUNT; i++)
		w.drops += c.drop[i];
	return w;
}
