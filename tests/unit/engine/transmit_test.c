/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames are handed to a port, or wait for it. */
#include <criterion/criterion.h>

#include <rte_ethdev.h>

#include "engine/packets.h"
#include "engine/inbox.h"
#include "engine/transmit.h"

#define FRAMES 100 /* more than a burst */
#define LENGTH 60

/* A port that refuses frames N times, and then takes those for which it has room. */
static struct wire {
	unsigned refusals, room;
	unsigned calls, taken;
	uint64_t ol_flags; /* of the last */
	uint32_t next;     /* number that the next frame should have */
	bool in_order;
	unsigned refuses; /* every so manieth packet */
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
		wire.in_order &= *rte_pktmbuf_mtod(m[k], uint32_t *) == wire.next++;
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
	uint32_t said;
};

/* Every wire.refuses-th of the packets is not to its liking. */
static uint16_t
check(void *queue, struct rte_mbuf **m, uint16_t n)
{
	uint16_t k = 0;

	(void)queue;
	while (k < n && (*rte_pktmbuf_mtod(m[k], uint32_t *) + 1) % wire.refuses != 0)
		k++;
	return k;
}

static struct rig *
rig_create(unsigned refusals, unsigned room)
{
	static void *queue[1] = {&wire};
	struct rig *r = calloc(1, sizeof(*r));

	wire = (struct wire) {.refusals = refusals, .room = room, .in_order = true};
	rte_eth_fp_ops[0].tx_pkt_burst = take;
	rte_eth_fp_ops[0].txq.data = queue;
	r->packets = packets_create();
	r->tx.pool = packets_pool(r->packets);
	r->tx.counters = &r->counters;
	r->tx.nports = 1;
	return r;
}

static void
rig_destroy(struct rig *r)
{
	cr_expect_eq(packets_in_use(r->packets), 0u);
	packets_destroy(r->packets);
	free(r);
}

/* Each has its number in front. */
static unsigned
say_as(struct rig *r, unsigned n, struct frame like)
{
	struct stack_io io = transmit_io(&r->tx);

	cr_assert_eq(io.alloc(io.ctx, r->frame, n), n);
	for (unsigned i = 0; i < n; i++) {
		memset(r->frame[i].data, 0, LENGTH);
		memcpy(r->frame[i].data, &r->said, sizeof(r->said));
		r->said++;
		r->frame[i].len = LENGTH;
		r->frame[i].stranger = like.stranger;
		r->frame[i].offload = like.offload;
	}
	return io.transmit(io.ctx, 0, r->frame, n);
}

static unsigned
say(struct rig *r, unsigned n)
{
	return say_as(r, n, (struct frame) {.stranger = false});
}

static unsigned
say_to(struct rig *r, unsigned n, bool stranger)
{
	return say_as(r, n, (struct frame) {.stranger = stranger});
}

static unsigned
say_offloaded(struct rig *r, unsigned n)
{
	return say_as(r, n, (struct frame) {.offload = FRAME_CSUM_IP});
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

Test(transmit, a_turn_does_not_wait)
{
	struct rig *r = rig_create(1000, FRAMES);

	cr_expect_eq(say(r, 30), 30u);
	cr_expect_leq(wire.calls, 2u);
	transmit_forget(&r->tx);
	rig_destroy(r);
}

/* Bursts of one call among them. */
Test(transmit, what_a_full_queue_refuses_goes_first_in_the_next_turn_in_order)
{
	struct rig *r = rig_create(0, 10);

	cr_expect_eq(say(r, FRAMES), (unsigned)FRAMES);
	cr_expect_eq(wire.taken, 10u);
	cr_expect_eq(r->counters.tx_packets, 10u);
	cr_expect_eq(r->counters.tx_waited, FRAMES - 10u);
	cr_expect_eq(r->counters.drop[DROP_TX_FULL], 0u);
	cr_expect_eq(say(r, 5), 5u);
	cr_expect_eq(wire.taken, 10u, "nothing overtakes what waits");
	wire.room = 2 * FRAMES;
	transmit_turn(&r->tx, 1);
	cr_expect_eq(wire.taken, FRAMES + 5u);
	cr_expect_eq(r->counters.tx_packets, FRAMES + 5u);
	cr_expect_eq(r->counters.tx_bytes, (FRAMES + 5u) * LENGTH);
	cr_expect(wire.in_order);
	rig_destroy(r);
}

Test(transmit, the_stack_sees_a_backlog_until_it_is_gone)
{
	struct rig *r = rig_create(0, 10);
	const uint32_t *seen = transmit_io(&r->tx).backlogged;

	cr_expect_eq(*seen, 0u);
	say(r, 30);
	cr_expect_eq(*seen, 1u);
	wire.room = 19;
	cr_expect(transmit_turn(&r->tx, 1));
	cr_expect_eq(*seen, 1u);
	wire.room = 1;
	cr_expect(transmit_turn(&r->tx, 2));
	cr_expect_eq(*seen, 0u);
	cr_expect_not(transmit_turn(&r->tx, 3));
	rig_destroy(r);
}

/* More than the ring holds, many times round it. */
Test(transmit, a_backlog_goes_round_its_ring_in_order)
{
	struct rig *r = rig_create(0, 0);

	for (unsigned i = 0; i < 300; i++) {
		cr_assert_eq(say(r, 7), 7u);
		wire.room = i < 60 ? 0 : 7;
		transmit_turn(&r->tx, i);
	}
	wire.room = 1000;
	transmit_turn(&r->tx, 300);
	cr_expect_eq(wire.taken, 2100u);
	cr_expect(wire.in_order);
	rig_destroy(r);
}

/* The stack hears of frames that are lost for want of room, once. */
Test(transmit, a_full_backlog_loses_what_comes_last)
{
	struct rig *r = rig_create(0, 0);
	unsigned kept = 0, said = 0;

	while (said < TRANSMIT_BACKLOG - 40) {
		kept += say(r, 40);
		said += 40;
	}
	cr_expect_eq(kept, said);
	cr_expect_eq(say(r, 40), TRANSMIT_BACKLOG - said);
	cr_expect_eq(r->counters.drop[DROP_TX_FULL], 0u);
	wire.room = 1000;
	transmit_turn(&r->tx, 1);
	cr_expect_eq(wire.taken, (unsigned)TRANSMIT_BACKLOG);
	rig_destroy(r);
}

Test(transmit, answers_to_strangers_leave_half_of_the_backlog_to_connections)
{
	struct rig *r = rig_create(0, 0);
	unsigned strangers = 0;

	for (; strangers < TRANSMIT_BACKLOG / 2 + 64; strangers += 32)
		cr_expect_eq(say_to(r, 32, true), 32u, "counted here");
	cr_expect_eq(r->counters.drop[DROP_TX_STRANGER], 64u);
	cr_expect_eq(say(r, 100), 100u);
	cr_expect_eq(say_to(r, 1, true), 1u);
	cr_expect_eq(r->counters.drop[DROP_TX_STRANGER], 65u);
	transmit_forget(&r->tx);
	rig_destroy(r);
}

Test(transmit, a_port_that_takes_nothing_for_a_second_loses_its_backlog)
{
	struct rig *r = rig_create(0, 0);

	transmit_turn(&r->tx, 5000);
	say(r, 30);
	transmit_turn(&r->tx, 5900);
	wire.room = 1;
	transmit_turn(&r->tx, 5901);
	transmit_turn(&r->tx, 6900);
	cr_expect_eq(r->tx.backlogged, 1u);
	transmit_turn(&r->tx, 6901);
	cr_expect_eq(r->tx.backlogged, 0u);
	cr_expect_eq(r->counters.drop[DROP_TX_FULL], 29u);
	rig_destroy(r);
}

/* rte_eth_tx_prepare stops at a frame that it refuses. The others are not lost. */
Test(transmit, a_packet_that_the_driver_refuses_costs_only_itself)
{
	struct rig *r = rig_create(0, FRAMES);

	wire.refuses = 3;
	rte_eth_fp_ops[0].tx_pkt_prepare = check;
	cr_expect_eq(say_offloaded(r, 10), 10u);
	cr_expect_eq(wire.taken, 7u, "all but the third, sixth and ninth");
	cr_expect_eq(r->counters.drop[DROP_TX_REFUSED], 3u);
	cr_expect_eq(r->counters.tx_packets, 7u);
	rig_destroy(r);
}

Test(transmit, an_idle_port_is_called_from_time_to_time)
{
	struct rig *r = rig_create(0, FRAMES);

	transmit_turn(&r->tx, TRANSMIT_IDLE_MS);
	cr_expect_eq(wire.calls, 1u);
	transmit_turn(&r->tx, 2 * TRANSMIT_IDLE_MS - 1);
	cr_expect_eq(wire.calls, 1u);
	say(r, 1);
	transmit_turn(&r->tx, 2 * TRANSMIT_IDLE_MS);
	cr_expect_eq(wire.calls, 2u, "it was not idle");
	transmit_turn(&r->tx, 3 * TRANSMIT_IDLE_MS);
	cr_expect_eq(wire.calls, 3u);
	rig_destroy(r);
}

/* One without an address. */
Test(transmit, a_port_that_is_left_alone_is_not_called)
{
	struct rig *r = rig_create(0, FRAMES);

	r->tx.left_alone = 1u << 0;
	transmit_turn(&r->tx, TRANSMIT_IDLE_MS);
	transmit_turn(&r->tx, 2 * TRANSMIT_IDLE_MS);
	cr_expect_eq(wire.calls, 0u);
	rig_destroy(r);
}

/* When workers have halted: no turn would send it. */
Test(transmit, nothing_is_kept_for_a_turn_that_will_not_come)
{
	struct rig *r = rig_create(0, 7);

	r->tx.last = true;
	cr_expect_eq(say(r, FRAMES), 7u);
	cr_expect_eq(r->tx.backlogged, 0u);
	rig_destroy(r);
}

/* The end waits for the other queues, and not for this one. */
Test(transmit, a_port_that_takes_nothing_is_not_waited_for)
{
	struct rig *r = rig_create(1000, 0);

	transmit_turn(&r->tx, 5000);
	say(r, 1);
	cr_expect(transmit_waits(&r->tx));
	transmit_turn(&r->tx, 5000 + TRANSMIT_STUCK_MS - 1);
	cr_expect(transmit_waits(&r->tx));
	transmit_turn(&r->tx, 5000 + TRANSMIT_STUCK_MS);
	cr_expect_not(transmit_waits(&r->tx));
	say(r, 30);
	cr_expect_eq(r->tx.backlogged, 1u);
	cr_expect_not(transmit_waits(&r->tx), "it did not take the last one");
	wire.refusals = 0;
	wire.room = 10;
	wire.next = 1;
	transmit_turn(&r->tx, 7000);
	cr_expect(transmit_waits(&r->tx), "it takes something again");
	transmit_forget(&r->tx);
	rig_destroy(r);
}

/* A buffer whose bytes are elsewhere is marked until it is freed. */
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
	struct inboxes inboxes = {.n = 2};

	cr_expect(transmit_io(&r->tx).hand_over == NULL);
	r->tx.inboxes = &inboxes;
	cr_expect(transmit_io(&r->tx).hand_over != NULL);
	rig_destroy(r);
}
