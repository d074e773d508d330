/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>

#include <rte_ring.h>

#include "engine/packets.h"
#include "engine/share.h"
#include "wire/frames.h"

#define WORKERS 3
#define INBOX   32
#define FLOWS   256

static const uint8_t ERRORS[] = {ICMP_UNREACHABLE, ICMP_TIME_EXCEEDED, ICMP_PARAMETER};

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
	yes = share_wants(&s, our_address());
	seg_free(&s);
	return yes;
}

static struct frame
frame_icmp(uint8_t type)
{
	struct frame f = frame_echo(NULL, 0, "a quoted header and 8 bytes.", 28);

	f.b[f.l4] = type;
	frame_mend(&f);
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

/* RFC 792: its source is a router, so it may arrive anywhere. */
Test(share_wants, icmp_errors)
{
	for (unsigned i = 0; i < sizeof(ERRORS); i++) {
		struct frame f = frame_icmp(ERRORS[i]);

		cr_expect(wanted(&f), "type %u", ERRORS[i]);
	}
}

/* What is answered stays with who received it, or it would be answered by all. */
Test(share_wants, no_echo_no_tcp)
{
	struct frame echo = frame_icmp(ICMP_ECHO), reply = frame_icmp(ICMP_ECHO_REPLY);
	struct frame quench = frame_icmp(ICMP_SOURCE_QUENCH);
	struct frame syn = frame_tcp(.flags = TCP_SYN);

	cr_expect_not(wanted(&quench)); /* RFC 6633 3: it is nobody's */
	cr_expect_not(wanted(&echo));
	cr_expect_not(wanted(&reply));
	cr_expect_not(wanted(&syn));
}

/* RFC 5227 2.3: an announcement is a request for the sender's own address. */
Test(share_wants, arp_replies_and_announcements)
{
	struct frame reply = frame_arp_from(2, PEER_ADDR, OUR_ADDR);
	struct frame news = frame_arp_from(1, PEER_ADDR, PEER_ADDR);
	struct frame request = frame_arp_from(1, PEER_ADDR, OUR_ADDR);

	cr_expect(wanted(&reply));
	cr_expect(wanted(&news));
	cr_expect_not(wanted(&request));
}

/* Each worker would answer a request of "ours" for our address. */
Test(share_wants, nothing_that_claims_our_address)
{
	struct frame news = frame_arp_from(1, OUR_ADDR, OUR_ADDR);
	struct frame reply = frame_arp_from(2, OUR_ADDR, PEER_ADDR);

	cr_expect_not(wanted(&news));
	cr_expect_not(wanted(&reply));
}

/* A share whose rings are ordinary memory. */
struct rig {
	struct share share;
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
	struct rig r = {
	        .share = {.n = WORKERS}, .packets = packets_create(), .own = packets_create()};

	for (unsigned i = 0; i < WORKERS; i++) {
		r.share.inbox[i] = ring(INBOX);
		r.share.flows[i] = ring(FLOWS);
	}
	return r;
}

static void
rig_destroy(struct rig *r)
{
	cr_expect_eq(packets_in_use(r->packets), 0u);
	cr_expect_eq(packets_in_use(r->own), 0u);
	for (unsigned i = 0; i < WORKERS; i++) {
		free(r->share.inbox[i]);
		free(r->share.flows[i]);
	}
	packets_destroy(r->packets);
	packets_destroy(r->own);
}

/* As if it had arrived on port 5. */
static struct seg
arrived(struct rig *r, const struct frame *f)
{
	struct rte_mbuf *m = packets_make(r->packets, f->b, f->len);
	struct seg s = {
	        .frame = rte_pktmbuf_mtod(m, uint8_t *),
	        .frame_len = (uint16_t)f->len,
	        .buf = m,
	        .port = 5,
	};

	cr_assert_eq(parse_frame(&s), DROP_NONE);
	return s;
}

static void
send(struct rig *r, unsigned from, const struct frame *f)
{
	struct seg s = arrived(r, f);

	share_send(&r->share, from, &s, packets_pool(r->packets));
	rte_pktmbuf_free(s.buf);
}

static bool
hand_over(struct rig *r, unsigned to, const struct frame *f)
{
	struct seg s = arrived(r, f);
	bool ok = share_hand_over(&r->share, to, &s, packets_pool(r->packets));

	rte_pktmbuf_free(s.buf);
	return ok;
}

static unsigned
receive(struct rig *r, unsigned to, struct rte_mbuf **m)
{
	return share_receive(&r->share, to, m, 2 * INBOX, packets_pool(r->own), &r->counters);
}

/* How many there are for it. */
static unsigned
receive_all(struct rig *r, unsigned to)
{
	struct rte_mbuf *m[2 * INBOX];
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

Test(share, all_others_get_a_copy)
{
	struct rig r = rig_create();
	struct frame f = frame_icmp(ICMP_UNREACHABLE);
	struct rte_mbuf *m[2 * INBOX];

	send(&r, 1, &f);
	cr_expect_eq(receive(&r, 1, m), 0u);
	for (unsigned to = 0; to < WORKERS; to += 2) {
		cr_assert_eq(receive(&r, to, m), 1u);
		expect_copy(&r, m[0], &f);
		rte_pktmbuf_free(m[0]);
	}
	rig_destroy(&r);
}

/* A flood of errors leaves room for what a cache waits for. */
Test(share, inboxes_are_bounded)
{
	struct rig r = rig_create();
	struct frame error = frame_icmp(ICMP_TIME_EXCEEDED);
	struct frame reply = frame_arp_from(2, PEER_ADDR, OUR_ADDR);

	for (unsigned i = 0; i < 3 * INBOX; i++)
		send(&r, 0, &error);
	cr_expect_eq(packets_in_use(r.packets), 2u * INBOX / 2);
	for (unsigned i = 0; i < 3 * INBOX; i++)
		send(&r, 0, &reply);
	cr_expect_eq(packets_in_use(r.packets), 2u * INBOX);
	for (unsigned to = 1; to < WORKERS; to++)
		cr_expect_eq(receive_all(&r, to), (unsigned)INBOX);
	rig_destroy(&r);
}

Test(share_hand_over, only_the_one_gets_it)
{
	struct rig r = rig_create();
	struct frame f = frame_tcp(.flags = TCP_ACK);
	struct rte_mbuf *m[2 * INBOX];

	cr_expect(hand_over(&r, 1, &f));
	cr_expect_eq(receive_all(&r, 0), 0u);
	cr_expect_eq(receive_all(&r, 2), 0u);
	cr_assert_eq(receive(&r, 1, m), 1u);
	expect_copy(&r, m[0], &f);
	cr_expect_eq(packets_in_use(r.packets), 0u, "the sender's packet is its own again");
	rte_pktmbuf_free(m[0]);
	rig_destroy(&r);
}

/* Segments have an inbox of their own, and who hands over hears that it is full. */
Test(share_hand_over, neither_crowds_out_the_other)
{
	struct rig r = rig_create();
	struct frame segment = frame_tcp(.flags = TCP_ACK);
	struct frame reply = frame_arp_from(2, PEER_ADDR, OUR_ADDR);

	for (unsigned i = 0; i < FLOWS; i++)
		cr_expect(hand_over(&r, 1, &segment));
	cr_expect_not(hand_over(&r, 1, &segment));
	cr_expect_eq(packets_in_use(r.packets), (unsigned)FLOWS);
	for (unsigned i = 0; i < 2 * INBOX; i++)
		send(&r, 0, &reply);
	cr_expect_eq(receive_all(&r, 1), (unsigned)FLOWS + INBOX);
	cr_expect(hand_over(&r, 1, &segment));
	cr_expect_eq(receive_all(&r, 1), 1u);
	cr_expect_eq(receive_all(&r, 2), (unsigned)INBOX);
	rig_destroy(&r);
}

Test(share_hand_over, an_empty_pool_of_the_sender_is_heard_of)
{
	struct rig r = rig_create();
	struct frame f = frame_tcp(.flags = TCP_ACK);
	struct rte_mbuf *m[PACKETS];
	struct seg s = arrived(&r, &f);

	cr_assert_eq(rte_pktmbuf_alloc_bulk(packets_pool(r.packets), m, PACKETS - 1), 0);
	cr_expect_not(share_hand_over(&r.share, 1, &s, packets_pool(r.packets)));
	rte_pktmbuf_free_bulk(m, PACKETS - 1);
	rte_pktmbuf_free(s.buf);
	cr_expect_eq(receive_all(&r, 1), 0u);
	rig_destroy(&r);
}

Test(share_hand_over, an_empty_pool_of_the_reader_is_counted)
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
