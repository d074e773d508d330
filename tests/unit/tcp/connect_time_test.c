/* SPDX-License-Identifier: BSD-3-Clause */
/* An open that is not answered: retransmission, giving up, round trips, ICMP. */
#include "rig.h"

#define SYN_ACK (TCP_SYN | TCP_ACK)

/* Time passes until something is sent or the connection ends; the milliseconds. */
static uint32_t
wait_sent(struct peer *p, uint32_t most)
{
	for (uint32_t ms = 1; ms <= most; ms++) {
		peer_wait(p, 1);
		if (sent_waiting(p) != 0 || p->closed != 0)
			return ms;
	}
	return most + 1;
}

/* RFC 6298 2.1, 5.5, 2.5; RFC 9293 3.8.3 MUST-23: "at least 3 minutes" */
Test(tcp_connect_time, syn_backs_off_and_gives_up)
{
	static const uint32_t after_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000};
	struct peer *p = peer_called(TCP_SYN_SENT);
	uint32_t iss = p->our_iss, tsval = p->tsecr, all = 0;

	for (unsigned i = 0; i < 7; i++) {
		uint32_t ms = wait_sent(p, 70000);
		const struct sent *s;

		all += ms;
		cr_expect_eq(ms, after_ms[i], "SYN %u after %u ms", i + 1, ms);
		s = expect_sent(p, .flags = TCP_SYN, .seq = -1);
		cr_expect_eq(s->number, iss, "another ISS");
		cr_expect_eq(s->opts.present,
		        SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS);
		cr_expect_eq(s->opts.tsval, tsval + all, "RFC 7323 3: the time of this one");
	}
	cr_expect_eq(p->t->count->segments_retransmitted, 7);
	all += wait_sent(p, 70000);
	expect_silence(p);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_TIMEOUT);
	cr_expect_geq(all, 180000);
	cr_expect_leq(all, 190000);
	cr_expect_eq(p->t->count->connect_timeout, 1);
	cr_expect_eq(p->t->count->conn_unreachable, 0);
	peer_end(p);
}

/* A SYN-ACK that comes late is good; nothing is sent again after it. */
Test(tcp_connect_time, late_syn_ack)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	peer_wait(p, 31500);
	sent_forget(p);
	cr_expect_eq(peer_send(p, .flags = SYN_ACK), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK);
	expect_log(p, "o");
	peer_wait(p, 200000);
	expect_silence(p);
	expect_log(p, "o");
	cr_expect_eq(p->t->count->conn_connected, 1);
	peer_end(p);
}

/* RFC 6298 2.2: the handshake is the first sample */
Test(tcp_connect_time, round_trip_of_the_handshake)
{
	for (unsigned ts = 0; ts < 2; ts++) {
		struct peer *p = peer_called(TCP_SYN_SENT, .ts = ts);

		peer_wait(p, 150);
		peer_send(p, .flags = SYN_ACK);
		sent_forget(p);
		app_send(p, 10);
		sent_forget(p);
		/* SRTT 150, RTTVAR 75: RTO 450 ms */
		cr_expect_eq(wait_sent(p, 2000), 450, "with timestamps: %u", ts);
		peer_end(p);
	}
}

/* RFC 6298 3 (Karn) and 5.7; RFC 5681 3.1: after a lost SYN, 3 s and one segment. With
 * timestamps the echo tells which SYN was answered, and is a sample. */
Test(tcp_connect_time, lost_syn_makes_a_careful_start)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	peer_wait(p, 1000);
	peer_wait(p, 10);
	sent_forget(p);
	peer_send(p, .flags = SYN_ACK);
	sent_forget(p);
	app_send(p, 6000);
	expect_sent(p, .flags = TCP_ACK, .len = 1460);
	expect_silence(p);
	cr_expect_eq(wait_sent(p, 5000), 3000);
	peer_end(p);
}

Test(tcp_connect_time, lost_syn_with_timestamps_is_measured)
{
	struct peer *p = peer_called(TCP_SYN_SENT, .ts = true);

	peer_wait(p, 1000);
	peer_wait(p, 100);
	sent_forget(p);
	peer_send(p, .flags = SYN_ACK);
	sent_forget(p);
	app_send(p, 6000);
	expect_sent(p, .flags = TCP_ACK, .len = 1448);
	expect_silence(p);
	cr_expect_eq(wait_sent(p, 5000), 300, "of the second SYN: 100 + 4 * 50 ms");
	peer_end(p);
}

/* RFC 6928: without a loss the initial window is ten segments */
Test(tcp_connect_time, initial_window)
{
	struct peer *p = peer_called(TCP_ESTABLISHED);

	app_send(p, 30000);
	cr_expect_eq(sent_waiting(p), 10);
	peer_end(p);
}

/* A host that does not answer ARP for three seconds cannot hear a SYN either. */
Test(tcp_connect_time, no_next_hop_is_unreachable)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	p->rig->unresolved = true;
	cr_expect_eq(wait_sent(p, 5000), 1000);
	expect_sent(p, .flags = TCP_SYN, .seq = -1);
	cr_expect_eq(wait_sent(p, 5000), 2000);
	expect_silence(p);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_HOST_UNREACHABLE);
	cr_expect_eq(p->t->count->conn_unreachable, 1);
	cr_expect_eq(p->t->count->connect_timeout, 0);
	peer_end(p);
}

/* A host that was resolved by then is not given up later. */
Test(tcp_connect_time, next_hop_that_vanishes_later)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	peer_wait(p, 3500);
	p->rig->unresolved = true;
	peer_wait(p, 100000);
	expect_log(p, "");
	peer_end(p);
}

/* ICMP */

static enum drop
icmp(struct peer *p, int seq, uint16_t mtu, bool hard)
{
	struct tcp_icmp e = {.seq = p->our_iss + (uint32_t)seq,
	        .mtu = mtu,
	        .hard = hard,
	        .why = hard ? HF_REFUSED : HF_NET_UNREACHABLE};

	return tcp_icmp_error(p->t, p->conn, &e);
}

/* RFC 1122 4.2.3.9: "MUST NOT abort" for a soft one, but the reason is told. */
Test(tcp_connect_icmp, soft_is_only_told)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	cr_expect_eq(icmp(p, 0, 0, false), DROP_ICMP_IGNORED);
	cr_expect_eq(peer_state(p), TCP_SYN_SENT);
	peer_wait(p, 179000);
	cr_expect_eq(peer_state(p), TCP_SYN_SENT);
	peer_wait(p, 10000);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_NET_UNREACHABLE);
	cr_expect_eq(p->t->count->segments_retransmitted, 7);
	cr_expect_eq(p->t->count->conn_unreachable, 1);
	peer_end(p);
}

/* An answer makes the error forgotten. */
Test(tcp_connect_icmp, soft_does_not_hinder)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	icmp(p, 0, 0, false);
	peer_send(p, .flags = SYN_ACK);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* RFC 1122 4.2.3.9: protocol and port unreachable "SHOULD abort" */
Test(tcp_connect_icmp, hard_ends_an_open)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	cr_expect_eq(icmp(p, 0, 0, true), DROP_NONE);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_REFUSED);
	expect_silence(p);
	cr_expect_eq(p->t->count->conn_refused, 1);
	peer_end(p);
}

/* RFC 5927 5.2: and nothing else */
Test(tcp_connect_icmp, hard_ends_nothing_else)
{
	static const enum tcp_state states[] = {TCP_SYN_RECEIVED, TCP_ESTABLISHED};

	for (unsigned i = 0; i < 2; i++) {
		struct peer *p = peer_called(states[i]);

		if (states[i] == TCP_ESTABLISHED)
			app_send(p, 100);
		cr_expect_eq(icmp(p, states[i] == TCP_ESTABLISHED, 0, true), DROP_ICMP_IGNORED);
		cr_expect_eq(peer_state(p), states[i]);
		cr_expect_eq(p->closed, 0);
		peer_end(p);
	}
}

/* RFC 5927 4.1: SND.UNA =< SEG.SEQ < SND.NXT; our SYN is one number */
Test(tcp_connect_icmp, wrong_number_is_ignored)
{
	static const int seq[] = {-1, 1, 70000, INT32_MIN};
	struct peer *p = peer_called(TCP_SYN_SENT);

	for (unsigned i = 0; i < 4; i++) {
		cr_expect_eq(icmp(p, seq[i], 0, true), DROP_ICMP_UNMATCHED);
		cr_expect_eq(icmp(p, seq[i], 0, false), DROP_ICMP_UNMATCHED);
	}
	cr_expect_eq(peer_state(p), TCP_SYN_SENT);
	peer_wait(p, 190000);
	cr_expect_eq(p->why, HF_TIMEOUT, "they left no trace");
	peer_end(p);
}

/* A SYN fits every MTU: the message changes nothing, and is not "unreachable". */
Test(tcp_connect_icmp, smaller_mtu)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	cr_expect_eq(icmp(p, 0, 600, false), DROP_ICMP_IGNORED);
	expect_silence(p);
	peer_wait(p, 190000);
	cr_expect_eq(p->why, HF_TIMEOUT);
	peer_end(p);
}
