/* SPDX-License-Identifier: BSD-3-Clause */
/* Settings of a single connection: DSCP, time to live, R2. Errors that end nothing, and the
 * application's news of them (RFC 9293 3.8.3, 3.9.1.8, 3.9.2). */
#include "rig.h"

#include <errno.h>

#define EF (46 << 2) /* RFC 3246 */

static const struct sent *
said(struct peer *p)
{
	const struct sent *s;

	sent_forget(p);
	peer_send(p, .flags = TCP_ACK, .len = 1);
	s = sent_next(p);
	cr_assert_not_null(s);
	return s;
}

static void
expect_ip(const struct sent *s, uint8_t tos, uint8_t ttl)
{
	cr_expect_eq(s->tos, tos, "TOS %#x, expected %#x", s->tos, tos);
	cr_expect_eq(s->ttl, ttl, "TTL %u, expected %u", s->ttl, ttl);
}

/* MUST-48, MUST-49, SHLD-21 */
Test(tcp_own, dscp_and_ttl)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct peer *other = peer_beside(p);

	p->t->conf.tos = 8 << 2;
	p->t->conf.ttl = 32;
	peer_connect(other);
	expect_ip(sent_next(other), 8 << 2, 32); /* the SYN-ACK */
	expect_ip(said(other), 8 << 2, 32);
	cr_expect_eq(hf_set_dscp(core_of(p), hf_of(other), 46), 0);
	expect_ip(said(other), EF, 32);
	cr_expect_eq(hf_set_ttl(core_of(p), hf_of(other), 255), 0);
	expect_ip(said(other), EF, 255);
	cr_expect_eq(hf_set_dscp(core_of(p), hf_of(other), 0), 0);
	expect_ip(said(other), 0, 255);
	expect_ip(said(p), 8 << 2, 32); /* it alone */
	peer_end(p);
}

Test(tcp_own, what_cannot_be_is_refused)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct hf_open how = {.peer = {PEER_ADDR, 1}, .dscp = 64};

	cr_expect_eq(hf_set_dscp(core_of(p), hf_of(p), 64), -EINVAL);
	cr_expect_eq(hf_set_ttl(core_of(p), hf_of(p), 0), -EINVAL);
	cr_expect_eq(hf_set_ttl(core_of(p), hf_of(p), 256), -EINVAL);
	cr_expect_eq(hf_set_retries(core_of(p), hf_of(p), 0), -EINVAL);
	cr_expect_eq(hf_set_retries(core_of(p), hf_of(p), 16), -EINVAL);
	cr_expect_eq(hf_connect(core_of(p), &rig_recorder, NULL, &how, NULL), -EINVAL);
	cr_expect_eq(p->t->conns.used, 1);
	expect_ip(said(p), 0, 0);
	peer_end(p);
}

/* The settings hold from the SYN on, and for segments that are sent again. */
Test(tcp_own, dscp_and_ttl_of_an_open)
{
	struct peer *p = peer_new((struct peer_how) {0});
	struct hf_open how = {.peer = {p->addr, p->port}, .ctx = p, .dscp = 46, .ttl = 5};
	struct hf_conn *c;

	p->called = true;
	cr_assert_eq(hf_connect(core_of(p), &rig_recorder, NULL, &how, &c), 0);
	p->conn = (struct tcp_conn *)c;
	p->lport = p->conn->key.lport;
	expect_ip(sent_next(p), EF, 5);
	peer_wait(p, 1001);
	expect_ip(sent_next(p), EF, 5);
	peer_send(p, .flags = TCP_SYN | TCP_ACK);
	expect_ip(sent_next(p), EF, 5);
	peer_end(p);
}

/* MUST-21: R2, of this connection alone */
Test(tcp_own, so_many_retransmissions)
{
	for (unsigned n = 1; n <= LIMIT_RETRIES; n++) {
		struct peer *p = peer_in(TCP_ESTABLISHED);
		unsigned sent;

		hf_set_retries(core_of(p), hf_of(p), n);
		p->deaf = true;
		app_send(p, 100);
		peer_wait(p, 15 * 61000);
		sent = sent_waiting(p);
		cr_expect_eq(sent, 1 + n, "%u sent for %u", sent, n);
		cr_expect_eq(p->why, HF_TIMEOUT);
		sent_forget(p);
		peer_end(p);
	}
}

Test(tcp_own, so_many_probes)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hf_set_retries(core_of(p), hf_of(p), 2);
	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	p->deaf = true;
	app_send(p, 100);
	peer_wait(p, 60000);
	cr_expect_eq(sent_waiting(p), 2);
	cr_expect_eq(p->why, HF_TIMEOUT);
	sent_forget(p);
	peer_end(p);
}

/* MUST-47, SHLD-9: R1 is told, once for each silence */
Test(tcp_own, three_retransmissions_are_told)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	for (unsigned i = 0; i < 2; i++) {
		app_send(p, 100);
		while (p->t->count->rto_fired < 3 * (i + 1)) {
			cr_expect_neq(p->log[p->nlog - 1], 's');
			peer_wait(p, 1);
		}
		cr_expect_eq(p->log[p->nlog - 1], 's');
		cr_expect_eq(p->soft, HF_TIMEOUT);
		sent_forget(p);
		p->ack = 100 * (i + 1);
		peer_send(p, .flags = TCP_ACK);
		cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	}
	expect_log(p, "osrsr");
	peer_end(p);
}

static enum drop
icmp(struct peer *p, enum hf_reason why)
{
	struct tcp_icmp e = {.seq = p->conn->snd_una, .why = why};

	return tcp_icmp_error(p->t, p->conn, &e);
}

/* MUST-47: an ICMP error is told once until the next retransmission, however often it comes. */
Test(tcp_own, icmp_is_told)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_send(p, 100);
	for (unsigned i = 0; i < 1000; i++)
		icmp(p, i % 2 ? HF_NET_UNREACHABLE : HF_PROHIBITED);
	expect_log(p, "os");
	cr_expect_eq(p->soft, HF_PROHIBITED);
	peer_wait(p, 1001);
	icmp(p, HF_NET_UNREACHABLE);
	icmp(p, HF_NET_UNREACHABLE);
	expect_log(p, "oss");
	cr_expect_eq(p->soft, HF_NET_UNREACHABLE);
	sent_forget(p);
	peer_end(p);
}

/* Nothing of it while it is being opened: closed() says it. */
Test(tcp_own, opening_hears_nothing)
{
	static const enum tcp_state states[] = {TCP_SYN_SENT, TCP_SYN_RECEIVED};

	for (unsigned i = 0; i < 2; i++) {
		struct peer *p = peer_called(states[i]);

		icmp(p, HF_HOST_UNREACHABLE);
		peer_wait(p, 20000);
		expect_log(p, "");
		sent_forget(p);
		peer_end(p);
	}
}

static char call;

static void
call_on_soft(struct peer *p, char event)
{
	if (event != 's')
		return;
	if (call == 'a')
		hf_abort(core_of(p), hf_of(p));
	else if (call == 'c')
		hf_close(core_of(p), hf_of(p));
	else
		app_send(p, 10);
}

/* A wish of the event is fulfilled, in a timer and in an ICMP error. */
Test(tcp_own, application_may_act_on_it)
{
	static const char calls[] = {'a', 'c', 's'};

	for (unsigned i = 0; i < 6; i++) {
		struct peer *p = peer_in(TCP_ESTABLISHED, .on = call_on_soft);

		call = calls[i / 2];
		app_send(p, 100);
		if (i % 2)
			icmp(p, HF_HOST_UNREACHABLE);
		else
			peer_wait(p, 7500);
		turn_end(p);
		cr_expect_eq(p->closed, call == 'a');
		if (call == 'c')
			cr_expect(p->conn->flags & CONN_SHUTDOWN);
		if (call == 's')
			cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 110);
		sent_forget(p);
		peer_end(p);
	}
}
