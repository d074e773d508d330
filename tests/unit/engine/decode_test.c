/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames of a burst become segments. */
#include <criterion/criterion.h>

#include "engine/decode.h"
#include "engine/packets.h"
#include "wire/frames.h"

static const struct decode_port PORT = {.index = 3};

static struct seg
decode(struct rte_mbuf *m)
{
	struct counters c = {0};
	struct seg s;

	decode_burst(&PORT, &m, 1, &s, &c);
	cr_assert_eq(s.kind, SEG_TCP);
	cr_expect_eq(s.buf, m);
	cr_expect_eq(s.port, 3);
	return s;
}

static struct rte_mbuf *
syn(struct packets *p)
{
	struct frame f = frame_tcp(.flags = TCP_SYN);

	return packets_make(p, f.b, f.len);
}

Test(decode, a_packet_of_its_own_may_be_answered_in_place)
{
	struct packets *p = packets_create();
	struct rte_mbuf *m = syn(p);

	cr_expect_eq(decode(m).room, PACKETS_ROOM - m->data_off);
	packets_destroy(p);
}

Test(decode, bytes_with_another_owner_are_not_written_over)
{
	struct packets *p = packets_create();
	struct rte_mbuf *m = syn(p);

	rte_mbuf_refcnt_set(m, 2);
	cr_expect_eq(decode(m).room, 0);
	rte_mbuf_refcnt_set(m, 1);
	m->ol_flags = RTE_MBUF_F_INDIRECT;
	cr_expect_eq(decode(m).room, 0);
	m->ol_flags = RTE_MBUF_F_EXTERNAL;
	cr_expect_eq(decode(m).room, 0);
	packets_destroy(p);
}

/* A frame that an application may answer is not a drop yet: the stack decides. A damaged frame
 * is one. */
Test(decode, a_frame_that_is_not_served_is_left_to_the_stack)
{
	struct packets *p = packets_create();
	struct frame f = frame_tcp(.flags = TCP_SYN);
	struct counters c = {0};
	struct rte_mbuf *m;
	struct seg s;

	f.b[12] = 0x88; /* the ether type */
	m = packets_make(p, f.b, f.len);
	decode_burst(&PORT, &m, 1, &s, &c);
	cr_expect_eq(s.kind, SEG_OTHER);
	cr_expect_eq(s.ref, DROP_ETH_TYPE);
	cr_expect_eq(s.buf, m);
	cr_expect_eq(c.drop[DROP_ETH_TYPE], 0);
	m = packets_make(p, f.b, 13);
	decode_burst(&PORT, &m, 1, &s, &c);
	cr_expect_eq(s.kind, SEG_NONE);
	cr_expect_eq(c.drop[DROP_ETH_SHORT], 1);
	packets_destroy(p);
}
