/* SPDX-License-Identifier: BSD-3-Clause */
/* The baseline of the floods: a loop that swaps Ethernet addresses. */
#include "macswap.h"

#include <string.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "base/counters.h"
#include "engine/prefetch.h"
#include "engine/worker.h"

static inline void
swap_addresses(struct rte_mbuf *m)
{
	struct eth_hdr *eth = rte_pktmbuf_mtod(m, struct eth_hdr *);
	uint8_t mac[ETH_ALEN];

	memcpy(mac, eth->src, ETH_ALEN);
	memcpy(eth->src, eth->dst, ETH_ALEN);
	memcpy(eth->dst, mac, ETH_ALEN);
	m->ol_flags = 0;
}

unsigned
macswap_turn(const struct macswap *s)
{
	struct rte_mbuf *m[WORKER_BURST];
	uint16_t n = rte_eth_rx_burst(s->ethdev, 0, m, WORKER_BURST), sent;

	if (n == 0)
		return 0;
	for (uint16_t i = 0; i < n; i++)
		prefetch_own(m[i]);
	for (uint16_t i = 0; i < n; i++)
		prefetch_own(rte_pktmbuf_mtod(m[i], void *));
	for (uint16_t i = 0; i < n; i++)
		swap_addresses(m[i]);
	sent = rte_eth_tx_burst(s->ethdev, 0, m, n);
	if (sent < n)
		rte_pktmbuf_free_bulk(m + sent, n - sent);
	return n;
}

int
macswap_main(void *macswap)
{
	struct macswap *s = macswap;
	uint64_t last = rte_rdtsc();

	while (!__atomic_load_n(&s->halt, __ATOMIC_ACQUIRE)) {
		unsigned n = macswap_turn(s);
		uint64_t now = rte_rdtsc();

		if (n > 0) {
			counter_add(&s->packets, n);
			counter_add(&s->busy_tsc, now - last);
		}
		last = now;
	}
	return 0;
}
