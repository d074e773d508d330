/* SPDX-License-Identifier: BSD-3-Clause */
/* The news that IP gets of the next hop (RFC 1122 3.3.1.4, RFC 9293 3.8.3): progress of a
 * connection, now and then, and silence of the peer. */
#include "rig.h"

#define MSS 1000

static struct peer *
talking(void)
{
	return peer_in(TCP_ESTABLISHED, .mss = MSS);
}

/* Not each segment is reported: that would be a look-up for each. */
Test(tcp_next_hop, progress_is_told_once_in_some_seconds)
{
	struct peer *p = talking();
	unsigned before = p->rig->heard;

	for (unsigned i = 0; i < 200; i++) {
		peer_send(p, .flags = TCP_ACK, .len = 10);
		peer_wait(p, 50);
		sent_forget(p);
	}
	cr_expect_geq(p->rig->heard - before, 4);
	cr_expect_leq(p->rig->heard - before, 6);

	before = p->rig->heard;
	for (unsigned i = 0; i < 200; i++) {
		app_send(p, MSS);
		sent_forget(p);
		peer_send(p, .flags = TCP_ACK);
		peer_wait(p, 50);
	}
	cr_expect_geq(p->rig->heard - before, 4);
	cr_expect_leq(p->rig->heard - before, 6);
	cr_expect_eq(p->rig->silent, 0);
	peer_end(p);
}

/* An ACK of nothing new may be forged. */
Test(tcp_next_hop, no_progress_is_not_told)
{
	struct peer *p = talking();
	unsigned before = p->rig->heard;

	for (unsigned i = 0; i < 20; i++) {
		peer_wait(p, 1000);
		peer_send(p, .flags = TCP_ACK);
		peer_send(p, .flags = TCP_ACK, .seq = -1, .len = 1);
		sent_forget(p);
	}
	cr_expect_eq(p->rig->heard, before);
	peer_end(p);
}

Test(tcp_next_hop, each_timeout_is_told)
{
	struct peer *p = talking();

	p->deaf = true;
	app_send(p, MSS);
	cr_expect_eq(p->rig->silent, 0);
	while (p->rig->count.rto_fired < 3) {
		peer_wait(p, 1);
		sent_forget(p);
	}
	cr_expect_eq(p->rig->silent, 3);
	peer_end(p);
}

/* The first probe of a window repeats nothing, and a probe after an answer repeats nothing
 * either. */
Test(tcp_next_hop, probes_are_told_as_they_are_answered)
{
	struct peer *p = talking();
	unsigned before = p->rig->heard;

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, MSS);
	for (unsigned i = 0; i < 3; i++) {
		while (sent_waiting(p) == 0)
			peer_wait(p, 1);
		sent_forget(p);
		for (unsigned k = 0; k < 5; k++)
			peer_send(p, .flags = TCP_ACK, .ack = -1, .wnd = -1);
	}
	cr_expect_eq(p->rig->silent, 0);
	cr_expect_eq(p->rig->heard - before, 3, "an answer for each");
	while (p->rig->count.zero_window_probes < 5) {
		peer_wait(p, 1);
		sent_forget(p);
	}
	cr_expect_eq(p->rig->silent, 1);
	peer_end(p);
}
