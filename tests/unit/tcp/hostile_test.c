/* SPDX-License-Identifier: BSD-3-Clause */
/* Attacks of a connected peer: its gain, and our cost. */
#include "peer.h"

#include <stdlib.h>

#define MSS 1000

/* A sender with a full window of the network's, and plenty queued behind. */
static struct peer *
sender(uint16_t wnd)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = MSS, .wscale = 1 + 7, .wnd = wnd);

	p->deaf = true;
	app_send(p, 2000000);
	sent_forget(p);
	return p;
}

/* n ACKs of N octets each. The segments that they cause are forgotten. */
static void
acknowledge(struct peer *p, unsigned n, uint32_t bytes)
{
	for (unsigned i = 0; i < n; i++) {
		p->ack += bytes;
		peer_send(p, .flags = TCP_ACK);
		sent_forget(p);
	}
}

/* RFC 3465 2.2: ACK-splitting in slow start */
Test(tcp_hostile, split_acks_open_the_window_no_faster)
{
	struct peer *p = sender(8192);
	uint32_t cwnd = p->conn->cwnd;

	acknowledge(p, MSS, 1);
	cr_expect_eq(p->conn->cwnd, cwnd + MSS);
	acknowledge(p, 1, MSS);
	cr_expect_eq(p->conn->cwnd, cwnd + 2 * MSS, "as much for one ACK of the same");
	acknowledge(p, 1, 5 * MSS);
	cr_expect_eq(p->conn->cwnd, cwnd + 7 * MSS, "and for one of many");
	peer_end(p);
}

/* RFC 3465 2.1: ... and in congestion avoidance */
Test(tcp_hostile, split_acks_gain_nothing_in_congestion_avoidance)
{
	struct peer *p = sender(8192);
	uint32_t cwnd = p->conn->cwnd;

	p->conn->ssthresh = cwnd;
	acknowledge(p, 10, 100);
	cr_expect_leq(p->conn->cwnd, cwnd + MSS * MSS / cwnd);
	acknowledge(p, MSS, 1);
	cr_expect_leq(p->conn->cwnd, cwnd + 2 * MSS * MSS / cwnd);
	cwnd = p->conn->cwnd;
	acknowledge(p, 1, MSS);
	cr_expect_eq(p->conn->cwnd, cwnd + MSS * MSS / cwnd, "an honest one has its due");
	p->conn->cwnd = p->conn->ssthresh = 2 * MSS * MSS; /* RFC 5681 3.1: at least 1 */
	p->conn->snd_wnd = 0;                              /* nothing more goes */
	p->conn->snd_max = p->conn->snd_una + 2 * MSS * MSS;
	acknowledge(p, 1, MSS);
	cr_expect_eq(p->conn->cwnd, 2 * MSS * MSS + 1);
	peer_end(p);
}

/* RFC 9293 3.10.7.4, RFC 5961 5.2: an ACK of text that was never sent */
Test(tcp_hostile, ack_beyond_what_was_sent_gains_nothing)
{
	struct peer *p = sender(8192);
	uint32_t una = p->conn->snd_una, cwnd = p->conn->cwnd;

	for (unsigned i = 0; i < 1000; i++)
		cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ack = (int)(20000 + 1000 * i)),
		        DROP_TCP_ACK_UNSENT);
	cr_expect_eq(p->conn->snd_una, una);
	cr_expect_eq(p->conn->cwnd, cwnd);
	cr_expect_leq(sent_waiting(p), 10, "challenge ACKs, %u", sent_waiting(p));
	peer_end(p);
}

/* Optimistic ACKs cover text that was sent and cannot have arrived. The peer looks like a quick
 * one. But the bytes in flight never exceed both windows, and each acknowledged octet opens the
 * window by at most one. */
Test(tcp_hostile, optimistic_acks_stay_within_the_windows)
{
	struct peer *p = sender(100); /* 12,800 octets */
	uint32_t begin = p->conn->cwnd, acked = 0;

	for (unsigned i = 0; i < 150; i++) {
		uint32_t flight = p->conn->snd_max - p->conn->snd_una;

		cr_expect_leq(flight, 12800);
		cr_expect_leq(p->conn->cwnd, begin + acked);
		acked += flight;
		p->ack += flight;
		peer_send(p, .flags = TCP_ACK);
		cr_expect_leq(sent_waiting(p), 13);
		sent_forget(p);
	}
	peer_end(p);
}

/* RFC 5681 3.2, the note on step 4: duplicate ACKs that nothing caused */
Test(tcp_hostile, forged_duplicates_do_not_open_the_window)
{
	struct peer *p = sender(8192); /* a megabyte */
	uint32_t flight, before;

	acknowledge(p, 20, MSS);
	before = p->conn->snd_max - p->conn->snd_una;
	for (unsigned i = 0; i < 3000; i++) {
		peer_send(p, .flags = TCP_ACK);
		sent_forget(p);
	}
	flight = p->conn->snd_max - p->conn->snd_una;
	cr_expect_leq(flight, 2 * before + MSS, "%u in flight, %u before", flight, before);
	/* honest ones still have it inflated: that many had left the network */
	cr_expect_geq(flight, before + before / 2 - 2 * MSS);
	peer_end(p);
}

/* One octet at a time, in order: nothing is kept, and no more ACKs than segments. */
Test(tcp_hostile, octet_at_a_time_keeps_nothing)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	for (unsigned i = 0; i < 900; i++) {
		peer_send(p, .flags = TCP_ACK, .len = 1);
		cr_expect_eq(bufs_out(p), 0);
		cr_expect_leq(sent_waiting(p), i + 1);
	}
	cr_expect_eq(p->got, 900);
	sent_forget(p);
	turn_hold(p); /* RFC 5681 4.2: every second one, within a turn */
	for (unsigned i = 0; i < 100; i++)
		peer_send(p, .flags = TCP_ACK, .len = 1);
	turn_end(p);
	cr_expect_eq(sent_waiting(p), 50);
	peer_end(p);
}

/* CVE-2019-11477 to -11479: blocks that cannot be tell of no arrival (RFC 6675 2), and
 * move nothing. */
Test(tcp_hostile, absurd_sack_blocks_move_nothing)
{
	uint8_t sack[4 * 8];

	srand(11477);
	for (unsigned round = 0; round < 50; round++) {
		struct peer *p = peer_in(TCP_ESTABLISHED, .mss = MSS, .sack = true);
		uint32_t una = p->our_iss + 1;

		p->deaf = true;
		app_send(p, 8 * MSS);
		sent_forget(p);
		for (unsigned i = 0; i < 200; i++) {
			for (unsigned k = 0; k < sizeof(sack); k++)
				sack[k] = (uint8_t)rand();
			be32_store(sack, una + 5 * MSS); /* back to front */
			be32_store(sack + 4, una);
			be32_store(sack + 8, una); /* all, and none */
			be32_store(sack + 12, una + (i & 1 ? 1u << 31 : 0));
			peer_send(p, .flags = TCP_ACK, .sack = sack);
		}
		cr_expect_eq(p->conn->snd_una, una);
		expect_silence(p);
		cr_expect_eq(p->t->count->fast_retransmits, 0);
		peer_end(p);
	}
}

/* CVE-2019-11479: segments so small that they cost more than they carry. RFC 9293 3.7.1 has no
 * least MSS. We have one, and a turn sends a bounded number of segments. */
Test(tcp_hostile, tiny_mss_is_cut_to)
{
	static const uint16_t mss[] = {64, 65, 88};

	for (unsigned i = 0; i < 2 * sizeof(mss) / sizeof(mss[0]); i++) {
		bool ts = i & 1;
		struct peer *p = peer_new((struct peer_how) {.ts = ts});
		uint32_t least = mss[i / 2] - 12u * ts;

		p->deaf = true;
		peer_send(p, .flags = TCP_SYN, .opts = SEG_OPT_MSS | (ts ? SEG_OPT_TS : 0),
		        .mss = mss[i / 2]);
		peer_send(p, .flags = TCP_ACK);
		sent_forget(p);
		app_send(p, 100000);
		cr_expect_eq(sent_waiting(p), 10, "RFC 6928: ten segments");
		cr_expect_eq(sent_next(p)->len, least);
		p->conn->cwnd = 1 << 20;
		sent_forget(p);
		peer_send(p, .flags = TCP_ACK, .ack = (int)least);
		cr_expect_leq(sent_waiting(p), 2 * 64, "of two calls");
		peer_end(p);
	}
}

/* Below the floor nothing could be sent that does not exceed it (RFC 9293 3.7.1
 * MUST-16): no connection, and nothing kept, whichever way SYNs are remembered. */
Test(tcp_hostile, mss_below_the_floor_is_refused)
{
	static const uint16_t mss[] = {0, 1, 28, 48, 63};

	for (unsigned i = 0; i < 4 * sizeof(mss) / sizeof(mss[0]); i++) {
		bool ts = i & 1, cookies = i & 2;
		struct peer *p = peer_new((struct peer_how) {
		        .ts = ts, .syn_cookie = cookies ? SYN_COOKIE_ALWAYS : SYN_COOKIE_OFF});

		cr_expect_eq(
		        peer_send(p, .flags = TCP_SYN,
		                .opts = SEG_OPT_MSS | (ts ? SEG_OPT_TS : 0), .mss = mss[i / 4]),
		        DROP_MSS_TINY);
		cr_expect_eq(sent_waiting(p), 1);
		cr_expect_eq(sent_next(p)->flags, TCP_RST | TCP_ACK);
		cr_expect_eq(peer_state(p), TCP_CLOSED);
		peer_end(p);
	}
}

/* We opened: a SYN alone may be forged, and a SYN-ACK is the peer's. */
Test(tcp_hostile, mss_below_the_floor_of_a_peer_we_called)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	cr_expect_eq(
	        peer_send(p, .flags = TCP_SYN, .opts = SEG_OPT_MSS, .mss = 63), DROP_MSS_TINY);
	cr_expect_eq(peer_state(p), TCP_SYN_SENT);
	expect_silence(p);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN | TCP_ACK, .opts = SEG_OPT_MSS, .mss = 63),
	        DROP_MSS_TINY);
	cr_expect_eq(sent_next(p)->flags, TCP_RST);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_BAD_PROTOCOL);
	peer_end(p);
}

/* A SYN comes again with another MSS. The least MSS counts, since the peer may hold to either
 * SYN (without the option it is 536). */
Test(tcp_hostile, least_mss_of_all_syns_holds)
{
	static const struct {
		uint16_t first, again, sent; /* 0: no option */
	} rows[] = {{1000, 700, 700}, {700, 1000, 700}, {0, 1000, 536}, {1000, 0, 536},
	        {100, 0, 100}, {0, 100, 100}, {100, 63, 100}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer *p = peer_new((struct peer_how) {0});

		for (unsigned k = 0; k < 2; k++) {
			uint16_t mss = k == 0 ? rows[i].first : rows[i].again;

			peer_send(p, .flags = TCP_SYN,
			        .opts = SEG_OPT_WSCALE | (mss != 0 ? SEG_OPT_MSS : 0),
			        .mss = mss);
		}
		sent_forget(p);
		p->wscale = 0;
		peer_send(p, .flags = TCP_ACK);
		p->conn = tcp_conn_at(p->t, 0);
		app_send(p, 5000);
		cr_expect_eq(sent_next(p)->len, rows[i].sent, "%u, then %u", rows[i].first,
		        rows[i].again);
		p->deaf = true;
		peer_end(p);
	}
}

/* SACK blocks and timestamps on each segment leave room for text. */
Test(tcp_hostile, tiny_mss_carries_text_beside_all_options)
{
	struct peer *p = peer_new((struct peer_how) {.ts = true, .sack = true});

	peer_send(p, .flags = TCP_SYN, .opts = SEG_OPT_MSS | SEG_OPT_TS | SEG_OPT_SACK_OK,
	        .mss = TCP_MSS_MIN);
	peer_send(p, .flags = TCP_ACK);
	for (int n = 1; n <= 4; n++)
		peer_send(p, .flags = TCP_ACK, .seq = 100 * n, .len = 1);
	sent_forget(p);
	app_send(p, 100);
	cr_expect_eq(sent_next(p)->len, TCP_MSS_MIN - 12 - 4 - 3 * 8);
	peer_end(p);
}

/* A window of one octet: one segment for one ACK, and a probe's worth in between. */
Test(tcp_hostile, window_of_one_octet_costs_a_segment_an_ack)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .wnd = 1);

	app_send(p, 1000);
	for (unsigned i = 0; i < 500; i++) {
		cr_expect_leq(sent_waiting(p), 1);
		while (sent_waiting(p) > 0)
			cr_expect_eq(sent_next(p)->len, 1);
		peer_send(p, .flags = TCP_ACK);
	}
	peer_end(p);
}

/* A window that stays shut, with an answer to each probe: for an application that is
 * there RFC 9293 3.8.6.1 lets it, at a probe a minute; for one that is gone it ends
 * (RFC 6429 3). */
Test(tcp_hostile, window_shut_for_ever_costs_a_probe_a_minute)
{
	for (int gone = 0; gone <= 1; gone++) {
		struct peer *p = peer_in(TCP_ESTABLISHED);
		unsigned probes = 0;

		peer_send(p, .flags = TCP_ACK, .wnd = -1);
		p->deaf = true;
		app_send(p, 1000);
		if (gone != 0)
			app_close(p);
		for (unsigned s = 0; s < 3600 && p->closed == 0; s++) {
			peer_wait(p, 1000);
			for (; sent_waiting(p) > 0; probes++)
				sent_next(p);
			if (p->closed == 0)
				peer_send(p, .flags = TCP_ACK, .wnd = -1);
		}
		cr_expect_eq(p->closed, (unsigned)gone);
		cr_expect_leq(probes, gone != 0 ? 12u : 70u, "%u", probes);
		peer_end(p);
	}
}

/* RFC 1122 4.2.2.13: text without a reader is answered with a reset, once by the connection and
 * then as text of a stranger. */
Test(tcp_hostile, data_for_no_connection_is_reset_and_limited)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rst_per_s = 32);

	app_close(p);
	peer_send(p, .flags = TCP_ACK);
	sent_forget(p);
	for (unsigned i = 0; i < 900; i++)
		peer_send(p, .flags = TCP_ACK, .len = 1000);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_leq(sent_waiting(p), 33);
	cr_expect_eq(p->got, 0);
	cr_expect_eq(bufs_out(p), 0);
	peer_end(p);
}

/* A lingering close takes and forgets, but not for ever: FIN-WAIT-2's time is not
 * put off by data. */
Test(tcp_hostile, data_for_a_lingering_close_keeps_nothing_alive)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	unsigned ms;

	hf_linger(core_of(p), hf_of(p));
	turn_end(p);
	peer_send(p, .flags = TCP_ACK);
	cr_assert_eq(peer_state(p), TCP_FIN_WAIT_2);
	sent_forget(p);
	for (ms = 0; ms < 100000 && p->closed == 0; ms += 100) {
		peer_send(p, .flags = TCP_ACK, .len = 1000);
		cr_expect_eq(bufs_out(p), 0);
		cr_expect_leq(sent_waiting(p), 1);
		sent_forget(p);
		peer_wait(p, 100);
	}
	cr_expect_eq(p->closed, 1);
	cr_expect_leq(ms, 60100);
	peer_end(p);
}

/* RFC 6093 6: urgent text is text, in its place; the pointer is only told. */
Test(tcp_hostile, urgent_text_is_text)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK | TCP_URG, .seq = 50, .len = 50);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .len = 50);
	p->seq = 100;
	peer_send(p, .flags = TCP_ACK | TCP_URG);
	peer_send(p, .flags = TCP_ACK | TCP_URG | TCP_FIN, .len = 10);
	cr_expect_eq(p->got, 110);
	cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
	peer_end(p);
}

/* Octets that were delivered are not replaced when the peer repeats others in their place. */
Test(tcp_hostile, repeated_text_that_differs_is_not_heard)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	static bool had[200];

	memset(had, true, 100);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = -100, .len = 100, .lie = had),
	        DROP_TCP_OLD);
	peer_send(p, .flags = TCP_ACK, .seq = -50, .len = 100, .lie = had);
	cr_expect_eq(p->got, 150); /* the recorder has compared them */
	peer_end(p);
}
