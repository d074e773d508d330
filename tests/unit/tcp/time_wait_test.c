/* SPDX-License-Identifier: BSD-3-Clause */
/* TIME-WAIT and a peer that wants its port back; old segments and their limits. */
#include "peer.h"

/* A SYN that is no newer one: its ISN, and its TSval if there are any, are lower. */
#define OLDER_SYN .flags = TCP_SYN, .seq = -100000, .ts = -50000

/* A restarted client: its SYN causes an ACK, it resets that by its number, and its SYN comes
 * again after a second, as from Linux. It connects, and its text lies above the old
 * connection's numbers. */
Test(tcp_time_wait, a_client_that_came_back_gets_in)
{
	for (int ts = 0; ts < 2; ts++) {
		struct peer *p = peer_in(TCP_TIME_WAIT, .ts = ts);
		uint32_t last = p->our_iss + 1 + p->ack;
		const struct sent *s;

		cr_expect_eq(peer_send(p, OLDER_SYN), DROP_TW_OLD);
		s = expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
		cr_assert_not_null(s);
		cr_expect_eq(peer_send(p, .flags = TCP_RST, .no_ts = true), DROP_NONE);
		expect_silence(p);
		cr_expect_eq(peer_state(p), TCP_TIME_WAIT, "old segments are kept out");
		peer_wait(p, 1000);
		cr_expect_eq(peer_send(p, OLDER_SYN), DROP_NONE);
		cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
		cr_expect(seq_gt(p->our_iss, last), "ISS below the old connection's");
		peer_end(p);
	}
}

/* RFC 1337: no other RST counts. */
Test(tcp_time_wait, only_the_reset_that_answers_a_challenge_counts)
{
	static const struct {
		const char *what;
		struct say first, rst;
		uint32_t wait_ms;
	} rows[] = {
	        {"nothing was asked", {0}, {.flags = TCP_RST}, 0},
	        {"old text was answered", {.flags = TCP_ACK, .seq = -5, .len = 5},
	                {.flags = TCP_RST}, 0},
	        {"a FIN was answered", {.flags = TCP_ACK | TCP_FIN, .seq = -1},
	                {.flags = TCP_RST}, 0},
	        {"not its number, one less", {OLDER_SYN}, {.flags = TCP_RST, .seq = -1}, 0},
	        {"not its number, one more", {OLDER_SYN}, {.flags = TCP_RST, .seq = 1}, 0},
	        {"too late", {OLDER_SYN}, {.flags = TCP_RST}, 3200},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer *p = peer_in(TCP_TIME_WAIT, .ts = true);

		if (rows[i].first.flags != 0)
			peer_say(p, rows[i].first);
		sent_forget(p);
		peer_wait(p, rows[i].wait_ms);
		cr_expect_eq(peer_say(p, rows[i].rst), DROP_TW_RST, "%s", rows[i].what);
		cr_expect_eq(peer_send(p, OLDER_SYN), DROP_TW_OLD, "%s", rows[i].what);
		cr_expect_eq(peer_state(p), TCP_TIME_WAIT, "%s", rows[i].what);
		peer_end(p);
	}
}

/* An ACK that was not sent, for its rate, proves nothing. */
Test(tcp_time_wait, a_challenge_that_was_not_sent_counts_not)
{
	struct peer *p = peer_in(TCP_TIME_WAIT, .ts = true, .rst_per_s = 1);
	enum drop why = DROP_NONE;

	for (unsigned i = 0; i < 100 && why != DROP_TW_RATE; i++)
		why = peer_send(p, .flags = TCP_ACK, .seq = -5, .len = 5);
	cr_assert_eq(why, DROP_TW_RATE);
	cr_expect_eq(peer_send(p, OLDER_SYN), DROP_TW_RATE);
	cr_expect_eq(peer_send(p, .flags = TCP_RST), DROP_TW_RST);
	peer_end(p);
}

/* It is proved for a SYN; text and FINs of the old connection are kept out as before. */
Test(tcp_time_wait, a_proved_one_still_keeps_old_segments_out)
{
	struct peer *p = peer_in(TCP_TIME_WAIT);

	peer_send(p, OLDER_SYN);
	peer_send(p, .flags = TCP_RST);
	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 5), DROP_TW_OLD);
	cr_expect_eq(peer_send(p, .flags = TCP_RST), DROP_TW_RST);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN | TCP_ACK, .seq = -9), DROP_TW_OLD);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	peer_end(p);
}

/* RFC 9293 3.10.7.4 fifth: a segment without ACK is dropped. */
Test(tcp_time_wait, segments_without_ack_are_not_answered)
{
	static const struct say says[] = {{.flags = 0}, {.flags = TCP_PSH, .len = 5},
	        {.flags = TCP_FIN}, {.flags = TCP_FIN, .seq = -1},
	        {.flags = 0, .seq = -9, .len = 5}};

	for (unsigned i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		struct peer *p = peer_in(TCP_TIME_WAIT);

		cr_expect_eq(peer_say(p, says[i]), DROP_TCP_NO_ACK, "%u", i);
		expect_silence(p);
		peer_end(p);
	}
}

/* 2 MSL starts again with the peer's FIN, and with nothing that only looks like it. */
Test(tcp_time_wait, what_is_no_fin_again_restarts_nothing)
{
	static const struct say says[] = {
	        {.flags = TCP_FIN, .seq = -1},
	        {.flags = TCP_FIN | TCP_ACK, .seq = -1, .ack = 1},
	        {.flags = TCP_FIN | TCP_ACK, .seq = -1, .ts = -60000},
	        {.flags = TCP_FIN | TCP_SYN, .seq = -1},
	        {.flags = TCP_FIN | TCP_SYN | TCP_ACK, .seq = -1},
	};

	for (unsigned i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		struct peer *p = peer_in(TCP_TIME_WAIT, .ts = true);

		peer_wait(p, 50000);
		peer_say(p, says[i]);
		peer_wait(p, 10000 + 60000 / 32);
		cr_expect_eq(peer_state(p), TCP_CLOSED, "%u", i);
		peer_end(p);
	}
}
