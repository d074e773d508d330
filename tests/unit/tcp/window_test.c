/* SPDX-License-Identifier: BSD-3-Clause */
/* The windows: the peer's, ours, and probes. */
#include "peer.h"

/* All that waits in the outbox: octets, and the highest end. */
static uint32_t
drain(struct peer *p, unsigned *segments, uint32_t *end)
{
	const struct sent *s;
	uint32_t sum = 0;

	*segments = 0;
	*end = 0;
	while ((s = sent_next(p)) != NULL) {
		sum += s->len;
		(*segments)++;
		if (s->seq + s->len > *end)
			*end = s->seq + s->len;
	}
	return sum;
}

/* RFC 9293 3.7.1, 3.8: full segments, PSH on the last one */
Test(tcp_window, segments_by_mss)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000);

	app_send(p, 2500);
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .len = 1000);
	expect_sent(p, .flags = TCP_ACK, .seq = 1000, .len = 1000);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 2000, .len = 500);
	expect_silence(p);
	peer_end(p);
}

/* RFC 9293 3.8.6: not an octet more than SND.UNA + SND.WND */
Test(tcp_window, peer_window_honoured_to_the_octet)
{
	for (uint16_t wnd = 1000; wnd <= 4000; wnd += 501) {
		struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000, .wnd = wnd);
		unsigned n;
		uint32_t end;

		p->deaf = true;
		app_send(p, 100000);
		drain(p, &n, &end);
		cr_expect_leq(end, wnd);
		cr_expect_geq(end, wnd - wnd % 1000, "full segments fit, but went not");
		peer_wait(p, 5000);
		drain(p, &n, &end);
		cr_expect_leq(end, wnd, "window %u, sent to %u", wnd, end);
		peer_end(p);
	}
}

Test(tcp_window, scaled_window_honoured)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .wscale = 1 + 3, .wnd = 100, .mss = 100);
	unsigned n;
	uint32_t end;

	p->deaf = true;
	app_send(p, 10000);
	drain(p, &n, &end);
	cr_expect_eq(end, 800);
	peer_end(p);
}

/* RFC 9293 3.8.6, MUST-34: a window that shrinks is no reason to send into it */
Test(tcp_window, shrunk_window_is_not_sent_into)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000, .wnd = 5000);
	unsigned n;
	uint32_t end;

	p->deaf = true;
	app_send(p, 20000);
	cr_expect_eq(drain(p, &n, &end), 5000);
	peer_send(p, .flags = TCP_ACK, .ack = 1000, .wnd = 1500); /* was to 5000, now to 2500 */
	expect_silence(p);
	peer_wait(p, 3000);
	drain(p, &n, &end);
	cr_expect_gt(n, 0);
	cr_expect_leq(end, 2500, "sent to %u", end);
	peer_end(p);
}

/* RFC 9293 3.8.6.1, MUST-36, MUST-37; SHLD-29, 30: probes, each twice as late,
 * for as long as they are answered */
Test(tcp_window, zero_window_probed_with_backoff)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	uint64_t ms = 200;

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 100);
	expect_silence(p);
	p->deaf = true;
	for (unsigned i = 0; i < 30; i++) {
		peer_wait(p, ms - 1);
		expect_silence(p);
		peer_wait(p, 1);
		expect_sent(p, .flags = TCP_ACK, .len = 1);
		peer_send(p, .flags = TCP_ACK, .wnd = -1);
		expect_silence(p);
		ms = ms * 2 < 60000 ? ms * 2 : 60000;
	}
	cr_expect_eq(p->closed, 0);
	p->deaf = false;
	peer_send(p, .flags = TCP_ACK);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .len = 100);
	peer_end(p);
}

/* Without an answer the connection ends (RFC 9293 3.8.3). */
Test(tcp_window, unanswered_probes_give_up)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 100);
	p->deaf = true;
	peer_wait(p, 300000);
	cr_expect_eq(sent_waiting(p), 10);
	cr_expect_eq(p->why, HF_TIMEOUT);
	peer_end(p);
}

/* The octet of a probe was taken: the next probe has the next octet. */
Test(tcp_window, probe_that_is_taken)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 3);
	for (uint32_t i = 0; i < 3; i++) {
		peer_wait(p, 200);
		expect_sent(p, .flags = TCP_ACK | (i == 2 ? TCP_PSH : 0), .seq = i, .len = 1);
		peer_send(p, .flags = TCP_ACK, .wnd = -1);
	}
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	peer_wait(p, 10000);
	expect_silence(p);
	peer_end(p);
}

/* RFC 6298 3 (Karn): probes repeat their octet, so they measure nothing */
Test(tcp_window, probes_measure_no_round_trip)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	uint32_t srtt = p->conn->srtt8_us;

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 100);
	p->deaf = true;
	for (unsigned i = 0; i < 6; i++) {
		peer_wait(p, 7000);
		peer_send(p, .flags = TCP_ACK, .wnd = -1);
	}
	p->deaf = false;
	peer_send(p, .flags = TCP_ACK, .ack = 1);
	cr_expect_eq(
	        p->conn->srtt8_us, srtt, "a probe was measured: %u us", p->conn->srtt8_us / 8);
	peer_end(p);
}

/* FIN takes an octet of the window: it waits, and it probes. */
Test(tcp_window, fin_waits_for_the_window)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	p->deaf = true;
	app_shutdown(p);
	expect_silence(p);
	peer_wait(p, 200);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN);
	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	peer_send(p, .flags = TCP_ACK, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_2);
	peer_end(p);
}

/* RFC 9293 3.8.6.1, MUST-34, MUST-37: a window shut over text in flight, by a peer that answers
 */
Test(tcp_window, window_shut_over_flight_is_probed_not_given_up)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000);

	p->deaf = true;
	app_send(p, 3000);
	sent_forget(p);
	for (unsigned i = 0; i < 200; i++) {
		peer_send(p, .flags = TCP_ACK, .wnd = -1);
		peer_wait(p, 5000);
	}
	cr_expect_eq(p->closed, 0, "a peer that answers each probe was given up");
	sent_forget(p);
	p->deaf = false;
	p->ack = 0;
	peer_send(p, .flags = TCP_ACK);
	peer_wait(p, 1);
	cr_expect_eq(p->ack, 3000);
	peer_end(p);
}

/* RFC 9293 3.8.6.2.1: no silly segment but in the end, or half of the largest window */
Test(tcp_window, sender_avoids_silly_segments)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000, .wnd = 10000);

	app_send(p, 10000);
	sent_forget(p);
	app_send(p, 30000);
	expect_silence(p);
	peer_send(p, .flags = TCP_ACK, .wnd = 300);
	expect_silence(p);
	peer_send(p, .flags = TCP_ACK, .wnd = 999);
	expect_silence(p);
	peer_send(p, .flags = TCP_ACK, .wnd = 1000);
	expect_sent(p, .flags = TCP_ACK, .seq = 10000, .len = 1000);
	expect_silence(p);
	peer_end(p);
}

Test(tcp_window, sender_fills_half_of_a_small_window)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000, .wnd = 600);

	app_send(p, 5000);
	expect_sent(p, .flags = TCP_ACK, .len = 600);
	peer_send(p, .flags = TCP_ACK, .wnd = 299);
	expect_silence(p);
	peer_send(p, .flags = TCP_ACK, .wnd = 300);
	expect_sent(p, .flags = TCP_ACK, .seq = 600, .len = 300);
	peer_end(p);
}

/* 3.8.6.2.1 (4): the override, so that nothing waits for ever */
Test(tcp_window, silly_segment_goes_in_the_end)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1000, .wnd = 10000);

	app_send(p, 10000);
	peer_send(p, .flags = TCP_ACK, .wnd = 300);
	app_send(p, 5000);
	sent_forget(p);
	peer_wait(p, 199);
	expect_silence(p);
	peer_wait(p, 1);
	expect_sent(p, .flags = TCP_ACK, .seq = 10000, .len = 300);
	p->deaf = true;
	/* it was sent once: its timeout is not backed off */
	peer_wait(p, 200);
	expect_sent(p, .flags = TCP_ACK, .seq = 10000, .len = 300);
	peer_end(p);
}

/* Ours: RFC 9293 3.8.6 */
Test(tcp_window, ours_is_held_to_the_octet)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 4000);

	hf_recv_room(core_of(p), hf_of(p), 0); /* the edge stays at 4000 */
	peer_send(p, .flags = TCP_ACK, .len = 3000);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 3000)->wnd, 1000);
	p->seq = 3000;
	peer_send(p, .flags = TCP_ACK, .len = 1001);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 4000)->wnd, 0);
	cr_expect_eq(p->got, 4000, "the octet beyond the window is cut off");
	p->seq = 4000;
	peer_send(p, .flags = TCP_ACK, .len = 1);
	expect_sent(p, .flags = TCP_ACK, .ack = 4000);
	cr_expect_eq(p->got, 4000);
	peer_end(p);
}

/* A FIN beyond the edge is cut off like text. */
Test(tcp_window, fin_beyond_our_window_comes_again)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 2000);

	hf_recv_room(core_of(p), hf_of(p), 0);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 2000);
	expect_sent(p, .flags = TCP_ACK, .ack = 2000);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	hf_recv_room(core_of(p), hf_of(p), 2000);
	turn_end(p);
	p->seq = 2000;
	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
	peer_end(p);
}

/* RFC 9293 3.10.7.4 first: with a window of 0 valid ACKs and RSTs still count */
Test(tcp_window, zero_window_takes_ack_and_rst)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 1024);

	hf_recv_room(core_of(p), hf_of(p), 0);
	peer_send(p, .flags = TCP_ACK, .len = 1024);
	app_send(p, 10);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	app_send(p, 10);
	peer_send(p, .flags = TCP_ACK, .len = 5); /* a probe, with an ACK */
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	p->seq = 1024;
	peer_send(p, .flags = TCP_RST);
	cr_expect_eq(p->why, HF_RESET);
	peer_end(p);
}

/* RFC 9293 3.8.6: an offered window is not taken back */
Test(tcp_window, right_edge_never_moves_left)
{
	for (uint32_t rcv_wnd = 5000; rcv_wnd < 400000; rcv_wnd = rcv_wnd * 3 + 77) {
		struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = rcv_wnd, .wscale = 1);
		unsigned shift = p->conn->rcv_wscale;
		uint32_t edge = 0, granule = (1u << shift) - 1;

		for (unsigned i = 0; i < 60; i++) {
			uint32_t right;
			const struct sent *s;

			hf_recv_room(core_of(p), hf_of(p), (i * 7919) % rcv_wnd);
			sent_forget(p);
			if (peer_send(p, .flags = TCP_ACK, .len = 97) != DROP_NONE)
				break;
			s = sent_next(p);
			right = s->ack + ((uint32_t)s->wnd << shift);
			cr_expect_geq(
			        right + granule, edge, "edge went from %u to %u", edge, right);
			edge = right > edge ? right : edge;
			if (p->seq != s->ack)
				break;
		}
		peer_end(p);
	}
}

/* RFC 9293 3.8.6.2.2: opened by a segment, the window is told of */
Test(tcp_window, opened_window_is_told)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 4000, .mss = 1000);

	hf_recv_room(core_of(p), hf_of(p), 0);
	peer_send(p, .flags = TCP_ACK, .len = 4000);
	sent_forget(p);
	hf_recv_room(core_of(p), hf_of(p), 999);
	turn_end(p);
	expect_silence(p);
	hf_recv_room(core_of(p), hf_of(p), 1000);
	turn_end(p);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 4000)->wnd, 1000);
	peer_end(p);
}

/* half of a buffer that is smaller than two segments is enough, too */
Test(tcp_window, small_buffer_opens_too)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 1024);

	hf_recv_room(core_of(p), hf_of(p), 0);
	peer_send(p, .flags = TCP_ACK, .len = 1024);
	sent_forget(p);
	hf_recv_room(core_of(p), hf_of(p), 1024);
	turn_end(p);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 1024)->wnd, 1024);
	peer_end(p);
}

/* RFC 9293 3.8.6.2.2: a sliver of room is no window */
Test(tcp_window, receiver_offers_no_silly_window)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 8000, .mss = 1000);

	hf_recv_room(core_of(p), hf_of(p), 100);
	for (unsigned i = 0; i < 8; i++)
		peer_send(p, .flags = TCP_ACK, .len = 1000);
	while (sent_waiting(p) > 1)
		sent_next(p);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 8000)->wnd, 0);
	hf_recv_room(core_of(p), hf_of(p), 100);
	peer_send(p, .flags = TCP_ACK, .seq = -1);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 8000)->wnd, 0);
	peer_end(p);
}

/* Segments of one turn get one ACK at its end; RFC 5681 4.2: at least every second */
Test(tcp_window, acks_by_the_turn)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	turn_hold(p);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_silence(p);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_sent(p, .flags = TCP_ACK, .ack = 200);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_silence(p);
	turn_end(p);
	expect_sent(p, .flags = TCP_ACK, .ack = 300);
	peer_end(p);
}

static void
answer(struct peer *p, char event)
{
	if (event == 'd')
		app_send(p, 50);
}

/* RFC 9293 3.8.6.3: the ACK rides on the data */
Test(tcp_window, ack_is_piggybacked)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = answer);

	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .ack = 100, .len = 50);
	expect_silence(p);
	peer_end(p);
}

/* RFC 9293 3.10.7.4 fifth: SND.WL1, SND.WL2 keep an old window out */
Test(tcp_window, old_segment_does_not_update_the_window)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .len = 100, .wnd = 5000);
	cr_expect_eq(p->conn->snd_wnd, 5000);
	peer_send(p, .flags = TCP_ACK, .seq = -50, .len = 60, .wnd = 7000);
	cr_expect_eq(p->conn->snd_wnd, 7000, "partly new: its sequence number is RCV.NXT");
	app_send(p, 500);
	p->seq = 110;
	peer_send(p, .flags = TCP_ACK, .wnd = 6000);
	peer_send(p, .flags = TCP_ACK, .ack = -100, .wnd = 9000);
	cr_expect_eq(p->conn->snd_wnd, 6000);
	peer_end(p);
}

/* the segment out of order had the larger SEG.SEQ; the ACK that advances counts */
Test(tcp_window, window_of_the_ack_that_advances)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	p->deaf = true;
	app_send(p, 3000);
	peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 10, .wnd = 5000);
	peer_send(p, .flags = TCP_ACK, .len = 100, .ack = 3000, .wnd = 2000);
	cr_expect_eq(p->conn->snd_wnd, 2000);
	peer_end(p);
}
