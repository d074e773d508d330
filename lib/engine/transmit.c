/* SPDX-License-Identifier: BSD-3-Clause */
/* Sends frames, keeps those that a port does not take, and allocates and frees mbufs. */
#include "engine/transmit.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "base/clock_line.h"
#include "engine/capture.h"
#include "engine/inbox.h"

#define BURST       64
#define TX_ATTEMPTS 2

static inline void
frame_of_mbuf(struct frame *f, struct rte_mbuf *m)
{
	f->buf = m;
	f->data = rte_pktmbuf_mtod(m, uint8_t *);
	f->room = rte_pktmbuf_tailroom(m);
}

/* The pool has less than a burst left: take the rest one by one. */
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

/* Flags of the mbuf for each value of frame.offload. */
static const uint64_t offload_flags[] = {
        [FRAME_CSUM_IP] = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM,
        [FRAME_CSUM_TCP] = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM,
        [FRAME_CSUM_IP | FRAME_CSUM_TCP] = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM |
                                           RTE_MBUF_F_TX_TCP_CKSUM,
};

/* Our frames have a plain Ethernet and IPv4 header. All lengths are written in one store. */
static inline void
ask_offload(struct rte_mbuf *m, const struct frame *f)
{
	const struct tcp_hdr *tcp = (const void *)(f->data + sizeof(struct eth_hdr) +
	                                           sizeof(struct ipv4_hdr));

	m->ol_flags |= offload_flags[f->offload];
	m->tx_offload = rte_mbuf_tx_offload(sizeof(struct eth_hdr), sizeof(struct ipv4_hdr),
	        (tcp->data_offset >> 4) * 4u, 0, 0, 0, 0);
}

/* The mbuf of a frame. If the answer was written over its segment, the flags and lengths are
 * still those of that packet. EXTERNAL and INDIRECT say who owns the bytes: freeing depends on
 * them, so they stay. */
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

static uint64_t
mbuf_bytes(struct rte_mbuf *const *m, unsigned n)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += m[i]->pkt_len;
	return bytes;
}

/* Send as many frames as the port takes, and count them. n is a burst at most. */
static unsigned
send_burst(struct transmit *t, uint8_t port, struct rte_mbuf **m, unsigned n)
{
	uint16_t ethdev = t->ethdev[port];
	uint64_t bytes = mbuf_bytes(m, n);
	struct rte_mbuf *copy[BURST];
	unsigned sent = 0, copied = 0;

	if (unlikely(t->capture != NULL))
		copied = capture_copy(t->capture, ethdev, t->queue, m, n, copy,
		        clock_line_day_ns(t->clock, rte_rdtsc()));
	for (unsigned i = 0; i < TX_ATTEMPTS && sent < n; i++)
		sent += rte_eth_tx_burst(ethdev, t->queue, m + sent, n - sent);
	if (unlikely(copied > 0))
		capture_sent(t->capture, ethdev, copy, copied, sent);
	t->used |= 1u << port;
	counter_add(&t->counters->tx_packets, sent);
	counter_add(&t->counters->tx_bytes, bytes - mbuf_bytes(m + sent, n - sent));
	return sent;
}

/* Frames of one call, a burst at most. */
struct burst {
	unsigned n;
	struct rte_mbuf *m[BURST];
	bool stranger[BURST];
};

/* Some drivers must check and adjust packets before they are sent. A packet that the driver
 * refuses is dropped alone. */
static void
prepare_burst(struct transmit *t, uint8_t port, struct burst *b)
{
	unsigned ready = rte_eth_tx_prepare(t->ethdev[port], t->queue, b->m, (uint16_t)b->n);
	unsigned at = ready;

	while (unlikely(at < b->n)) {
		unsigned more;

		transmit_free(&b->m[at++], 1);
		counter_drop(t->counters, DROP_TX_REFUSED);
		more = rte_eth_tx_prepare(
		        t->ethdev[port], t->queue, b->m + at, (uint16_t)(b->n - at));
		for (; more > 0; more--, at++, ready++) {
			b->m[ready] = b->m[at];
			b->stranger[ready] = b->stranger[at];
		}
	}
	b->n = ready;
}

/* False: the backlog has no room. */
static bool
backlog_keep(struct transmit_backlog *q, struct rte_mbuf *m, bool stranger)
{
	if (q->n >= (stranger ? TRANSMIT_BACKLOG / 2 : TRANSMIT_BACKLOG))
		return false;
	q->m[(q->first + q->n++) % TRANSMIT_BACKLOG] = m;
	return true;
}

/* Keep the frames of b from `from` on. Returns the number of lost frames that the stack must
 * count. */
static unsigned
keep_rest(struct transmit *t, uint8_t port, struct burst *b, unsigned from)
{
	struct transmit_backlog *q = &t->backlog[port];
	unsigned kept = 0, lost = 0;

	if (q->n == 0)
		q->since_ms = t->now_ms;
	t->backlogged |= 1u << port;
	for (unsigned i = from; i < b->n; i++) {
		if (backlog_keep(q, b->m[i], b->stranger[i])) {
			kept++;
			continue;
		}
		transmit_free(&b->m[i], 1);
		if (b->stranger[i])
			counter_drop(t->counters, DROP_TX_STRANGER);
		else
			lost++;
	}
	counter_add(&t->counters->tx_waited, kept);
	return lost;
}

/* Returns the number of lost frames that the stack must count. */
static unsigned
send_or_keep(struct transmit *t, uint8_t port, struct burst *b)
{
	unsigned sent = 0;

	if (likely(!(t->backlogged >> port & 1)))
		sent = send_burst(t, port, b->m, b->n);
	if (likely(sent == b->n))
		return 0;
	if (t->last) {
		transmit_free(b->m + sent, b->n - sent);
		return b->n - sent;
	}
	return keep_rest(t, port, b, sent);
}

static unsigned
io_transmit(void *ctx, uint8_t port, const struct frame *f, unsigned n)
{
	struct transmit *t = ctx;
	unsigned done = 0, lost = 0;
	struct burst b;

	while (done < n) {
		uint8_t offload = 0;

		b.n = RTE_MIN(n - done, (unsigned)BURST);
		for (unsigned i = 0; i < b.n; i++) {
			b.m[i] = mbuf_of_frame(&f[done + i]);
			b.stranger[i] = f[done + i].stranger;
			offload |= f[done + i].offload;
		}
		done += b.n;
		if (offload != 0)
			prepare_burst(t, port, &b);
		lost += send_or_keep(t, port, &b);
	}
	return n - lost;
}

/* The number of adjacent frames at the head of the backlog, a burst at most. */
static unsigned
backlog_row(const struct transmit_backlog *q)
{
	return RTE_MIN(RTE_MIN((unsigned)q->n, (unsigned)BURST),
	        TRANSMIT_BACKLOG - (unsigned)q->first);
}

static void
backlog_forget(struct transmit_backlog *q, unsigned n)
{
	q->first = (uint16_t)((q->first + n) % TRANSMIT_BACKLOG);
	q->n = (uint16_t)(q->n - n);
}

static void
send_backlog(struct transmit *t, uint8_t port)
{
	struct transmit_backlog *q = &t->backlog[port];
	unsigned n, sent;

	do {
		n = backlog_row(q);
		sent = send_burst(t, port, &q->m[q->first], n);
		backlog_forget(q, sent);
		if (sent != 0) {
			q->since_ms = t->now_ms;
			t->stuck &= ~(1u << port);
		}
	} while (sent == n && q->n != 0);
	if (q->n == 0)
		t->backlogged &= ~(1u << port);
}

static void
drop_backlog(struct transmit *t, uint8_t port)
{
	struct transmit_backlog *q = &t->backlog[port];

	counter_add(&t->counters->drop[DROP_TX_FULL], q->n);
	while (q->n != 0) {
		unsigned n = backlog_row(q);

		transmit_free(&q->m[q->first], n);
		backlog_forget(q, n);
	}
	t->backlogged &= ~(1u << port);
}

static void
wake_idle(struct transmit *t)
{
	struct rte_mbuf *none = NULL;

	for (unsigned port = 0; port < t->nports; port++) {
		if (!((t->used | t->left_alone) >> port & 1))
			rte_eth_tx_burst(t->ethdev[port], t->queue, &none, 0);
	}
	t->used = 0;
	t->looked_ms = t->now_ms;
}

bool
transmit_turn(struct transmit *t, uint32_t now_ms)
{
	bool waited = t->backlogged != 0;

	t->now_ms = now_ms;
	for (uint32_t left = t->backlogged; unlikely(left != 0); left &= left - 1) {
		uint8_t port = (uint8_t)__builtin_ctz(left);

		send_backlog(t, port);
		if (t->backlog[port].n != 0 &&
		        now_ms - t->backlog[port].since_ms >= TRANSMIT_STUCK_MS) {
			drop_backlog(t, port);
			t->stuck |= 1u << port;
		}
	}
	if (unlikely(now_ms - t->looked_ms >= TRANSMIT_IDLE_MS))
		wake_idle(t);
	return waited;
}

void
transmit_drain(struct transmit *t)
{
	for (uint32_t left = t->backlogged; left != 0; left &= left - 1)
		send_backlog(t, (uint8_t)__builtin_ctz(left));
}

void
transmit_forget(struct transmit *t)
{
	for (uint32_t left = t->backlogged; left != 0; left &= left - 1)
		drop_backlog(t, (uint8_t)__builtin_ctz(left));
}

static bool
io_hand_over(void *ctx, unsigned core, const struct seg *s)
{
	struct transmit *t = ctx;

	return inbox_hand_over(t->inboxes, core, s, t->pool);
}

struct stack_io
transmit_io(struct transmit *t)
{
	return (struct stack_io) {
	        .ctx = t,
	        .alloc = io_alloc,
	        .free = io_free,
	        .transmit = io_transmit,
	        .backlogged = &t->backlogged,
	        .hand_over = t->inboxes != NULL ? io_hand_over : NULL,
	};
}
