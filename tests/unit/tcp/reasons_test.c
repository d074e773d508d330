/* SPDX-License-Identifier: BSD-3-Clause */
/* The reasons of closed(), as a socket's errno would give them (enum hf_reason). */
#include "rig.h"

#include <errno.h>
#include <string.h>

#define LAST_REASON HF_BAD_PROTOCOL

static enum drop
icmp(struct peer *p, enum hf_reason why)
{
	struct tcp_icmp e = {.seq = p->conn->snd_una, .why = why};

	return tcp_icmp_error(p->t, p->conn, &e);
}

Test(tcp_reasons, each_has_a_name_and_an_errno)
{
	for (int why = HF_CLOSED; why <= (int)LAST_REASON; why++) {
		const char *name = hf_reason_name((enum hf_reason)why);

		cr_expect_str_neq(name, "unknown");
		for (int other = HF_CLOSED; other < why; other++)
			cr_expect_str_neq(name, hf_reason_name((enum hf_reason)other));
		cr_expect_neq(hf_reason_errno((enum hf_reason)why), EINVAL, "%s", name);
		cr_expect_eq(hf_reason_errno((enum hf_reason)why) == 0, why == HF_CLOSED);
	}
	cr_expect_eq(hf_reason_errno(HF_RESET), ECONNRESET);
	cr_expect_eq(hf_reason_errno(HF_TIMEOUT), ETIMEDOUT);
	cr_expect_eq(hf_reason_errno(HF_ABORTED), ECONNABORTED);
}

/* RFC 5927 5.2: an error ends no connection. But its reason is better than "timeout" once all
 * retransmissions are over. */
Test(tcp_reasons, given_up_as_icmp_has_said)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	p->deaf = true;
	app_send(p, 100);
	peer_wait(p, 1000);
	cr_expect_eq(icmp(p, HF_HOST_UNREACHABLE), DROP_ICMP_IGNORED);
	cr_expect_eq(p->closed, 0);
	peer_wait(p, 400000);
	cr_expect_eq(p->closed, 1);
	cr_expect_eq(p->why, HF_HOST_UNREACHABLE);
	cr_expect_eq(p->t->count->conn_timeout, 1);
	sent_forget(p);
	peer_end(p);
}

/* An error of an earlier silence is no reason. */
Test(tcp_reasons, what_is_over_is_forgotten)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_send(p, 100);
	peer_wait(p, 1000);
	icmp(p, HF_NET_UNREACHABLE);
	sent_forget(p);
	p->ack = 100;
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	app_send(p, 100);
	peer_wait(p, 700000);
	cr_expect_eq(p->why, HF_TIMEOUT);
	sent_forget(p);
	peer_end(p);
}

/* An error without a silence after it is no reason: the peer takes all, and never closes. */
Test(tcp_reasons, an_orphan_of_an_answering_peer_is_a_timeout)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_send(p, 100);
	icmp(p, HF_NET_UNREACHABLE);
	sent_forget(p);
	app_close(p);
	sent_forget(p);
	p->ack = 101;
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_2);
	peer_wait(p, 70000);
	cr_expect_eq(p->closed, 1);
	cr_expect_eq(p->why, HF_TIMEOUT);
	peer_end(p);
}

/* The same for a window that is shut (RFC 9293 3.8.6.1). */
Test(tcp_reasons, probes_without_an_answer)
{
	for (unsigned stale = 0; stale < 2; stale++) {
		struct peer *p = peer_in(TCP_ESTABLISHED);

		peer_send(p, .flags = TCP_ACK, .wnd = -1);
		app_send(p, 100);
		peer_wait(p, 1500);
		cr_expect_eq(icmp(p, HF_HOST_UNREACHABLE), DROP_ICMP_IGNORED);
		if (stale)
			peer_send(p, .flags = TCP_ACK, .wnd = -1);
		peer_wait(p, 700000);
		cr_expect_eq(p->why, stale ? HF_TIMEOUT : HF_HOST_UNREACHABLE);
		sent_forget(p);
		peer_end(p);
	}
}

static uint32_t unacked;

static void
note_unacked(struct peer *p, char event)
{
	if (event == 'c')
		unacked = hf_unacked(core_of(p), hf_of(p));
}

/* Our FIN is not acknowledged: the peer may not have read to the end (a socket says
 * ECONNRESET). How much of our text it acknowledged, hf_unacked() tells. */
Test(tcp_reasons, reset_before_our_fin_is_acknowledged)
{
	static const enum tcp_state last[] = {TCP_FIN_WAIT_1, TCP_CLOSING, TCP_LAST_ACK};

	for (unsigned i = 0; i < 3; i++) {
		struct peer *p = peer_in(last[i]);

		unacked = 77;
		p->on = note_unacked;
		peer_send(p, .flags = TCP_RST);
		cr_expect_eq(peer_state(p), TCP_CLOSED);
		cr_expect_eq(p->why, HF_RESET);
		cr_expect_eq(unacked, 0, "all of the text was acknowledged");
		cr_expect_eq(p->t->count->conn_reset, 1);
		cr_expect_eq(p->t->count->conn_closed, 0);
		peer_end(p);
	}
}

Test(tcp_reasons, reset_with_text_under_way)
{
	struct peer *p = peer_in(TCP_CLOSE_WAIT, .on = note_unacked);

	turn_hold(p);
	app_send(p, 100);
	app_shutdown(p);
	turn_end(p);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN | TCP_PSH, .len = 100, .ack = 1);
	cr_expect_eq(peer_state(p), TCP_LAST_ACK);
	peer_send(p, .flags = TCP_RST);
	cr_expect_eq(p->why, HF_RESET);
	cr_expect_eq(unacked, 100);
	peer_end(p);
}
