/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>

#include <rte_ethdev.h>

#include "engine/packets.h"
#include "engine/share.h"
#include "engine/transmit.h"

#define FRAMES 100 /* more than a burst */
#define LENGTH 60

/* A port that takes what it has room for, once it has refused so often. */
static struct wire {
	unsigned refusals, room;
	unsigned calls, taken;
	uint64_t ol_flags; /* of the last */
} wire;

static uint16_t
take(void *queue, struct rte_mbuf **m, uint16_t n)
{
	uint16_t k = 0;

	(void)queue;
	wire.calls++;
	if (wire.refusals > 0) {
		wire.refusals--;
		return 0;
	}
	for (; k < n && wire.room > 0; k++, wire.room--) {
		wire.ol_flags = m[k]->ol_flags;
		rte_pktmbuf_free(m[k]);
	}
	wire.taken += k;
	return k;
}

struct rig {
	struct packets *packets;
	struct counters counters;
	struct transmit tx;
	struct frame frame[FRAMES];
};

static struct rig *
rig_create(unsigned refusals, unsigned room)
{
	static void *queue[1] = {&wire};
	struct rig *r = calloc(1, sizeof(*r));

	wire = (struct wire) {.refusals = refusals, .room = room};
	rte_eth_fp_ops[0].tx_pkt_burst = take;
	rte_eth_fp_ops[0].txq.data = queue;
	r->packets = packets_create();
	r->tx.pool = packets_pool(r->packets);
	r->tx.counters = &r->counters;
	return r;
}

static void
rig_destroy(struct rig *r)
{
	cr_expect_eq(packets_in_use(r->packets), 0u);
	packets_destroy(r->packets);
	free(r);
}

static unsigned
say(struct rig *r, unsigned n)
{
	struct stack_io io = transmit_io(&r->tx);

	cr_assert_eq(io.alloc(io.ctx, r->frame, n), n);
	for (unsigned i = 0; i < n; i++)
		r->frame[i].len = LENGTH;
	return io.transmit(io.ctx, 0, r->frame, n);
}

Test(transmit, all_is_sent_and_counted)
{
	struct rig *r = rig_create(0, FRAMES);

	cr_expect_eq(say(r, FRAMES), (unsigned)FRAMES);
	cr_expect_eq(wire.taken, (unsigned)FRAMES);
	cr_expect_eq(r->counters.tx_packets, (unsigned)FRAMES);
	cr_expect_eq(r->counters.tx_bytes, (unsigned)FRAMES * LENGTH);
	rig_destroy(r);
}

/* Who hears how many were sent counts the others; twice would be too often. */
Test(transmit, what_a_full_queue_refuses_is_freed_and_left_to_the_stack_to_count)
{
	struct rig *r = rig_create(0, 10);

	cr_expect_eq(say(r, 30), 10u);
	cr_expect_eq(r->counters.tx_packets, 10u);
	cr_expect_eq(r->counters.drop[DROP_TX_FULL], 0u);
	rig_destroy(r);
}

Test(transmit, a_turn_does_not_wait)
{
	struct rig *r = rig_create(1000, FRAMES);

	cr_expect_eq(say(r, 30), 0u);
	cr_expect_leq(wire.calls, 2u);
	rig_destroy(r);
}

Test(transmit, patience_outlasts_a_queue_that_is_full_for_a_while)
{
	struct rig *r = rig_create(5, FRAMES);

	r->tx.patience = 10;
	cr_expect_eq(say(r, FRAMES), (unsigned)FRAMES);
	rig_destroy(r);
}

Test(transmit, patience_ends)
{
	struct rig *r = rig_create(0, 7);

	r->tx.patience = 10;
	cr_expect_eq(say(r, FRAMES), 7u);
	cr_expect_eq(r->tx.patience, 0u);
	rig_destroy(r);
}

/* A buffer whose bytes are elsewhere says so until it is freed. */
Test(transmit, where_the_bytes_lie_is_not_forgotten)
{
	struct rig *r = rig_create(0, 1);
	struct stack_io io = transmit_io(&r->tx);
	struct rte_mbuf *m;

	cr_assert_eq(io.alloc(io.ctx, r->frame, 1), 1u);
	m = r->frame[0].buf;
	m->ol_flags = RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	rte_mbuf_refcnt_set(m, 2);
	r->frame[0].len = LENGTH;
	cr_expect_eq(io.transmit(io.ctx, 0, r->frame, 1), 1u);
	cr_expect_eq(wire.ol_flags, RTE_MBUF_F_EXTERNAL);
	m->ol_flags = 0;
	rte_pktmbuf_free(m);
	rig_destroy(r);
}

Test(transmit, segments_are_handed_over_where_there_is_another_worker)
{
	struct rig *r = rig_create(0, 0);
	struct share share = {.n = 2};

	cr_expect(transmit_io(&r->tx).hand_over == NULL);
	r->tx.share = &share;
	cr_expect(transmit_io(&r->tx).hand_over != NULL);
	rig_destroy(r);
}
