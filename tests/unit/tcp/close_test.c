/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of connections: FIN in each state, orphans, resets. */
#include "peer.h"

/* RFC 9293 3.6 case 1, figure 12 */
Test(tcp_close, active)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_close(p);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_1);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_2);
	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	expect_log(p, "oc");
	cr_expect_eq(p->why, HF_CLOSED);
	cr_expect_eq(p->t->conns.used, 0, "TIME-WAIT needs no connection");
	peer_end(p);
}

/* 3.6 case 2 */
Test(tcp_close, passive)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	expect_sent(p, .flags = TCP_ACK, .ack = 1);
	expect_log(p, "of");
	app_close(p);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_LAST_ACK);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	expect_log(p, "ofc");
	cr_expect_eq(p->why, HF_CLOSED);
	expect_silence(p);
	peer_end(p);
}

/* 3.6 case 3, figure 13 */
Test(tcp_close, simultaneous)
{
	struct peer *p = peer_in(TCP_CLOSING);

	expect_log(p, "of");
	peer_send(p, .flags = TCP_ACK, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	expect_log(p, "ofc");
	expect_silence(p);
	peer_end(p);
}

static void
close_on_fin(struct peer *p, char event)
{
	if (event == 'f')
		hf_close(core_of(p), hf_of(p));
}

/* The three-segment form: our FIN rides on the ACK of the peer's */
Test(tcp_close, three_segments)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = close_on_fin);

	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN, .ack = 1);
	expect_silence(p);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}

/* the peer's FIN is on the ACK of ours */
Test(tcp_close, three_segments_we_first)
{
	struct peer *p = peer_in(TCP_FIN_WAIT_1);

	peer_send(p, .flags = TCP_ACK | TCP_FIN, .ack = 1);
	expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	peer_end(p);
}

Test(tcp_close, fin_with_text)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	turn_hold(p);
	app_send(p, 100);
	app_shutdown(p);
	turn_end(p);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN | TCP_PSH, .len = 100);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 30);
	expect_sent(p, .flags = TCP_ACK, .seq = 101, .ack = 31);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	cr_expect_eq(p->got, 30);
	expect_log(p, "ordfc");
	peer_end(p);
}

/* RFC 9293 3.6: half-close, theirs ... */
Test(tcp_close, sends_after_the_peers_fin)
{
	struct peer *p = peer_in(TCP_CLOSE_WAIT);

	cr_expect_eq(app_send(p, 3000), 0);
	cr_expect_eq(p->ack, 3000);
	peer_send(p, .flags = TCP_ACK);
	app_shutdown(p);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(p->why, HF_CLOSED);
	peer_end(p);
}

/* our half stays open as long as the application stays */
Test(tcp_close, receives_after_our_fin)
{
	struct peer *p = peer_in(TCP_FIN_WAIT_2);

	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	for (unsigned i = 0; i < 5; i++) {
		peer_wait(p, 70000);
		peer_send(p, .flags = TCP_ACK, .len = 1000);
	}
	cr_expect_eq(p->got, 5000);
	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	peer_end(p);
}

/* FIN-WAIT-2 is bounded once no application is there */
Test(tcp_close, fin_wait_2_of_an_orphan)
{
	struct peer *p = peer_in(TCP_FIN_WAIT_2);

	peer_wait(p, 100000);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_2);
	app_close(p);
	peer_wait(p, 59999);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_2);
	peer_wait(p, 1);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(p->why, HF_TIMEOUT);
	peer_end(p);
}

Test(tcp_close, fin_wait_2_of_one_that_was_orphaned_before)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_close(p);
	peer_send(p, .flags = TCP_ACK);
	peer_wait(p, 60000);
	cr_expect_eq(p->why, HF_TIMEOUT);
	peer_end(p);
}

/* RFC 1122 4.2.2.13: text after CLOSE shows the peer that it is lost */
Test(tcp_close, text_after_close_resets)
{
	static const enum tcp_state states[] = {TCP_FIN_WAIT_1, TCP_FIN_WAIT_2};

	for (unsigned i = 0; i < 2; i++) {
		struct peer *p = peer_in(states[i]);

		app_close(p);
		cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 10), DROP_TCP_CLOSED_DATA);
		expect_sent(p, .flags = TCP_RST | TCP_ACK, .seq = 1);
		cr_expect_eq(peer_state(p), TCP_CLOSED);
		cr_expect_eq(p->why, HF_ABORTED);
		expect_log(p, "oc");
		peer_end(p);
	}
}

static void
close_on_data(struct peer *p, char event)
{
	if (event == 'd')
		hf_close(core_of(p), hf_of(p));
}

/* the same for a FIN that waited behind a hole */
Test(tcp_close, kept_text_after_close_resets)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = close_on_data);

	peer_send(p, .flags = TCP_ACK, .seq = 10, .len = 10);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK, .len = 10);
	expect_sent(p, .flags = TCP_RST | TCP_ACK, .ack = 20);
	expect_log(p, "odc");
	peer_end(p);
}

/* hf_linger(): text is taken and forgotten, and queued data arrives */
Test(tcp_close, text_after_linger_is_forgotten)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hf_linger(core_of(p), hf_of(p));
	turn_end(p);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 100), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 100);
	cr_expect_eq(p->got, 0);
	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	expect_log(p, "oc");
	peer_end(p);
}

/* RFC 9293 3.10.5 */
Test(tcp_close, abort)
{
	static const enum tcp_state resets[] = {
	        TCP_ESTABLISHED, TCP_FIN_WAIT_1, TCP_FIN_WAIT_2, TCP_CLOSE_WAIT};
	static const enum tcp_state silent[] = {TCP_CLOSING, TCP_LAST_ACK};

	for (unsigned i = 0; i < 6; i++) {
		struct peer *p = peer_in(i < 4 ? resets[i] : silent[i - 4]);

		hf_abort(core_of(p), hf_of(p));
		turn_end(p);
		if (i < 4)
			cr_expect_eq(sent_next(p)->flags, TCP_RST | TCP_ACK);
		expect_silence(p);
		cr_expect_eq(peer_state(p), TCP_CLOSED);
		cr_expect_eq(p->why, HF_ABORTED);
		peer_end(p);
	}
}

Test(tcp_close, abort_drops_what_is_queued)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);

	p->conn->cwnd = 1460;
	app_send(p, 50000);
	sent_forget(p);
	hf_abort(core_of(p), hf_of(p));
	turn_end(p);
	/* RFC 7323 3.2: a SHOULD */
	cr_expect(sent_next(p)->opts.present & SEG_OPT_TS);
	cr_expect_eq(p->t->sends.used, 0);
	peer_end(p);
}

Test(tcp_close, reset_tells_once)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_send(p, 5000);
	peer_send(p, .flags = TCP_RST);
	cr_expect_eq(p->why, HF_RESET);
	expect_log(p, "oc");
	peer_end(p);
}

/* RFC 9293 3.8.6.1 with RFC 6429 3: probes go on only while an application waits */
Test(tcp_close, shut_window_does_not_hold_what_the_application_left)
{
	for (int gone = 0; gone < 2; gone++) {
		struct peer *p = peer_in(TCP_ESTABLISHED);

		peer_send(p, .flags = TCP_ACK, .wnd = -1);
		app_send(p, 5000);
		if (gone)
			app_close(p);
		for (unsigned minute = 0; minute < 30 && p->closed == 0; minute++) {
			peer_wait(p, 60000);
			while (sent_waiting(p) > 0)
				if (!(sent_next(p)->flags & TCP_RST)) /* no octet is taken */
					peer_send(p, .flags = TCP_ACK, .ack = -1, .wnd = -1);
		}
		cr_expect_eq(p->closed, (unsigned)gone);
		if (gone)
			cr_expect_eq(p->why, HF_TIMEOUT);
		peer_end(p);
	}
}

/* The probes that the application waited for are not held against the rest. */
Test(tcp_close, probes_count_from_the_close)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	unsigned probes = 0;

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 5000);
	for (unsigned minute = 0; minute < 30; minute++) {
		peer_wait(p, 60000);
		while (sent_waiting(p) > 0) {
			sent_next(p);
			peer_send(p, .flags = TCP_ACK, .ack = -1, .wnd = -1);
		}
	}
	app_close(p);
	for (unsigned minute = 0; minute < 30 && p->closed == 0; minute++) {
		peer_wait(p, 60000);
		while (sent_waiting(p) > 0) {
			if (sent_next(p)->flags & TCP_RST)
				continue;
			probes++;
			peer_send(p, .flags = TCP_ACK, .ack = -1, .wnd = -1);
		}
	}
	cr_expect_eq(p->closed, 1);
	cr_expect_geq(probes, 10);
	peer_end(p);
}

/* 3.4: a segment without text has the SEQ that the peer expects, even while SND.NXT has gone
 * back to send again */
Test(tcp_close, reset_after_a_timeout_is_in_the_window)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_send(p, 3000);
	sent_forget(p);
	peer_wait(p, 1100);
	sent_forget(p);
	cr_assert(seq_lt(p->conn->snd_nxt, p->conn->snd_max));
	peer_send(p, .flags = TCP_ACK, .seq = -1, .ack = -3000);
	expect_sent(p, .flags = TCP_ACK, .seq = 3000);
	hf_abort(core_of(p), hf_of(p));
	turn_end(p);
	expect_sent(p, .flags = TCP_RST | TCP_ACK, .seq = 3000);
	peer_end(p);
}

/* RFC 9293 3.6.1: 2 MSL, and then the slot is free */
Test(tcp_time_wait, lasts_2_msl)
{
	struct peer *p = peer_in(TCP_TIME_WAIT);

	peer_wait(p, 60000);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	peer_wait(p, 60000 / 32);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(p->t->table.used, 0);
	cr_expect_eq(p->t->count->tw_expired, 1);
	peer_end(p);
}

/* 3.10.7.4 eighth: a FIN again starts 2 MSL again */
Test(tcp_time_wait, fin_again_restarts)
{
	struct peer *p = peer_in(TCP_TIME_WAIT, .ts = true);

	peer_wait(p, 50000);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = -1);
	cr_expect(expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 1)->opts.present &
	          SEG_OPT_TS);
	peer_wait(p, 60000);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	peer_wait(p, 60000 / 32);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}

static void
reopen(bool ts, int32_t seq, int32_t tsval, bool no_ts, bool expected)
{
	struct peer *p = peer_in(TCP_TIME_WAIT, .ts = ts);
	uint32_t last = p->our_iss + 1 + p->ack;
	uint8_t opts = (uint8_t)(SEG_OPT_MSS | (no_ts ? 0 : SEG_OPT_TS));

	peer_send(p, .flags = TCP_SYN, .seq = seq, .ts = tsval, .opts = opts, .mss = 1460);
	cr_expect_eq(peer_state(p), expected ? TCP_SYN_RECEIVED : TCP_TIME_WAIT,
	        "seq %d, ts %d, %d", seq, tsval, no_ts);
	if (expected)
		cr_expect(seq_gt(p->our_iss, last), "ISS below the old connection's");
	peer_end(p);
}

/* RFC 1122 4.2.2.13, RFC 6191 2 */
Test(tcp_time_wait, newer_syn_reopens)
{
	reopen(false, 2, 0, true, true);
	reopen(false, -100, 0, true, false);
	reopen(false, -100, 0, false, true); /* timestamps now, none before */
	reopen(false, -100, -2000000, false, true);
	reopen(true, -100, 1, false, true);
	reopen(true, 100, -1, false, false);
	reopen(true, 100, 0, false, true);
	reopen(true, -100, 0, false, false);
	reopen(true, 100, 0, true, true);
	reopen(true, -100, 0, true, false);
}

Test(tcp_time_wait, oldest_goes_when_full)
{
	struct peer *p = peer_in(TCP_TIME_WAIT);
	struct peer *q = NULL;

	for (unsigned i = 0; i < 64; i++) {
		q = peer_beside(p);
		peer_connect(q);
		app_shutdown(q);
		peer_send(q, .flags = TCP_ACK | TCP_FIN);
		cr_expect_eq(peer_state(q), TCP_TIME_WAIT);
	}
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_gt(p->t->count->tw_evicted, 0);
	cr_expect_eq(p->t->table.used, p->t->tw.live);
	peer_end(p);
}

/* One peer's FIN again and again costs the others nothing. */
Test(tcp_time_wait, fin_again_and_again_moves_no_other_record)
{
	struct peer *p = peer_in(TCP_TIME_WAIT, .max_time_wait = 64);
	struct peer *q = peer_beside(p);

	peer_connect(q);
	app_shutdown(q);
	peer_send(q, .flags = TCP_ACK | TCP_FIN);
	for (unsigned i = 0; i < 1000; i++) {
		peer_send(q, .flags = TCP_ACK | TCP_FIN, .seq = -1);
		sent_forget(q);
	}
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	cr_expect_eq(peer_state(q), TCP_TIME_WAIT);
	cr_expect_eq(p->t->count->tw_evicted, 0);
	peer_end(p);
}

/* A SYN that is refused ends nothing. */
Test(tcp_time_wait, stays_when_the_newer_syn_is_refused)
{
	struct peer *p = peer_in(TCP_TIME_WAIT);

	p->t->half.pool.capacity = p->t->half.pool.fresh = 0;
	p->t->half.pool.free = POOL_NONE;
	cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = 100), DROP_SYN_BACKLOG);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	p->t->refusing = true;
	cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = 100), DROP_SYN_DRAINING);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	sent_forget(p);
	peer_end(p);
}

/* RFC 9293 3.10.4, CLOSE: "in any case, enter FIN-WAIT-1 state", whatever is queued
 * before the FIN, and if the peer's window is shut. */
Test(tcp_close, fin_wait_1_at_once)
{
	for (unsigned how = 0; how < 3; how++) {
		struct peer *p = peer_in(TCP_ESTABLISHED);

		peer_send(p, .flags = TCP_ACK, .wnd = -1);
		app_send(p, 500);
		if (how == 0)
			app_shutdown(p);
		else if (how == 1)
			app_close(p);
		else
			hf_linger(core_of(p), hf_of(p));
		cr_expect_eq(peer_state(p), TCP_FIN_WAIT_1);
		turn_end(p);
		expect_silence(p);
		peer_send(p, .flags = TCP_ACK);
		expect_sent(p, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .len = 500);
		peer_send(p, .flags = TCP_ACK);
		cr_expect_eq(peer_state(p), TCP_FIN_WAIT_2);
		peer_end(p);
	}
}

/* "queue this request until all preceding SENDs have been segmentized; then ... enter LAST-ACK"
 */
Test(tcp_close, last_ack_when_the_fin_is_sent)
{
	struct peer *p = peer_in(TCP_CLOSE_WAIT);

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 500);
	app_shutdown(p);
	cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_LAST_ACK);
	peer_end(p);
}

/* 3.10.7.4 eighth: the peer's FIN comes before ours has gone, and CLOSING ends like any */
Test(tcp_close, closing_with_text_to_send)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 500);
	app_shutdown(p);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .wnd = -1);
	expect_sent(p, .flags = TCP_ACK, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_CLOSING);
	peer_send(p, .flags = TCP_ACK);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .ack = 1, .len = 500);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	cr_expect_eq(p->why, HF_CLOSED);
	peer_end(p);
}

/* An octet of text in flight is no FIN: the end of such a connection is not orderly, and an
 * abort resets it. */
Test(tcp_close, text_in_closing_is_no_fin)
{
	for (unsigned how = 0; how < 2; how++) {
		struct peer *p = peer_in(TCP_ESTABLISHED);

		app_send(p, 1);
		peer_send(p, .flags = TCP_ACK, .ack = -1, .wnd = 1);
		app_send(p, 500);
		app_shutdown(p);
		peer_send(p, .flags = TCP_ACK | TCP_FIN, .ack = -1, .wnd = 1);
		cr_assert_eq(peer_state(p), TCP_CLOSING);
		sent_forget(p);
		if (how == 0) {
			peer_send(p, .flags = TCP_RST);
			cr_expect_eq(p->why, HF_RESET);
		} else {
			hf_abort(core_of(p), hf_of(p));
			turn_end(p);
			cr_expect_eq(sent_next(p)->flags, TCP_RST | TCP_ACK);
		}
		peer_end(p);
	}
}
