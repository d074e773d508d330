/* SPDX-License-Identifier: BSD-3-Clause */
/* Simultaneous open (RFC 9293 3.5, figure 8) against segments of a script. */
#include "peer.h"

#define SYN_ACK (TCP_SYN | TCP_ACK)

/* Both SYNs crossed; the peer will send text next, having acknowledged ours. */
static struct peer *
crossed(struct peer_how how)
{
	struct peer *p = peer_new(how);

	peer_call(p);
	sent_forget(p);
	cr_assert_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	cr_assert_eq(peer_state(p), TCP_SYN_RECEIVED);
	return p;
}

#define crossed(...) crossed((struct peer_how) {__VA_ARGS__})

/* Figure 8: the SYN-ACKs cross as well */
Test(tcp_simultaneous, crossed_syn_acks)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = SYN_ACK), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	expect_log(p, "o");
	cr_expect_eq(p->t->count->conn_connected, 1);
	cr_expect_eq(p->t->count->conn_accepted, 0);
	sent_forget(p);
	app_send(p, 100);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .len = 100);
	peer_send(p, .flags = TCP_ACK, .len = 50);
	expect_sent(p, .flags = TCP_ACK, .seq = 100, .ack = 50);
	peer_end(p);
}

/* A peer that goes by the book answers our SYN-ACK with an ACK */
Test(tcp_simultaneous, plain_ack)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 20), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	expect_log(p, "od");
	expect_sent(p, .flags = TCP_ACK, .ack = 20);
	peer_end(p);
}

/* RFC 7323 2.2: the window of a crossed SYN-ACK is that of a SYN: not scaled */
Test(tcp_simultaneous, window_of_a_crossed_syn_ack)
{
	struct peer *p = crossed(.wscale = 8, .rcv_wnd = 1000000);

	peer_send(p, .flags = SYN_ACK, .wnd = 1000);
	cr_expect_eq(p->conn->snd_wnd, 1000);
	peer_send(p, .flags = TCP_ACK, .wnd = 1000);
	cr_expect_eq(p->conn->snd_wnd, 1000 << 7);
	peer_end(p);
}

/* the window of a plain ACK is scaled */
Test(tcp_simultaneous, window_of_a_plain_ack)
{
	struct peer *p = crossed(.wscale = 8, .rcv_wnd = 1000000);

	peer_send(p, .flags = TCP_ACK, .wnd = 1000);
	cr_expect_eq(p->conn->snd_wnd, 1000 << 7);
	peer_end(p);
}

/* Our SYN-ACK has the options that both SYNs had. */
Test(tcp_simultaneous, options)
{
	struct peer *p = peer_called(TCP_SYN_SENT, .ts = true);
	const struct sent *s;

	peer_send(p, .flags = TCP_SYN);
	s = expect_sent(p, .flags = SYN_ACK, .seq = -1);
	cr_expect_eq(s->opts.present, SEG_OPT_MSS | SEG_OPT_TS);
	cr_expect_eq(s->opts.tsecr, p->t->now.ms + 77);
	cr_expect_eq(s->wnd, 65535);
	peer_send(p, .flags = SYN_ACK);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* Text on the SYN was not acknowledged: it comes again. */
Test(tcp_simultaneous, text_on_the_syn_comes_again)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	peer_send(p, .flags = TCP_SYN, .len = 40);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	peer_send(p, .flags = TCP_ACK, .len = 40);
	cr_expect_eq(p->got, 40);
	expect_sent(p, .flags = TCP_ACK, .ack = 40);
	peer_end(p);
}

/* The crossed SYN-ACK may carry text and FIN as any. */
Test(tcp_simultaneous, crossed_syn_ack_with_text_and_fin)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = SYN_ACK | TCP_FIN, .len = 30), DROP_NONE);
	expect_log(p, "odf");
	cr_expect_eq(p->got, 30);
	expect_sent(p, .flags = TCP_ACK, .ack = 31);
	cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
	peer_end(p);
}

/* The SYN must be the one that we know, or it is challenged. */
Test(tcp_simultaneous, syn_ack_of_another_syn)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = SYN_ACK, .seq = 5), DROP_TCP_SYN_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(peer_send(p, .flags = SYN_ACK, .seq = -5), DROP_TCP_SYN_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
	expect_log(p, "");
	peer_end(p);
}

/* RFC 7323 5.3: PAWS holds from the first SYN on */
Test(tcp_simultaneous, old_syn_ack)
{
	struct peer *p = crossed(.ts = true);

	cr_expect_eq(peer_send(p, .flags = SYN_ACK, .ts = -1), DROP_TCP_PAWS);
	cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
	expect_log(p, "");
	peer_end(p);
}

/* The SYN-ACK has a timer of its own, which begins again. */
Test(tcp_simultaneous, timer_begins_anew)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	peer_wait(p, 6900); /* two SYNs again, and a third is near */
	sent_forget(p);
	peer_send(p, .flags = TCP_SYN);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	peer_wait(p, 999);
	expect_silence(p);
	peer_wait(p, 1);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	peer_end(p);
}

/* Our SYN-ACK is lost: the peer's SYN again, and our timer, bring it again. */
Test(tcp_simultaneous, lost_syn_ack)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_TCP_OLD);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	peer_wait(p, 1000);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	peer_wait(p, 2000);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	expect_log(p, "");
	peer_send(p, .flags = TCP_ACK);
	expect_log(p, "o");
	peer_end(p);
}

/* The peer's ACK is lost: its SYN-ACK again is as good. */
Test(tcp_simultaneous, syn_ack_again_is_acknowledged)
{
	struct peer *p = crossed(0);

	peer_send(p, .flags = SYN_ACK);
	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = SYN_ACK), DROP_TCP_SYN_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	expect_log(p, "o");
	peer_end(p);
}

/* 3.10.7.4 fifth: a wrong ACK is reset and changes nothing */
Test(tcp_simultaneous, wrong_ack)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ack = 1), DROP_TCP_ACK_HANDSHAKE);
	expect_sent(p, .flags = TCP_RST, .seq = 1);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .ack = -1), DROP_TCP_ACK_HANDSHAKE);
	expect_sent(p, .flags = TCP_RST, .seq = -1);
	peer_send(p, .flags = SYN_ACK, .ack = 5);
	cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
	expect_log(p, "");
	peer_end(p);
}

/* 3.10.7.4 second: "if this connection was initiated with an active OPEN [...] then
 * the connection was refused; signal the user" */
Test(tcp_simultaneous, reset_is_a_refusal)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = TCP_RST), DROP_NONE);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_REFUSED);
	cr_expect_eq(p->t->count->conn_refused, 1);
	cr_expect_eq(p->t->count->conn_reset, 0);
	expect_silence(p);
	peer_end(p);
}

/* RFC 5961 3.2: one that is not at RCV.NXT is challenged here, too */
Test(tcp_simultaneous, reset_elsewhere_is_challenged)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = TCP_RST, .seq = 10), DROP_TCP_RST_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(peer_send(p, .flags = TCP_RST, .seq = -10), DROP_TCP_RST_WINDOW);
	expect_silence(p);
	cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
	peer_end(p);
}

/* fourth: only a passive open returns to LISTEN for a SYN in the window */
Test(tcp_simultaneous, another_syn_is_challenged)
{
	struct peer *p = crossed(0);

	cr_expect_eq(peer_send(p, .flags = TCP_SYN, .seq = 9), DROP_TCP_SYN_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
	expect_log(p, "");
	peer_end(p);
}

/* The peer is silent from now on: that is a timeout of the open. */
Test(tcp_simultaneous, gives_up)
{
	struct peer *p = crossed(0);

	peer_wait(p, 190000);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_TIMEOUT);
	cr_expect_eq(p->t->count->connect_timeout, 1);
	peer_end(p);
}

/* 3.10.5: ABORT in SYN-RECEIVED sends a reset */
Test(tcp_simultaneous, abort_resets)
{
	struct peer *p = crossed(0);

	hf_abort(core_of(p), hf_of(p));
	expect_log(p, "");
	turn_end(p);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_ABORTED);
	expect_sent(p, .flags = TCP_RST | TCP_ACK);
	peer_end(p);
}

/* 3.10.4: CLOSE in SYN-RECEIVED waits for the handshake, and FIN follows */
Test(tcp_simultaneous, close_is_queued)
{
	struct peer *p = crossed(0);

	app_send(p, 30);
	app_close(p);
	expect_silence(p);
	peer_send(p, .flags = TCP_ACK);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN | TCP_PSH, .len = 30);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_1);
	peer_end(p);
}
