/* SPDX-License-Identifier: BSD-3-Clause */
/* Several hosts that answer for one address: the ACK may come to another one than the
 * SYN (docs/decisions/0013-cookies.md, Keys). All they share are masters and the time. */
#include "peer.h"

#define SYN_ACK  (TCP_SYN | TCP_ACK)
#define EPOCH_MS 64000

static const struct cookie_masters one = {
        .n = 1, .shared = true, .master = {{.id = 7, .key = "what both know."}}};
static const struct cookie_masters other = {
        .n = 1, .shared = true, .master = {{.id = 7, .key = "who knows that?"}}};

/* The same peer, but his next segment comes to another host. */
static void
move(const struct peer *from, struct peer *to)
{
	to->iss = from->iss;
	to->our_iss = from->our_iss;
	to->seq = from->seq;
	to->ack = from->ack;
	to->tsecr = from->tsecr;
	to->port = from->port;
}

static struct peer_how
host(const struct cookie_masters *m, const char *secret)
{
	return (struct peer_how) {.ts = true,
	        .sack = true,
	        .wscale = 1 + 7,
	        .syn_cookie = SYN_COOKIE_ALWAYS,
	        .masters = m,
	        .secret = secret};
}

/* Options, and a clock that does not go back (RFC 7323 5.3: PAWS would drop it). */
Test(tcp_cookie_hosts, ack_opens_at_the_other_host)
{
	struct peer *a = peer_new(host(&one, "the first's own."));
	struct peer *b = peer_new(host(&one, "the other's own."));
	const struct sent *s;
	uint32_t tsval;

	cr_expect_eq(peer_send(a, .flags = TCP_SYN), DROP_NONE);
	s = expect_sent(a, .flags = SYN_ACK, .seq = -1);
	tsval = s->opts.tsval;
	move(a, b);
	peer_wait(b, 5);
	cr_expect_eq(peer_send(b, .flags = TCP_ACK, .wnd = 500), DROP_NONE);
	cr_assert_eq(peer_state(b), TCP_ESTABLISHED);
	cr_expect_eq(b->conn->snd_wnd, 500u << 7);
	cr_expect(b->conn->flags & CONN_SACK);
	peer_send(b, .flags = TCP_ACK, .len = 10);
	s = sent_next(b);
	cr_expect_leq(s->opts.tsval - tsval, 100, "its clock is %d ms off",
	        (int)(s->opts.tsval - tsval));
	peer_end(a);
	peer_end(b);
}

Test(tcp_cookie_hosts, other_masters_know_nothing_of_it)
{
	struct peer *a = peer_new(host(&one, "the same secret."));
	struct peer *b = peer_new(host(&other, "the same secret."));

	cr_expect_eq(peer_send(a, .flags = TCP_SYN), DROP_NONE);
	expect_sent(a, .flags = SYN_ACK, .seq = -1);
	move(a, b);
	cr_expect_eq(peer_send(b, .flags = TCP_ACK), DROP_COOKIE_WRONG);
	cr_expect_eq(b->t->conns.used, 0);
	peer_end(a);
	peer_end(b);
}

/* Nobody there has sent a cookie for long, or is to send any: he expects the others'. */
Test(tcp_cookie_hosts, ack_opens_at_a_host_that_keeps_records)
{
	struct peer_how keeps = host(&one, "the other's own.");
	struct peer *a = peer_new(host(&one, "the first's own."));
	struct peer *b;

	keeps.syn_cookie = SYN_COOKIE_OFF;
	b = peer_new(keeps);
	peer_wait(a, 10 * EPOCH_MS);
	peer_wait(b, 10 * EPOCH_MS);
	cr_expect_eq(peer_send(a, .flags = TCP_SYN), DROP_NONE);
	expect_sent(a, .flags = SYN_ACK, .seq = -1);
	move(a, b);
	cr_expect_eq(peer_send(b, .flags = TCP_ACK), DROP_NONE);
	cr_expect_eq(peer_state(b), TCP_ESTABLISHED);
	peer_end(a);
	peer_end(b);
}
