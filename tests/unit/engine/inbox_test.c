/* SPDX-License-Identifier: BSD-3-Clause */
/* The inboxes of cores: segments and news from other cores. */
#include <criterion/criterion.h>

#include <rte_ring.h>

#include "engine/packets.h"
#include "engine/inbox.h"
#include "wire/frames.h"

#define WORKERS LIMIT_WORKERS
#define ERRORS  32
#define ROUND   7
#define FLOWS   256
#define BURST   32

static be32
our_address(void)
{
	be32 a;

	memcpy(&a, OUR_ADDR, sizeof(a));
	return a;
}

static bool
wanted(const struct frame *f)
{
	struct seg s = frame_seg(f);
	bool yes;

	cr_assert_eq(parse_frame(&s), DROP_NONE);
	yes = inbox_is_news(&s, our_address());
	seg_free(&s);
	return yes;
}

static struct frame
frame_icmp(uint8_t type)
{
	struct frame f = frame_echo(NULL, 0, "a quoted header and 8 bytes.", 28);

	f.b[f.l4] = type;
	frame_fix(&f);
	return f;
}

static struct frame
frame_arp_from(unsigned oper, const uint8_t *spa, const uint8_t *tpa)
{
	struct frame f = frame_arp(oper);

	memcpy(f.b + 28, spa, 4);
	memcpy(f.b + 38, tpa, 4);
	return f;
}

/* A packet that any host can forge is not for all cores. */
Test(inbox_is_news, no_icmp_no_tcp)
{
	struct frame error = frame_icmp(ICMP_UNREACHABLE), echo = frame_icmp(ICMP_ECHO);
	struct frame syn = frame_tcp(.flags = TCP_SYN);

	cr_expect_not(wanted(&error));
	cr_expect_not(wanted(&echo));
	cr_expect_not(wanted(&syn));
}

/* RFC 5227 2.3: an announcement is a request for the sender's own address. */
Test(inbox_is_news, arp_replies_and_announcements)
{
	struct frame reply = frame_arp_from(2, PEER_ADDR, OUR_ADDR);
	struct frame news = frame_arp_from(1, PEER_ADDR, PEER_ADDR);
	struct frame request = frame_arp_from(1, PEER_ADDR, OUR_ADDR);

	cr_expect(wanted(&reply));
	cr_expect(wanted(&news));
	cr_expect_not(wanted(&request));
}

/* Each worker would answer a request of "ours" for our address. */
Test(inbox_is_news, nothing_that_claims_our_address)
{
	struct frame news = frame_arp_from(1, OUR_ADDR, OUR_ADDR);
	struct frame reply = frame_arp_from(2, OUR_ADDR, PEER_ADDR);

	cr_expect_not(wanted(&news));
	cr_expect_not(wanted(&reply));
}

/* An inbox whose rings are ordinary memory. */
struct rig {
	struct inboxes inboxes;
	uint64_t heard[WORKERS];
	struct packets *packets; /* senders' */
	struct packets *own;     /* readers' */
	struct counters counters;
};

static struct rte_ring *
ring(unsigned size)
{
	struct rte_ring *r = aligned_alloc(
	        RTE_CACHE_LINE_SIZE, (size_t)rte_ring_get_memsize(2 * size));

	cr_assert_eq(rte_ring_init(r, "ring", size, RING_F_SC_DEQ | RING_F_EXACT_SZ), 0);
	return r;
}

static struct rig
rig_create(void)
{
	struct rig r = {.inboxes = {.n = WORKERS},
	        .packets = packets_create(),
	        .own = packets_create()};

	for (unsigned i = 0; i < WORKERS; i++) {
		r.inboxes.errors[i] = ring(ERRORS);
		r.inboxes.flows[i] = ring(FLOWS);
	}
	return r;
}

static void
rig_destroy(struct rig *r)
{
	cr_expect_eq(packets_in_use(r->packets), 0u);
	cr_expect_eq(packets_in_use(r->own), 0u);
	for (unsigned i = 0; i < WORKERS; i++) {
		free(r->inboxes.errors[i]);
		free(r->inboxes.flows[i]);
	}
	packets_destroy(r->packets);
	packets_destroy(r->own);
}

/* The segment has arrived on port 5. */
static struct seg
arrived(struct rig *r, const struct frame *f)
{
	struct rte_mbuf *m = packets_make(r->packets, f->b, f->len);
	struct seg s = {
	        .frame = rte_pktmbuf_mtod(m, uint8_t *),
	        .frame_len = (uint16_t)f->len,
	        .buf = m,
	        .port = 5,
	        .round = ROUND,
	};

	cr_assert_eq(parse_frame(&s), DROP_NONE);
	return s;
}

static bool
publish(struct rig *r, unsigned from, const struct frame *f)
{
	struct seg s = arrived(r, f);
	bool ok = inbox_publish(&r->inboxes, from, &s);

	rte_pktmbuf_free(s.buf);
	return ok;
}

static unsigned
read_news(struct rig *r, unsigned to, struct inbox_arp *news)
{
	uint64_t missed;
	unsigned n = inbox_read(&r->inboxes, to, &r->heard[to], news, &missed);

	cr_expect_eq(missed, 0u);
	return n;
}

/* The n-th host announces itself. */
static struct frame
frame_news(unsigned n)
{
	const uint8_t host[4] = {10, 0, (uint8_t)(n >> 8), (uint8_t)n};

	return frame_arp_from(1, host, host);
}

static bool
hand_over(struct rig *r, unsigned to, const struct frame *f)
{
	struct seg s = arrived(r, f);
	bool ok = inbox_hand_over(&r->inboxes, to, &s, packets_pool(r->packets));

	rte_pktmbuf_free(s.buf);
	return ok;
}

static unsigned
receive(struct rig *r, unsigned to, struct rte_mbuf **m)
{
	return inbox_receive(&r->inboxes, to, m, 2 * BURST, packets_pool(r->own), &r->counters);
}

/* How many there are for it. */
static unsigned
receive_all(struct rig *r, unsigned to)
{
	struct rte_mbuf *m[2 * BURST];
	unsigned n, all = 0;

	while ((n = receive(r, to, m)) != 0) {
		rte_pktmbuf_free_bulk(m, n);
		all += n;
	}
	return all;
}

static void
expect_copy(const struct rig *r, struct rte_mbuf *m, const struct frame *f)
{
	cr_expect_eq(m->port, 5);
	cr_expect_eq(m->pool, packets_pool(r->own));
	cr_assert_eq(m->data_len, f->len);
	cr_expect_eq(memcmp(rte_pktmbuf_mtod(m, void *), f->b, f->len), 0);
}

/* Once, whatever the number of workers: nothing is copied for each. */
Test(inbox_news, all_others_read_what_one_has_published)
{
	struct rig r = rig_create();
	struct frame f = frame_news(7);
	struct inbox_arp news[INBOX_NEWS_AT_ONCE];

	cr_expect(publish(&r, 1, &f));
	cr_expect_eq(packets_in_use(r.packets), 0u);
	cr_expect_eq(r.inboxes.news.next, 1u);
	cr_expect_eq(read_news(&r, 1, news), 0u, "its own are no news");
	for (unsigned to = 0; to < WORKERS; to++) {
		if (to == 1)
			continue;
		cr_assert_eq(read_news(&r, to, news), 1u);
		cr_expect_eq(memcmp(news[0].frame, f.b, INBOX_ARP), 0);
		cr_expect_eq(news[0].port, 5);
		cr_expect_eq(read_news(&r, to, news), 0u, "each once");
	}
	rig_destroy(&r);
}

Test(inbox_news, are_read_in_order_and_a_bounded_number_in_a_turn)
{
	struct rig r = rig_create();
	struct inbox_arp news[INBOX_NEWS_AT_ONCE];
	unsigned read = 0, n;

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < INBOX_NEWS; i++) {
			struct frame f = frame_news(round * INBOX_NEWS + i);

			cr_assert(publish(&r, i % 2 * 2, &f));
		}
		while ((n = read_news(&r, 1, news)) != 0) {
			cr_expect_leq(n, (unsigned)INBOX_NEWS_AT_ONCE);
			for (unsigned i = 0; i < n; i++, read++) {
				struct frame f = frame_news(read);

				cr_assert_eq(memcmp(news[i].frame, f.b, INBOX_ARP), 0);
			}
		}
	}
	cr_expect_eq(read, 3u * INBOX_NEWS);
	rig_destroy(&r);
}

/* A slow reader has missed some, and hears their number. */
Test(inbox_news, the_oldest_are_overwritten)
{
	struct rig r = rig_create();
	struct inbox_arp news[INBOX_NEWS_AT_ONCE];
	struct frame first = frame_news(5);
	uint64_t missed;

	for (unsigned i = 0; i < INBOX_NEWS + 5; i++) {
		struct frame f = frame_news(i);

		cr_assert(publish(&r, 0, &f));
	}
	cr_expect_eq(inbox_read(&r.inboxes, 1, &r.heard[1], news, &missed),
	        (unsigned)INBOX_NEWS_AT_ONCE);
	cr_expect_eq(missed, 5u);
	cr_expect_eq(memcmp(news[0].frame, first.b, INBOX_ARP), 0);
	rig_destroy(&r);
}

/* The writer is interrupted in the middle of a write. */
Test(inbox_news, what_is_half_written_is_not_read)
{
	struct rig r = rig_create();
	struct inbox_arp news[INBOX_NEWS_AT_ONCE];
	struct frame f = frame_news(1);
	uint64_t missed;

	cr_assert(publish(&r, 0, &f));
	r.inboxes.news.slot[0].seq = 2 * INBOX_NEWS + 1;
	cr_expect_eq(inbox_read(&r.inboxes, 1, &r.heard[1], news, &missed), 0u);
	cr_expect_eq(missed, 1u);
	rig_destroy(&r);
}

Test(inbox_news, no_core_waits_for_another_that_writes)
{
	struct rig r = rig_create();
	struct frame f = frame_news(1);

	r.inboxes.news.writing = true;
	cr_expect_not(publish(&r, 0, &f));
	r.inboxes.news.writing = false;
	cr_expect(publish(&r, 0, &f));
	rig_destroy(&r);
}

/* One copy, for one of 64; a flood of them fills no more than its inbox. */
Test(inbox_hand_over, an_error_goes_to_one)
{
	struct rig r = rig_create();
	struct frame f = frame_icmp(ICMP_UNREACHABLE);
	struct rte_mbuf *m[2 * BURST];

	cr_expect(hand_over(&r, 40, &f));
	cr_expect_eq(packets_in_use(r.packets), 1u);
	cr_assert_eq(receive(&r, 40, m), 1u);
	cr_expect_eq(m[0]->hash.usr, ROUND, "how far it may go is told");
	expect_copy(&r, m[0], &f);
	rte_pktmbuf_free(m[0]);
	for (unsigned i = 0; i < 3 * ERRORS; i++)
		cr_expect_eq(hand_over(&r, 40, &f), i < ERRORS);
	cr_expect_eq(packets_in_use(r.packets), (unsigned)ERRORS);
	for (unsigned to = 0; to < WORKERS; to++)
		cr_expect_eq(receive_all(&r, to), to == 40 ? ERRORS : 0u);
	rig_destroy(&r);
}

Test(inbox_hand_over, only_the_one_gets_it)
{
	struct rig r = rig_create();
	struct frame f = frame_tcp(.flags = TCP_ACK);
	struct rte_mbuf *m[2 * BURST];

	cr_expect(hand_over(&r, 1, &f));
	cr_expect_eq(receive_all(&r, 0), 0u);
	cr_expect_eq(receive_all(&r, 2), 0u);
	cr_assert_eq(receive(&r, 1, m), 1u);
	expect_copy(&r, m[0], &f);
	cr_expect_eq(packets_in_use(r.packets), 0u, "the sender's packet is its own again");
	rte_pktmbuf_free(m[0]);
	rig_destroy(&r);
}

/* Segments have an inbox of their own. A core that hands one over hears that it is full. */
Test(inbox_hand_over, neither_crowds_out_the_other)
{
	struct rig r = rig_create();
	struct frame segment = frame_tcp(.flags = TCP_ACK);
	struct frame error = frame_icmp(ICMP_TIME_EXCEEDED);

	for (unsigned i = 0; i < FLOWS; i++)
		cr_expect(hand_over(&r, 1, &segment));
	cr_expect_not(hand_over(&r, 1, &segment));
	cr_expect_eq(packets_in_use(r.packets), (unsigned)FLOWS);
	for (unsigned i = 0; i < ERRORS; i++)
		cr_expect(hand_over(&r, 1, &error));
	cr_expect_eq(receive_all(&r, 1), (unsigned)FLOWS + ERRORS);
	cr_expect(hand_over(&r, 1, &segment));
	cr_expect_eq(receive_all(&r, 1), 1u);
	rig_destroy(&r);
}

Test(inbox_hand_over, an_empty_pool_of_the_sender_is_heard_of)
{
	struct rig r = rig_create();
	struct frame f = frame_tcp(.flags = TCP_ACK);
	struct rte_mbuf *m[PACKETS];
	struct seg s = arrived(&r, &f);

	cr_assert_eq(rte_pktmbuf_alloc_bulk(packets_pool(r.packets), m, PACKETS - 1), 0);
	cr_expect_not(inbox_hand_over(&r.inboxes, 1, &s, packets_pool(r.packets)));
	rte_pktmbuf_free_bulk(m, PACKETS - 1);
	rte_pktmbuf_free(s.buf);
	cr_expect_eq(receive_all(&r, 1), 0u);
	rig_destroy(&r);
}

Test(inbox_hand_over, an_empty_pool_of_the_reader_is_counted)
{
	struct rig r = rig_create();
	struct frame f = frame_tcp(.flags = TCP_ACK);
	struct rte_mbuf *m[PACKETS];

	for (unsigned i = 0; i < 5; i++)
		cr_expect(hand_over(&r, 1, &f));
	cr_assert_eq(rte_pktmbuf_alloc_bulk(packets_pool(r.own), m, PACKETS - 2), 0);
	cr_expect_eq(receive(&r, 1, m + PACKETS - 2), 2u);
	cr_expect_eq(r.counters.drop[DROP_NO_MBUF], 3u);
	rte_pktmbuf_free_bulk(m, PACKETS);
	rig_destroy(&r);
}
