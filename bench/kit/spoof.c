/* SPDX-License-Identifier: BSD-3-Clause */
/* Sends spoofed SYNs at a rate. */
#include "spoof.h"

#include <string.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "source.h"

#define BURST 64

void
spoof_init(struct spoof *s, const struct client_conf *conf, double per_s, uint64_t tsc)
{
	const struct template_shape syn = {
	        .flags = TCP_SYN,
	        .options = conf->linux_options ? TEMPLATE_LINUX : TEMPLATE_MSS,
	};

	memset(s, 0, sizeof(*s));
	s->conf = conf;
	s->per_tsc = per_s / (double)rte_get_tsc_hz();
	s->last_tsc = tsc;
	s->random = tsc;
	template_make(&s->syn, &syn, conf);
}

static void
write_syn(struct spoof *s, struct rte_mbuf *m)
{
	uint64_t r = bench_random(&s->random);
	struct fill f = {
	        .addr = source_draw(&s->random),
	        .port = cpu_to_be16((uint16_t)(1024 + (r & 0xffff) % 64512)),
	        .seq = (uint32_t)(r >> 16),
	        .tsval = (uint32_t)(r >> 32),
	};

	m->data_len = (uint16_t)template_write(&s->syn, rte_pktmbuf_mtod(m, uint8_t *), &f);
	m->pkt_len = m->data_len;
	m->ol_flags = s->conf->offload
	                      ? RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD
	                      : 0;
}

static void
send_syns(struct spoof *s, unsigned n)
{
	struct rte_mbuf *m[BURST];
	unsigned sent;

	if (rte_pktmbuf_alloc_bulk(s->conf->pool, m, n) != 0) {
		s->lost += n;
		return;
	}
	for (unsigned i = 0; i < n; i++)
		write_syn(s, m[i]);
	sent = rte_ring_sp_enqueue_burst(s->conf->to_server, (void **)m, n, NULL);
	s->sent += sent;
	s->lost += n - sent;
	rte_pktmbuf_free_bulk(m + sent, n - sent);
}

void
spoof_turn(struct spoof *s, uint64_t tsc)
{
	unsigned n;

	s->due += (double)(tsc - s->last_tsc) * s->per_tsc;
	s->last_tsc = tsc;
	if (s->due < 1)
		return;
	if (s->due > BURST)
		s->due = BURST;
	n = (unsigned)s->due;
	s->due -= n;
	send_syns(s, n);
}
