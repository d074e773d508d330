/* SPDX-License-Identifier: BSD-3-Clause */
/* The initial sequence numbers (RFC 6528). */
#include "peer.h"

/* RFC 6528 3: M ticks every 4 us; the same flow's ISN grows with it */
Test(tcp_isn, same_flow_grows_with_the_clock)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);
	uint32_t first = p->our_iss;

	for (unsigned i = 1; i <= 3; i++) {
		peer_send(p, .flags = TCP_RST);
		peer_jump(p, 4000);
		p->seq = 0;
		peer_send(p, .flags = TCP_SYN);
		cr_expect_eq(p->our_iss, first + i * 1000);
	}
	peer_end(p);
}

/* F of the four-tuple: no other flow's ISN tells this one's */
Test(tcp_isn, flows_differ)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);
	uint32_t last = p->our_iss, step = 0;

	for (unsigned i = 0; i < 10; i++) {
		struct peer *q = peer_beside(p);

		peer_send(q, .flags = TCP_SYN);
		cr_expect_neq(q->our_iss, last);
		cr_expect_neq(q->our_iss - last, step);
		step = q->our_iss - last;
		last = q->our_iss;
	}
	peer_end(p);
}

/* they depend on the secret */
Test(tcp_isn, keys_differ)
{
	static const uint8_t other[16] = "another secret.";
	struct peer *p = peer_in(TCP_SYN_RECEIVED);
	uint32_t before = p->our_iss;

	peer_send(p, .flags = TCP_RST);
	prf_init(&p->t->isn_prf, other);
	p->seq = 0;
	peer_send(p, .flags = TCP_SYN);
	cr_expect_neq(p->our_iss, before);
	peer_end(p);
}

/* RFC 7323 7.1: the timestamp's offset is the flow's own, and stays */
Test(tcp_isn, timestamp_offset_of_a_flow)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = true);
	struct peer *q = peer_beside(p);
	uint32_t before = p->tsecr;

	peer_send(q, .flags = TCP_SYN);
	cr_expect_neq(q->tsecr, before);
	peer_send(p, .flags = TCP_RST);
	peer_wait(p, 7);
	p->seq = 0;
	peer_send(p, .flags = TCP_SYN);
	cr_expect_eq(p->tsecr, before + 7);
	peer_end(p);
}
