/* SPDX-License-Identifier: BSD-3-Clause */
/* SYN-RECEIVED after a passive open, which is a record of 64 bytes. */
#include "peer.h"

#define SYN_ACK (TCP_SYN | TCP_ACK)
#define ANSWERS 15

/* A segment, and its effect. */
struct row {
	const char *what;
	struct say say;
	enum drop why;
	uint8_t answer; /* flags; 0: none */
	enum tcp_state state;
};

static void
expect_row(const struct row *r, bool ts)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = ts);
	const struct sent *s;
	enum drop why;

	why = peer_say(p, r->say);
	cr_expect_eq(why, r->why, "%s: %s", r->what, drop_name(why));
	s = sent_next(p);
	cr_expect_eq(s != NULL ? s->flags : 0, r->answer, "%s: answered with %#x", r->what,
	        s != NULL ? s->flags : 0);
	if (r->answer == TCP_ACK && s != NULL) {
		cr_expect(s->seq == 0 && s->ack == 0 && s->len == 0 && s->wnd == 65535, "%s",
		        r->what);
		cr_expect_eq(s->opts.present, ts ? SEG_OPT_TS : 0);
	}
	cr_expect_null(sent_next(p), "%s: a second answer", r->what);
	cr_expect_eq(
	        peer_state(p), r->state, "%s: in %s", r->what, tcp_state_names[peer_state(p)]);
	cr_expect_eq(p->t->half.pool.used, r->state == TCP_SYN_RECEIVED);
	cr_expect_eq(p->nlog != 0, r->state == TCP_ESTABLISHED, "%s", r->what);
	peer_end(p);
}

#define STAYS  TCP_SYN_RECEIVED
#define OPENS  TCP_ESTABLISHED
#define LEAVES TCP_CLOSED

/* RFC 9293 3.10.7.4, RFC 5961 3 to 5 */
Test(tcp_half_open, every_segment)
{
	static const struct row rows[] = {
	        {"the ACK", {.flags = TCP_ACK}, DROP_NONE, 0, OPENS},
	        {"the window's last octet", {.flags = TCP_ACK, .seq = 65534}, DROP_NONE, 0,
	                OPENS},
	        {"its right edge", {.flags = TCP_ACK, .seq = 65535}, DROP_NONE, 0, OPENS},
	        {"text at its right edge", {.flags = TCP_ACK, .seq = 65535, .len = 1},
	                DROP_SYN_WINDOW, TCP_ACK, STAYS},
	        {"behind the window", {.flags = TCP_ACK, .seq = 65536}, DROP_SYN_WINDOW,
	                TCP_ACK, STAYS},
	        {"before the window", {.flags = TCP_ACK, .seq = -1}, DROP_TCP_OLD, TCP_ACK,
	                STAYS},
	        {"ACK of too little", {.flags = TCP_ACK, .ack = -1}, DROP_TCP_ACK_HANDSHAKE,
	                TCP_RST, STAYS},
	        {"ACK of too much", {.flags = TCP_ACK, .ack = 1}, DROP_TCP_ACK_HANDSHAKE,
	                TCP_RST, STAYS},
	        {"wrong ACK on text", {.flags = TCP_ACK, .ack = 9, .len = 9},
	                DROP_TCP_ACK_HANDSHAKE, TCP_RST, STAYS},
	        {"nothing", {.flags = 0}, DROP_TCP_NO_ACK, 0, STAYS},
	        {"text without ACK", {.flags = TCP_PSH, .len = 9}, DROP_TCP_NO_ACK, 0, STAYS},
	        {"FIN without ACK", {.flags = TCP_FIN}, DROP_TCP_NO_ACK, 0, STAYS},
	        {"RST at RCV.NXT", {.flags = TCP_RST}, DROP_NONE, 0, LEAVES},
	        {"RST with a wrong ACK", {.flags = TCP_RST | TCP_ACK, .ack = 7}, DROP_NONE, 0,
	                LEAVES},
	        {"RST in the window", {.flags = TCP_RST, .seq = 1}, DROP_TCP_RST_CHALLENGED,
	                TCP_ACK, STAYS},
	        {"RST at the window's end", {.flags = TCP_RST, .seq = 65534},
	                DROP_TCP_RST_CHALLENGED, TCP_ACK, STAYS},
	        {"RST behind it", {.flags = TCP_RST, .seq = 65535}, DROP_TCP_RST_WINDOW, 0,
	                STAYS},
	        {"RST before it", {.flags = TCP_RST, .seq = -1}, DROP_TCP_RST_WINDOW, 0, STAYS},
	        {"the SYN again", {.flags = TCP_SYN}, DROP_TCP_OLD, SYN_ACK, STAYS},
	        {"SYN and ACK at IRS", {.flags = SYN_ACK}, DROP_TCP_SYN_CHALLENGED, TCP_ACK,
	                STAYS},
	        {"another SYN before the window", {.flags = TCP_SYN, .seq = -1000},
	                DROP_TCP_SYN_CHALLENGED, TCP_ACK, STAYS},
	        {"another SYN behind it", {.flags = TCP_SYN, .seq = 70000},
	                DROP_TCP_SYN_CHALLENGED, TCP_ACK, STAYS},
	        {"another SYN in it", {.flags = TCP_SYN, .seq = 1000}, DROP_TCP_SYN_CHALLENGED,
	                0, LEAVES},
	        {"SYN and ACK in it", {.flags = SYN_ACK, .seq = 1000}, DROP_TCP_SYN_CHALLENGED,
	                0, LEAVES},
	        {"SYN and RST in it", {.flags = TCP_SYN | TCP_RST, .seq = 1000},
	                DROP_TCP_RST_CHALLENGED, TCP_ACK, STAYS},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect_row(&rows[i], false);
		expect_row(&rows[i], true);
	}
}

/* RFC 7323 3.2, 5.3 R1; resets are exempt */
Test(tcp_half_open, every_segment_by_its_timestamp)
{
	static const struct row rows[] = {
	        {"the SYN's own", {.flags = TCP_ACK}, DROP_NONE, 0, OPENS},
	        {"older", {.flags = TCP_ACK, .ts = -1}, DROP_TCP_PAWS, TCP_ACK, STAYS},
	        {"older, on text", {.flags = TCP_ACK, .ts = INT32_MIN + 1, .len = 5},
	                DROP_TCP_PAWS, TCP_ACK, STAYS},
	        {"older SYN in the window", {.flags = TCP_SYN, .seq = 5, .ts = -1},
	                DROP_TCP_PAWS, TCP_ACK, STAYS},
	        {"none", {.flags = TCP_ACK, .no_ts = true}, DROP_TCP_TS_MISSING, 0, STAYS},
	        {"none, on text", {.flags = TCP_ACK, .no_ts = true, .len = 5},
	                DROP_TCP_TS_MISSING, 0, STAYS},
	        {"none, on an RST", {.flags = TCP_RST, .no_ts = true}, DROP_NONE, 0, LEAVES},
	        {"older, on an RST", {.flags = TCP_RST, .ts = -1}, DROP_NONE, 0, LEAVES},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_row(&rows[i], true);
}

Test(tcp_half_open, challenge_echoes_the_syn_s_time)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = true);
	uint32_t syn = p->t->now.ms + p->tsval, ours = p->tsecr - p->t->now.ms;
	const struct sent *s;

	peer_wait(p, 10);
	peer_send(p, .flags = TCP_RST, .seq = 5);
	s = expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(s->opts.tsecr, syn);
	cr_expect_eq(s->opts.tsval, ours + p->t->now.ms);
	peer_end(p);
}

/* RFC 7323 4.3: a newer TSval that is in order is echoed from then on, so that the
 * peer does not measure how long its first SYN was lost. */
Test(tcp_half_open, syn_again_is_answered_with_its_own_time)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = true);
	uint32_t again;

	peer_wait(p, 500);
	again = p->t->now.ms + p->tsval;
	peer_send(p, .flags = TCP_SYN);
	cr_expect_eq(expect_sent(p, .flags = SYN_ACK, .seq = -1)->opts.tsecr, again);
	peer_send(p, .flags = TCP_SYN, .ts = -1);
	cr_expect_eq(expect_sent(p, .flags = SYN_ACK, .seq = -1)->opts.tsecr, again,
	        "an old one takes nothing back");
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ts = -1), DROP_TCP_PAWS);
	peer_end(p);
}

/* RFC 7323 2.2: but for SYNs, windows are scaled. */
Test(tcp_half_open, challenge_has_a_scaled_window)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED, .rcv_wnd = 1 << 20, .wscale = 1 + 3);

	peer_send(p, .flags = TCP_RST, .seq = 5);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK)->wnd, 65535 >> 5);
	peer_end(p);
}

/* RFC 9293 3.10.7.4 fourth, passive: back to LISTEN, and the next SYN opens. */
Test(tcp_half_open, another_syn_in_the_window_gives_way_to_the_next)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	peer_send(p, .flags = TCP_SYN, .seq = 1000);
	expect_silence(p);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = 1000), DROP_NONE);
	expect_sent(p, .flags = SYN_ACK, .seq = -1, .ack = 1000);
	peer_end(p);
}

/* RFC 5961 7: a limit, each record's own */
Test(tcp_half_open, so_many_answers_and_no_more)
{
	static const struct say wrong[] = {{.flags = TCP_RST, .seq = 5}, {.flags = TCP_SYN},
	        {.flags = TCP_ACK, .seq = -1}, {.flags = TCP_ACK, .ts = -1}};

	for (unsigned k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
		struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = true), *q = peer_beside(p);

		for (unsigned i = 0; i < 2 * ANSWERS; i++)
			peer_say(p, wrong[k]);
		cr_expect_eq(sent_waiting(p), ANSWERS, "%u answers to %u", sent_waiting(p), k);
		sent_forget(p);
		peer_send(q, .flags = TCP_SYN);
		sent_forget(q);
		peer_say(q, wrong[k]);
		cr_expect_eq(sent_waiting(q), 1, "another one has its own");
		cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE);
		cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
		peer_end(p);
	}
}

/* A segment that asks for a reset comes from a stranger, and uses the budget of strangers. */
Test(tcp_half_open, resets_have_a_rate)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED, .rst_per_s = 5);

	for (unsigned i = 0; i < 50; i++)
		peer_send(p, .flags = TCP_ACK, .ack = 1);
	cr_expect_eq(sent_waiting(p), 5);
	cr_expect_eq(p->t->count->drop[DROP_TCP_RST_RATE], 45);
	peer_end(p);
}

/* While cookies are sent, a peer without an answer most likely does not exist. */
Test(tcp_half_open, nothing_is_said_again_while_stateless)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	syn_mode_set(&p->t->syn, SYN_COOKIE_ALWAYS, p->t->now.ms);
	peer_wait(p, 2999);
	expect_silence(p);
	cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
	syn_mode_set(&p->t->syn, SYN_COOKIE_OFF, p->t->now.ms);
	peer_wait(p, 1);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	peer_wait(p, 60000);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(p->t->count->syn_timeout, 1);
	peer_end(p);
}

/* RFC 6298 2.2: the handshake is the first sample, by the clock or by the echo. */
Test(tcp_half_open, round_trip_is_measured)
{
	for (unsigned ts = 0; ts < 2; ts++) {
		struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = ts);

		peer_wait(p, 80);
		peer_send(p, .flags = TCP_ACK);
		cr_expect_geq(p->conn->srtt8_us, 8 * 79000);
		cr_expect_leq(p->conn->srtt8_us, 8 * 81000);
		peer_end(p);
	}
}

/* A silent peer that was asked again goes before a peer that has just come. */
Test(tcp_half_open, off_the_most_asked_makes_room)
{
	struct peer *p = peer_new(
	        (struct peer_how) {.max_half_open = 3, .syn_cookie = SYN_COOKIE_OFF});
	struct peer *q[5];

	for (unsigned i = 0; i < 5; i++)
		q[i] = peer_beside(p);
	peer_send(q[0], .flags = TCP_SYN);
	peer_wait(p, 500);
	peer_send(q[1], .flags = TCP_SYN);
	peer_wait(p, 600);
	peer_send(q[2], .flags = TCP_SYN);
	peer_send(q[3], .flags = TCP_SYN);
	cr_expect_eq(peer_state(q[0]), TCP_CLOSED, "asked again after a second");
	peer_send(q[4], .flags = TCP_SYN);
	cr_expect_eq(peer_state(q[1]), TCP_CLOSED, "then by age");
	for (unsigned i = 2; i < 5; i++)
		cr_expect_eq(peer_state(q[i]), TCP_SYN_RECEIVED);
	cr_expect_eq(p->t->count->syn_evicted, 2);
	sent_forget(q[0]);
	cr_expect_eq(peer_send(q[0], .flags = TCP_ACK), DROP_TCP_LISTEN_FLAGS);
	expect_sent(q[0], .flags = TCP_RST, .ack = -q[0]->iss - 1);
	peer_end(p);
}

/* Records end, not connections: no application is told, and only the pool has memory. */
Test(tcp_half_open, costs_no_connection)
{
	struct peer *p = peer_new((struct peer_how) {.max_half_open = 64, .max_conns = 32});

	for (unsigned i = 0; i < 20; i++)
		peer_send(peer_beside(p), .flags = TCP_SYN);
	cr_expect_eq(p->t->half.pool.used, 20);
	cr_expect_eq(p->t->conns.used, 0);
	cr_expect_eq(p->t->wheel.armed, 0);
	cr_expect_eq(p->t->table.used, 20);
	peer_end(p);
}
