/* SPDX-License-Identifier: BSD-3-Clause */
/* Handshakes of which nothing is kept: RFC 4987 3.6, docs/decisions/0013-syn-cookies.md */
#include "peer.h"
#include "tcp/life.h"

#define SYN_ACK  (TCP_SYN | TCP_ACK)
#define EPOCH_MS 64000
#define TO_EPOCH 24000 /* from where a peer's time begins to the next epoch */

/* A peer whose SYN was answered with a cookie. */
static struct peer *
syn_sent(struct peer_how how)
{
	struct peer *p;

	how.syn_cookie = SYN_COOKIE_ALWAYS;
	p = peer_new(how);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
	return p;
}

#define syn_of(...) syn_sent((struct peer_how) {__VA_ARGS__})

/* The same peer, after its ACK. */
static struct peer *
opened(struct peer_how how)
{
	struct peer *p = syn_sent(how);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE);
	cr_assert_eq(peer_state(p), TCP_ESTABLISHED);
	sent_forget(p);
	return p;
}

#define opened_with(...) opened((struct peer_how) {__VA_ARGS__})

static void
expect_nothing_kept(const struct peer *p)
{
	cr_expect_eq(p->t->table.used, 0);
	cr_expect_eq(p->t->half.pool.used, 0);
	cr_expect_eq(p->t->conns.used, 0);
	cr_expect_eq(p->t->wheel.armed, 0);
}

Test(tcp_cookie, syn_is_answered_and_forgotten)
{
	struct peer *p = syn_of(0);
	const struct sent *s = expect_sent(p, .flags = SYN_ACK, .seq = -1);

	cr_expect(s->in_place);
	cr_expect_eq(s->wnd, 65535);
	expect_silence(p);
	expect_nothing_kept(p);
	cr_expect_eq(p->t->count->cookies_sent, 1);
	peer_wait(p, 3000);
	expect_silence(p);
	peer_end(p);
}

Test(tcp_cookie, ack_opens_and_tells)
{
	struct peer *p = syn_of(0);

	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	expect_silence(p);
	expect_log(p, "o");
	cr_expect_eq(p->t->count->cookies_valid, 1);
	cr_expect_eq(p->t->count->conn_accepted, 1);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_sent(p, .flags = TCP_ACK, .ack = 100);
	app_send(p, 50);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .ack = 100, .len = 50);
	peer_end(p);
}

/* RFC 7323 2.2, 3.2, RFC 2018 2: each option only if the SYN carried it, and in use
 * afterwards as if the SYN had been kept */
Test(tcp_cookie, options_survive_in_all_combinations)
{
	for (unsigned o = 0; o < 16; o++) {
		struct peer *p = syn_of(.rcv_wnd = 1 << 20, .ts = o & 1, .sack = o & 2,
		        .wscale = o & 4 ? 1 + 7 : 0, .mss = o & 8 ? 1 : 1400);
		uint32_t mss = (o & 8 ? 536 : o & 1 ? 1400 : 1300) - (o & 1 ? 12 : 0);
		const struct sent *s = sent_next(p);

		cr_expect_eq(s->opts.present, p->offers | SEG_OPT_MSS);
		cr_expect_eq(s->opts.mss, 1460);
		if (o & 4)
			cr_expect_eq(s->opts.wscale, 5);
		if (o & 1)
			cr_expect_eq(s->opts.tsecr, p->t->now.ms + p->tsval);
		peer_send(p, .flags = TCP_ACK, .wnd = 500);
		cr_assert_eq(peer_state(p), TCP_ESTABLISHED, "options %#x", o);
		cr_expect_eq(p->conn->snd_wnd, 500u << (o & 4 ? 7 : 0));
		cr_expect_eq(!!(p->conn->flags & CONN_SACK), !!(o & 2));
		cr_expect_eq(!!(p->conn->flags & CONN_TS), !!(o & 1));
		peer_send(p, .flags = TCP_ACK, .len = 10);
		s = sent_next(p);
		cr_expect_eq(s->opts.present, o & 1 ? SEG_OPT_TS : 0);
		cr_expect_eq(s->wnd, o & 4 ? (1 << 20) >> 5 : 65535);
		app_send(p, 4000);
		s = sent_next(p);
		cr_expect_eq(s->len, mss, "options %#x: %u octets", o, s->len);
		peer_end(p);
	}
}

Test(tcp_cookie, text_on_the_syn_is_not_acknowledged)
{
	struct peer *p = syn_of(0), *q = peer_beside(p);

	sent_forget(p);
	peer_send(q, .flags = TCP_SYN, .len = 20);
	expect_sent(q, .flags = SYN_ACK, .seq = -1);
	peer_end(p);
}

/* A peer that speaks first repairs the loss of its ACK. */
Test(tcp_cookie, text_in_place_of_a_lost_ack)
{
	struct peer *p = syn_of(.ts = true);

	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK | TCP_PSH, .len = 100), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK, .ack = 100);
	expect_log(p, "od");
	peer_end(p);
}

/* RFC 9293 3.10.7.4 seventh, eighth: in the segment that completes the handshake */
Test(tcp_cookie, ack_with_text_and_fin)
{
	struct peer *p = syn_of(0);

	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 7), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK, .ack = 8);
	cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
	expect_log(p, "odf");
	peer_end(p);
}

/* A cookie cannot know this: the ACK and the first octets are lost, and the next segment has
 * another sequence number than the SYN's. It comes again, behind the first octets. */
Test(tcp_cookie, text_behind_lost_text_is_not_reset)
{
	struct peer *p = syn_of(0);

	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 100), DROP_COOKIE_WRONG);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = 200), DROP_COOKIE_WRONG);
	expect_silence(p);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 100), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK, .ack = 100);
	peer_end(p);
}

/* Answered with a cookie, then remembered: both answers are acknowledged rightly. The
 * record knows the SYN's number, so text behind lost text opens as well. */
Test(tcp_cookie, cookie_s_ack_after_the_syn_was_remembered)
{
	for (int32_t seq = 0; seq <= 100; seq += 100) {
		struct peer *p = syn_of(.ts = true, .wscale = 1 + 7);
		uint32_t cookie = p->our_iss;

		sent_forget(p);
		syn_mode_set(&p->t->syn, SYN_COOKIE_OFF, p->t->now.ms);
		cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
		cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
		cr_expect_neq(p->our_iss, cookie);
		sent_forget(p);
		p->our_iss = cookie;
		cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = seq, .len = 5), DROP_NONE);
		expect_sent(p, .flags = TCP_ACK, .ack = seq == 0 ? 5 : 0);
		cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
		cr_expect_eq(p->t->half.pool.used, 0);
		cr_expect_eq(p->t->count->cookies_valid, 1);
		peer_end(p);
	}
}

Test(tcp_cookie, ack_again_finds_the_connection)
{
	struct peer *p = opened_with(.ts = true);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE);
	expect_silence(p);
	cr_expect_eq(p->t->conns.used, 1);
	cr_expect_eq(p->t->count->cookies_valid, 1);
	expect_log(p, "o");
	peer_end(p);
}

/* Two ACKs come in one burst, before any look-up. */
Test(tcp_cookie, ack_again_in_the_same_turn)
{
	struct peer *p = syn_of(0);

	turn_hold(p);
	peer_send(p, .flags = TCP_ACK);
	peer_send(p, .flags = TCP_ACK, .len = 10);
	turn_end(p);
	cr_expect_eq(p->t->conns.used, 1);
	cr_expect_eq(p->got, 10);
	peer_end(p);
}

/* RFC 9293 3.10.7.2 second */
Test(tcp_cookie, wrong_ack_is_reset)
{
	static const struct {
		int32_t seq, ack;
		enum drop why;
	} row[] = {
	        {0, 1000, DROP_COOKIE_WRONG},
	        {0, -1000, DROP_COOKIE_WRONG},
	        {1, 0, DROP_COOKIE_WRONG},
	        {-1, 0, DROP_COOKIE_WRONG},
	        {0, 1 << 30, DROP_COOKIE_EPOCH},
	        {0, INT32_MIN, DROP_COOKIE_EPOCH},
	};

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct peer *p = syn_of(0);

		sent_forget(p);
		cr_expect_eq(
		        peer_send(p, .flags = TCP_ACK, .seq = row[i].seq, .ack = row[i].ack),
		        row[i].why);
		expect_sent(
		        p, .flags = TCP_RST, .seq = (uint32_t)row[i].ack, .ack = -p->iss - 1);
		expect_nothing_kept(p);
		expect_log(p, "");
		peer_end(p);
	}
}

Test(tcp_cookie, resets_have_a_rate)
{
	struct peer *p = syn_sent((struct peer_how) {.rst_per_s = 5});

	sent_forget(p);
	for (unsigned i = 0; i < 100; i++)
		peer_send(p, .flags = TCP_ACK, .ack = 1000);
	cr_expect_eq(sent_waiting(p), 5);
	cr_expect_eq(p->t->count->drop[DROP_TCP_RST_RATE], 95);
	peer_end(p);
}

/* A cookie is no way round the other checks of LISTEN. */
Test(tcp_cookie, only_an_ack_carries_it)
{
	static const uint8_t flags[] = {TCP_ACK | TCP_RST, SYN_ACK, 0, TCP_PSH, TCP_FIN};

	for (unsigned i = 0; i < sizeof(flags); i++) {
		struct peer *p = syn_of(0);

		cr_expect_eq(peer_send(p, .flags = flags[i], .seq = !!(flags[i] & TCP_SYN)),
		        DROP_TCP_LISTEN_FLAGS);
		expect_nothing_kept(p);
		cr_expect_eq(peer_send(p, .flags = TCP_SYN | TCP_FIN), DROP_TCP_LISTEN_FLAGS);
		cr_expect_eq(p->t->count->cookies_sent, 1);
		peer_end(p);
	}
}

Test(tcp_cookie, none_sent_none_expected)
{
	struct peer *p = peer_new((struct peer_how) {.syn_cookie = SYN_COOKIE_OFF});

	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_TCP_LISTEN_FLAGS);
	expect_sent(p, .flags = TCP_RST, .seq = 0, .ack = -p->iss - 1);
	peer_end(p);
}

Test(tcp_cookie, draining_takes_no_connection)
{
	struct peer *p = syn_of(0);

	sent_forget(p);
	p->t->refusing = true;
	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_TCP_LISTEN_FLAGS);
	expect_sent(p, .flags = TCP_RST, .ack = -p->iss - 1);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = 5), DROP_SYN_DRAINING);
	cr_expect_eq(p->t->count->cookies_sent, 1);
	expect_nothing_kept(p);
	peer_end(p);
}

/* The count of syn/mode.h: SYNs without a completed handshake. */
Test(tcp_cookie, completed_handshakes_are_no_flood)
{
	struct peer *p = syn_of(0), *q = peer_in(TCP_SYN_RECEIVED);

	cr_expect_eq(p->t->syn.unproved, 1);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(p->t->syn.unproved, 0);
	cr_expect_eq(q->t->syn.unproved, 1);
	peer_send(q, .flags = TCP_ACK);
	cr_expect_eq(q->t->syn.unproved, 0);
	peer_end(p);
	peer_end(q);
}

/* Cookies of this epoch and of the next one hold, whether or not more are sent. After two
 * epochs without any, no ACK is checked. */
Test(tcp_cookie, holds_for_two_epochs_after_the_last)
{
	static const struct {
		uint32_t ms;
		enum drop why;
	} row[] = {
	        {0, DROP_NONE},
	        {TO_EPOCH, DROP_NONE},
	        {TO_EPOCH + EPOCH_MS - 1, DROP_NONE},
	        {TO_EPOCH + EPOCH_MS, DROP_COOKIE_EPOCH},
	        {TO_EPOCH + 2 * EPOCH_MS - 1, DROP_COOKIE_EPOCH},
	        {TO_EPOCH + 2 * EPOCH_MS, DROP_TCP_LISTEN_FLAGS},
	};

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct peer *p = syn_of(.ts = i & 1);

		syn_mode_set(&p->t->syn, SYN_COOKIE_OFF, p->t->now.ms);
		peer_jump(p, row[i].ms * 1000ull);
		cr_expect_eq(
		        peer_send(p, .flags = TCP_ACK), row[i].why, "after %u ms", row[i].ms);
		peer_end(p);
	}
}

Test(tcp_cookie, syn_again_has_the_same_answer_within_an_epoch)
{
	struct peer *p = syn_of(0);
	uint32_t iss = p->our_iss;

	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
	cr_expect_eq(p->our_iss, iss);
	peer_jump(p, TO_EPOCH * 1000);
	peer_send(p, .flags = TCP_SYN);
	cr_expect_neq(p->our_iss, iss);
	p->our_iss = iss;
	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE, "to the first one");
	peer_end(p);
}

/* A peer without room may come again. A reset would end its attempt. */
Test(tcp_cookie, table_full_is_no_harm)
{
	struct peer *p = opened_with(0), *q = peer_beside(p);

	peer_send(q, .flags = TCP_SYN);
	p->t->conns.capacity = 1; /* another peer was quicker */
	sent_forget(q);
	cr_expect_eq(peer_send(q, .flags = TCP_ACK), DROP_CONN_FULL);
	expect_silence(q);
	cr_expect_eq(q->t->count->cookies_valid, 1);
	cr_expect_eq(peer_state(q), TCP_CLOSED);
	tcp_conn_abort(p->t, p->conn, NULL, HF_ABORTED);
	cr_expect_eq(peer_send(q, .flags = TCP_ACK, .len = 3), DROP_NONE);
	cr_expect_eq(q->got, 3);
	peer_end(p);
}

/* RFC 5961 4.2: a connection that lives is asked, not opened anew. */
Test(tcp_cookie, syn_to_a_live_connection_is_challenged)
{
	struct peer *p = opened_with(.ts = true);

	for (int32_t seq = -1; seq <= 100; seq += 101) {
		cr_expect_eq(
		        peer_send(p, .flags = TCP_SYN, .seq = seq), DROP_TCP_SYN_CHALLENGED);
		expect_sent(p, .flags = TCP_ACK);
		expect_silence(p);
	}
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	cr_expect_eq(p->t->count->cookies_sent, 1);
	peer_end(p);
}

Test(tcp_cookie, syn_again_to_a_record_gets_the_record_s_answer)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);
	uint32_t iss = p->our_iss;

	syn_mode_set(&p->t->syn, SYN_COOKIE_ALWAYS, p->t->now.ms);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_TCP_OLD);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	cr_expect_eq(p->our_iss, iss);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE);
	cr_expect_eq(p->t->count->cookies_sent, 0);
	peer_end(p);
}

/* RFC 1122 4.2.2.13, RFC 6191: above all that the old connection used, which only a
 * record can be */
Test(tcp_cookie, newer_syn_to_a_time_wait_is_remembered)
{
	for (unsigned ts = 0; ts < 2; ts++) {
		struct peer *p = peer_in(
		        TCP_TIME_WAIT, .ts = ts, .syn_cookie = SYN_COOKIE_ALWAYS);
		uint32_t last = p->our_iss + 2; /* SND.NXT: SYN and FIN */
		const struct sent *s;

		peer_jump(p, 1000);
		cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = 50, .ts = 1), DROP_NONE);
		s = expect_sent(p, .flags = SYN_ACK, .seq = -1, .ack = 51);
		cr_expect_lt(s->number - last, 1u << 31);
		cr_expect_gt(s->number - last, 1000u);
		cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
		cr_expect_eq(p->t->tw.live, 0);
		cr_expect_eq(p->t->count->tw_reopened, 1);
		cr_expect_eq(p->t->count->cookies_sent, 1);
		peer_end(p);
	}
}

/* 536 is the least that a cookie without timestamps can say. */
Test(tcp_cookie, small_mss_needs_timestamps)
{
	struct peer *p = syn_of(0), *q = peer_beside(p);

	cr_expect_eq(
	        peer_send(q, .flags = TCP_SYN, .opts = SEG_OPT_MSS, .mss = 535), DROP_SYN_MSS);
	expect_silence(q);
	expect_nothing_kept(p);
	q->ts = true;
	cr_expect_eq(
	        peer_send(q, .flags = TCP_SYN, .opts = SEG_OPT_MSS | SEG_OPT_TS, .mss = 535),
	        DROP_NONE);
	peer_send(q, .flags = TCP_ACK);
	sent_forget(q);
	app_send(q, 1000);
	cr_expect_eq(sent_next(q)->len, 216 - 12, "the class below");
	peer_end(p);
}

/* RFC 6298 3: the time of the SYN is unknown. RFC 5681 3.1: nothing was lost. */
Test(tcp_cookie, round_trip_is_not_measured)
{
	for (unsigned ts = 0; ts < 2; ts++) {
		struct peer *p = syn_of(.ts = ts);

		peer_jump(p, 300000);
		peer_send(p, .flags = TCP_ACK);
		cr_expect_eq(p->conn->srtt8_us, 0);
		cr_expect_geq(p->conn->cwnd, 2u * p->conn->mss);
		sent_forget(p);
		app_send(p, 100);
		sent_forget(p);
		peer_wait(p, 999);
		expect_silence(p);
		peer_wait(p, 1);
		expect_sent(p, .flags = TCP_ACK | TCP_PSH, .len = 100);
		peer_end(p);
	}
}

/* RFC 7323 4.1, 5: from the SYN-ACK, whose low bits hold options, to TIME-WAIT */
Test(tcp_cookie, timestamps_never_go_back)
{
	for (unsigned begin = 0; begin < 128; begin++) {
		struct peer *p = peer_new((struct peer_how) {.ts = true,
		        .sack = begin & 1,
		        .wscale = begin & 2 ? 1 + 14 : 0,
		        .syn_cookie = SYN_COOKIE_ALWAYS});
		uint32_t last, from, now;

		peer_jump(p, begin * 1000);
		peer_send(p, .flags = TCP_SYN);
		last = sent_next(p)->opts.tsval;
		peer_send(p, .flags = TCP_ACK, .len = 1);
		from = sent_next(p)->opts.tsval;
		cr_expect_leq(from - last, 63);
		from -= p->t->now.ms;
		app_shutdown(p);
		cr_expect_eq(sent_next(p)->opts.tsval, from + p->t->now.ms);
		peer_send(p, .flags = TCP_FIN | TCP_ACK);
		cr_assert_eq(peer_state(p), TCP_TIME_WAIT);
		sent_forget(p);
		peer_jump(p, 777000);
		peer_send(p, .flags = TCP_FIN | TCP_ACK, .seq = -1);
		now = expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 2)->opts.tsval;
		cr_expect_eq(now, from + p->t->now.ms, "TIME-WAIT has the same clock");
		peer_end(p);
	}
}

/* Replaced keys set the clocks of new flows off otherwise. */
Test(tcp_cookie, time_wait_keeps_its_clock_when_keys_are_replaced)
{
	struct peer *p = peer_in(TCP_TIME_WAIT, .ts = true, .syn_cookie = SYN_COOKIE_ALWAYS);
	struct cookie_masters m;
	uint32_t from = p->tsecr - p->t->now.ms;

	cookie_masters_draw(&m, (const uint8_t *)"another secret.");
	cookie_keys_replace(&p->t->cookies, &m, p->t->now.us);
	for (unsigned i = 0; i < 3; i++) {
		peer_jump(p, 7777000);
		peer_send(p, .flags = TCP_FIN | TCP_ACK, .seq = -1);
		cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 1)->opts.tsval,
		        from + p->t->now.ms);
	}
	/* a SYN echoes nothing: no time is better than one that may go back */
	for (uint32_t tsecr = 0; tsecr < 4; tsecr++) {
		peer_send(p, .flags = TCP_SYN, .seq = -5000, .ts = -9000000,
		        .tsecr = (int32_t)(tsecr << 30));
		cr_expect_eq(
		        expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 1)->opts.present, 0);
	}
	peer_end(p);
}

/* RFC 7323 5.3: PAWS begins with the timestamp of the ACK. */
Test(tcp_cookie, paws_from_the_ack_on)
{
	struct peer *p = opened_with(.ts = true);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 5, .ts = -1), DROP_TCP_PAWS);
	cr_expect_eq(p->got, 0);
	p->seq = 0;
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 5), DROP_NONE);
	cr_expect_eq(p->got, 5);
	peer_end(p);
}

/* 3.10.7.4 first: the window is that of our SYN-ACK. */
Test(tcp_cookie, window_that_was_offered)
{
	struct peer *p = opened_with(.rcv_wnd = 4000);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 4000, .len = 1), DROP_TCP_WINDOW);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1400), DROP_NONE);
	cr_expect_eq(p->got, 1400);
	peer_end(p);
}
