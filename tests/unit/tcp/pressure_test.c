/* SPDX-License-Identifier: BSD-3-Clause */
/* The connection that ends when there is no room for a newcomer:
 * docs/decisions/0012-eviction.md */
#include "rig.h"

#include "tcp/pend.h"

#define ROOM      16
#define OTHER_NET 0x0201000au /* 10.0.1.2 */
#define THIRD_NET 0x0202000au

static enum drop
knock(struct peer *p)
{
	enum drop why = peer_send(p, .flags = TCP_SYN);

	return why != DROP_NONE ? why : peer_send(p, .flags = TCP_ACK);
}

static struct peer *
knock_beside(struct peer *first, be32 addr, enum drop expected)
{
	struct peer *p = peer_beside(first);
	enum drop why;

	p->addr = addr;
	why = knock(p);
	cr_expect_eq(why, expected, "%s, expected %s", drop_name(why), drop_name(expected));
	cr_expect_eq(peer_state(p) == TCP_ESTABLISHED, expected == DROP_NONE);
	return p;
}

static void
talk(struct peer *p)
{
	cr_assert_eq(peer_send(p, .flags = TCP_ACK, .len = 1), DROP_NONE);
}

/* A full table: `first`, which has said nothing, and others that have spoken. */
static struct peer *
full_but_one(void)
{
	struct peer *first = peer_in(TCP_ESTABLISHED, .max_conns = ROOM);

	for (unsigned i = 1; i < ROOM; i++)
		talk(knock_beside(first, PEER_ADDR, DROP_NONE));
	return first;
}

/* All but first. */
static void
others_talk(struct peer *first)
{
	for (unsigned i = 0; i < first->rig->npeers; i++)
		if (first->rig->peer[i] != first &&
		        peer_state(first->rig->peer[i]) == TCP_ESTABLISHED)
			talk(first->rig->peer[i]);
}

static uint64_t
evicted(const struct peer *p)
{
	const struct counters *n = p->t->count;

	return n->evicted_orphan + n->evicted_silent + n->evicted_stalled + n->evicted_idle;
}

static void
expect_nobody_goes(struct peer *first)
{
	knock_beside(first, OTHER_NET, DROP_CONN_FULL);
	cr_expect_eq(evicted(first), 0);
	cr_expect_eq(first->t->conns.used, ROOM);
}

/* first goes, told so, and a newcomer has its place. */
static void
expect_first_goes(struct peer *first, const uint64_t *counter)
{
	knock_beside(first, OTHER_NET, DROP_NONE);
	cr_expect_eq(peer_state(first), TCP_CLOSED);
	cr_expect_eq(first->closed, 1);
	cr_expect_eq(first->why, HF_PRESSURE);
	cr_expect_eq(*counter, 1);
	cr_expect_eq(evicted(first), 1);
}

/* A connection that makes progress now and then is safe from any flood of newcomers. */
Test(tcp_pressure, progress_within_seconds_keeps_a_connection)
{
	struct peer *first = full_but_one();

	for (unsigned i = 0; i < 20; i++) {
		talk(first);
		others_talk(first);
		peer_wait(first, PRESSURE_IDLE_MS - 2 * 66 /* a stamp */);
		expect_nobody_goes(first);
	}
	peer_end(first);
}

/* Honest clients that vanished: no FIN and no RST ever comes. */
Test(tcp_pressure, idle_one_goes_though_it_has_spoken)
{
	struct peer *first = full_but_one();

	talk(first);
	peer_wait(first, PRESSURE_IDLE_MS + 66);
	others_talk(first);
	sent_forget(first);
	expect_first_goes(first, &first->t->count->evicted_idle);
	expect_sent(first, .flags = TCP_RST | TCP_ACK, .ack = 1);
	peer_end(first);
}

/* Of the idle connections within the hand's reach the longest idle one ends, and not the
 * oldest. */
Test(tcp_pressure, longest_idle_goes_first)
{
	struct peer *first = full_but_one(), *idle = first->rig->peer[3];

	talk(first);
	for (unsigned i = 0; i < ROOM; i++) {
		peer_wait(first, 200);
		if (first->rig->peer[i] != idle)
			talk(first->rig->peer[i]);
	}
	peer_wait(first, PRESSURE_IDLE_MS + 66);
	knock_beside(first, OTHER_NET, DROP_NONE);
	cr_expect_eq(peer_state(idle), TCP_CLOSED);
	cr_expect_eq(idle->why, HF_PRESSURE);
	cr_expect_eq(evicted(first), 1);
	peer_end(first);
}

/* A table of clients that vanished: every newcomer is served, at once. */
Test(tcp_pressure, vanished_clients_keep_no_other_out)
{
	struct peer *first = full_but_one();

	talk(first);
	peer_wait(first, 60000);
	for (unsigned i = 0; i < ROOM; i++)
		talk(knock_beside(first, OTHER_NET, DROP_NONE));
	cr_expect_eq(first->t->count->evicted_idle, ROOM);
	knock_beside(first, OTHER_NET, DROP_CONN_FULL);
	peer_end(first);
}

Test(tcp_pressure, silent_one_goes_once_it_could_have_spoken)
{
	struct peer *first = full_but_one();

	peer_wait(first, PRESSURE_SILENT_MS - 66 /* a stamp */);
	expect_nobody_goes(first);
	peer_wait(first, 2 * 66);
	sent_forget(first);
	expect_first_goes(first, &first->t->count->evicted_silent);
	expect_sent(first, .flags = TCP_RST | TCP_ACK, .ack = 0);
	peer_end(first);
}

/* Of the silent connections the longest silent one ends. */
Test(tcp_pressure, oldest_silent_one_goes_first)
{
	struct peer *first = peer_new((struct peer_how) {.max_conns = ROOM});
	struct peer *p[ROOM];

	for (unsigned i = 0; i < ROOM; i++) {
		p[i] = peer_beside(first);
		cr_assert_eq(knock(p[i]), DROP_NONE);
	}
	/* the oldest does not lie first */
	p[0]->conn->flags |= CONN_ABORT;
	tcp_pend(p[0]->t, p[0]->conn);
	turn_end(p[0]);
	peer_wait(first, 500);
	knock_beside(first, PEER_ADDR, DROP_NONE);
	peer_wait(first, 5000);
	knock_beside(first, PEER_ADDR, DROP_NONE);
	cr_expect_eq(peer_state(p[1]), TCP_CLOSED);
	peer_end(first);
}

/* Bare ACKs prove nothing; an acknowledged octet of ours does. */
Test(tcp_pressure, a_peer_that_acknowledges_text_has_spoken)
{
	for (int text = 0; text <= 1; text++) {
		struct peer *first = full_but_one();

		if (text != 0)
			app_send(first, 10);
		peer_send(first, .flags = TCP_ACK);
		peer_wait(first, PRESSURE_IDLE_MS - 2 * 66);
		others_talk(first);
		sent_forget(first);
		if (text != 0)
			expect_nobody_goes(first);
		else
			expect_first_goes(first, &first->t->count->evicted_silent);
		peer_end(first);
	}
}

/* No application waits for an orphan, and its peer has all data: no segment is sent, as when
 * its own timer ends it. */
Test(tcp_pressure, orphan_in_fin_wait_2_goes_without_a_word)
{
	struct peer *first = full_but_one();
	struct peer *silent;

	talk(first);
	knock_beside(first, PEER_ADDR, DROP_CONN_FULL);
	app_close(first);
	peer_send(first, .flags = TCP_ACK);
	cr_assert_eq(peer_state(first), TCP_FIN_WAIT_2);
	sent_forget(first);
	expect_first_goes(first, &first->t->count->evicted_orphan);
	expect_silence(first);
	silent = first;
	cr_expect_eq(peer_send(silent, .flags = TCP_FIN | TCP_ACK), DROP_TCP_LISTEN_FLAGS);
	peer_end(first);
}

/* An orphan's last words are worth as much as any. */
Test(tcp_pressure, orphan_with_text_under_way_stays_until_no_answer_comes)
{
	struct peer *first = full_but_one();

	talk(first);
	first->deaf = true;
	app_send(first, 5000);
	app_close(first);
	expect_nobody_goes(first);
	peer_wait(first, 200); /* first retransmission */
	expect_nobody_goes(first);
	peer_wait(first, 400 + 800);
	expect_nobody_goes(first);
	peer_wait(first, 1600);
	sent_forget(first);
	expect_first_goes(first, &first->t->count->evicted_orphan);
	cr_expect_eq(sent_next(first)->flags, TCP_RST | TCP_ACK);
	peer_end(first);
}

/* LAST-ACK: only our FIN lacks an ACK, and there is nothing to reset. */
Test(tcp_pressure, last_ack_goes_when_its_fin_is_not_answered)
{
	struct peer *first = full_but_one();

	talk(first);
	peer_send(first, .flags = TCP_FIN | TCP_ACK);
	app_close(first);
	cr_assert_eq(peer_state(first), TCP_LAST_ACK);
	expect_nobody_goes(first);
	peer_wait(first, 200);
	sent_forget(first);
	expect_first_goes(first, &first->t->count->evicted_orphan);
	expect_silence(first);
	peer_end(first);
}

/* Orphans end before silent connections. */
Test(tcp_pressure, orphan_goes_before_silent_ones)
{
	struct peer *first = peer_in(TCP_ESTABLISHED, .max_conns = ROOM);
	struct peer *p = NULL;

	for (unsigned i = 1; i < ROOM; i++)
		p = knock_beside(first, PEER_ADDR, DROP_NONE);
	peer_wait(first, 10000);
	/* within the hand's reach: it looks at few silent ones before it decides */
	first->t->pressure.hand = ROOM - 4;
	app_close(p);
	peer_send(p, .flags = TCP_ACK);
	knock_beside(first, PEER_ADDR, DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(first->t->count->evicted_orphan, 1);
	cr_expect_eq(evicted(first), 1);
	peer_end(first);
}

/* sockstress: a window that stays shut over queued data. RFC 9293 3.8.6.1 allows it while there
 * is room for others. */
Test(tcp_pressure, stalled_one_goes_after_many_probes)
{
	struct peer *first = full_but_one();

	talk(first);
	peer_send(first, .flags = TCP_ACK, .wnd = -1);
	app_send(first, 1000);
	first->deaf = true;
	for (unsigned probes = 0; probes < PRESSURE_STALLED; probes++) {
		peer_wait(first, 200u << probes);
		peer_send(first, .flags = TCP_ACK, .wnd = -1);
	}
	/* others are idle, too, and first has been for no longer */
	first->t->pressure.hand = 0;
	sent_forget(first);
	expect_first_goes(first, &first->t->count->evicted_stalled);
	cr_expect_eq(sent_next(first)->flags, TCP_RST | TCP_ACK);
	peer_end(first);
}

/* A peer that opens its window in time is no such peer. */
Test(tcp_pressure, slow_reader_stays)
{
	struct peer *first = full_but_one();

	talk(first);
	peer_send(first, .flags = TCP_ACK, .wnd = -1);
	app_send(first, 40000);
	peer_wait(first, 10000);
	peer_send(first, .flags = TCP_ACK, .wnd = 2000);
	sent_forget(first);
	peer_send(first, .flags = TCP_ACK, .wnd = -1);
	peer_wait(first, PRESSURE_IDLE_MS - 2 * 66);
	others_talk(first);
	expect_nobody_goes(first);
	peer_end(first);
}

/* A peer that we opened to may be silent for any time. */
Test(tcp_pressure, what_we_opened_stays)
{
	struct peer *first = peer_called(TCP_ESTABLISHED, .max_conns = ROOM);

	for (unsigned i = 1; i < ROOM; i++)
		talk(knock_beside(first, PEER_ADDR, DROP_NONE));
	peer_wait(first, 10000);
	others_talk(first);
	expect_nobody_goes(first);
	peer_end(first);
}

#define NETS  80
#define SCANT 71 /* with this number, less than an eighth is free */

/* first's /24 has `silent` connections, and other networks have `others` that speak */
static struct peer *
crowd(unsigned silent, unsigned others)
{
	struct peer *first = peer_in(TCP_ESTABLISHED, .max_conns = NETS, .max_half_open = NETS);

	for (unsigned i = 1; i < silent; i++)
		knock_beside(first, PEER_ADDR, DROP_NONE);
	for (unsigned i = 0; i < others; i++)
		talk(knock_beside(first, THIRD_NET, DROP_NONE));
	return first;
}

Test(tcp_pressure, crowd_of_one_prefix_is_capped_when_records_are_scarce)
{
	struct peer *first = crowd(CROWD_CAP_MIN, SCANT - CROWD_CAP_MIN);
	struct peer *late = knock_beside(first, PEER_ADDR, DROP_PREFIX_CAP);

	while (sent_waiting(late) > 1)
		sent_next(late);
	cr_expect(sent_next(late)->flags & TCP_RST, "it is told");
	cr_expect_eq(first->t->count->drop[DROP_PREFIX_CAP], 1);
	knock_beside(first, OTHER_NET, DROP_NONE);
	talk(first); /* it counts all the same */
	knock_beside(first, PEER_ADDR, DROP_PREFIX_CAP);
	peer_end(first);
}

/* Half a request each: they have spoken. The next one takes the place of one of them, as
 * soon as they pause; others find room. */
Test(tcp_pressure, crowd_that_spoke_makes_room_for_its_own)
{
	struct peer *first = crowd(CROWD_CAP_MIN, SCANT - CROWD_CAP_MIN);

	talk(first);
	others_talk(first);
	knock_beside(first, PEER_ADDR, DROP_PREFIX_CAP);
	peer_wait(first, PRESSURE_PAUSE_MS + 66);
	others_talk(first);
	knock_beside(first, PEER_ADDR, DROP_NONE);
	cr_expect_eq(peer_state(first), TCP_CLOSED);
	cr_expect_eq(first->t->count->evicted_idle, 1);
	for (unsigned i = SCANT; i < NETS; i++)
		knock_beside(first, OTHER_NET, DROP_NONE);
	cr_expect_eq(evicted(first), 1);
	peer_end(first);
}

/* Others find room when there is none: a connection that is alone may pause for longer. */
Test(tcp_pressure, crowd_that_spoke_makes_room_for_others)
{
	struct peer *first = crowd(CROWD_CAP_MIN, NETS - CROWD_CAP_MIN);

	talk(first);
	others_talk(first);
	knock_beside(first, OTHER_NET, DROP_CONN_FULL);
	peer_wait(first, PRESSURE_PAUSE_MS + 66);
	for (unsigned i = 0; i < 5; i++)
		knock_beside(first, OTHER_NET, DROP_NONE);
	for (unsigned i = CROWD_CAP_MIN; i < NETS; i++)
		cr_expect_eq(peer_state(first->rig->peer[i]), TCP_ESTABLISHED);
	peer_end(first);
}

/* An address that holds too many is no reason to refuse another one of its /24. */
Test(tcp_pressure, address_has_a_cap_of_its_own)
{
	struct peer *first = peer_in(TCP_ESTABLISHED, .max_conns = NETS, .max_half_open = NETS);
	be32 neighbour = PEER_ADDR + cpu_to_be32(1);

	first->t->crowd.cap[SKETCH_PREFIX] = 2 * CROWD_CAP_MIN;
	for (unsigned i = 1; i < SCANT; i++)
		talk(knock_beside(first, PEER_ADDR, DROP_NONE));
	knock_beside(first, PEER_ADDR, DROP_PREFIX_CAP);
	knock_beside(first, neighbour, DROP_NONE);
	peer_end(first);
}

/* A crowd's searches in vain are not taken from the searches of others. */
Test(tcp_pressure, crowd_that_knocks_does_not_use_up_the_search_of_others)
{
	struct peer *first = crowd(CROWD_CAP_MIN, NETS - CROWD_CAP_MIN - 1);
	struct peer *idle = knock_beside(first, THIRD_NET, DROP_NONE);

	talk(idle);
	peer_wait(first, PRESSURE_IDLE_MS + 66);
	talk(first);
	others_talk(first);
	idle->conn->heard -= 2000; /* of all only this one did not talk */
	for (unsigned i = 0; i < 2 * PRESSURE_LOOK_PER_MS / PRESSURE_LOOK; i++)
		cr_expect_eq(pressure_admit(first->t, &first->conn->key), DROP_PREFIX_CAP);
	cr_expect_leq(first->t->pressure.fruitless_crowd, PRESSURE_LOOK_PER_MS / 4);
	knock_beside(first, OTHER_NET, DROP_NONE);
	peer_end(first);
}

/* The cap counts only while room is scarce, and connections that ended do not count. */
Test(tcp_pressure, crowd_of_one_prefix_is_no_harm_while_there_is_room)
{
	struct peer *first = crowd(SCANT - 1, 0), *last;

	last = knock_beside(first, PEER_ADDR, DROP_NONE);
	knock_beside(first, PEER_ADDR, DROP_PREFIX_CAP);
	tcp_abort_all(last->t, HF_STOPPED);
	for (unsigned i = 0; i < SKETCH_PLACES; i++) {
		cr_expect_eq(first->t->crowd.held[SKETCH_PREFIX][0][i], 0);
		cr_expect_eq(first->t->crowd.held[SKETCH_ADDR][1][i], 0);
	}
	peer_end(first);
}

/* A connection of a crowd ends before a silent one that is alone, whatever their ages. */
Test(tcp_pressure, crowd_is_evicted_before_single_connections)
{
	struct peer *alone = peer_in(TCP_ESTABLISHED, .max_conns = NETS, .max_half_open = NETS);

	peer_wait(alone, 60000);
	for (unsigned i = 1; i < SCANT; i++)
		knock_beside(alone, OTHER_NET, DROP_NONE);
	for (unsigned i = SCANT; i < NETS; i++)
		talk(knock_beside(alone, THIRD_NET, DROP_NONE));
	peer_wait(alone, 2000);
	knock_beside(alone, THIRD_NET, DROP_NONE);
	cr_expect_eq(evicted(alone), 1);
	cr_expect_eq(peer_state(alone), TCP_ESTABLISHED);
	peer_end(alone);
}

/* A search in vain is bounded, whatever the rate of newcomers is. */
Test(tcp_pressure, fruitless_search_is_bounded)
{
	struct peer *first = peer_in(TCP_ESTABLISHED, .max_conns = NETS, .max_half_open = NETS);
	struct peer *p;
	uint32_t hand;

	talk(first);
	for (unsigned i = 1; i < NETS; i++)
		talk(knock_beside(first, i % 2 ? OTHER_NET : THIRD_NET, DROP_NONE));
	p = peer_beside(first);
	for (unsigned i = 0; i < PRESSURE_LOOK_PER_MS / PRESSURE_LOOK; i++)
		cr_expect_not(pressure_make_room(p->t));
	hand = p->t->pressure.hand;
	cr_expect_not(pressure_make_room(p->t));
	cr_expect_eq(p->t->pressure.hand, hand, "it looked on");
	peer_wait(first, 1);
	cr_expect_not(pressure_make_room(p->t));
	cr_expect_neq(p->t->pressure.hand, hand);
	peer_end(first);
}

/* Send descriptors are common: a connection whose peer takes nothing keeps its descriptors only
 * while there are enough. */
Test(tcp_pressure, stalled_one_gives_up_descriptors_that_others_want)
{
	struct peer *stalled = peer_in(TCP_ESTABLISHED, .max_conns = ROOM);
	struct peer *slow = knock_beside(stalled, OTHER_NET, DROP_NONE);
	struct peer *other = knock_beside(stalled, OTHER_NET, DROP_NONE);

	slow->deaf = true;
	talk(slow);
	talk(stalled);
	talk(other);
	peer_send(stalled, .flags = TCP_ACK, .wnd = -1);
	stalled->deaf = true;
	while (app_send(stalled, 1) == 0)
		;
	while (app_send(slow, 1) == 0)
		;
	peer_wait(stalled, 5000);
	for (unsigned s = 0; s < 60; s++) {
		slow->ack++; /* an octet a second: that is not nothing */
		peer_send(slow, .flags = TCP_ACK);
		sent_forget(slow);
		peer_send(stalled, .flags = TCP_ACK, .wnd = -1);
		peer_wait(stalled, 1000);
	}
	cr_expect_eq(stalled->closed, 0, "no connection wanted more");
	while (app_send(other, 1) == 0)
		;
	peer_wait(stalled, 1);
	cr_expect_eq(slow->closed, 0);
	cr_expect_eq(stalled->closed, 1);
	cr_expect_eq(stalled->why, HF_PRESSURE);
	cr_expect_eq(app_send(other, 1), 0);
	cr_expect_eq(stalled->t->count->evicted_stalled, 1);
	peer_end(stalled);
}

/* RFC 2018 8: the longest queue out of order is forgotten when there is hardly room
 * for one more, and its text comes again. */
Test(tcp_pressure, longest_queue_out_of_order_is_forgotten)
{
	struct peer *greedy = peer_in(TCP_ESTABLISHED, .max_kept = 64);
	struct peer *modest = knock_beside(greedy, OTHER_NET, DROP_NONE);

	for (int i = 0; i < 4; i++)
		peer_send(modest, .flags = TCP_ACK, .seq = 100 + 200 * i, .len = 200);
	for (int i = 0; i < 44; i++)
		peer_send(greedy, .flags = TCP_ACK, .seq = 100 + 200 * i, .len = 200);
	peer_wait(greedy, 1);
	cr_expect_eq(greedy->t->pieces.used, 48, "all are used, but no connection wanted more");
	cr_expect_eq(peer_send(modest, .flags = TCP_ACK, .seq = 900, .len = 200),
	        DROP_TCP_REASM_FULL);
	peer_wait(greedy, 1);
	cr_expect_eq(greedy->t->pieces.used, 4);
	cr_expect_eq(greedy->t->count->reasm_forgotten, 44);
	peer_send(modest, .flags = TCP_ACK, .len = 100);
	cr_expect_eq(modest->got, 900);
	for (int i = 0; i < 20; i++)
		peer_send(greedy, .flags = TCP_ACK, .len = 400);
	cr_expect_eq(greedy->got, 8000);
	peer_end(greedy);
}

/* A connection that could not send is no reason to end another one. */
Test(tcp_pressure, stalled_one_gives_nothing_up_for_its_like)
{
	struct peer *stalled = peer_in(TCP_ESTABLISHED, .max_conns = ROOM);
	struct peer *other = knock_beside(stalled, OTHER_NET, DROP_NONE);

	for (struct peer *p = stalled; p != NULL; p = p == stalled ? other : NULL) {
		peer_send(p, .flags = TCP_ACK, .len = 1, .wnd = -1);
		p->deaf = true;
		while (app_send(p, 1) == 0)
			;
	}
	for (unsigned s = 0; s < 60; s++) {
		peer_send(stalled, .flags = TCP_ACK, .wnd = -1);
		peer_send(other, .flags = TCP_ACK, .wnd = -1);
		peer_wait(stalled, 1000);
		cr_expect_neq(app_send(other, 1), 0);
	}
	cr_expect_eq(evicted(stalled), 0);
	peer_end(stalled);
}

/* Pieces of peers that fill no hole hold all buffers; an upload that goes on loses no
 * segment for it, in the very turn. */
Test(tcp_pressure, an_upload_takes_from_those_that_fill_no_hole)
{
	struct peer *honest = peer_in(TCP_ESTABLISHED, .max_kept = 128);
	enum { HOARDERS = 24, PIECES = 4 };

	for (unsigned i = 0; i < HOARDERS; i++) {
		struct peer *p = knock_beside(honest, OTHER_NET + i, DROP_NONE);

		for (int k = 1; k <= PIECES; k++)
			peer_send(p, .flags = TCP_ACK, .seq = 1000 * k, .len = 200);
	}
	cr_expect_eq(honest->t->pieces.used, honest->t->pieces.capacity);
	peer_wait(honest, 500);
	turn_hold(honest);
	peer_send(honest, .flags = TCP_ACK, .len = 1000); /* it goes on */
	for (int i = 1; i <= 41; i++)
		cr_expect_eq(peer_send(honest, .flags = TCP_ACK, .seq = 1000 * i, .len = 1000),
		        DROP_NONE, "segment %d", i);
	turn_end(honest);
	peer_send(honest, .flags = TCP_ACK, .len = 1000);
	cr_expect_eq(honest->got, 43 * 1000);
	peer_end(honest);
}

/* Peers that fill no hole take nothing from an upload, however short their queues are. */
Test(tcp_pressure, those_that_fill_no_hole_take_nothing_from_an_upload)
{
	struct peer *honest = peer_in(TCP_ESTABLISHED, .max_kept = 64);
	struct peer *hoarder = knock_beside(honest, OTHER_NET, DROP_NONE);

	peer_wait(honest, 500);
	peer_send(honest, .flags = TCP_ACK, .len = 1000);
	for (int i = 1; i <= 48; i++)
		peer_send(honest, .flags = TCP_ACK, .seq = 1000 * i, .len = 1000);
	for (int i = 1; i <= 20; i++) {
		cr_expect_eq(peer_send(hoarder, .flags = TCP_ACK, .seq = 1000 * i, .len = 200),
		        DROP_TCP_REASM_FULL);
		peer_wait(honest, 1);
	}
	cr_expect_eq(honest->t->count->reasm_forgotten, 0);
	peer_send(honest, .flags = TCP_ACK, .len = 1000);
	cr_expect_eq(honest->got, 50 * 1000);
	peer_end(honest);
}
