/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>

#include <rte_ring.h>

#include "engine/packets.h"
#include "engine/share.h"
#include "wire/frames.h"

#define WORKERS 3
#define INBOX   32

static const uint8_t ERRORS[] = {
        ICMP_UNREACHABLE, ICMP_SOURCE_QUENCH, ICMP_TIME_EXCEEDED, ICMP_PARAMETER};

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
	struct frame syn = frame_tcp(.flags = TCP_SYN);

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
	struct packets *packets;
};

static struct rig
rig_create(void)
{
	struct rig r = {.share = {.n = WORKERS}, .packets = packets_create()};

	for (unsigned i = 0; i < WORKERS; i++) {
		size_t size = (size_t)rte_ring_get_memsize(2 * INBOX);

		r.share.inbox[i] = aligned_alloc(RTE_CACHE_LINE_SIZE, size);
		cr_assert_eq(rte_ring_init(r.share.inbox[i], "inbox", INBOX,
		                     RING_F_SC_DEQ | RING_F_EXACT_SZ),
		        0);
	}
	return r;
}

static void
rig_destroy(struct rig *r)
{
	cr_expect_eq(packets_in_use(r->packets), 0u);
	for (unsigned i = 0; i < WORKERS; i++)
		free(r->share.inbox[i]);
	packets_destroy(r->packets);
}

/* As if it had arrived at worker `from` on port 5. */
static void
send(struct rig *r, unsigned from, const struct frame *f)
{
	struct rte_mbuf *m = packets_make(r->packets, f->b, f->len);
	struct seg s = {
	        .frame = rte_pktmbuf_mtod(m, uint8_t *),
	        .frame_len = (uint16_t)f->len,
	        .buf = m,
	        .port = 5,
	};

	cr_assert_eq(parse_frame(&s), DROP_NONE);
	share_send(&r->share, from, &s, packets_pool(r->packets));
	rte_pktmbuf_free(m);
}

static unsigned
receive(struct rig *r, unsigned to, struct rte_mbuf **m)
{
	return share_receive(&r->share, to, m, 2 * INBOX);
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
		cr_expect_eq(m[0]->port, 5);
		cr_assert_eq(m[0]->data_len, f.len);
		cr_expect_eq(memcmp(rte_pktmbuf_mtod(m[0], void *), f.b, f.len), 0);
		share_free(m, 1);
	}
	rig_destroy(&r);
}

/* A flood of errors leaves room for what a cache waits for. */
Test(share, inboxes_are_bounded)
{
	struct rig r = rig_create();
	struct frame error = frame_icmp(ICMP_TIME_EXCEEDED);
	struct frame reply = frame_arp_from(2, PEER_ADDR, OUR_ADDR);
	struct rte_mbuf *m[2 * INBOX];

	for (unsigned i = 0; i < 3 * INBOX; i++)
		send(&r, 0, &error);
	cr_expect_eq(packets_in_use(r.packets), 2u * INBOX / 2);
	for (unsigned i = 0; i < 3 * INBOX; i++)
		send(&r, 0, &reply);
	cr_expect_eq(packets_in_use(r.packets), 2u * INBOX);
	for (unsigned to = 1; to < WORKERS; to++) {
		cr_expect_eq(receive(&r, to, m), (unsigned)INBOX);
		share_free(m, INBOX);
	}
	rig_destroy(&r);
}
