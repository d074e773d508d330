/* SPDX-License-Identifier: BSD-3-Clause */
/* A port without room: text waits, and owed ACKs do not. */
#include "peer.h"

#define ALL_PORTS UINT32_MAX

static void
hold(struct peer *p)
{
	tcp_full_ports(p->t, ALL_PORTS);
}

/* The port has room again, and the turn ends. */
static void
let_go(struct peer *p)
{
	turn_hold(p);
	tcp_full_ports(p->t, 0);
	tcp_speak_waiting(p->t, 100);
	turn_end(p);
}

Test(tcp_full_port, text_waits_and_goes_on_in_order)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000);

	hold(p);
	app_send(p, 2500);
	expect_silence(p);
	let_go(p);
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .len = 1000);
	expect_sent(p, .flags = TCP_ACK, .seq = 1000, .len = 1000);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 2000, .len = 500);
	expect_silence(p);
	peer_end(p);
}

Test(tcp_full_port, fin_waits_behind_text)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hold(p);
	app_send(p, 100);
	app_shutdown(p);
	expect_silence(p);
	let_go(p);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 0, .len = 100);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_1);
	peer_end(p);
}

Test(tcp_full_port, acks_are_sent)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hold(p);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .ack = 100);
	peer_end(p);
}

/* RFC 5681 4.2: within half a second; the port may be stuck for longer. */
Test(tcp_full_port, acks_do_not_wait_for_text_that_does)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hold(p);
	app_send(p, 100);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .ack = 100);
	let_go(p);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 0, .ack = 100, .len = 100);
	peer_end(p);
}

/* RFC 9293 3.8.6.1 is about the peer's window, which is open. */
Test(tcp_full_port, nothing_is_probed)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hold(p);
	app_send(p, 100);
	peer_wait(p, 5000);
	expect_silence(p);
	cr_expect_eq(p->t->count->zero_window_probes, 0u);
	let_go(p);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 100);
	peer_end(p);
}

/* Text that waits for the peer's window, and not for the port, is probed (MUST-36). Otherwise
 * nothing would ask again when the port is free. */
Test(tcp_full_port, a_shut_window_is_probed)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hold(p);
	p->deaf = true;
	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 100);
	let_go(p);
	peer_wait(p, 5000);
	cr_expect_gt(p->t->count->zero_window_probes, 0u);
	peer_end(p);
}

/* Text that may still stand before our own port is not lost (RFC 5681 3.1). */
Test(tcp_full_port, a_timeout_meanwhile_is_no_loss)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000);
	uint32_t cwnd = p->conn->cwnd;

	app_send(p, 1000);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 1000);
	hold(p);
	peer_wait(p, 5000);
	expect_silence(p);
	cr_expect_eq(p->t->count->rto_fired, 0u);
	cr_expect_eq(p->conn->cwnd, cwnd);
	let_go(p);
	peer_wait(p, 2000);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 1000);
	peer_end(p);
}

/* It left the port only now: the answer cannot be there yet. */
Test(tcp_full_port, a_timeout_counts_from_the_end_of_the_hold)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000);
	uint32_t rto = p->t->conf.rto_min_ms;

	app_send(p, 1000);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 1000);
	hold(p);
	peer_wait(p, rto - 1);
	let_go(p);
	peer_wait(p, rto - 1);
	expect_silence(p);
	cr_expect_eq(p->t->count->rto_fired, 0u);
	peer_wait(p, 2);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 1000);
	cr_expect_eq(p->t->count->rto_fired, 1u);
	peer_end(p);
}

/* When all speak at once the port is full again, but not for long. */
Test(tcp_full_port, a_short_hold_does_not_hide_a_long_one)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000);
	uint32_t rto = p->t->conf.rto_min_ms;

	app_send(p, 1000);
	sent_forget(p);
	hold(p);
	peer_wait(p, rto - 1);
	let_go(p);
	hold(p);
	let_go(p);
	peer_wait(p, 2);
	expect_silence(p);
	cr_expect_eq(p->t->count->rto_fired, 0u);
	sent_forget(p);
	peer_end(p);
}

/* A port that is often full for a moment stops no timer: text sent long before is in flight. */
Test(tcp_full_port, a_timeout_of_what_left_long_ago_is_one)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000);
	uint32_t rto = p->t->conf.rto_min_ms;

	app_send(p, 1000);
	sent_forget(p);
	for (unsigned ms = 0; ms < rto - 10; ms += 10) {
		peer_wait(p, 5);
		hold(p);
		peer_wait(p, 5);
		let_go(p);
	}
	expect_silence(p);
	hold(p);
	peer_wait(p, 10);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 1000);
	cr_expect_eq(p->t->count->rto_fired, 1u);
	sent_forget(p);
	peer_end(p);
}

/* The time without room is not a second silence either: R1 is told once (RFC 9293 3.8.3). */
Test(tcp_full_port, what_was_told_is_not_told_again)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	unsigned told;

	app_send(p, 100);
	while (p->t->count->rto_fired < 3)
		peer_wait(p, 1);
	told = p->nlog;
	cr_expect_eq(p->log[told - 1], 's');
	hold(p);
	p->conn->heard = clock_stamp(p->t->now);
	peer_wait(p, 9000);
	cr_expect_eq(p->t->count->rto_fired, 3u);
	cr_expect_eq(p->nlog, told);
	peer_end(p);
}

/* MUST-20 of RFC 9293 holds, however long the port is stuck. */
Test(tcp_full_port, a_peer_that_is_gone_is_given_up_all_the_same)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_send(p, 100);
	hold(p);
	p->deaf = true;
	for (unsigned s = 0; s < 600 && p->closed == 0; s++)
		peer_wait(p, 1000);
	cr_expect_eq(p->closed, 1u);
	cr_expect_eq(p->why, HF_TIMEOUT);
	peer_end(p);
}

/* The record of a connection that ended while it waited comes back. */
Test(tcp_full_port, a_connection_that_ended_meanwhile_says_nothing)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	uint32_t used = p->t->conns.used;

	hold(p);
	app_send(p, 100);
	peer_send(p, .flags = TCP_RST);
	cr_expect_eq(p->closed, 1u);
	let_go(p);
	expect_silence(p);
	cr_expect_eq(p->t->conns.used, used - 1);
	peer_end(p);
}

/* First come, first served. */
Test(tcp_full_port, they_go_on_in_the_order_of_their_coming)
{
	struct peer *a = peer_in(TCP_ESTABLISHED), *b = peer_beside(a), *c = peer_beside(a);

	peer_connect(b);
	peer_connect(c);
	sent_forget(b);
	sent_forget(c);
	hold(a);
	app_send(b, 100);
	app_send(c, 100);
	app_send(a, 100);
	cr_expect_eq(tcp_conn_at(a->t, a->t->waiting_for[0].first), b->conn);
	cr_expect_eq(tcp_conn_at(a->t, b->conn->pending), c->conn);
	cr_expect_eq(tcp_conn_at(a->t, c->conn->pending), a->conn);
	let_go(a);
	expect_sent(a, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 100);
	expect_sent(b, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 100);
	expect_sent(c, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 100);
	peer_end(a);
}

/* Waiting connections are not examined each turn: none pends. */
Test(tcp_full_port, a_waiting_connection_costs_no_turn_anything)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hold(p);
	app_send(p, 100);
	cr_expect_not(tcp_speak(p->t, 100));
	cr_expect(p->conn->flags & CONN_PENDING);
	let_go(p);
	sent_forget(p);
	peer_end(p);
}

Test(tcp_full_port, one_port_does_not_hold_another)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	tcp_full_ports(p->t, ALL_PORTS & ~(1u << p->conn->port));
	app_send(p, 100);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 0, .len = 100);
	peer_end(p);
}

/* RFC 9293 3.9.1.5. Resets do not wait, nor do the records of connections that waited. */
Test(tcp_full_port, abort_all_resets_waiting_connections)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hold(p);
	app_send(p, 100);
	tcp_abort_all(p->t, HF_STOPPED);
	expect_sent(p, .flags = TCP_RST | TCP_ACK, .seq = 0);
	cr_expect_eq(p->t->conns.used, 0u);
	peer_end(p);
}
