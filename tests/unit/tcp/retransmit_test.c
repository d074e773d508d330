/* SPDX-License-Identifier: BSD-3-Clause */
/* Retransmission: the timeout, congestion windows, fast retransmit and recovery. */
#include "peer.h"

#define MSS 1000

/* n full segments in flight, none of them heard. */
static struct peer *
flight(struct peer_how how, unsigned n)
{
	struct peer *p;

	how.state = TCP_ESTABLISHED;
	how.mss = MSS + (how.ts ? 12 : 0);
	p = peer_reach(how);
	p->conn->cwnd = 100 * MSS;
	p->deaf = true;
	app_send(p, n * MSS);
	cr_assert_eq(sent_waiting(p), n);
	sent_forget(p);
	return p;
}

/* Milliseconds until something is sent. */
static uint64_t
until_sent(struct peer *p)
{
	uint64_t ms = 0;

	while (sent_waiting(p) == 0 && p->closed == 0 && ms < 200000) {
		peer_wait(p, 1);
		ms++;
	}
	return ms;
}

static void
dup(struct peer *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		peer_send(p, .flags = TCP_ACK);
}

/* RFC 6298 2.1: 1 s without a sample */
Test(tcp_rto, initial_is_one_second)
{
	struct peer *p = flight((struct peer_how) {0}, 1);

	p->conn->srtt8_us = p->conn->rttvar4_us = 0;
	p->conn->timers &= ~TIMER_REXMT;
	turn_hold(p);
	app_send(p, MSS);
	turn_end(p);
	sent_forget(p);
	cr_expect_eq(until_sent(p), 1000);
	peer_end(p);
}

/* RFC 6298 2.2: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 * RTTVAR */
Test(tcp_rto, first_sample)
{
	for (int ts = 0; ts <= 1; ts++) {
		struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = ts);

		peer_wait(p, 400);
		peer_send(p, .flags = TCP_ACK);
		cr_expect_eq(p->conn->srtt8_us / 8, 400000);
		p->deaf = true;
		app_send(p, 100);
		sent_forget(p);
		cr_expect_eq(until_sent(p), 1200);
		peer_end(p);
	}
}

/* RFC 6298 2.3: beta 1/4 first, then alpha 1/8 */
Test(tcp_rto, next_sample)
{
	for (int ts = 0; ts <= 1; ts++) {
		struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = ts);

		peer_wait(p, 400);
		peer_send(p, .flags = TCP_ACK);
		app_send(p, 100);
		peer_wait(p, 800);
		peer_send(p, .flags = TCP_ACK);
		/* RTTVAR = 3/4 * 200 + 1/4 * 400 = 250; SRTT = 7/8 * 400 + 100 = 450 */
		cr_expect_eq(p->conn->srtt8_us / 8, 450000);
		cr_expect_eq(p->conn->rttvar4_us / 4, 250000);
		p->deaf = true;
		app_send(p, 100);
		sent_forget(p);
		cr_expect_eq(until_sent(p), 1450);
		peer_end(p);
	}
}

/* The deviation from RFC 6298 2.4 (1 s SHOULD be the least): 200 ms */
Test(tcp_rto, minimum)
{
	struct peer *p = flight((struct peer_how) {0}, 1);

	cr_expect_eq(until_sent(p), 200);
	peer_end(p);
}

/* RFC 6298 5.1: "after RTO seconds", not before, wherever in a millisecond it began */
Test(tcp_rto, never_early)
{
	for (uint64_t us = 0; us < 1000; us += 111) {
		struct peer *p = flight(
		        (struct peer_how) {.start_us = 1000 * US_PER_SECOND + us}, 1);

		peer_jump(p, 199999);
		expect_silence(p);
		peer_jump(p, 1001);
		expect_sent(p, .flags = TCP_ACK | TCP_PSH, .len = MSS);
		peer_end(p);
	}
}

/* RFC 6298 5.5, 2.5; RFC 9293 3.8.3: doubled, bounded, and over after R2, which
 * is more than 100 s */
Test(tcp_rto, backs_off_and_gives_up)
{
	struct peer *p = flight((struct peer_how) {0}, 3);
	uint64_t ms = 200, total = 0;

	for (unsigned i = 0; i < 10; i++) {
		cr_expect_eq(until_sent(p), ms, "retransmission %u", i);
		expect_sent(p, .flags = TCP_ACK, .len = MSS);
		expect_silence(p);
		total += ms;
		ms = ms * 2 < 60000 ? ms * 2 : 60000;
	}
	peer_wait(p, ms - 1);
	cr_expect_eq(p->closed, 0);
	peer_wait(p, 1);
	cr_expect_eq(p->why, HF_TIMEOUT);
	cr_expect_eq(p->t->count->conn_timeout, 1);
	cr_expect_gt(total + ms, 100000);
	expect_silence(p);
	peer_end(p);
}

/* RFC 6298 3 (Karn): without timestamps, an ACK of text that was sent twice is no sample. The
 * RTO stays backed off until there is one. */
Test(tcp_rto, karn_keeps_the_backoff)
{
	struct peer *p = flight((struct peer_how) {0}, 1);
	uint32_t var;

	until_sent(p);
	until_sent(p);
	sent_forget(p);
	peer_wait(p, 350); /* backed off to 800 */
	p->ack = MSS;
	peer_send(p, .flags = TCP_ACK);
	var = p->conn->rttvar4_us;
	cr_expect_eq(p->conn->srtt8_us, 0);
	cr_expect_eq(var, 400000);
	app_send(p, MSS);
	sent_forget(p);
	cr_expect_eq(until_sent(p), 400);
	peer_end(p);
}

Test(tcp_rto, new_sample_ends_the_backoff)
{
	struct peer *p = flight((struct peer_how) {0}, 1);

	until_sent(p);
	sent_forget(p);
	p->ack = MSS;
	peer_send(p, .flags = TCP_ACK);
	p->deaf = false;
	app_send(p, MSS);
	peer_wait(p, 20);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(p->conn->srtt8_us / 8, 20000);
	sent_forget(p);
	p->deaf = true;
	app_send(p, MSS);
	sent_forget(p);
	cr_expect_eq(until_sent(p), 200);
	peer_end(p);
}

/* RFC 7323 4: with timestamps, text that was sent again is measured, too */
Test(tcp_rto, timestamps_measure_retransmissions)
{
	struct peer *p = flight((struct peer_how) {.ts = true}, 1);

	until_sent(p);
	p->ack = MSS;
	peer_wait(p, 40);
	p->conn->srtt8_us = 0;
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(p->conn->srtt8_us / 8, 40000);
	peer_end(p);
}

/* An echo that cannot be ours is no sample. */
Test(tcp_rto, absurd_echo_is_ignored)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = true);

	peer_send(p, .flags = TCP_ACK, .tsecr = -100000000);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	cr_expect_eq(p->conn->srtt8_us, 0);
	app_send(p, 10);
	peer_send(p, .flags = TCP_ACK, .tsecr = 5000);
	cr_expect_eq(p->conn->srtt8_us, 0);
	peer_end(p);
}

/* RFC 6298 5.3: an ACK of new data starts the timer anew */
Test(tcp_rto, restarts_on_an_ack)
{
	struct peer *p = flight((struct peer_how) {0}, 3);

	peer_wait(p, 150);
	peer_send(p, .flags = TCP_ACK, .ack = MSS);
	peer_wait(p, 199);
	expect_silence(p);
	peer_wait(p, 1);
	expect_sent(p, .flags = TCP_ACK, .seq = MSS, .len = MSS);
	peer_end(p);
}

/* RFC 6298 5.2: with nothing in flight there is no timer */
Test(tcp_rto, stops_when_all_is_acknowledged)
{
	struct peer *p = flight((struct peer_how) {0}, 3);

	peer_send(p, .flags = TCP_ACK, .ack = 3 * MSS);
	peer_wait(p, 100000);
	expect_silence(p);
	cr_expect_eq(p->t->wheel.armed, 0);
	peer_end(p);
}

/* RFC 9293 3.8.1: a FIN is retransmitted like text; with it, if it fits */
Test(tcp_rto, fin_is_retransmitted)
{
	struct peer *p = peer_in(TCP_FIN_WAIT_1);

	p->deaf = true;
	cr_expect_eq(until_sent(p), 200);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN);
	peer_send(p, .flags = TCP_ACK, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_2);
	peer_end(p);
}

Test(tcp_rto, text_and_fin_are_retransmitted_together)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	p->deaf = true;
	app_send(p, 100);
	app_shutdown(p);
	sent_forget(p);
	until_sent(p);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .len = 100);
	peer_end(p);
}

/* RFC 5681 3.1: after a timeout one segment, and half of the flight */
Test(tcp_cc, timeout)
{
	struct peer *p = flight((struct peer_how) {0}, 20);

	until_sent(p);
	expect_sent(p, .flags = TCP_ACK, .len = MSS);
	cr_expect_eq(p->conn->cwnd, MSS);
	cr_expect_eq(p->conn->ssthresh, 10 * MSS);
	/* (4): the same segment again, the same ssthresh */
	until_sent(p);
	cr_expect_eq(p->conn->ssthresh, 10 * MSS);
	sent_forget(p);
	/* go back: slow start from SND.UNA */
	peer_send(p, .flags = TCP_ACK, .ack = MSS);
	expect_sent(p, .flags = TCP_ACK, .seq = MSS, .len = MSS);
	expect_sent(p, .flags = TCP_ACK, .seq = 2 * MSS, .len = MSS);
	expect_silence(p);
	peer_end(p);
}

/* RFC 6928: ten segments, at most 14,600 octets */
Test(tcp_cc, initial_window)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 1460);
	struct peer *q = peer_in(TCP_ESTABLISHED, .mss = 100);

	p->deaf = q->deaf = true;
	app_send(p, 100000);
	cr_expect_eq(sent_waiting(p), 10);
	app_send(q, 100000);
	cr_expect_eq(sent_waiting(q), 10);
	peer_end(p);
	peer_end(q);
}

/* RFC 5681 3.1, RFC 3465 2: below ssthresh the window grows by the acknowledged octets, above
 * it by a segment per round trip. An ACK that crosses it counts for both. */
Test(tcp_cc, slow_start_and_congestion_avoidance)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = MSS);

	p->deaf = true;
	app_send(p, 1000 * MSS);
	cr_expect_eq(p->conn->cwnd, 10 * MSS);
	peer_send(p, .flags = TCP_ACK, .ack = MSS);
	cr_expect_eq(p->conn->cwnd, 11 * MSS);
	peer_send(p, .flags = TCP_ACK, .ack = 5 * MSS);
	cr_expect_eq(p->conn->cwnd, 15 * MSS);
	p->conn->ssthresh = 16 * MSS;
	peer_send(p, .flags = TCP_ACK, .ack = 9 * MSS);
	cr_expect_eq(p->conn->cwnd, 16 * MSS + 3 * MSS / 16);
	for (unsigned i = 0; i < 13; i++)
		peer_send(p, .flags = TCP_ACK, .ack = (int)((10 + i) * MSS));
	cr_expect_gt(p->conn->cwnd, 16 * MSS + 900);
	cr_expect_leq(p->conn->cwnd, 17 * MSS);
	peer_end(p);
}

/* All that the windows allow, in as many turns as it takes. */
static void
send_all(struct peer *p)
{
	uint32_t before;

	do {
		before = p->conn->snd_nxt;
		turn_end(p);
		sent_forget(p);
	} while (p->conn->snd_nxt != before);
}

/* Behind a receiver that coalesces segments the window doubles each round trip, too:
 * ten, twenty, ... segments: 4 MB take nine, not two hundred. */
Test(tcp_cc, one_ack_for_many_segments)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = MSS, .wscale = 9);
	uint32_t acked = 0, rounds = 0, total = 4 << 20, flight;

	p->deaf = true;
	app_send(p, total);
	send_all(p);
	for (; acked < total; rounds++) {
		flight = p->conn->snd_nxt - p->conn->snd_una;
		for (uint32_t end = acked + flight; acked < end;) {
			acked += end - acked < 44 * MSS ? end - acked : 44 * MSS;
			peer_send(p, .flags = TCP_ACK, .ack = (int)acked);
			sent_forget(p);
		}
		send_all(p);
	}
	cr_expect_leq(rounds, 10, "%u round trips", rounds);
	peer_end(p);
}

/* RFC 3465 2.3: after a timeout, an ACK of text that had arrived before it is no sign of room
 */
Test(tcp_cc, after_a_timeout_a_segment_per_ack)
{
	struct peer *p = flight((struct peer_how) {0}, 20);

	until_sent(p);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK, .ack = 9 * MSS);
	cr_expect_eq(p->conn->cwnd, 2 * MSS);
	expect_sent(p, .flags = TCP_ACK, .seq = 9 * MSS, .len = MSS);
	expect_sent(p, .flags = TCP_ACK, .seq = 10 * MSS, .len = MSS);
	expect_silence(p);
	peer_end(p);
}

/* RFC 7661: a window that is not used does not grow */
Test(tcp_cc, idle_window_does_not_grow)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = MSS);

	for (unsigned i = 0; i < 50; i++) {
		app_send(p, MSS);
		peer_send(p, .flags = TCP_ACK);
	}
	cr_expect_eq(p->conn->cwnd, 10 * MSS);
	peer_end(p);
}

/* The congestion window bounds the bytes in flight. */
Test(tcp_cc, window_bounds_the_flight)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = MSS);

	p->conn->cwnd = 3 * MSS;
	p->deaf = true;
	app_send(p, 50 * MSS);
	cr_expect_eq(sent_waiting(p), 3);
	peer_end(p);
}

/* RFC 5681 3.2 (2), (3): the third duplicate sends SND.UNA again */
Test(tcp_recovery, third_duplicate_retransmits)
{
	struct peer *p = flight((struct peer_how) {0}, 10);

	dup(p, 2);
	expect_silence(p);
	dup(p, 1);
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .len = MSS);
	cr_expect_eq(p->conn->ssthresh, 5 * MSS);
	cr_expect_eq(p->conn->cwnd, 8 * MSS);
	cr_expect_eq(p->t->count->fast_retransmits, 1);
	dup(p, 1);
	cr_expect_eq(p->conn->cwnd, 9 * MSS, "(4): one more has left the network");
	expect_silence(p);
	peer_end(p);
}

/* (4): new data when the inflated window allows */
Test(tcp_recovery, duplicates_let_new_data_out)
{
	struct peer *p = flight((struct peer_how) {0}, 10);

	app_send(p, 0);
	p->conn->cwnd = 10 * MSS;
	app_send(p, 5 * MSS);
	expect_silence(p);
	dup(p, 3);
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .len = MSS);
	dup(p, 3); /* 8 + 3 = 11 segments */
	expect_sent(p, .flags = TCP_ACK, .seq = 10 * MSS, .len = MSS);
	expect_silence(p);
	peer_end(p);
}

/* RFC 5681 2: text, another window, FIN or nothing in flight: no duplicate */
Test(tcp_recovery, not_a_duplicate)
{
	struct peer *p = flight((struct peer_how) {0}, 10);

	peer_send(p, .flags = TCP_ACK);
	peer_send(p, .flags = TCP_ACK);
	for (unsigned i = 0; i < 5; i++) {
		peer_send(p, .flags = TCP_ACK, .len = 1);
		peer_send(p, .flags = TCP_ACK, .wnd = (int)(65000 - i));
	}
	cr_expect_eq(p->t->count->fast_retransmits, 0);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK, .ack = 10 * MSS);
	for (unsigned i = 0; i < 5; i++)
		peer_send(p, .flags = TCP_ACK, .ack = 10 * MSS);
	expect_silence(p);
	peer_end(p);
}

/* RFC 6582 3.2 (3), partial: the next hole at once, no way out of recovery */
Test(tcp_recovery, partial_ack_fills_the_next_hole)
{
	struct peer *p = flight((struct peer_how) {0}, 10);

	dup(p, 3);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK, .ack = 4 * MSS);
	expect_sent(p, .flags = TCP_ACK, .seq = 4 * MSS, .len = MSS);
	cr_expect(p->conn->flags & CONN_RECOVERY);
	cr_expect_eq(p->conn->cwnd, (8 - 4 + 1) * MSS);
	peer_send(p, .flags = TCP_ACK, .ack = 10 * MSS);
	cr_expect_not(p->conn->flags & CONN_RECOVERY);
	cr_expect_leq(p->conn->cwnd, 5 * MSS);
	expect_silence(p);
	peer_end(p);
}

/* RFC 6582 4: the timer runs from the first partial ACK on, so that hundreds of losses
 * do not take as many round trips */
Test(tcp_recovery, many_losses_end_in_a_timeout)
{
	struct peer *p = flight((struct peer_how) {0}, 60);
	unsigned partial = 0;

	dup(p, 3);
	for (; p->t->count->rto_fired == 0 && partial < 50; partial++) {
		peer_wait(p, 20);
		if (p->t->count->rto_fired == 0)
			peer_send(p, .flags = TCP_ACK, .ack = (int)((1 + partial) * MSS));
	}
	cr_expect(partial >= 10 && partial <= 12, "after %u", partial);
	peer_end(p);
}

/* (2): duplicates of text that the recovery sent twice start no other recovery */
Test(tcp_recovery, not_again_below_recover)
{
	struct peer *p = flight((struct peer_how) {0}, 10);

	dup(p, 3);
	peer_send(p, .flags = TCP_ACK, .ack = 10 * MSS);
	app_send(p, 3 * MSS);
	sent_forget(p);
	for (unsigned i = 0; i < 5; i++)
		peer_send(p, .flags = TCP_ACK, .ack = 10 * MSS);
	expect_silence(p);
	cr_expect_eq(p->t->count->fast_retransmits, 1);
	peer_send(p, .flags = TCP_ACK, .ack = 11 * MSS);
	for (unsigned i = 0; i < 3; i++)
		peer_send(p, .flags = TCP_ACK, .ack = 11 * MSS);
	cr_expect_eq(p->t->count->fast_retransmits, 2, "above it they do");
	peer_end(p);
}

/* RFC 6582 4: duplicates of text that a timeout sent twice start none either */
Test(tcp_recovery, not_after_a_timeout)
{
	struct peer *p = flight((struct peer_how) {0}, 10);

	until_sent(p);
	peer_send(p, .flags = TCP_ACK, .ack = 2 * MSS);
	for (unsigned i = 0; i < 6; i++)
		peer_send(p, .flags = TCP_ACK, .ack = 2 * MSS);
	cr_expect_eq(p->t->count->fast_retransmits, 0);
	peer_end(p);
}

/* n segments arrived behind the first one, which is lost; each ACK has another window,
 * as Linux's has. Blocks of segments, [from, to) each, the latest first. */
static void
sack(struct peer *p, const uint32_t *block, unsigned n, int wnd)
{
	uint8_t wire[8 * TCP_SACK_MAX] = {0};

	for (unsigned i = 0; i < 2 * n; i++) {
		uint32_t v = cpu_to_be32(p->our_iss + 1 + block[i] * MSS);

		memcpy(wire + 4 * i, &v, 4);
	}
	peer_send(p, .flags = TCP_ACK, .sack = wire, .nsack = (uint8_t)n, .wnd = wnd);
}

/* RFC 6675 2: a segment that reports an arrival is a duplicate ACK, whatever its window */
Test(tcp_recovery, sacks_with_other_windows_are_duplicates)
{
	struct peer *p = flight((struct peer_how) {.sack = true}, 10);

	for (uint32_t i = 2; i <= 4; i++)
		sack(p, (uint32_t[]) {1, i}, 1, (int)(60000 - i));
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .len = MSS);
	cr_expect_eq(p->t->count->fast_retransmits, 1);
	peer_end(p);
}

/* the same if the new arrival lies before earlier ones */
Test(tcp_recovery, sacks_in_any_order_are_duplicates)
{
	struct peer *p = flight((struct peer_how) {.sack = true}, 10);

	sack(p, (uint32_t[]) {6, 7}, 1, 60000);
	sack(p, (uint32_t[]) {3, 4, 6, 7}, 2, 60001);
	sack(p, (uint32_t[]) {5, 7, 3, 4}, 2, 60002);
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .len = MSS);
	peer_end(p);
}

/* With SACK agreed on, an ACK that reports no arrival is a copy. */
Test(tcp_recovery, copies_of_acks_are_no_duplicates_with_sack)
{
	struct peer *p = flight((struct peer_how) {.sack = true}, 10);

	dup(p, 9);
	expect_silence(p);
	cr_expect_eq(p->t->count->fast_retransmits, 0);
	peer_end(p);
}

/* An ACK without news is no duplicate: the same block, a block that came twice (RFC 2883),
 * octets that were never sent, or no block. */
Test(tcp_recovery, sacks_that_tell_nothing_are_none)
{
	struct peer *p = flight((struct peer_how) {.sack = true}, 10);

	for (int i = 0; i < 9; i++) {
		sack(p, (uint32_t[]) {4, 6}, 1, 60000 + i);
		sack(p, (uint32_t[]) {5, 6, 4, 6}, 2, 61000 + i);
		sack(p, (uint32_t[]) {0, 1 + (unsigned)i % 2}, 1, 62000 + i);
		sack(p, (uint32_t[]) {9, 11 + (unsigned)i}, 1, 63000 + i);
		sack(p, (uint32_t[]) {7, 7}, 1, 64000 + i);
	}
	cr_expect_eq(p->t->count->duplicate_acks, 1, "the first one alone");
	expect_silence(p);
	peer_end(p);
}

/* N octets were sent and acknowledged, and none was lost. */
static void
pass(struct peer *p, uint32_t bytes)
{
	p->conn->snd_una += bytes;
	p->conn->snd_nxt += bytes;
	p->conn->snd_max += bytes;
	p->our_iss += bytes;
}

/* RFC 6582 3.2 (2) compares with `recover`, which is half of the circle ahead after
 * 2 GiB without a loss. */
Test(tcp_recovery, starts_however_long_nothing_was_lost)
{
	for (int lost_before = 0; lost_before <= 1; lost_before++) {
		struct peer *p = flight((struct peer_how) {0}, 10);

		if (lost_before)
			dup(p, 3);
		p->ack = 10 * MSS;
		peer_send(p, .flags = TCP_ACK);
		app_send(p, 2 * MSS);
		p->ack = 12 * MSS;
		peer_send(p, .flags = TCP_ACK);
		pass(p, 0x90000000u);
		p->conn->cwnd = 20 * MSS;
		app_send(p, 10 * MSS);
		sent_forget(p);
		dup(p, 3);
		expect_sent(p, .flags = TCP_ACK, .seq = 12 * MSS, .len = MSS);
		cr_expect_eq(p->t->count->fast_retransmits, 1 + (unsigned)lost_before);
		peer_end(p);
	}
}

static enum drop
too_big(struct peer *p, uint16_t mtu)
{
	enum drop why = tcp_icmp_error(
	        p->t, p->conn, &(struct tcp_icmp) {.seq = p->conn->snd_una, .mtu = mtu});

	turn_end(p);
	return why;
}

/* RFC 1191 6.4 by an ICMP error that quotes a segment in flight (RFC 5927 7) */
Test(tcp_icmp, smaller_mtu_sends_smaller_segments)
{
	struct peer *p = flight((struct peer_how) {0}, 3);
	struct tcp *t = p->t;
	uint32_t una = p->conn->snd_una, max = p->conn->snd_max;

	cr_expect_eq(
	        tcp_icmp_error(t, p->conn, &(struct tcp_icmp) {.seq = una - 1, .mtu = 800}),
	        DROP_ICMP_UNMATCHED);
	cr_expect_eq(tcp_icmp_error(t, p->conn, &(struct tcp_icmp) {.seq = max, .mtu = 800}),
	        DROP_ICMP_UNMATCHED);
	cr_expect_eq(too_big(p, 0), DROP_ICMP_IGNORED);
	cr_expect_eq(too_big(p, 1400), DROP_ICMP_IGNORED);
	expect_silence(p);
	cr_expect_eq(too_big(p, 700), DROP_NONE);
	for (uint32_t at = 0; at < 3000 - 660; at += 660)
		expect_sent(p, .flags = TCP_ACK, .seq = at, .len = 660);
	cr_expect_eq(p->closed, 0);
	peer_end(p);
}

/* Less than 576 is no path's. */
Test(tcp_icmp, tiny_mtu_is_not_believed)
{
	struct peer *p = flight((struct peer_how) {0}, 3);

	too_big(p, 68);
	expect_sent(p, .flags = TCP_ACK, .len = 536);
	peer_end(p);
}

/* A flight goes again once, and no faster than a connection begins; a further message is
 * believed when a timeout shows that it may be true (RFC 5927 7.2). */
Test(tcp_icmp, a_flight_goes_again_once)
{
	struct peer *p = flight((struct peer_how) {0}, 60);
	unsigned sent = 0;

	for (uint16_t mtu = 1030; mtu > 600; mtu -= 20)
		too_big(p, mtu);
	while (sent_next(p) != NULL)
		sent++;
	cr_expect_leq(sent, 11);
	cr_expect_eq(p->conn->mss, 990);
	until_sent(p);
	expect_sent(p, .flags = TCP_ACK, .len = 570);
	peer_end(p);
}

/* RFC 5927 7.2: where full segments arrive, the message is a claim; text that is
 * acknowledged disproves it. */
Test(tcp_icmp, a_proved_path_is_not_given_up)
{
	struct peer *p = flight((struct peer_how) {0}, 20);

	p->ack = MSS;
	peer_send(p, .flags = TCP_ACK);
	sent_forget(p);
	cr_expect_eq(too_big(p, 700), DROP_ICMP_IGNORED);
	expect_silence(p);
	p->ack = 2 * MSS;
	peer_send(p, .flags = TCP_ACK);
	sent_forget(p);
	until_sent(p);
	expect_sent(p, .flags = TCP_ACK, .seq = 2 * MSS, .len = MSS);
	cr_expect_eq(p->t->count->mss_lowered, 0);
	/* and now there is none */
	too_big(p, 700);
	until_sent(p);
	expect_sent(p, .flags = TCP_ACK, .seq = 2 * MSS, .len = 660);
	cr_expect_eq(p->t->count->mss_lowered, 1);
	peer_end(p);
}

/* RFC 1191 6.3: after ten minutes full segments are tried again, and given up at once if
 * they still do not fit */
Test(tcp_icmp, full_segments_are_tried_again)
{
	struct peer *p = flight((struct peer_how) {0}, 3);

	too_big(p, 700);
	p->ack = 3 * MSS;
	peer_send(p, .flags = TCP_ACK);
	sent_forget(p);
	peer_wait(p, 9 * 60 * 1000);
	app_send(p, 2 * 660);
	p->ack += 2 * 660;
	expect_sent(p, .flags = TCP_ACK, .seq = 3000, .len = 660);
	peer_send(p, .flags = TCP_ACK);
	peer_wait(p, 2 * 60 * 1000);
	sent_forget(p);
	app_send(p, 2 * MSS);
	expect_sent(p, .flags = TCP_ACK, .seq = 4320, .len = MSS);
	sent_forget(p);
	cr_expect_eq(too_big(p, 700), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK, .seq = 4320, .len = 660);
	peer_end(p);
}

/* RFC 5681 3.1: a window below a segment, as a timeout left it, would let none go. */
Test(tcp_icmp, full_segments_fit_the_window_when_tried_again)
{
	struct peer *p = flight((struct peer_how) {0}, 1);

	too_big(p, 576);
	sent_forget(p);
	peer_wait(p, 1001); /* CWND: one of the small ones */
	sent_forget(p);
	p->ack = MSS;
	peer_send(p, .flags = TCP_ACK);
	p->conn->cwnd = p->conn->mss;
	peer_wait(p, 11 * 60 * 1000);
	app_send(p, 2 * MSS);
	expect_sent(p, .flags = TCP_ACK, .seq = MSS, .len = MSS);
	peer_end(p);
}
