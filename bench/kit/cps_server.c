/* SPDX-License-Identifier: BSD-3-Clause */
/* The server of the rigs: an HTTP service of a dozen lines, and a reflector. */
#include "cps_server.h"

#include <string.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "base/counters.h"
#include "engine/prefetch.h"
#include "wire/headers.h"

#define BURST 32

/* The client sends a request in one segment. A segment that does not end a request is the
 * client's fault, and its connection stays without an answer. */
static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	const struct cps_response *r = self;

	if (len < 4 || memcmp(bytes + len - 4, "\r\n\r\n", 4) != 0)
		return len;
	if (hf_send(h, c, r->bytes, r->len) != 0) {
		hf_abort(h, c);
		return len;
	}
	hf_close(h, c);
	return len;
}

const struct hf_service cps_service = {
        .name = "bench",
        .data = on_data,
};

/* Swaps addresses and ports. The checksums stay right, since they are sums of the same words.
 */
static inline void
swap_addresses(struct rte_mbuf *m)
{
	struct eth_hdr *eth = rte_pktmbuf_mtod(m, struct eth_hdr *);
	struct ipv4_hdr *ip = (void *)(eth + 1);
	struct tcp_hdr *tcp = (void *)(ip + 1);
	uint8_t mac[ETH_ALEN];
	be32 addr = ip->src;
	be16 port = tcp->sport;

	memcpy(mac, eth->src, ETH_ALEN);
	memcpy(eth->src, eth->dst, ETH_ALEN);
	memcpy(eth->dst, mac, ETH_ALEN);
	ip->src = ip->dst;
	ip->dst = addr;
	tcp->sport = tcp->dport;
	tcp->dport = port;
}

static unsigned
reflect_burst(struct reflector *r)
{
	struct rte_mbuf *m[BURST];
	unsigned n = rte_eth_rx_burst(r->ethdev, 0, m, BURST);
	unsigned sent = 0;

	for (unsigned i = 0; i < n; i++)
		prefetch_own(m[i]);
	for (unsigned i = 0; i < n; i++)
		prefetch_own(rte_pktmbuf_mtod(m[i], void *));
	for (unsigned i = 0; i < n; i++)
		swap_addresses(m[i]);
	if (n > 0)
		sent = rte_eth_tx_burst(r->ethdev, 0, m, (uint16_t)n);
	if (sent < n)
		rte_pktmbuf_free_bulk(m + sent, n - sent);
	return n;
}

int
reflector_main(void *reflector)
{
	struct reflector *r = reflector;
	uint64_t last = rte_rdtsc();

	while (!__atomic_load_n(&r->halt, __ATOMIC_ACQUIRE)) {
		unsigned n = reflect_burst(r);
		uint64_t now = rte_rdtsc();

		counter_add(&r->packets, n);
		counter_add(&r->total_tsc, now - last);
		if (n > 0)
			counter_add(&r->busy_tsc, now - last);
		last = now;
	}
	return 0;
}

struct reflector
reflector_read(struct reflector *r)
{
	return (struct reflector) {
	        .packets = counter_read(&r->packets),
	        .busy_tsc = counter_read(&r->busy_tsc),
	        .total_tsc = counter_read(&r->total_tsc),
	};
}
