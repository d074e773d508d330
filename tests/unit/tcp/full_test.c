/* SPDX-License-Identifier: BSD-3-Clause */
/* SYNs that find no room: no answer, or a reset, but never a SYN-ACK and then nothing. */
#include "peer.h"

#include "tcp/life.h"

#define ROOM 16

static void
talk(struct peer *p)
{
	cr_assert_eq(peer_send(p, .flags = TCP_ACK, .len = 1), DROP_NONE);
}

/* n connections that have spoken, so that none of them goes for another. */
static struct peer *
busy(unsigned n, enum syn_cookie cookie)
{
	struct peer *first = peer_in(TCP_ESTABLISHED, .max_conns = ROOM, .syn_cookie = cookie);

	talk(first);
	for (unsigned i = 1; i < n; i++) {
		struct peer *p = peer_beside(first);

		peer_connect(p);
		talk(p);
	}
	sent_forget(first);
	return first;
}

static void
hang_up(struct peer *p)
{
	tcp_conn_abort(p->t, p->conn, NULL, HF_ABORTED);
	sent_forget(p);
}

Test(tcp_full, syn_is_not_answered)
{
	static const enum syn_cookie modes[] = {SYN_COOKIE_OFF, SYN_COOKIE_ALWAYS};

	for (unsigned i = 0; i < 2; i++) {
		struct peer *first = busy(ROOM, modes[i]), *q = peer_beside(first);

		cr_expect_eq(peer_send(q, .flags = TCP_SYN), DROP_CONN_FULL);
		expect_silence(q);
		cr_expect_eq(peer_state(q), TCP_CLOSED, "nothing is kept of it");
		hang_up(first);
		peer_connect(q);
		peer_end(first);
	}
}

Test(tcp_full, syn_is_refused_if_so_configured)
{
	struct peer *first = busy(ROOM, SYN_COOKIE_OFF), *q = peer_beside(first);

	first->t->conf.refuse = true;
	cr_expect_eq(peer_send(q, .flags = TCP_SYN), DROP_CONN_FULL);
	cr_expect_eq(sent_waiting(q), 1);
	cr_expect_eq(sent_next(q)->flags, TCP_RST | TCP_ACK);
	cr_expect_eq(first->t->count->drop[DROP_CONN_FULL], 1);
	peer_end(first);
}

/* Another peer was quicker, in the time of a round trip. */
Test(tcp_full, ack_is_refused_if_so_configured)
{
	static const enum syn_cookie modes[] = {SYN_COOKIE_OFF, SYN_COOKIE_ALWAYS};

	for (unsigned i = 0; i < 2; i++) {
		struct peer *first = busy(ROOM - 1, modes[i]), *q = peer_beside(first);

		first->t->conf.refuse = true;
		cr_expect_eq(peer_send(q, .flags = TCP_SYN), DROP_NONE);
		sent_forget(q);
		first->t->conns.capacity = ROOM - 1;
		cr_expect_eq(peer_send(q, .flags = TCP_ACK), DROP_CONN_FULL);
		cr_expect_eq(sent_waiting(q), 1);
		cr_expect_eq(sent_next(q)->flags, TCP_RST);
		cr_expect_eq(peer_state(q), TCP_CLOSED);
		peer_end(first);
	}
}

/* A peer that was sent a SYN-ACK is expected, until it was sent another one. */
Test(tcp_full, handshakes_under_way_are_counted)
{
	struct peer *first = busy(ROOM - 2, SYN_COOKIE_OFF);
	struct peer *early = peer_beside(first), *stray = peer_beside(first);
	struct peer *late = peer_beside(first);

	cr_expect_eq(peer_send(early, .flags = TCP_SYN), DROP_NONE);
	cr_expect_eq(peer_send(stray, .flags = TCP_SYN), DROP_NONE);
	cr_expect_eq(peer_send(late, .flags = TCP_SYN), DROP_CONN_FULL);
	cr_expect_eq(peer_send(early, .flags = TCP_ACK), DROP_NONE);
	talk(early);
	cr_expect_eq(peer_send(late, .flags = TCP_SYN), DROP_CONN_FULL);
	peer_wait(first, 1001); /* stray does not answer */
	cr_expect_eq(peer_send(late, .flags = TCP_SYN), DROP_NONE);
	sent_forget(first);
	peer_end(first);
}

/* One that may go is enough; it does so when the newcomer's address is proved. */
Test(tcp_full, eviction_is_for_an_ack_only)
{
	struct peer *first = busy(ROOM - 1, SYN_COOKIE_OFF);
	struct peer *mute = peer_beside(first), *q = peer_beside(first);

	peer_connect(mute);
	peer_wait(first, 2 * PRESSURE_SILENT_MS);
	cr_expect_eq(peer_send(q, .flags = TCP_SYN), DROP_NONE);
	cr_expect_eq(mute->closed, 0);
	cr_expect_eq(peer_send(q, .flags = TCP_ACK), DROP_NONE);
	cr_expect_eq(mute->closed, 1);
	cr_expect_eq(mute->why, HF_PRESSURE);
	sent_forget(first);
	peer_end(first);
}
