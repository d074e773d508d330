/* SPDX-License-Identifier: BSD-3-Clause */
/* Text that the application does not take is held: acknowledged, within the window, offered
 * again, in order, and before the FIN (docs/decisions/0005-bytes-held-for-the-application.md).
 */
#include "peer.h"

#define ALL UINT32_MAX

/* The peer's text is refused from the first octet on. */
static struct peer *
refusing(struct peer_how how)
{
	struct peer *p;

	how.state = TCP_ESTABLISHED;
	p = peer_reach(how);
	p->take = 0;
	return p;
}

/* RFC 9293 3.8.6: the edge stays where it is, as far as the window goes */
Test(tcp_held, is_acknowledged_and_counts_against_the_window)
{
	struct peer *p = refusing((struct peer_how) {.rcv_wnd = 4000, .mss = 1000});

	for (uint32_t i = 1; i <= 4; i++) {
		cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1000), DROP_NONE);
		cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 1000 * i)->wnd,
		        4000 - 1000 * i);
	}
	cr_expect_eq(p->got, 0);
	cr_expect_eq(p->t->count->drop[DROP_TCP_APP_FULL], 0);
	/* a probe: no octet more */
	peer_send(p, .flags = TCP_ACK, .len = 1);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 4000)->wnd, 0);
	p->take = ALL;
	hf_resume(core_of(p), hf_of(p));
	turn_end(p);
	cr_expect_eq(p->got, 4000);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 4000)->wnd, 4000);
	cr_expect_eq(bufs_out(p), 0);
	peer_end(p);
}

/* the window moves by at least a segment (RFC 9293 3.8.6.2.2) */
Test(tcp_held, opens_no_silly_window)
{
	struct peer *p = refusing((struct peer_how) {.rcv_wnd = 4000, .mss = 1000});
	uint32_t edge = 4000;

	for (uint32_t i = 0; i < 4; i++)
		peer_send(p, .flags = TCP_ACK, .len = 1000);
	sent_forget(p);
	p->take = 70;
	for (unsigned i = 0; i < 60; i++) {
		const struct sent *s;

		hf_resume(core_of(p), hf_of(p));
		turn_end(p);
		peer_send(p, .flags = TCP_ACK, .seq = -1, .len = 1); /* draws an ACK */
		while ((s = sent_next(p)) != NULL) {
			uint32_t right = s->ack + s->wnd;

			cr_expect(right == edge || right >= edge + 1000 || right == 8000,
			        "%u, was %u", right, edge);
			edge = right;
		}
	}
	cr_expect_eq(p->got, 4000);
	cr_expect_geq(edge, 6000); /* half of it is open: the rest can wait */
	peer_end(p);
}

/* An application that refused need not call: after some milliseconds, then twice as
 * late, and once in 1.3 s in the end. */
Test(tcp_held, comes_again_by_itself)
{
	struct peer *p = refusing((struct peer_how) {.ts = true});
	unsigned offers;

	peer_send(p, .flags = TCP_ACK, .len = 100);
	sent_forget(p);
	offers = p->nlog;
	for (unsigned ms = 5; ms <= 1280; ms *= 2) {
		peer_wait(p, ms - 1);
		cr_expect_eq(p->nlog, offers, "before %u ms", ms);
		peer_wait(p, 1);
		cr_expect_eq(p->nlog, ++offers, "after %u ms", ms);
	}
	peer_wait(p, 12800);
	cr_expect_eq(p->nlog, offers + 10);
	expect_silence(p);
	p->take = 10; /* some of it: soon again */
	peer_wait(p, 1280);
	cr_expect_eq(p->got, 10);
	peer_wait(p, 5);
	cr_expect_eq(p->got, 20);
	p->take = ALL;
	peer_wait(p, 5);
	cr_expect_eq(p->got, 100);
	peer_wait(p, 5000);
	cr_expect_eq(bufs_out(p), 0);
	peer_end(p);
}

static void
ask_again(struct peer *p, char event)
{
	if (event == 'd')
		hf_resume(core_of(p), hf_of(p));
}

/* An application that refuses text and asks for more is asked once a turn. */
Test(tcp_held, resume_in_data_is_heard_in_the_next_turn)
{
	struct peer *p = refusing((struct peer_how) {.on = ask_again});
	unsigned offers;

	peer_send(p, .flags = TCP_ACK, .len = 100);
	for (unsigned i = 0; i < 5; i++) {
		offers = p->nlog;
		turn_end(p);
		cr_expect_leq(p->nlog, offers + 1);
	}
	p->take = ALL;
	turn_end(p);
	cr_expect_eq(p->got, 100);
	peer_end(p);
}

/* It does not keep tcp_speak_all() from ending. */
Test(tcp_held, resume_in_data_has_an_end, .timeout = 20)
{
	struct peer *p = refusing((struct peer_how) {.on = ask_again});
	unsigned offers;

	peer_send(p, .flags = TCP_ACK, .len = 100);
	offers = p->nlog;
	tcp_speak_all(p->t);
	cr_expect_leq(p->nlog, offers + 2);
	peer_end(p);
}

/* Later text, room(), and more room are reasons to offer it as well. */
Test(tcp_held, comes_again_with_what_happens)
{
	struct peer *p = refusing((struct peer_how) {.rcv_wnd = 60000});

	peer_send(p, .flags = TCP_ACK, .len = 100);
	p->take = ALL;
	peer_send(p, .flags = TCP_ACK, .len = 50);
	cr_expect_eq(p->got, 150);

	p->take = 0;
	peer_send(p, .flags = TCP_ACK, .len = 100);
	app_send(p, 10);
	p->take = ALL;
	peer_send(p, .flags = TCP_ACK); /* of these */
	cr_expect_eq(p->got, 250);

	p->take = 0;
	peer_send(p, .flags = TCP_ACK, .len = 100);
	p->take = ALL;
	hf_recv_room(core_of(p), hf_of(p), 0);
	turn_end(p);
	cr_expect_eq(p->got, 250, "no room");
	hf_recv_room(core_of(p), hf_of(p), 60000);
	turn_end(p);
	cr_expect_eq(p->got, 350);
	peer_end(p);
}

/* RFC 9293 3.10.7.4 eighth: the FIN comes after it, and is acknowledged then. */
Test(tcp_held, fin_waits_behind_it)
{
	for (unsigned how = 0; how < 3; how++) {
		struct peer *p = refusing((struct peer_how) {.sack = true});

		if (how == 0) { /* with the text */
			peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 100);
		} else if (how == 1) { /* after it */
			peer_send(p, .flags = TCP_ACK, .len = 100);
			peer_send(p, .flags = TCP_ACK | TCP_FIN);
		} else { /* before it */
			peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = 60, .len = 40);
			peer_send(p, .flags = TCP_ACK, .len = 60);
		}
		while (sent_waiting(p) > 1)
			sent_next(p);
		cr_expect_not(expect_sent(p, .flags = TCP_ACK, .ack = 100)->opts.present &
		              SEG_OPT_SACK);
		cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
		/* again: known */
		p->seq = 100;
		cr_expect_eq(peer_send(p, .flags = TCP_ACK | TCP_FIN), DROP_TCP_OLD);
		expect_sent(p, .flags = TCP_ACK, .ack = 100);
		p->take = ALL;
		hf_resume(core_of(p), hf_of(p));
		turn_end(p);
		expect_sent(p, .flags = TCP_ACK, .ack = 101);
		cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
		cr_expect_eq(p->log[p->nlog - 1], 'f');
		cr_expect_eq(p->got, 100);
		peer_end(p);
	}
}

/* In FIN-WAIT-2, too, TIME-WAIT comes when all text is taken. */
Test(tcp_held, fin_wait_2_keeps_it)
{
	struct peer *p = peer_in(TCP_FIN_WAIT_2);

	p->take = 30;
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 100);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_2);
	for (unsigned i = 0; i < 3; i++)
		peer_wait(p, 5);
	cr_expect_eq(p->got, 100);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	expect_log(p, "oddddfc");
	peer_end(p);
}

/* RFC 1122 4.2.2.13: a close with unread text is shown to the peer. */
Test(tcp_held, close_resets)
{
	struct peer *p = refusing((struct peer_how) {0});

	peer_send(p, .flags = TCP_ACK, .len = 100);
	sent_forget(p);
	app_close(p);
	cr_expect_eq(sent_next(p)->flags, TCP_RST | TCP_ACK);
	cr_expect_eq(p->why, HF_ABORTED);
	cr_expect_eq(bufs_out(p), 0);
	peer_end(p);
}

/* hf_linger(): it is forgotten, and the FIN behind it heard by the protocol alone */
Test(tcp_held, linger_forgets_it)
{
	struct peer *p = refusing((struct peer_how) {0});

	peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 100);
	sent_forget(p);
	hf_linger(core_of(p), hf_of(p));
	turn_end(p);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN, .ack = 101);
	cr_expect_eq(bufs_out(p), 0);
	cr_expect_eq(p->closed, 0);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(p->why, HF_CLOSED);
	peer_end(p);
}

/* hf_shutdown() only says that we have no more to send. */
Test(tcp_held, shutdown_leaves_it)
{
	struct peer *p = refusing((struct peer_how) {0});

	peer_send(p, .flags = TCP_ACK, .len = 100);
	app_shutdown(p);
	p->take = ALL;
	peer_wait(p, 5);
	cr_expect_eq(p->got, 100);
	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	cr_expect_eq(peer_state(p), TCP_TIME_WAIT);
	peer_end(p);
}

static void
close_in_data(struct peer *p, char event)
{
	if (event == 'd')
		hf_linger(core_of(p), hf_of(p));
}

/* It leaves in the very data() that refuses. */
Test(tcp_held, nothing_is_offered_to_an_application_that_has_left)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = close_in_data);

	p->take = 40;
	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN, .ack = 100);
	expect_log(p, "od");
	cr_expect_eq(bufs_out(p), 0);
	peer_end(p);
}

/* hf_keep() of held text: the packet goes, and octets that are not taken stay. */
Test(tcp_held, keep_and_take_a_part)
{
	struct peer *p = refusing((struct peer_how) {0});

	for (unsigned i = 0; i < 3; i++)
		peer_send(p, .flags = TCP_ACK, .len = 1000);
	p->keep = true;
	p->take = 300;
	for (unsigned i = 0; i < 4; i++)
		peer_wait(p, 5);
	cr_expect_eq(p->got, 1300); /* at a piece's end the next one is offered */
	cr_expect_eq(p->nkept, 5);
	cr_expect_eq(p->t->kept, 5 + 2, "two pieces are still held");
	p->take = ALL;
	peer_wait(p, 5);
	cr_expect_eq(p->got, 3000);
	cr_expect_eq((int)p->nkept, bufs_out(p));
	peer_end(p);
}

/* A piece that is larger than any free buffer continues in several buffers. */
Test(tcp_held, keep_of_a_large_piece)
{
	struct peer *p = refusing((struct peer_how) {0});

	peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 9000);
	p->keep = true;
	p->take = 2500;
	for (unsigned i = 0; i < 6; i++)
		peer_wait(p, 5);
	cr_expect_eq(p->got, 9000);
	cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
	peer_end(p);
}

/* No buffer can be had: not acknowledged, and the peer sends it again. */
Test(tcp_held, without_a_buffer_it_is_not_acknowledged)
{
	struct peer *p = refusing((struct peer_how) {.max_kept = 4});

	for (uint32_t i = 0; i < 3; i++)
		cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1000), DROP_NONE);
	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1000), DROP_TCP_APP_FULL);
	expect_sent(p, .flags = TCP_ACK, .ack = 3000);
	p->take = ALL;
	peer_wait(p, 100);
	cr_expect_eq(p->got, 3000);
	p->seq = 3000;
	peer_send(p, .flags = TCP_ACK, .len = 1000);
	cr_expect_eq(p->got, 4000);
	peer_end(p);
}

/* RFC 2018 8: text behind a hole may be forgotten. Held text is acknowledged, and may not. */
Test(tcp_held, is_not_forgotten_with_what_is_out_of_order)
{
	struct peer *p = refusing((struct peer_how) {.sack = true});

	peer_send(p, .flags = TCP_ACK, .len = 1000);
	peer_send(p, .flags = TCP_ACK, .seq = 500, .len = 1000);
	sent_forget(p);
	peer_wait(p, 21000);
	cr_expect_eq(p->t->count->reasm_forgotten, 1);
	cr_expect_eq(bufs_out(p), 1);
	p->take = ALL;
	peer_wait(p, 1300);
	cr_expect_eq(p->got, 1000);
	peer_end(p);
}

/* The peer has gone: its octets go with it, whatever was held. */
Test(tcp_held, goes_with_the_connection)
{
	for (unsigned how = 0; how < 2; how++) {
		struct peer *p = refusing((struct peer_how) {0});

		peer_send(p, .flags = TCP_ACK, .len = 1000);
		peer_send(p, .flags = TCP_ACK, .seq = 500, .len = 1000);
		if (how == 0) {
			peer_send(p, .flags = TCP_RST);
		} else {
			hf_abort(core_of(p), hf_of(p));
			turn_end(p);
		}
		cr_expect_eq(p->closed, 1);
		cr_expect_eq(bufs_out(p), 0);
		cr_expect_eq(p->t->kept, 0);
		peer_end(p);
	}
}

/* Octet by octet, each refused: they share buffers. */
Test(tcp_held, small_segments_share_buffers)
{
	struct peer *p = refusing((struct peer_how) {0});

	for (unsigned i = 0; i < 3000; i++) {
		cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1, .room = 1500), DROP_NONE);
		sent_forget(p);
	}
	cr_expect_leq(bufs_out(p), 3);
	p->take = ALL;
	peer_wait(p, 1300);
	cr_expect_eq(p->got, 3000);
	peer_end(p);
}

/* RFC 9293 3.8.6.2.2: half of the buffer was open, and it is empty again: told. */
Test(tcp_held, window_that_was_half_open_is_told)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 20000, .mss = 1000);

	hf_recv_room(core_of(p), hf_of(p), 0); /* the application fills up */
	for (unsigned i = 0; i < 10; i++)
		peer_send(p, .flags = TCP_ACK, .len = 1000);
	sent_forget(p);
	hf_recv_room(core_of(p), hf_of(p), 18000);
	turn_end(p);
	expect_silence(p);
	hf_recv_room(core_of(p), hf_of(p), 20000);
	turn_end(p);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 10000)->wnd, 20000);
	peer_end(p);
}
