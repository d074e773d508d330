/* SPDX-License-Identifier: BSD-3-Clause */
/* Several hosts that answer for one address: the ACK may come to another one than the
 * SYN (docs/decisions/0013-syn-cookies.md, Keys). All they share are masters and the time. */
#include "peer.h"

#define SYN_ACK  (TCP_SYN | TCP_ACK)
#define EPOCH_MS 64000

static const struct cookie_masters one = {
        .n = 1, .shared = true, .master = {{.id = 7, .key = "what both know."}}};
static const struct cookie_masters other = {
        .n = 1, .shared = true, .master = {{.id = 7, .key = "who knows that?"}}};

/* The same peer, but its next segment comes to another host. */
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

/* The other host has sent no cookie for long, and is to send none. It expects the cookies of
 * others. */
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

/* From the SYN to the ACK at the other host, and the next segment of that host. */
static void
expect_moves(struct peer *a, struct peer *b)
{
	const struct sent *s;
	uint32_t tsval;

	cr_expect_eq(peer_send(a, .flags = TCP_SYN), DROP_NONE);
	s = expect_sent(a, .flags = SYN_ACK, .seq = -1);
	tsval = s->opts.tsval;
	move(a, b);
	cr_expect_eq(peer_send(b, .flags = TCP_ACK, .wnd = 500), DROP_NONE);
	cr_assert_eq(peer_state(b), TCP_ESTABLISHED);
	peer_send(b, .flags = TCP_ACK, .len = 10);
	s = sent_next(b);
	/* timestamps never go back, and are ahead by less than cookies allow */
	cr_expect_lt(s->opts.tsval - tsval, EPOCH_MS, "its clock is %d ms off",
	        (int)(s->opts.tsval - tsval));
	peer_end(a);
	peer_end(b);
}

/* RFC 7323 5.3: a host that is behind continues from the other host's timestamps. */
Test(tcp_cookie_hosts, ack_opens_at_a_host_that_is_behind_or_ahead)
{
	static const int ahead_ms[] = {-3000, -1000, -70, 70, 1000, 3000};

	for (unsigned i = 0; i < 6; i++) {
		/* from before an epoch's end to after it */
		for (unsigned ms = 0; ms < 8000; ms += 500) {
			struct peer_how how = host(&one, "the first's own.");
			struct peer *a, *b;

			how.start_us = (20 * EPOCH_MS - 4000 + ms) * UINT64_C(1000);
			a = peer_new(how);
			how.start_us += (uint64_t)(ahead_ms[i] * 1000);
			how.secret = "the other's own.";
			b = peer_new(how);
			expect_moves(a, b);
		}
	}
}

/* A host that began with a wrong time of day, by hours or 56 years, and was set since: its
 * own time goes on, its cookies are those of the day. */
Test(tcp_cookie_hosts, hosts_agree_once_their_time_of_day_does)
{
	static const int64_t wrong_s[] = {-1790000000, -10800, -31, 31, 10800};

	for (unsigned i = 0; i < 5; i++) {
		for (unsigned which = 0; which < 2; which++) {
			struct peer_how how = host(&one, "the first's own.");
			struct peer *right, *set;

			how.start_us = UINT64_C(1790000020) * 1000000;
			right = peer_new(how);
			how.start_us += (uint64_t)(wrong_s[i] * 1000000);
			how.secret = "the other's own.";
			set = peer_new(how);
			tcp_set_day(set->t, -wrong_s[i] * 1000000);
			cr_expect_eq(set->t->cookies.epoch, right->t->cookies.epoch);
			if (which)
				expect_moves(right, set);
			else
				expect_moves(set, right);
		}
	}
}

/* Flows that have just ended must not see their timestamps run back (RFC 6191). A second more
 * or less does not matter to a cookie. */
Test(tcp_cookie_hosts, timestamps_stay_when_the_day_moves_a_little)
{
	struct peer *p = peer_new(host(&one, "the first's own."));
	uint32_t before = tcp_ts_ms(p->t), ahead_ms;

	tcp_set_day(p->t, -1000000);
	cr_expect_eq(tcp_ts_ms(p->t), before);
	cr_expect_eq(tcp_day_us(p->t), p->t->now.us - 1000000);
	tcp_set_day(p->t, -29000000);
	cr_expect_eq(tcp_ts_ms(p->t), before);
	tcp_set_day(p->t, 40000000);
	ahead_ms = tcp_ts_ms(p->t) - before;
	cr_expect_eq(ahead_ms, 40000);
	peer_end(p);
}
