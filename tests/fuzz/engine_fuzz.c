/* SPDX-License-Identifier: BSD-3-Clause */
/* lib/engine without EAL: steps of [what][a][b][length: 2, little-endian][bytes], on a rig that
 * judges (engine_rig.h). An arriving packet is decoded as parse_frame() alone understands its
 * bytes, whatever the segments in which they lie. */
#include <string.h>

#include "engine/decode.h"
#include "engine_rig.h"
#include "must.h"
#include "target.h"
#include "wire/parse.h"

#ifdef __SANITIZE_ADDRESS__
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len)   ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

#define HEAD       5u
#define STEPS_MOST 100
#define FRAME_MOST 1800u
#define SEGMENTS   4

enum what { SAY, ROOM, REFUSE, TURN, DRAIN, LAST, ARRIVE, READ, RECEIVE, WHATS };

/* The fate of a packet that arrived. */
enum then { THEN_FREE, THEN_ANSWER, THEN_HAND_OVER, THEN_PUBLISH, THENS };

#define ARRIVE_SHARED 0x80 /* its bytes have another owner */

struct step {
	uint8_t what, a, b;
	unsigned len;
	const uint8_t *bytes;
};

/* The bytes in up to N mbufs of about the same size. NULL: no packets are left. */
static struct rte_mbuf *
packet_of(struct engine_rig *r, const struct step *s, unsigned segments)
{
	unsigned part = s->len / segments + 1, at = 0;
	struct rte_mbuf *first = NULL;

	do {
		unsigned n = RTE_MIN(part, s->len - at);
		struct rte_mbuf *m = rte_pktmbuf_alloc(packets_pool(r->packets));

		if (m == NULL)
			break;
		memcpy(rte_pktmbuf_append(m, (uint16_t)n), s->bytes + at, n);
		at += n;
		if (first == NULL)
			first = m;
		else
			must(rte_pktmbuf_chain(first, m) == 0);
	} while (at < s->len);
	if (at == s->len)
		return first;
	rte_pktmbuf_free(first);
	return NULL;
}

static void
check_same(const struct seg *a, const struct seg *b)
{
	must(a->kind == b->kind && a->frame_len == b->frame_len && a->l3 == b->l3);
	must(a->text - a->frame == b->text - b->frame && a->len == b->len);
	if (a->kind == SEG_ARP)
		return;
	must(a->l4 == b->l4 && flow_equal(&a->key, &b->key));
	if (a->kind != SEG_TCP)
		return;
	must(a->seq == b->seq && a->ack == b->ack && a->wnd == b->wnd);
	must(a->flags == b->flags && a->opts == b->opts && a->nsack == b->nsack);
}

/* The verdict of the parser alone, about bytes that lie together. */
static enum drop
parse_alone(const struct step *s, uint8_t csum_ok, const struct seg *decoded)
{
	uint8_t *bytes = malloc(s->len ? s->len : 1);
	struct seg alone = {.frame = bytes, .frame_len = (uint16_t)s->len, .csum_ok = csum_ok};
	enum drop why;

	must(bytes != NULL);
	memcpy(bytes, s->bytes, s->len);
	why = parse_frame(&alone);
	if (why == DROP_NONE)
		check_same(&alone, decoded);
	free(bytes);
	return why;
}

/* No code may read behind the bytes. */
static enum drop
decode(struct engine_rig *r, const struct decode_port *p, struct rte_mbuf *m, struct seg *out)
{
	uint64_t before[DROP_COUNT];
	enum drop why = DROP_NONE;
	bool alone = m->nb_segs == 1;

	memcpy(before, r->counters.drop, sizeof(before));
	if (alone) {
		ASAN_POISON_MEMORY_REGION(
		        rte_pktmbuf_mtod(m, uint8_t *) + m->data_len, rte_pktmbuf_tailroom(m));
	}
	decode_burst(p, &m, 1, out, &r->counters);
	if (alone) {
		ASAN_UNPOISON_MEMORY_REGION(m->buf_addr, m->buf_len);
	}
	if (out->kind == SEG_OTHER) /* the stack counts it */
		why = (enum drop)out->ref;
	for (unsigned i = 1; i < DROP_COUNT; i++) {
		must(r->counters.drop[i] - before[i] <= 1);
		if (r->counters.drop[i] == before[i])
			continue;
		must(why == DROP_NONE);
		why = (enum drop)i;
	}
	return why;
}

static void
go_on(struct engine_rig *r, const struct step *s, struct seg *seg, enum drop why)
{
	struct rte_mbuf *m = seg->buf;
	be32 own = 0x0200000a; /* 10.0.0.2 */

	switch ((enum then)(s->b % THENS)) {
	case THEN_ANSWER:
		if (why != DROP_NONE)
			break;
		engine_answer(r, seg, s->b >> 3 & 1);
		return;
	case THEN_HAND_OVER:
		seg->round = s->a >> 6;
		if (why == DROP_NONE && seg->kind != SEG_ARP)
			engine_hand_over(r, (s->b >> 3) % LIMIT_WORKERS, seg);
		break;
	case THEN_PUBLISH:
		if (why == DROP_NONE && inbox_is_news(seg, own))
			for (unsigned i = 0; i <= (s->a >> 6) * 90u; i++)
				engine_publish(r, (s->b >> 3) % LIMIT_WORKERS, seg);
		break;
	case THEN_FREE:
	case THENS:
		break;
	}
	transmit_free(&m, 1);
}

static void
arrive(struct engine_rig *r, const struct step *s)
{
	static const uint64_t flags[] = {0, RTE_MBUF_F_RX_IP_CKSUM_GOOD,
	        RTE_MBUF_F_RX_L4_CKSUM_GOOD,
	        RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD,
	        RTE_MBUF_F_RX_IP_CKSUM_NONE | RTE_MBUF_F_RX_L4_CKSUM_NONE,
	        RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_BAD};
	struct decode_port p = {.index = s->a & 1, .rx_csum_ip = true, .rx_csum_tcp = true};
	unsigned segments = 1 + (s->a >> 1) % SEGMENTS;
	struct rte_mbuf *m = packet_of(r, s, segments);
	bool shared = segments == 1 && (s->b & ARRIVE_SHARED);
	struct seg seg;
	enum drop why;

	if (m == NULL)
		return;
	m->ol_flags = flags[(s->a >> 3) % (sizeof(flags) / sizeof(flags[0]))];
	if (shared)
		rte_mbuf_refcnt_set(m, 2);
	memset(&seg, 0xa5, sizeof(seg));
	why = decode(r, &p, m, &seg);
	must(seg.buf == m && seg.port == p.index);
	must(why == DROP_FRAME_SEGMENTS || parse_alone(s, seg.csum_ok, &seg) == why);
	must(why != DROP_FRAME_SEGMENTS || m->nb_segs > 1);
	if (why != DROP_FRAME_SEGMENTS)
		must(seg.room == (shared ? 0 : m->buf_len - m->data_off));
	go_on(r, s, &seg, why);
	if (shared)
		rte_pktmbuf_free(m);
}

static void
take_step(struct engine_rig *r, const struct step *s)
{
	struct engine_wire *w = &r->wire[s->a & 1];

	switch ((enum what)(s->what % WHATS)) {
	case SAY:
		engine_say(r, s->a & 1, 1 + s->b % 130u,
		        (s->a >> 2 & (FRAME_CSUM_IP | FRAME_CSUM_TCP)) |
		                (s->a & 2 ? ENGINE_STRANGER : 0));
		break;
	case ROOM:
		w->room = s->b * 4u;
		break;
	case REFUSE:
		w->refuses = s->b;
		break;
	case TURN:
		engine_turn(r, s->b * (s->a & 1 ? 1u : 20u));
		break;
	case DRAIN:
		engine_drain(r);
		break;
	case LAST:
		r->tx.last = s->a & 1;
		break;
	case ARRIVE:
		arrive(r, s);
		break;
	case READ:
		engine_read(r, s->a % LIMIT_WORKERS);
		break;
	case RECEIVE:
		engine_receive(r, s->a % LIMIT_WORKERS, s->b % 65);
		break;
	case WHATS:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct engine_rig *r = engine_rig();

	for (unsigned i = 0; i < STEPS_MOST && size >= HEAD; i++) {
		struct step s = {data[0], data[1], data[2], (unsigned)(data[3] | data[4] << 8),
		        data + HEAD};

		if (s.what % WHATS != ARRIVE)
			s.len = 0;
		s.len = (unsigned)RTE_MIN((size_t)RTE_MIN(s.len, FRAME_MOST), size - HEAD);
		data += HEAD + s.len;
		size -= HEAD + s.len;
		take_step(r, &s);
	}
	engine_rig_end(r);
	return 0;
}
