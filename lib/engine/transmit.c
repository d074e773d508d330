/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/transmit.h"

#include <time.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "base/clock_line.h"
#include "engine/capture.h"
#include "engine/share.h"

#define BURST       64
#define TX_ATTEMPTS 2
#define BURST_NAPS  20

static inline void
frame_of_mbuf(struct frame *f, struct rte_mbuf *m)
{
	f->buf = m;
	f->data = rte_pktmbuf_mtod(m, uint8_t *);
	f->room = rte_pktmbuf_tailroom(m);
}

/* The pool has less than a burst left: take what there is. */
static unsigned
alloc_singly(struct transmit *t, struct frame *f, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(t->pool);

		if (m == NULL)
			break;
		frame_of_mbuf(&f[i], m);
	}
	return i;
}

static unsigned
io_alloc(void *ctx, struct frame *f, unsigned n)
{
	struct transmit *t = ctx;
	struct rte_mbuf *m[BURST];
	unsigned done = 0;

	while (done < n) {
		unsigned want = RTE_MIN(n - done, (unsigned)BURST);

		if (rte_pktmbuf_alloc_bulk(t->pool, m, want) != 0)
			return done + alloc_singly(t, f + done, n - done);
		for (unsigned i = 0; i < want; i++)
			frame_of_mbuf(&f[done + i], m[i]);
		done += want;
	}
	return done;
}

void
transmit_free(struct rte_mbuf **m, unsigned n)
{
	struct rte_mbuf *pending[BURST];
	unsigned npending = 0;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *one = m[i];

		if (unlikely(one->nb_segs > 1)) {
			rte_pktmbuf_free(one);
			continue;
		}
		one = rte_pktmbuf_prefree_seg(one);
		if (unlikely(one == NULL))
			continue;
		if (npending == BURST || (npending > 0 && pending[0]->pool != one->pool)) {
			rte_mempool_put_bulk(pending[0]->pool, (void **)pending, npending);
			npending = 0;
		}
		pending[npending++] = one;
	}
	if (npending > 0)
		rte_mempool_put_bulk(pending[0]->pool, (void **)pending, npending);
}

static void
io_free(void *ctx, void **bufs, unsigned n)
{
	(void)ctx;
	transmit_free((struct rte_mbuf **)bufs, n);
}

/* By frame.offload. */
static const uint64_t offload_flags[] = {
        [FRAME_CSUM_IP] = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM,
        [FRAME_CSUM_TCP] = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM,
        [FRAME_CSUM_IP | FRAME_CSUM_TCP] = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM |
                                           RTE_MBUF_F_TX_TCP_CKSUM,
};

/* The frames that we build have a plain Ethernet and IPv4 header. All lengths in one
 * store. */
static inline void
ask_offload(struct rte_mbuf *m, const struct frame *f)
{
	const struct tcp_hdr *tcp = (const void *)(f->data + sizeof(struct eth_hdr) +
	                                           sizeof(struct ipv4_hdr));

	m->ol_flags |= offload_flags[f->offload];
	m->tx_offload = rte_mbuf_tx_offload(sizeof(struct eth_hdr), sizeof(struct ipv4_hdr),
	        (tcp->data_offset >> 4) * 4u, 0, 0, 0, 0);
}

/* An answer written over the segment that it answers brings that packet's
 * flags and lengths with it. Where its bytes lie is not for us to forget:
 * freeing it depends on that. */
static inline struct rte_mbuf *
mbuf_of_frame(const struct frame *f)
{
	struct rte_mbuf *m = f->buf;

	m->data_off = (uint16_t)(f->data - (uint8_t *)m->buf_addr);
	m->data_len = f->len;
	m->pkt_len = f->len;
	m->ol_flags &= RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT;
	if (f->offload != 0)
		ask_offload(m, f);
	return m;
}

/* Let the port work until it takes the rest, or the burst's share of patience
 * is used up. Returns how many it took. */
static unsigned
send_patiently(struct transmit *t, uint16_t ethdev, struct rte_mbuf **m, unsigned n)
{
	const struct timespec nap = {.tv_nsec = TRANSMIT_NAP_NS};
	unsigned sent = 0;

	for (unsigned i = 0; i < BURST_NAPS && sent < n && t->patience > 0; i++) {
		nanosleep(&nap, NULL);
		t->patience--;
		sent += rte_eth_tx_burst(ethdev, t->queue, m + sent, n - sent);
	}
	return sent;
}

static unsigned
send_burst(struct transmit *t, uint8_t port, struct rte_mbuf **m, unsigned n, bool prepare)
{
	uint16_t ethdev = t->ethdev[port];
	unsigned sent = 0, captured = 0;

	if (unlikely(t->capture != NULL))
		captured = capture_packets(t->capture, ethdev, t->queue, m, n, true,
		        clock_line_day_ns(t->clock, rte_rdtsc()));
	/* Some ports want their descriptors' numbers checked and mended. What
	 * one refuses is a bug of ours, and is dropped below. */
	if (prepare)
		n = rte_eth_tx_prepare(ethdev, t->queue, m, n);
	for (unsigned i = 0; i < TX_ATTEMPTS && sent < n; i++)
		sent += rte_eth_tx_burst(ethdev, t->queue, m + sent, n - sent);
	if (unlikely(sent < n && t->patience > 0))
		sent += send_patiently(t, ethdev, m + sent, n - sent);
	if (unlikely(captured > sent))
		capture_refused(t->capture, captured - sent);
	return sent;
}

static unsigned
io_transmit(void *ctx, uint8_t port, const struct frame *f, unsigned n)
{
	struct transmit *t = ctx;
	struct rte_mbuf *m[BURST];
	unsigned done = 0, sent_all = 0;
	uint64_t bytes = 0;

	while (done < n) {
		unsigned burst = RTE_MIN(n - done, (unsigned)BURST);
		uint8_t offload = 0;
		unsigned sent;

		for (unsigned i = 0; i < burst; i++) {
			m[i] = mbuf_of_frame(&f[done + i]);
			offload |= f[done + i].offload;
		}
		sent = send_burst(t, port, m, burst, offload != 0);
		for (unsigned i = 0; i < sent; i++)
			bytes += f[done + i].len;
		if (unlikely(sent < burst))
			transmit_free(m + sent, burst - sent);
		sent_all += sent;
		done += burst;
	}
	counter_add(&t->counters->tx_packets, sent_all);
	counter_add(&t->counters->tx_bytes, bytes);
	return sent_all;
}

static bool
io_hand_over(void *ctx, unsigned core, const struct seg *s)
{
	struct transmit *t = ctx;

	return share_hand_over(t->share, core, s, t->pool);
}

struct stack_io
transmit_io(struct transmit *t)
{
	return (struct stack_io) {
	        .ctx = t,
	        .alloc = io_alloc,
	        .free = io_free,
	        .transmit = io_transmit,
	        .hand_over = t->share != NULL ? io_hand_over : NULL,
	};
}
