/* SPDX-License-Identifier: BSD-3-Clause */
/* Nothing of a connection changes before all checks of a segment are done; and no
 * check is stricter than those of the peers (RFC 9293 3.10.7.4, RFC 5961, RFC 7323 5). */
#include "peer.h"

#define FAR 0x70000000 /* ahead of any TSval that the peer will send */

struct row {
	const char *what;
	struct say say;
	enum drop why;
};

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

/* RFC 7323 5.3 R3 with RFC 5961 5.2: a segment that is discarded leaves no trace, or PAWS would
 * keep the true peer out for ever. */
Test(tcp_checks, discarded_segments_set_no_timestamp)
{
	static const struct row rows[] = {
	        {"ACK of what was not sent", {.flags = TCP_ACK, .ack = 9, .ts = FAR},
	                DROP_TCP_ACK_UNSENT},
	        {"... with text", {.flags = TCP_ACK, .ack = 9, .len = 5, .ts = FAR},
	                DROP_TCP_ACK_UNSENT},
	        {"ACK far too old", {.flags = TCP_ACK, .ack = -70000, .ts = FAR},
	                DROP_TCP_ACK_OLD},
	        {"no ACK", {.flags = TCP_PSH, .len = 5, .ts = FAR}, DROP_TCP_NO_ACK},
	        {"no ACK, partly old", {.flags = 0, .seq = -2, .len = 5, .ts = FAR},
	                DROP_TCP_NO_ACK},
	        {"SYN", {.flags = TCP_SYN, .seq = 1, .ts = FAR}, DROP_TCP_SYN_CHALLENGED},
	        {"SYN and ACK", {.flags = TCP_SYN | TCP_ACK, .seq = 1, .ts = FAR},
	                DROP_TCP_SYN_CHALLENGED},
	        {"RST in the window", {.flags = TCP_RST, .seq = 1, .ts = FAR},
	                DROP_TCP_RST_CHALLENGED},
	        {"old", {.flags = TCP_ACK, .seq = -5, .len = 5, .ts = FAR}, DROP_TCP_OLD},
	        {"beyond the window", {.flags = TCP_ACK, .seq = 65536, .ts = FAR},
	                DROP_TCP_WINDOW},
	};
	static const enum tcp_state states[] = {TCP_ESTABLISHED, TCP_FIN_WAIT_1, TCP_FIN_WAIT_2,
	        TCP_CLOSE_WAIT, TCP_CLOSING, TCP_LAST_ACK};

	for (unsigned i = 0; i < ROWS(states) * ROWS(rows); i++) {
		const struct row *r = &rows[i % ROWS(rows)];
		struct peer *p = peer_in(states[i / ROWS(rows)], .ts = true);
		uint32_t ts_recent = p->conn->ts_recent, seq = p->seq;
		enum drop why = peer_say(p, r->say);

		cr_expect_eq(why, r->why, "%s: %s", r->what, drop_name(why));
		cr_expect_eq(p->conn->ts_recent, ts_recent, "%s, in %s", r->what,
		        tcp_state_names[states[i / ROWS(rows)]]);
		p->seq = seq;
		cr_expect_neq(peer_send(p, .flags = TCP_ACK), DROP_TCP_PAWS, "%s", r->what);
		peer_end(p);
	}
}

/* The same holds in the SYN-RECEIVED of a simultaneous open. */
Test(tcp_checks, wrong_ack_of_a_simultaneous_open_sets_no_timestamp)
{
	struct peer *p = peer_called(TCP_SYN_RECEIVED, .ts = true);
	uint32_t ts_recent = p->conn->ts_recent;

	cr_expect_eq(
	        peer_send(p, .flags = TCP_ACK, .ack = 5, .ts = FAR), DROP_TCP_ACK_HANDSHAKE);
	cr_expect_eq(p->conn->ts_recent, ts_recent);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* The discarded segment causes no ACK: octets that were cut off count no more than the rest. */
Test(tcp_checks, discarded_segments_are_not_acknowledged)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 2000);

	peer_send(p, .flags = TCP_ACK, .len = 100);
	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = 0, .seq = -50, .len = 100), DROP_TCP_NO_ACK);
	expect_silence(p);
	cr_expect_eq(peer_send(p, .flags = 0, .seq = 1500, .len = 1000), DROP_TCP_NO_ACK);
	expect_silence(p);
	cr_expect_eq(p->t->count->drop[DROP_TCP_WINDOW], 0);
	peer_end(p);
}

/* RFC 9293 3.10.7.4 first: the peer's text fills our window, all of it is lost, and it
 * acknowledges ours: from the right edge. */
Test(tcp_checks, pure_ack_at_the_right_edge_counts)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 4000);

	app_send(p, 500);
	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 4000), DROP_NONE);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	peer_wait(p, 5000);
	expect_silence(p);
	/* an octet farther, or an octet of text, or the end: beyond it */
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 4001), DROP_TCP_WINDOW);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 4000, .len = 1), DROP_TCP_WINDOW);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = 4000), DROP_TCP_WINDOW);
	cr_expect_eq(peer_send(p, .flags = TCP_RST, .seq = 4001), DROP_TCP_RST_WINDOW);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = 4001), DROP_TCP_SYN_CHALLENGED);
	peer_end(p);
}

/* Text that comes again may carry the only ACK that arrives. */
Test(tcp_checks, ack_of_an_old_segment_counts)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .len = 100);
	app_send(p, 500);
	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = -100, .len = 100), DROP_TCP_OLD);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	cr_expect_eq(p->got, 100);
	expect_sent(p, .flags = TCP_ACK, .seq = 500, .ack = 100);
	expect_silence(p);
	peer_end(p);
}

/* RFC 9293 3.6: a FIN sent again, in CLOSING and LAST-ACK */
Test(tcp_checks, fin_again_carries_the_ack_that_ends_it)
{
	struct peer *p = peer_in(TCP_CLOSING);

	cr_expect_eq(
	        peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = -1, .ack = 1), DROP_TCP_OLD);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	expect_sent(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
	expect_silence(p);
	peer_end(p);

	p = peer_in(TCP_LAST_ACK);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = -1, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(p->why, HF_CLOSED);
	peer_end(p);
}

/* RFC 5961 5.2: by the same rules as any; and a blind attacker has to hit the window,
 * or as much before it. */
Test(tcp_checks, ack_of_an_old_segment_is_checked)
{
	static const struct row rows[] = {
	        {"of what was not sent", {.flags = TCP_ACK, .seq = -9, .len = 9, .ack = 1},
	                DROP_TCP_ACK_UNSENT},
	        {"too old", {.flags = TCP_ACK, .seq = -9, .len = 9, .ack = -70000},
	                DROP_TCP_ACK_OLD},
	        {"from too far back", {.flags = TCP_ACK, .seq = -65536, .len = 9},
	                DROP_TCP_OLD},
	        {"no ACK", {.flags = 0, .seq = -9, .len = 9}, DROP_TCP_OLD},
	};

	for (unsigned i = 0; i < ROWS(rows); i++) {
		struct peer *p = peer_in(TCP_ESTABLISHED);
		enum drop why;

		app_send(p, 500);
		sent_forget(p);
		why = peer_say(p, rows[i].say);
		cr_expect_eq(why, rows[i].why, "%s: %s", rows[i].what, drop_name(why));
		cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 500, "%s", rows[i].what);
		expect_sent(p, .flags = TCP_ACK, .seq = 500);
		peer_end(p);
	}
}

/* Two TCPs that disagree do not acknowledge each other for ever. The answers to segments
 * without text keep within the limit of challenges. */
Test(tcp_checks, old_acks_draw_few_answers)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .len = 100);
	sent_forget(p);
	for (unsigned i = 0; i < 100; i++)
		cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = -1), DROP_TCP_OLD);
	cr_expect_eq(sent_waiting(p), 10);
	sent_forget(p);
	for (unsigned i = 0; i < 100; i++)
		peer_send(p, .flags = TCP_ACK, .seq = 65535);
	expect_silence(p);
	peer_end(p);
}

/* RFC 5961 4.2 before RFC 7323 3.2: a peer that has lost the connection may come back
 * without timestamps, and has no other way in. */
Test(tcp_checks, syn_without_timestamps_is_challenged)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);

	cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = -100000, .no_ts = true),
	        DROP_TCP_SYN_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK, .ack = 0);
	/* which it answers with a reset by the number of that ACK */
	cr_expect_eq(peer_send(p, .flags = TCP_RST, .no_ts = true), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}
