/* SPDX-License-Identifier: BSD-3-Clause */
/* The burst functions of a port without a wire, and its slots. */
#include "mem_port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "drivers-glue/port.h"

#define BURST 64

struct mem_port {
	struct rte_mempool *pool;
	struct rte_ring *ring; /* unused: the ethdev that lends its number needs one */
	uint16_t ethdev;
	bool keep;
	void *queue[1];
	struct rte_mbuf *looked_at; /* freed at the next look */

	uint32_t rx_mask;
	uint32_t rx_head; /* number of packets received */
	uint32_t rx_tail; /* number of packets offered */
	uint32_t tx_mask;
	uint32_t tx_head; /* number of frames transmitted */
	uint32_t tx_seen; /* number of frames looked at or forgotten */
	struct rte_mbuf **rx;
	struct rte_mbuf **tx;
};

static uint16_t
receive_burst(void *queue, struct rte_mbuf **m, uint16_t n)
{
	struct mem_port *p = queue;
	struct rte_mbuf *fresh[BURST];
	uint16_t k = (uint16_t)RTE_MIN(
	        RTE_MIN(p->rx_tail - p->rx_head, (uint32_t)n), (uint32_t)BURST);

	if (k == 0 || rte_pktmbuf_alloc_bulk(p->pool, fresh, k) != 0)
		return 0;
	for (uint16_t i = 0; i < k; i++) {
		struct rte_mbuf **slot = &p->rx[p->rx_head++ & p->rx_mask];

		m[i] = *slot;
		*slot = fresh[i];
	}
	return k;
}

static uint16_t
transmit_burst(void *queue, struct rte_mbuf **m, uint16_t n)
{
	struct mem_port *p = queue;
	struct rte_mbuf *left[BURST];
	uint16_t k = RTE_MIN(n, (uint16_t)BURST);

	for (uint16_t i = 0; i < k; i++) {
		struct rte_mbuf **slot = &p->tx[p->tx_head++ & p->tx_mask];

		left[i] = *slot;
		*slot = m[i];
	}
	rte_mempool_put_bulk(p->pool, (void **)left, k);
	return k;
}

static uint16_t
transmit_burst_and_keep(void *queue, struct rte_mbuf **m, uint16_t n)
{
	struct mem_port *p = queue;
	uint16_t i;

	for (i = 0; i < n && p->tx_head - p->tx_seen <= p->tx_mask; i++)
		p->tx[p->tx_head++ & p->tx_mask] = m[i];
	return i;
}

static struct rte_mbuf **
make_slots(struct mem_port *p, unsigned n, bool empty)
{
	struct rte_mbuf **slot = calloc(n, sizeof(struct rte_mbuf *));

	for (unsigned i = 0; slot != NULL && !empty && i < n; i++) {
		slot[i] = rte_pktmbuf_alloc(p->pool);
		if (slot[i] == NULL) {
			fprintf(stderr, "mem_port: the pool has fewer than %u packets\n", n);
			rte_pktmbuf_free_bulk(slot, i);
			free(slot);
			return NULL;
		}
	}
	return slot;
}

static void
free_slots(struct rte_mbuf **slot, unsigned n)
{
	if (slot != NULL)
		rte_pktmbuf_free_bulk(slot, n);
	free(slot);
}

/* Makes a port of two rings, and replaces its burst functions by those of this file. */
static bool
make_ethdev(struct mem_port *p, struct engine_port *eth)
{
	struct rte_eth_fp_ops *ops;
	int id;

	p->ring = rte_ring_create("mem_port", 64, SOCKET_ID_ANY, 0);
	if (p->ring == NULL)
		return false;
	id = rte_eth_from_rings("mem_port", &p->ring, 1, &p->ring, 1, 0);
	if (id < 0) {
		fprintf(stderr, "mem_port: no net_ring port: %s\n", strerror(-id));
		return false;
	}
	if (port_open((uint16_t)id, 1, &p->pool, eth, NULL) != 0)
		return false;
	p->ethdev = (uint16_t)id;
	p->queue[0] = p;
	ops = &rte_eth_fp_ops[id];
	ops->rx_pkt_burst = receive_burst;
	ops->rxq.data = p->queue;
	ops->tx_pkt_burst = p->keep ? transmit_burst_and_keep : transmit_burst;
	ops->txq.data = p->queue;
	return true;
}

void
mem_port_remove(uint16_t ethdev)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(ethdev, &info) != 0)
		return;
	port_close(ethdev);
	rte_dev_remove(info.device);
}

void
mem_port_destroy(struct mem_port *p)
{
	if (p == NULL)
		return;
	if (p->queue[0] != NULL)
		mem_port_remove(p->ethdev);
	rte_pktmbuf_free(p->looked_at);
	free_slots(p->rx, p->rx_mask + 1);
	free_slots(p->tx, p->tx_mask + 1);
	rte_ring_free(p->ring);
	free(p);
}

struct mem_port *
mem_port_create(const struct mem_port_conf *conf, struct engine_port *eth)
{
	struct mem_port *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->pool = conf->pool;
	p->keep = conf->keep;
	p->rx_mask = conf->rx_slots - 1;
	p->tx_mask = conf->tx_slots - 1;
	p->rx = make_slots(p, conf->rx_slots, false);
	p->tx = make_slots(p, conf->tx_slots, conf->keep);
	if (p->rx == NULL || p->tx == NULL || !make_ethdev(p, eth)) {
		mem_port_destroy(p);
		return NULL;
	}
	return p;
}

struct rte_mbuf *
mem_port_room(struct mem_port *p, unsigned i)
{
	if (p->rx_tail - p->rx_head + i > p->rx_mask)
		return NULL;
	return p->rx[(p->rx_tail + i) & p->rx_mask];
}

void
mem_port_offer(struct mem_port *p, unsigned n)
{
	p->rx_tail += n;
}

unsigned
mem_port_waiting(const struct mem_port *p)
{
	return p->rx_tail - p->rx_head;
}

static const struct rte_mbuf *
next_kept_frame(struct mem_port *p)
{
	struct rte_mbuf **slot;

	rte_pktmbuf_free(p->looked_at);
	p->looked_at = NULL;
	if (p->tx_seen == p->tx_head)
		return NULL;
	slot = &p->tx[p->tx_seen++ & p->tx_mask];
	p->looked_at = *slot;
	*slot = NULL;
	return p->looked_at;
}

const struct rte_mbuf *
mem_port_sent(struct mem_port *p)
{
	if (p->keep)
		return next_kept_frame(p);
	if (p->tx_seen == p->tx_head)
		return NULL;
	if (p->tx_head - p->tx_seen > p->tx_mask + 1)
		p->tx_seen = p->tx_head - p->tx_mask - 1;
	return p->tx[p->tx_seen++ & p->tx_mask];
}
