/* SPDX-License-Identifier: BSD-3-Clause */
/* The challenges of RFC 5961. */
#include "peer.h"

#define LIMIT 10 /* challenge ACKs of one connection in a second */

/* RFC 5961 3.2 (1) to (3) */
Test(rfc5961, reset_only_at_rcv_nxt)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	cr_expect_eq(peer_send(p, .flags = TCP_RST, .seq = 65536), DROP_TCP_RST_WINDOW);
	cr_expect_eq(peer_send(p, .flags = TCP_RST, .seq = -1), DROP_TCP_RST_WINDOW);
	expect_silence(p);
	cr_expect_eq(peer_send(p, .flags = TCP_RST, .seq = 65534), DROP_TCP_RST_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(peer_send(p, .flags = TCP_RST), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}

/* A peer whose text has filled our window, and was lost, resets from the right edge. Its reset
 * is treated like one inside: the challenge tells it RCV.NXT. */
Test(rfc5961, reset_at_the_right_edge_is_challenged)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	cr_expect_eq(peer_send(p, .flags = TCP_RST, .seq = 65535), DROP_TCP_RST_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* the window follows RCV.NXT, not Last.ACK.sent */
Test(rfc5961, reset_after_text)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	turn_hold(p);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	peer_send(p, .flags = TCP_RST, .seq = -100);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_send(p, .flags = TCP_RST);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	turn_end(p);
	peer_end(p);
}

/* 4.2: a SYN is challenged, wherever it lies, and text on it does not lift the limit */
Test(rfc5961, syn_is_challenged_within_the_limit)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	for (unsigned i = 0; i < 3 * LIMIT; i++)
		cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = -5000, .len = 10),
		        DROP_TCP_SYN_CHALLENGED);
	cr_expect_eq(sent_waiting(p), LIMIT);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT */
Test(rfc5961, ack_range)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .wnd = 2000);

	app_send(p, 2000);
	peer_send(p, .flags = TCP_ACK, .wnd = 50); /* MAX.SND.WND stays 2000 */
	app_send(p, 50);
	sent_forget(p);
	p->ack = 2000;
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ack = -2000), DROP_NONE);
	expect_silence(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ack = -2001, .len = 5), DROP_TCP_ACK_OLD);
	expect_sent(p, .flags = TCP_ACK, .seq = 2050);
	p->seq = 0;
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ack = 51, .len = 5), DROP_TCP_ACK_UNSENT);
	expect_sent(p, .flags = TCP_ACK, .seq = 2050);
	cr_expect_eq(p->got, 0);
	p->seq = 0;
	/* old, but within: its text is taken */
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ack = -10, .len = 5), DROP_NONE);
	cr_expect_eq(p->got, 5);
	peer_end(p);
}

/* 7: for each connection, so that one under attack silences no other */
Test(rfc5961, limit_is_each_connections_own)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct peer *q = peer_beside(p);

	peer_connect(q);
	sent_forget(q);
	for (unsigned i = 0; i < 2 * LIMIT; i++)
		peer_send(p, .flags = TCP_RST, .seq = 5);
	cr_expect_eq(sent_waiting(p), LIMIT);
	cr_expect_eq(p->t->count->challenge_acks_limited, LIMIT);
	peer_send(q, .flags = TCP_RST, .seq = 5);
	cr_expect_eq(sent_waiting(q), 1);
	sent_forget(p);
	peer_wait(p, 1000);
	peer_send(p, .flags = TCP_RST, .seq = 5);
	cr_expect_eq(sent_waiting(p), 1);
	peer_end(p);
}
