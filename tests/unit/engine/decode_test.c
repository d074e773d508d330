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
