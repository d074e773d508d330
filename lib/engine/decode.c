/* SPDX-License-Identifier: BSD-3-Clause */
/* Turns mbufs into segments, and fetches their lines ahead. */
#include "engine/decode.h"

#include <rte_mbuf.h>

#include "engine/prefetch.h"
#include "wire/parse.h"

#define AHEAD_MBUF  8 /* packets between fetching an mbuf's line and reading it */
#define AHEAD_FRAME 4 /* the same for lines of the frame; less than AHEAD_MBUF */
#define FRAME_LINES 6 /* lines fetched at most: a request, or a short page with its header */

/* Fetch the headers and a short message: the checksum reads all of it. Lines that another core
 * has just written come from that core one by one. They have 64 bytes on every CPU, although
 * DPDK for arm64 counts in 128. For a longer payload the hardware's prefetcher takes over. */
static inline void
prefetch_frame(const struct rte_mbuf *m)
{
	const uint8_t *frame = rte_pktmbuf_mtod(m, const uint8_t *);
	unsigned len = RTE_MIN(m->data_len, (unsigned)FRAME_LINES * RTE_CACHE_LINE_MIN_SIZE);

	for (unsigned at = 0; at < len; at += RTE_CACHE_LINE_MIN_SIZE)
		prefetch_own(frame + at);
}

static inline void
prefetch_first(struct rte_mbuf **m, unsigned n)
{
	for (unsigned i = 0; i < RTE_MIN(n, (unsigned)AHEAD_MBUF); i++)
		prefetch_own(m[i]);
	for (unsigned i = 0; i < RTE_MIN(n, (unsigned)AHEAD_FRAME); i++)
		prefetch_frame(m[i]);
}

static inline void
prefetch_next(struct rte_mbuf **m, unsigned n, unsigned i)
{
	if (i + AHEAD_MBUF < n)
		prefetch_own(m[i + AHEAD_MBUF]);
	if (i + AHEAD_FRAME < n)
		prefetch_frame(m[i + AHEAD_FRAME]);
}

/* The port's verdict on the checksums. NONE means that the checksum field is not filled, and
 * the packet is intact: it never left the host. A checksum that the port finds wrong is
 * verified again in software, and counted there. */
static inline uint8_t
csum_verdict(const struct decode_port *p, const struct rte_mbuf *m)
{
	uint64_t ip = m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
	uint64_t l4 = m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
	uint8_t ok = 0;

	if (p->rx_csum_ip &&
	        (ip == RTE_MBUF_F_RX_IP_CKSUM_GOOD || ip == RTE_MBUF_F_RX_IP_CKSUM_NONE))
		ok |= SEG_CSUM_IP;
	if (p->rx_csum_tcp &&
	        (l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD || l4 == RTE_MBUF_F_RX_L4_CKSUM_NONE))
		ok |= SEG_CSUM_L4;
	return ok;
}

/* The room for an answer in place. None in bytes that have other owners, too. */
static inline uint16_t
answer_room(const struct rte_mbuf *m)
{
	if (unlikely(!RTE_MBUF_DIRECT(m) || rte_mbuf_refcnt_read(m) != 1))
		return 0;
	return (uint16_t)(m->buf_len - m->data_off);
}

static enum drop
decode_one(const struct decode_port *p, struct rte_mbuf *m, struct seg *s)
{
	s->buf = m;
	s->port = p->index;
	s->round = 0;
	s->kind = SEG_NONE;
	if (unlikely(m->nb_segs > 1) && rte_pktmbuf_linearize(m) != 0) {
		s->frame = rte_pktmbuf_mtod(m, uint8_t *);
		s->frame_len = m->data_len;
		return DROP_FRAME_SEGMENTS;
	}
	s->frame = rte_pktmbuf_mtod(m, uint8_t *);
	s->frame_len = m->data_len;
	s->room = answer_room(m);
	s->csum_ok = csum_verdict(p, m);
	return parse_frame(s);
}

void
decode_burst(const struct decode_port *p, struct rte_mbuf **m, unsigned n, struct seg *seg,
        struct counters *c)
{
	prefetch_first(m, n);
	for (unsigned i = 0; i < n; i++) {
		enum drop why;

		prefetch_next(m, n, i);
		why = decode_one(p, m[i], &seg[i]);
		if (unlikely(why != DROP_NONE) && !parse_other(&seg[i], why))
			counter_drop(c, why);
	}
}
