/* SPDX-License-Identifier: BSD-3-Clause */
/* Timestamps and other options on segments. */
#include "peer.h"

/* RFC 7323 3.2: on every segment once agreed on */
Test(tcp_timestamps, on_every_segment)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);
	const struct sent *s;
	uint32_t now;

	peer_wait(p, 10);
	app_send(p, 100);
	s = sent_next(p);
	cr_expect(s->opts.present & SEG_OPT_TS);
	now = s->opts.tsval;
	peer_wait(p, 10);
	peer_send(p, .flags = TCP_ACK, .len = 5);
	s = sent_next(p);
	cr_expect_eq(s->opts.tsval, now + 10, "a tick is 1 ms");
	cr_expect_eq(s->opts.tsecr, p->t->now.ms + p->tsval);
	peer_end(p);
}

/* RFC 7323 3.2: without it a segment is dropped silently, a reset is not */
Test(tcp_timestamps, missing)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);

	cr_expect_eq(
	        peer_send(p, .flags = TCP_ACK, .len = 5, .no_ts = true), DROP_TCP_TS_MISSING);
	expect_silence(p);
	p->seq = 0;
	peer_send(p, .flags = TCP_RST, .no_ts = true);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}

/* RFC 7323 5.3 R1: older is acknowledged and dropped; 5.2: a reset is not tested */
Test(tcp_paws, older_is_rejected)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 5, .ts = -1), DROP_TCP_PAWS);
	expect_sent(p, .flags = TCP_ACK);
	p->seq = 0;
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ts = -1), DROP_TCP_PAWS);
	expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 5), DROP_NONE);
	cr_expect_eq(p->got, 5);
	peer_send(p, .flags = TCP_RST, .ts = -1000);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}

/* 5.3 R3, 4.3: SEG.SEQ =< Last.ACK.sent, and not older */
Test(tcp_paws, ts_recent_moves_with_what_is_due)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);
	uint32_t at = p->conn->ts_recent;

	peer_send(p, .flags = TCP_ACK, .seq = 50, .len = 5, .ts = 9); /* behind a hole */
	cr_expect_eq(p->conn->ts_recent, at);
	turn_hold(p);
	peer_send(p, .flags = TCP_ACK, .len = 5, .ts = 3);
	cr_expect_eq(p->conn->ts_recent, at + 3);
	turn_end(p);
	turn_hold(p);
	peer_send(p, .flags = TCP_ACK, .len = 5, .ts = 10);
	cr_expect_eq(p->conn->ts_recent, at + 10);
	turn_end(p);
	peer_end(p);
}

/* An ACK that is still owed: the earliest segment's TSval is echoed */
Test(tcp_paws, delayed_ack_echoes_the_earliest)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);
	uint32_t at = p->conn->ts_recent;

	turn_hold(p);
	peer_send(p, .flags = TCP_ACK, .len = 5, .ts = 3);
	peer_send(p, .flags = TCP_ACK, .ts = 8);
	cr_expect_eq(p->conn->ts_recent, at + 3);
	turn_end(p);
	peer_end(p);
}

/* R2 before R3: a segment outside the window sets nothing */
Test(tcp_paws, outside_the_window_sets_nothing)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);
	uint32_t at = p->conn->ts_recent;

	peer_send(p, .flags = TCP_ACK, .seq = -1000000, .len = 10, .ts = 500000000);
	peer_send(p, .flags = TCP_ACK, .seq = -5, .ts = 500000000);
	peer_send(p, .flags = TCP_RST, .seq = -5, .ts = 500000000);
	peer_send(p, .flags = TCP_ACK, .seq = 100000, .ts = 500000000);
	cr_expect_eq(p->conn->ts_recent, at);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 5), DROP_NONE);
	peer_end(p);
}

/* 5.5: void after 24 days without a newer one, and then set anew */
Test(tcp_paws, void_after_24_days)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);
	const uint64_t day_us = 86400ull * 1000000;

	peer_jump(p, 20 * day_us);
	p->tsval -= 26 * 86400000u; /* its clock went back */
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1), DROP_TCP_PAWS);
	p->seq = 0;
	peer_jump(p, 4 * day_us + day_us / 2);
	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1, .ts = -1000000), DROP_NONE);
	cr_expect_eq(sent_next(p)->opts.tsecr, p->t->now.ms + p->tsval - 1000000);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1, .ts = -1000001), DROP_TCP_PAWS);
	peer_end(p);
}
