/* SPDX-License-Identifier: BSD-3-Clause */
/* Source ports (RFC 6056), and TIME-WAITs of ours in their way. */
#include <errno.h>

#include "rig.h"

#define SYN_ACK    (TCP_SYN | TCP_ACK)
#define FIRST      5000
#define OTHER_PEER 0x0400000au /* 10.0.0.4 */

static const struct hf_service mute = {.name = "mute"};

/* The port of one more connection to p (at addr), in host order; or -errno. */
static int
port_to(struct peer *p, be32 addr)
{
	struct hf_open how = {.peer = {addr, p->port}};
	struct hf_conn *c;
	int rc = hf_connect(core_of(p), &mute, NULL, &how, &c);

	sent_forget(p);
	if (rc != 0)
		return rc;
	p->conn = (struct tcp_conn *)c;
	return be16_to_cpu(hf_local(c).port);
}

static void
drop_conn(struct peer *p)
{
	hf_abort(core_of(p), hf_of(p));
	turn_end(p);
	sent_forget(p);
}

/* 3.3: all of a range, none twice, and an error when there are no more */
Test(tcp_ports, whole_range_once)
{
	struct peer *p = peer_new(
	        (struct peer_how) {.port_first = FIRST, .port_last = FIRST + 49});
	bool seen[50] = {false};

	for (unsigned i = 0; i < 50; i++) {
		int port = port_to(p, PEER_ADDR);

		cr_assert(port >= FIRST && port < FIRST + 50, "%d", port);
		cr_expect_not(seen[port - FIRST], "%d twice", port);
		seen[port - FIRST] = true;
	}
	cr_expect_eq(port_to(p, PEER_ADDR), -EADDRNOTAVAIL);
	cr_expect_eq(p->t->conns.used, 50);
	/* the same ports towards another peer */
	cr_expect_gt(port_to(p, OTHER_PEER), 0);
	peer_end(p);
}

/* One that comes free is found, where it is the only one. */
Test(tcp_ports, recovers_from_exhaustion)
{
	struct peer *p = peer_new(
	        (struct peer_how) {.port_first = FIRST, .port_last = FIRST + 49});
	int last = 0;

	for (unsigned i = 0; i < 50; i++)
		last = port_to(p, PEER_ADDR);
	cr_expect_eq(port_to(p, PEER_ADDR), -EADDRNOTAVAIL);
	drop_conn(p);
	cr_expect_eq(port_to(p, PEER_ADDR), last);
	cr_expect_eq(port_to(p, PEER_ADDR), -EADDRNOTAVAIL);
	peer_end(p);
}

/* A call looks at 64 ports that are taken; later ones go on behind them. */
Test(tcp_ports, one_free_port_among_many_is_found_in_the_end)
{
	struct peer *p = peer_new(
	        (struct peer_how) {.port_first = FIRST, .port_last = FIRST + 199});
	struct tcp_conn *c = NULL;
	unsigned calls = 1;
	int gone = 0;

	for (unsigned i = 0; i < 200; i++) {
		int port = port_to(p, PEER_ADDR);

		cr_assert_gt(port, 0);
		if (i == 100) {
			c = p->conn;
			gone = port;
		}
	}
	p->conn = c;
	drop_conn(p);
	for (int port; (port = port_to(p, PEER_ADDR)) != gone; calls++) {
		cr_assert_eq(port, -EADDRNOTAVAIL);
		cr_assert_leq(calls, 4);
	}
	peer_end(p);
}

/* 3.3.4, 5: a port comes back only when all others have had their turn */
Test(tcp_ports, reused_as_late_as_possible)
{
	struct peer *p = peer_new(
	        (struct peer_how) {.port_first = FIRST, .port_last = FIRST + 99});
	int first = port_to(p, PEER_ADDR);

	drop_conn(p);
	for (unsigned i = 1; i < 100; i++) {
		cr_expect_neq(port_to(p, PEER_ADDR), first, "after %u others", i);
		drop_conn(p);
	}
	cr_expect_eq(port_to(p, PEER_ADDR), first);
	peer_end(p);
}

/* 1,024 to 65,535 by default, both ends included */
Test(tcp_ports, ends_of_the_range)
{
	struct peer *p = peer_new((struct peer_how) {.port_first = 65534, .port_last = 65535});
	int sum = port_to(p, PEER_ADDR) + port_to(p, PEER_ADDR);

	cr_expect_eq(sum, 65534 + 65535);
	cr_expect_eq(port_to(p, PEER_ADDR), -EADDRNOTAVAIL);
	peer_end(p);
}

/* 3.3.3: "an attacker [...] cannot predict": where the ports towards a peer start
 * depends on the peer and on the secret */
Test(tcp_ports, offsets_depend_on_peer_and_secret)
{
	static const char *const secret[] = {"one secret......", "another secret.."};
	int start[2][16];
	unsigned near = 0;

	for (unsigned s = 0; s < 2; s++) {
		struct peer *p = peer_new((struct peer_how) {.secret = secret[s]});

		for (uint32_t i = 0; i < 16; i++)
			start[s][i] = port_to(p, OTHER_PEER + (i << 24));
		peer_end(p);
	}
	for (unsigned i = 0; i < 16; i++) {
		near += abs(start[0][i] - start[1][i]) < 100;
		for (unsigned k = 0; k < i; k++)
			near += abs(start[0][i] - start[0][k]) < 100;
	}
	cr_expect_leq(near, 4, "%u of 136 pairs are neighbours", near);
}

/* 3.3.4: peers that share a counter do not share the place where they start */
Test(tcp_ports, peers_of_one_counter_start_elsewhere)
{
	enum { N = 2 * PORTS_COUNTERS };
	struct peer *p = peer_new((struct peer_how) {.max_conns = N});
	int port[N];
	unsigned next = 0;

	for (uint32_t i = 0; i < N; i++) {
		port[i] = port_to(p, OTHER_PEER + (i << 16));
		for (uint32_t k = 0; k < i; k++)
			next += port[i] - port[k] == 1;
	}
	/* by chance: 2, of as many as there are counters */
	cr_expect_leq(next, 20, "%u ports follow that of another peer", next);
	peer_end(p);
}

/* the same secret, peer and history give the same port: nothing is drawn */
Test(tcp_ports, same_secret_same_port)
{
	struct peer *p = peer_new((struct peer_how) {0});
	int port = port_to(p, PEER_ADDR);

	peer_end(p);
	p = peer_new((struct peer_how) {0});
	cr_expect_eq(port_to(p, PEER_ADDR), port);
	peer_end(p);
}

/* 3.2: not one that a service listens on */
Test(tcp_ports, listeners_are_avoided)
{
	struct peer *p = peer_new(
	        (struct peer_how) {.port_first = FIRST, .port_last = FIRST + 9});

	cr_assert_eq(tcp_listen(p->t, 0, cpu_to_be16(FIRST + 3), &mute, NULL), 0);
	for (unsigned i = 0; i < 9; i++)
		cr_expect_neq(port_to(p, PEER_ADDR), FIRST + 3);
	cr_expect_eq(port_to(p, PEER_ADDR), -EADDRNOTAVAIL);
	peer_end(p);
}

/* Each core has its share, and all shares are all ports. */
static unsigned
count_of_core(const struct steer *s, unsigned core)
{
	struct peer *p = peer_new((struct peer_how) {
	        .port_first = FIRST, .port_last = FIRST + 199, .core = core});
	unsigned n = 0;
	int port;

	p->rig->steer = s;
	while ((port = port_to(p, PEER_ADDR)) > 0) {
		cr_expect_eq(steer_core(s, &p->conn->key), core, "port %d", port);
		n++;
	}
	cr_expect_eq(port, -EADDRNOTAVAIL);
	peer_end(p);
	return n;
}

Test(tcp_ports, answers_come_to_this_core)
{
	static const uint8_t key[40] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41,
	        0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b,
	        0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7,
	        0x3b, 0xbe, 0xac, 0x01, 0xfa};
	static const uint16_t reta[4] = {0, 1, 2, 1};
	static struct steer s;

	for (unsigned rss = 0; rss < 2; rss++) {
		unsigned sum = 0;

		if (rss)
			steer_init_rss(&s, 3, key, reta, 4, true);
		else
			steer_init_ports(&s, 3);
		for (unsigned core = 0; core < 3; core++)
			sum += count_of_core(&s, core);
		cr_expect_eq(sum, 200);
	}
}

/* TIME-WAIT */

/* The next connection's events and text are its own. */
static void
begin_anew(struct peer *p)
{
	sent_forget(p);
	p->called = false;
	p->closed = p->nlog = 0;
	memset(p->log, 0, sizeof(p->log));
}

/* A connection that we have opened, at the only port, and closed first. */
static struct peer *
waiting(bool ts)
{
	struct peer *p = peer_called(
	        TCP_TIME_WAIT, .ts = ts, .port_first = FIRST, .port_last = FIRST);

	cr_assert_eq(p->lport, cpu_to_be16(FIRST));
	begin_anew(p);
	return p;
}

/* RFC 9293 3.6.1: 2 MSL; without timestamps nothing tells the peer that the SYN is new */
Test(tcp_ports, time_wait_without_timestamps_keeps_its_port)
{
	struct peer *p = waiting(false);

	for (unsigned s = 0; s < 59; s++) {
		cr_expect_eq(port_to(p, PEER_ADDR), -EADDRNOTAVAIL, "after %u s", s);
		peer_wait(p, 1000);
	}
	cr_expect_gt(port_to(p, OTHER_PEER), 0, "other peers do not mind");
	peer_wait(p, 5000);
	cr_expect_eq(port_to(p, PEER_ADDR), FIRST);
	peer_end(p);
}

/* A fixed port is no exception. */
Test(tcp_ports, time_wait_keeps_a_fixed_port)
{
	struct peer *p = waiting(false);
	struct hf_open how = {.peer = {PEER_ADDR, p->port}, .local = {0, p->lport}};

	peer_wait(p, 5000);
	cr_expect_eq(hf_connect(core_of(p), &mute, NULL, &how, NULL), -EADDRINUSE);
	cr_expect_eq(p->t->tw.live, 1);
	peer_end(p);
}

/* RFC 6191, RFC 1122 4.2.2.13: with timestamps, once ours has moved on by a second;
 * ISS and TSval above all that the old connection has used */
Test(tcp_ports, time_wait_with_timestamps_is_taken_over)
{
	struct peer *p = waiting(true);
	uint32_t end = p->our_iss + 1 + p->ack, tsval = p->tsecr;
	const struct sent *s;

	peer_wait(p, 990);
	cr_expect_eq(port_to(p, PEER_ADDR), -EADDRNOTAVAIL);
	cr_expect_eq(p->t->tw.live, 1);
	peer_wait(p, 2000); /* the marks are 2 MSL / 64 apart */
	peer_call(p);
	s = expect_sent(p, .flags = TCP_SYN, .seq = -1);
	cr_expect_eq(p->lport, cpu_to_be16(FIRST));
	cr_expect(seq_gt(s->number, end), "ISS %u, old end %u", s->number, end);
	cr_expect(seq_gt(s->opts.tsval, tsval), "TSval %u after %u", s->opts.tsval, tsval);
	cr_expect_eq(p->t->tw.live, 0, "the record is gone");
	cr_expect_eq(p->t->table.used, 1);
	cr_expect_eq(peer_state(p), TCP_SYN_SENT);
	peer_end(p);
}

/* the same if the old connection has run ahead of the 4 us clock */
Test(tcp_ports, time_wait_iss_above_a_fast_connection)
{
	struct peer *p = peer_called(
	        TCP_ESTABLISHED, .ts = true, .port_first = FIRST, .port_last = FIRST);
	uint32_t end;

	for (unsigned i = 0; i < 200; i++) {
		app_send(p, 14000);
		peer_send(p, .flags = TCP_ACK);
		sent_forget(p);
	}
	app_shutdown(p);
	peer_send(p, .flags = TCP_ACK | TCP_FIN);
	cr_assert_eq(peer_state(p), TCP_TIME_WAIT);
	begin_anew(p);
	end = p->our_iss + 1 + p->ack;
	peer_wait(p, 3000);
	peer_call(p);
	cr_expect(seq_gt(sent_next(p)->number, end));
	peer_end(p);
}

/* A living connection is never taken over, whatever TIME-WAIT record has the same number. */
Test(tcp_ports, time_wait_does_not_hide_a_connection)
{
	struct peer *p = peer_called(
	        TCP_TIME_WAIT, .ts = true, .port_first = FIRST, .port_last = FIRST + 1);
	struct hf_open how = {.peer = {PEER_ADDR, p->port}};
	int port;

	peer_wait(p, 3000);
	port = port_to(p, PEER_ADDR);
	cr_assert_gt(port, 0);
	cr_assert_eq(tcp_index(p->t, p->conn), 0);
	how.local.port = cpu_to_be16((uint16_t)port);
	cr_expect_eq(hf_connect(core_of(p), &mute, NULL, &how, NULL), -EADDRINUSE);
	peer_end(p);
}

/* A connection that fails for want of a record ends no TIME-WAIT. */
Test(tcp_ports, time_wait_stays_if_there_is_no_room)
{
	struct peer *p = peer_called(TCP_TIME_WAIT, .ts = true, .port_first = FIRST,
	        .port_last = FIRST, .max_conns = 1);
	struct hf_open how = {.peer = {OTHER_PEER, p->port}};

	peer_wait(p, 3000);
	cr_assert_eq(hf_connect(core_of(p), &mute, NULL, &how, NULL), 0);
	cr_expect_eq(port_to(p, PEER_ADDR), -ENOBUFS);
	cr_expect_eq(p->t->tw.live, 1);
	peer_end(p);
}

/* A FIN again shows that our last ACK was lost: the second starts anew. */
Test(tcp_ports, time_wait_restarted_by_a_fin)
{
	struct peer *p = waiting(true);

	peer_wait(p, 3000);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = -1);
	cr_expect_eq(port_to(p, PEER_ADDR), -EADDRNOTAVAIL);
	peer_wait(p, 3000);
	cr_expect_eq(port_to(p, PEER_ADDR), FIRST);
	peer_end(p);
}

/* Between cores only ports of the range are handed over: another one would have
 * its answers reset. */
Test(tcp_ports, fixed_port_outside_the_range_is_refused_between_cores)
{
	static struct steer s;
	struct peer *p = peer_new((struct peer_how) {0});
	struct hf_open how = {
	        .peer = {PEER_ADDR, cpu_to_be16(80)}, .local = {.port = cpu_to_be16(999)}};
	struct tcp_conn *c;

	steer_init_ports(&s, 3); /* 999 is dealt to core 0, which we are */
	p->rig->steer = &s;
	cr_expect_eq(tcp_open(p->t, &rig_recorder, NULL, &how, &c), -EADDRNOTAVAIL);
	peer_end(p);
}

Test(tcp_ports, port_0_has_no_listener)
{
	struct peer *p = peer_new((struct peer_how) {0});

	cr_expect_eq(tcp_listen(p->t, 0, 0, &rig_recorder, NULL), -EINVAL);
	peer_end(p);
}
