/* SPDX-License-Identifier: BSD-3-Clause */
/* hf_connect(), and the application's calls on a connection that is not opened yet. */
#include <errno.h>

#include "rig.h"

#define SYN_ACK (TCP_SYN | TCP_ACK)

static const struct hf_service mute = {.name = "mute"};

static int
connect_to(struct peer *p, struct hf_addr peer, struct hf_addr local)
{
	struct hf_open how = {.peer = peer, .local = local};
	struct hf_conn *c = NULL;
	int rc = hf_connect(core_of(p), &mute, NULL, &how, &c);

	cr_expect_eq(rc == 0, c != NULL);
	return rc;
}

#define to(p)      ((struct hf_addr) {PEER_ADDR, (p)->port})
#define anywhere   ((struct hf_addr) {0, 0})
#define at(port)   ((struct hf_addr) {OUR_ADDR, port})
#define OTHER_PORT cpu_to_be16(2000)
#define OTHER_PEER 0x0400000au /* 10.0.0.4 */
#define FOREIGN    0x0900000au

/* Data queued before opened() leaves after it, first with the handshake's ACK. */
Test(tcp_connect_api, sent_before_it_is_opened)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	cr_expect_eq(app_send(p, 100), 0);
	cr_expect_eq(app_send(p, 50), 0);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 150);
	expect_silence(p);
	/* the SYN's timer, not one for text */
	peer_wait(p, 1000);
	expect_sent(p, .flags = TCP_SYN, .seq = -1);
	expect_silence(p);
	peer_send(p, .flags = SYN_ACK);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .len = 150);
	expect_silence(p);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 150);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 0);
	expect_log(p, "or");
	peer_end(p);
}

static void
send_when_opened(struct peer *p, char event)
{
	if (event == 'o')
		app_send(p, 77);
}

/* Data sent in opened() is on the handshake's last ACK. */
Test(tcp_connect_api, sent_in_opened)
{
	struct peer *p = peer_called(TCP_SYN_SENT, .on = send_when_opened);

	peer_send(p, .flags = SYN_ACK);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .len = 77);
	expect_silence(p);
	peer_end(p);
}

Test(tcp_connect_api, shut_down_before_it_is_opened)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	app_send(p, 10);
	app_shutdown(p);
	cr_expect_eq(app_send(p, 1), -EPIPE);
	expect_silence(p);
	peer_send(p, .flags = SYN_ACK);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .len = 10);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_1);
	expect_log(p, "o");
	peer_end(p);
}

/* Nothing that was queued is lost with a connection that is refused. */
Test(tcp_connect_api, refused_with_text_queued)
{
	struct peer *p = peer_called(TCP_SYN_SENT);
	uint8_t *bytes;
	uint32_t room;
	struct hf_buf *b = hf_buf_alloc(core_of(p), &bytes, &room);

	memcpy(bytes, pattern_text(), 100);
	cr_assert_eq(hf_send_buf(core_of(p), hf_of(p), b, bytes, 100), 0);
	turn_end(p);
	peer_send(p, .flags = TCP_RST | TCP_ACK);
	cr_expect_eq(bufs_out(p), 0);
	expect_log(p, "c");
	peer_end(p);
}

/* 3.10.4, 3.10.5: in SYN-SENT there is no peer that could be told */
static void
leave(void (*how)(struct hf_core *h, struct hf_conn *c))
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	app_send(p, 10);
	how(core_of(p), hf_of(p));
	expect_log(p, ""); /* no event from inside a call */
	cr_expect_neq(app_send(p, 10), 0);
	turn_end(p);
	expect_log(p, "c");
	cr_expect_eq(p->why, HF_ABORTED);
	expect_silence(p);
	cr_expect_eq(p->t->conns.used, 0);
	cr_expect_eq(p->t->count->rst_sent, 0);
	cr_expect_eq(p->t->count->conn_aborted, 0, "nothing was there to be reset");
	peer_wait(p, 200000);
	expect_log(p, "c");
	/* its SYN-ACK finds nothing any more (3.10.7.1) */
	cr_expect_eq(peer_send(p, .flags = SYN_ACK), DROP_TCP_CLOSED);
	expect_sent(p, .flags = TCP_RST);
	peer_end(p);
}

Test(tcp_connect_api, close_in_syn_sent)
{
	leave(hf_close);
}

Test(tcp_connect_api, linger_in_syn_sent)
{
	leave(hf_linger);
}

Test(tcp_connect_api, abort_in_syn_sent)
{
	leave(hf_abort);
}

/* The SYN-ACK comes in the turn in which the application has left. */
static void
leave_before_the_syn_ack(
        void (*how)(struct hf_core *h, struct hf_conn *c), uint8_t flags, const char *events)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	how(core_of(p), hf_of(p));
	peer_send(p, .flags = SYN_ACK);
	expect_sent(p, .flags = flags);
	expect_log(p, events); /* the application has left, and hears no opened() */
	peer_end(p);
}

/* RFC 9293 3.10.4, 3.10.5 in ESTABLISHED */
Test(tcp_connect_api, close_before_the_syn_ack)
{
	leave_before_the_syn_ack(hf_close, TCP_ACK | TCP_FIN, "");
}

Test(tcp_connect_api, abort_before_the_syn_ack)
{
	leave_before_the_syn_ack(hf_abort, TCP_RST | TCP_ACK, "c");
}

static void
abort_when_opened(struct peer *p, char event)
{
	if (event == 'o')
		hf_abort(core_of(p), hf_of(p));
}

Test(tcp_connect_api, abort_in_opened)
{
	struct peer *p = peer_called(TCP_SYN_SENT, .on = abort_when_opened);

	peer_send(p, .flags = SYN_ACK);
	expect_sent(p, .flags = TCP_RST | TCP_ACK);
	expect_log(p, "oc");
	cr_expect_eq(p->why, HF_ABORTED);
	peer_end(p);
}

/* The window is the one of the SYN until opened(). */
Test(tcp_connect_api, recv_room_counts_from_opened_on)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	hf_recv_room(core_of(p), hf_of(p), 5000);
	turn_end(p);
	expect_silence(p);
	peer_send(p, .flags = SYN_ACK);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK)->wnd, 65535);
	peer_end(p);
}

Test(tcp_connect_api, ctx_and_addresses)
{
	struct peer *p = peer_called(TCP_SYN_SENT);
	struct hf_conn *c = hf_of(p);

	cr_expect_eq(hf_ctx(c), p);
	cr_expect_eq(hf_peer(c).addr, PEER_ADDR);
	cr_expect_eq(hf_peer(c).port, p->port);
	cr_expect_eq(hf_local(c).addr, OUR_ADDR);
	cr_expect_geq(be16_to_cpu(hf_local(c).port), 1024);
	peer_end(p);
}

/* Another service than the one that calls */

struct ear {
	unsigned opened, closed;
	struct hf_core *core;
	struct hf_conn *conn;
};

static void
ear_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct ear *e = self;

	e->opened++;
	e->core = h;
	e->conn = c;
}

static void
ear_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	(void)h;
	(void)c;
	(void)why;
	((struct ear *)self)->closed++;
}

static const struct hf_service ear = {
        .name = "ear", .opened = ear_opened, .closed = ear_closed};

Test(tcp_connect_api, events_go_to_the_service_and_self_that_were_given)
{
	struct peer *p = peer_new((struct peer_how) {0});
	struct peer *q = peer_beside(p);
	struct ear one = {0}, two = {0};
	struct hf_open how = {.peer = to(p)};
	struct hf_conn *c;

	cr_assert_eq(hf_connect(core_of(p), &ear, &one, &how, &c), 0);
	how.peer = to(q);
	cr_assert_eq(hf_connect(core_of(p), &ear, &two, &how, NULL), 0);
	peer_send(p, .flags = SYN_ACK);
	cr_expect(one.opened == 1 && two.opened == 0);
	cr_expect_eq(one.conn, c);
	cr_expect_eq(one.core, core_of(p));
	peer_send(q, .flags = TCP_RST | TCP_ACK);
	cr_expect(one.closed == 0 && two.closed == 1);
	cr_expect_null(hf_ctx(c));
	expect_log(p, "");
	expect_log(q, "");
	peer_end(p);
	cr_expect_eq(one.closed, 1);
}

/* hf_connect() from inside each event */

struct chain {
	char when;
	struct peer *to;
	bool done;
};
static struct chain chain;

static void
connect_when(struct peer *p, char event)
{
	if (event != chain.when || chain.done || p == chain.to)
		return;
	chain.done = true;
	peer_call(chain.to);
}

Test(tcp_connect_api, from_inside_each_event)
{
	for (const char *e = "odrfc"; *e != 0; e++) {
		struct peer *p = peer_called(TCP_SYN_SENT, .on = connect_when);
		struct peer *q = peer_beside(p);

		chain = (struct chain) {.when = *e, .to = q};
		peer_send(p, .flags = SYN_ACK);
		app_send(p, 10);
		peer_send(p, .flags = TCP_ACK, .len = 5);
		peer_send(p, .flags = TCP_ACK | TCP_FIN);
		app_shutdown(p);
		peer_send(p, .flags = TCP_ACK);
		cr_expect_eq(p->closed, 1, "at %c", *e);
		cr_expect(chain.done, "at %c", *e);
		expect_sent(q, .flags = TCP_SYN, .seq = -1);
		peer_send(q, .flags = SYN_ACK);
		expect_log(q, "o");
		peer_end(p);
	}
}

/* Errors */

Test(tcp_connect_api, refuses_what_cannot_be)
{
	struct peer *p = peer_new((struct peer_how) {0});

	cr_expect_eq(connect_to(p, (struct hf_addr) {PEER_ADDR, 0}, anywhere), -EINVAL);
	cr_expect_eq(connect_to(p, (struct hf_addr) {NO_WAY, p->port}, anywhere), -ENETUNREACH);
	cr_expect_eq(connect_to(p, to(p), (struct hf_addr) {FOREIGN, 0}), -EADDRNOTAVAIL);
	p->t->refusing = true;
	cr_expect_eq(connect_to(p, to(p), anywhere), -ESHUTDOWN);
	expect_silence(p);
	cr_expect_eq(p->t->conns.used, 0);
	cr_expect_eq(p->t->count->conn_opening, 0);
	p->t->refusing = false;
	cr_expect_eq(connect_to(p, to(p), anywhere), 0);
	peer_end(p);
}

/* An open that failed takes no place in the table of users. */
Test(tcp_connect_api, refusals_leave_no_user)
{
	struct peer *p = peer_new((struct peer_how) {0});
	uint8_t users = p->t->nusers;
	struct hf_open how = {.peer = {NO_WAY, p->port}};
	static char self[2 * LIMIT_USERS];

	for (unsigned i = 0; i < sizeof(self); i++)
		cr_assert_eq(hf_connect(core_of(p), &mute, &self[i], &how, NULL), -ENETUNREACH);
	cr_expect_leq(p->t->nusers, users + 1);
	cr_expect_eq(connect_to(p, to(p), anywhere), 0);
	peer_end(p);
}

/* A flow is there once; its port serves other peers all the same. */
Test(tcp_connect_api, fixed_port)
{
	struct peer *p = peer_new((struct peer_how) {0});
	struct peer *q = peer_beside(p);

	cr_expect_eq(connect_to(p, to(p), at(OTHER_PORT)), 0);
	cr_expect_eq(p->lport, OTHER_PORT);
	cr_expect_eq(connect_to(p, to(p), at(OTHER_PORT)), -EADDRINUSE);
	cr_expect_eq(connect_to(p, to(q), at(OTHER_PORT)), 0);
	peer_send(p, .flags = SYN_ACK);
	cr_expect_eq(connect_to(p, to(p), at(OTHER_PORT)), -EADDRINUSE);
	sent_forget(p);
	peer_send(p, .flags = TCP_RST);
	cr_expect_eq(connect_to(p, to(p), at(OTHER_PORT)), 0, "free again");
	peer_end(p);
}

/* One that a peer has opened to us is in the way as well. */
Test(tcp_connect_api, fixed_port_of_an_accepted_connection)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	cr_expect_eq(connect_to(p, to(p), at(OUR_PORT)), -EADDRINUSE);
	peer_end(p);
}

Test(tcp_connect_api, table_full)
{
	struct peer *p = peer_new((struct peer_how) {.max_conns = 2});

	cr_expect_eq(connect_to(p, to(p), at(cpu_to_be16(1))), 0);
	cr_expect_eq(connect_to(p, to(p), at(cpu_to_be16(2))), 0);
	cr_expect_eq(connect_to(p, to(p), at(cpu_to_be16(3))), -ENOBUFS);
	cr_expect_eq(p->t->count->conn_opening, 2);
	peer_send(p, .flags = TCP_RST | TCP_ACK);
	cr_expect_eq(connect_to(p, to(p), at(cpu_to_be16(3))), 0);
	peer_end(p);
}

Test(tcp_connect_api, too_many_services)
{
	struct peer *p = peer_new((struct peer_how) {.max_conns = 1024});
	struct hf_open how = {.peer = to(p)};
	unsigned n = 0;
	static char self[LIMIT_USERS + 1];
	int rc;

	while ((rc = hf_connect(core_of(p), &mute, &self[n], &how, NULL)) == 0)
		cr_assert_leq(++n, LIMIT_USERS);
	cr_expect_eq(rc, -ENOSPC);
	cr_expect_eq(n, LIMIT_USERS - 1, "one is the listener's");
	/* users that have a place may go on */
	cr_expect_eq(hf_connect(core_of(p), &mute, &self[0], &how, NULL), 0);
	peer_end(p);
}

/* A client's own: turn() each turn, and no word at its end */

static void
count_turn(struct hf_core *h, void *self)
{
	(void)h;
	++*(unsigned *)self;
}

Test(tcp_connect_api, turns)
{
	static const struct hf_service clock = {.name = "clock", .turn = count_turn};
	struct peer *p = peer_new((struct peer_how) {0});
	unsigned n = 0, m = 0;

	cr_assert_eq(tcp_client(p->t, &clock, &n), 0);
	cr_assert_eq(tcp_client(p->t, &clock, &m), 0);
	tcp_take_turns(p->t);
	cr_expect(n == 1 && m == 1);
	tcp_client_end(p->t, &n);
	tcp_take_turns(p->t);
	cr_expect(n == 1 && m == 2);
	cr_assert_eq(tcp_client(p->t, &clock, &n), 0);
	tcp_take_turns(p->t);
	cr_expect(n == 2 && m == 3);
	peer_end(p);
}

Test(tcp_connect_api, client_ends_without_a_word)
{
	struct peer *p = peer_new((struct peer_how) {0});
	struct peer *q = peer_beside(p), *other = peer_beside(p);
	struct ear e = {0}, stays = {0};
	struct hf_open how = {.peer = to(p)};

	cr_assert_eq(tcp_client(p->t, &ear, &e), 0);
	hf_connect(core_of(p), &ear, &e, &how, NULL);
	how.peer = to(q);
	hf_connect(core_of(p), &ear, &e, &how, NULL);
	how.peer = to(other);
	hf_connect(core_of(p), &ear, &stays, &how, NULL);
	peer_send(p, .flags = SYN_ACK);
	sent_forget(p);
	sent_forget(q);
	tcp_client_end(p->t, &e);
	expect_sent(p, .flags = TCP_RST | TCP_ACK);
	expect_silence(q);
	cr_expect_eq(e.closed, 0, "the client that ends heard closed()");
	cr_expect_eq(p->t->conns.used, 1);
	cr_expect_eq(stays.closed, 0);
	peer_end(p);
	cr_expect_eq(stays.closed, 1);
	cr_expect_eq(e.closed, 0);
}
