/* SPDX-License-Identifier: BSD-3-Clause */
/* The peer's urgent mark (RFC 9293 3.8.5, 3.10.7.4 sixth). */
#include "peer.h"

static uint32_t
left(const struct peer *p)
{
	return hf_urgent(core_of(p), hf_of(p));
}

static uint32_t seen;

static void
note_left(struct peer *p, char event)
{
	if (event == 'u' || event == 'd')
		seen = left(p);
}

/* MUST-32, 33, 62: told before its text; it points behind the last urgent octet. */
Test(tcp_urgent, mark_is_told_and_passed)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = note_left);

	p->take = 10;
	peer_send(p, .flags = TCP_ACK | TCP_URG, .len = 30, .urgent = 25);
	expect_log(p, "oud");
	cr_expect_eq(seen, 25, "in data(): from `bytes` on");
	cr_expect_eq(left(p), 15, "ten were taken");
	p->take = UINT32_MAX;
	hf_resume(core_of(p), hf_of(p)); /* the rest is held */
	turn_end(p);
	cr_expect_eq(left(p), 0);
	expect_log(p, "oudd");
	peer_end(p);
}

/* A mark that comes behind its text is told while the text is held. */
Test(tcp_urgent, mark_inside_what_is_held)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = note_left);

	p->take = 0;
	peer_send(p, .flags = TCP_ACK, .len = 30);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .seq = -10, .len = 20, .urgent = 5);
	cr_expect_eq(left(p), 25);
	p->take = UINT32_MAX;
	hf_resume(core_of(p), hf_of(p));
	turn_end(p);
	cr_expect_eq(left(p), 0);
	peer_end(p);
}

/* "whenever there was previously no pending urgent data, or the urgent pointer
 * advances": not with each segment that repeats it; of any length (MUST-31). */
Test(tcp_urgent, told_when_new_or_ahead)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 1 << 20, .wscale = 1 + 7);

	for (uint32_t i = 0; i < 300; i++) { /* beyond the reach of a pointer */
		peer_send(p, .flags = TCP_ACK | TCP_URG, .len = 1000, .urgent = 65535);
		cr_expect_eq(left(p), 65535 - 1000);
		for (unsigned k = 0; k < 3; k++) /* each says the same */
			peer_send(p, .flags = TCP_ACK | TCP_URG,
			        .urgent = (uint16_t)(65535 - 1000));
	}
	for (unsigned i = 0, u = 0; i < LOG_MAX && p->log[i] != '\0'; i++) {
		u = p->log[i] == 'u' ? u + 1 : 0;
		cr_expect_leq(u, 1, "told again of the same mark");
	}
	peer_end(p);
}

/* The mark counts from SEG.SEQ as it came, although old octets are cut off. */
Test(tcp_urgent, counts_from_the_segment_as_it_came)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .len = 100);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .seq = -50, .len = 50, .urgent = 40);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .seq = -50, .len = 60, .urgent = 50);
	expect_log(p, "odd");
	peer_send(p, .flags = TCP_ACK | TCP_URG, .seq = -50, .len = 61, .urgent = 70);
	cr_expect_eq(left(p), 9);
	peer_end(p);
}

/* MUST-66: with a window of 0, too */
Test(tcp_urgent, told_while_our_window_is_shut)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .rcv_wnd = 2000);

	hf_recv_room(core_of(p), hf_of(p), 0);
	peer_send(p, .flags = TCP_ACK, .len = 2000);
	cr_expect_eq(p->conn->rcv_adv, p->conn->rcv_nxt);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .urgent = 500);
	expect_log(p, "odu");
	cr_expect_eq(left(p), 500);
	peer_end(p);
}

/* Only an acceptable segment sets a mark, and only while text may come. */
Test(tcp_urgent, what_is_dropped_marks_nothing)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK | TCP_URG, .seq = 70000, .urgent = 9);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .ack = 1, .urgent = 9);
	peer_send(p, .flags = TCP_URG, .urgent = 9);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .urgent = 0);
	expect_log(p, "o");
	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .urgent = 9);
	expect_log(p, "of");
	cr_expect_eq(left(p), 0);
	peer_end(p);
}

/* A pointer beyond the FIN: nothing comes there. */
Test(tcp_urgent, nothing_is_left_behind_a_fin)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK | TCP_URG | TCP_FIN, .len = 5, .urgent = 100);
	expect_log(p, "oudf");
	cr_expect_eq(left(p), 0);
	peer_end(p);
}

/* Sequence numbers come round: a mark that was passed does not lie ahead again. */
Test(tcp_urgent, passed_mark_stays_passed)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK | TCP_URG, .len = 10, .urgent = 10);
	cr_expect_eq(left(p), 0);
	p->conn->rcv_nxt += 1u << 31; /* as after 2 GiB */
	p->conn->rcv_adv += 1u << 31;
	cr_expect_eq(left(p), 0);
	p->conn->rcv_nxt -= 1u << 31;
	p->conn->rcv_adv -= 1u << 31;
	peer_end(p);
}

/* The handshake's segments may have a mark, whichever side opened. */
Test(tcp_urgent, mark_on_the_last_ack_and_on_the_syn_ack)
{
	struct peer *p = peer_new((struct peer_how) {0});

	peer_send(p, .flags = TCP_SYN);
	peer_send(p, .flags = TCP_ACK | TCP_URG, .len = 3, .urgent = 8);
	expect_log(p, "oud");
	cr_expect_eq(left(p), 5);
	peer_end(p);

	p = peer_called(TCP_SYN_SENT);
	peer_send(p, .flags = TCP_SYN | TCP_ACK | TCP_URG, .urgent = 8);
	expect_log(p, "ou");
	cr_expect_eq(left(p), 7, "the SYN is one of them");
	peer_end(p);
}

/* hf_abort() within the event. */
static void
abort_on_urgent(struct peer *p, char event)
{
	if (event == 'u')
		hf_abort(core_of(p), hf_of(p));
}

Test(tcp_urgent, aborted_in_the_event)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = abort_on_urgent);

	peer_send(p, .flags = TCP_ACK | TCP_URG, .len = 3, .urgent = 3);
	cr_expect_eq(p->closed, 1);
	cr_expect_eq(p->got, 0);
	sent_forget(p);
	peer_end(p);
}
