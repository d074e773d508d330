/* SPDX-License-Identifier: BSD-3-Clause */
/* An embedder's calls about connections: handles, the walk, hf_info(), listeners. */
#include "rig.h"

#include <errno.h>

#include "handfast/core.h"

Test(tcp_api_conns, handle_names_one_connection)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q;
	uint64_t old = hf_handle_of(core_of(p), hf_of(p));

	cr_expect_neq(old, 0);
	cr_expect_eq(hf_conn_of(core_of(p), old), hf_of(p));
	cr_expect_eq(hf_handle_core(old), 0);
	peer_send(p, .flags = TCP_RST);
	cr_expect_null(hf_conn_of(core_of(p), old));
	q = peer_beside(p);
	peer_connect(q);
	cr_assert_eq(q->conn, p->conn, "the record is used again");
	cr_expect_null(hf_conn_of(core_of(p), old));
	cr_expect_neq(hf_handle_of(core_of(q), hf_of(q)), old);
	cr_expect_null(hf_conn_of(core_of(p), UINT64_MAX));
	cr_expect_null(hf_conn_of(core_of(p), 0));
	peer_end(p);
}

Test(tcp_api_conns, walk_finds_each_once)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q = peer_beside(p), *r = peer_beside(p);
	struct hf_conn *out[1];
	unsigned n, found = 0;
	uint32_t at = 0;
	bool more;

	peer_connect(q);
	peer_connect(r);
	do {
		more = hf_conns_some(core_of(p), &at, out, 1, &n);
		found += n;
		if (found == 1 && q->closed == 0) /* it ends meanwhile */
			peer_send(q, .flags = TCP_RST);
	} while (more);
	cr_expect_eq(found, 2);
	peer_end(p);
}

Test(tcp_api_conns, info_counts_what_is_sent_again)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);
	struct hf_info x;

	cr_expect_eq(hf_info(core_of(p), hf_of(p), &x, 0), -EINVAL);
	p->deaf = true;
	app_send(p, 1000);
	peer_wait(p, 300);
	cr_assert_eq(hf_info(core_of(p), hf_of(p), &x, sizeof(x)), 0);
	cr_expect_eq(x.state, HF_STATE_ESTABLISHED);
	cr_expect_str_eq(hf_state_name(x.state), "ESTABLISHED");
	cr_expect_eq(x.options, HF_OPT_TIMESTAMPS);
	cr_expect_eq(x.unacked, 1000);
	cr_expect_eq(x.in_flight, 1000);
	cr_expect_eq(x.retransmitted_segments, 1);
	cr_expect_eq(x.retransmitted_bytes, 1000);
	cr_expect_eq(x.timeouts, 1);
	cr_expect_eq(x.accepted, 1);
	sent_forget(p);
	peer_end(p);
}

/* Counts are complete unless an entry was refused while the connection was open. */
Test(tcp_api_conns, info_says_whether_counts_may_be_missing)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q = peer_beside(p);
	struct hf_info x;

	p->deaf = true;
	app_send(p, 1000);
	peer_wait(p, 300);
	cr_assert_eq(hf_info(core_of(p), hf_of(p), &x, sizeof(x)), 0);
	cr_expect_eq(x.uncounted, 0, "nothing was refused");
	peer_wait(p, 200);
	p->t->resent.refused = 1; /* as if its set were full of others */
	p->t->resent.refused_stamp = clock_stamp(p->t->now);
	cr_assert_eq(hf_info(core_of(p), hf_of(p), &x, sizeof(x)), 0);
	cr_expect_eq(x.uncounted, 0, "its entry is older than the refusal");
	p->t->resent.entry[0] = (struct resent) {.handle = 0};
	cr_assert_eq(hf_info(core_of(p), hf_of(p), &x, sizeof(x)), 0);
	cr_expect_eq(x.uncounted, 1, "it has no entry, and was open at the refusal");
	peer_wait(p, 1000);
	cr_assert_eq(hf_info(core_of(p), hf_of(p), &x, sizeof(x)), 0);
	cr_expect_gt(x.retransmitted_segments, 0);
	cr_expect_eq(x.uncounted, 1, "its entry is younger than the refusal");
	peer_connect(q);
	cr_assert_eq(hf_info(core_of(p), hf_of(q), &x, sizeof(x)), 0);
	cr_expect_eq(x.uncounted, 0, "it was opened after the refusal");
	sent_forget(p);
	peer_end(p);
}

static int
listen_at(struct peer *p, be16 port, uint32_t rcv_wnd, uint32_t idle_ms)
{
	struct hf_listen_conf conf = {.size = sizeof(conf),
	        .local = {.port = port},
	        .rcv_wnd = rcv_wnd,
	        .idle_ms = idle_ms};

	return hf_listen(core_of(p), &rig_recorder, NULL, &conf);
}

Test(tcp_api_conns, listen_and_unlisten_reuse_the_place)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct hf_addr a = {.port = 7};

	for (unsigned i = 0; i < 2 * LIMIT_USERS; i++) {
		cr_assert_eq(listen_at(p, 7, 0, 0), 0, "%u", i);
		cr_assert_eq(listen_at(p, 7, 0, 0), -EADDRINUSE);
		cr_assert_eq(hf_unlisten(core_of(p), a), 0);
		cr_assert_eq(hf_unlisten(core_of(p), a), -ENOENT);
		tcp_take_turns(p->t);
	}
	cr_expect_eq(listen_at(p, 0, 0, 0), -EINVAL);
	cr_expect_eq(listen_at(p, 7, UINT32_MAX, 0), -EINVAL);
	cr_expect_eq(listen_at(p, 7, 0, HF_IDLE_MAX_MS + 1), -EINVAL);
	peer_end(p);
}

Test(tcp_api_conns, unlisten_keeps_connections_and_ends_handshakes)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q = peer_beside(p);

	peer_send(q, .flags = TCP_SYN, .seq = -1);
	cr_assert_eq(peer_state(q), TCP_SYN_RECEIVED);
	sent_forget(q);
	cr_assert_eq(
	        hf_unlisten(core_of(p), (struct hf_addr) {.addr = OUR_ADDR, .port = OUR_PORT}),
	        0);
	peer_send(q, .flags = TCP_ACK);
	cr_expect_eq(peer_state(q), TCP_CLOSED);
	cr_expect_eq(sent_next(q)->flags, TCP_RST);
	peer_send(p, .flags = TCP_ACK, .len = 10);
	cr_expect_eq(p->got, 10);
	peer_end(p);
}

static unsigned destroyed;

static void *
proxy_create(const void *conf, int node)
{
	(void)node;
	return (void *)(uintptr_t)conf;
}

static void
proxy_destroy(void *self)
{
	(void)self;
	destroyed++;
}

/* An instance that has opened connections, or listens elsewhere, outlives its listener. */
Test(tcp_api_conns, unlisten_keeps_an_instance_that_is_still_used)
{
	static const struct hf_service proxy = {
	        .name = "proxy", .create = proxy_create, .destroy = proxy_destroy};
	struct peer *p = peer_in(TCP_ESTABLISHED), *q = peer_beside(p);
	struct hf_open up = {.peer = {.addr = q->addr, .port = q->port}};
	struct hf_listen_conf other = {.size = sizeof(other), .local = {.port = 98}};
	struct hf_conn *c;
	int self;

	destroyed = 0;
	cr_assert_eq(tcp_listen(p->t, 0, 99, &proxy, &self), 0);
	cr_assert_eq(hf_listen(core_of(p), &proxy, &self, &other), 0);
	cr_assert_eq(hf_connect(core_of(p), &proxy, &self, &up, &c), 0);
	cr_assert_eq(hf_unlisten(core_of(p), (struct hf_addr) {.port = 99}), 0);
	tcp_take_turns(p->t);
	cr_expect_eq(destroyed, 0, "a listener and a connection have it");
	cr_assert_eq(hf_unlisten(core_of(p), other.local), 0);
	tcp_take_turns(p->t);
	tcp_take_turns(p->t);
	cr_expect_eq(destroyed, 0, "a connection has it");
	hf_abort(core_of(p), c);
	peer_wait(p, 10);
	tcp_take_turns(p->t);
	cr_expect_eq(destroyed, 1);
	sent_forget(p);
	peer_end(p);
}

static unsigned idle_events;

static void
on_idle(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)h;
	(void)self;
	(void)c;
	idle_events++;
}

/* An application that keeps an idle connection hears of the next silence, too. */
Test(tcp_api_conns, idle_timeout_comes_again)
{
	struct hf_service service = rig_recorder;
	struct hf_listen_conf conf = {
	        .size = sizeof(conf), .local = {.port = OUR_PORT}, .idle_ms = 1000};
	struct peer *p = peer_in(TCP_ESTABLISHED), *q;

	service.deadline = on_idle;
	idle_events = 0;
	peer_send(p, .flags = TCP_RST);
	cr_assert_eq(
	        hf_unlisten(core_of(p), (struct hf_addr) {.addr = OUR_ADDR, .port = OUR_PORT}),
	        0);
	cr_assert_eq(hf_listen(core_of(p), &service, NULL, &conf), 0);
	q = peer_beside(p);
	peer_connect(q);
	peer_wait(q, 1200);
	cr_expect_eq(idle_events, 1);
	peer_send(q, .flags = TCP_ACK, .len = 10);
	peer_wait(q, 900);
	cr_expect_eq(idle_events, 1);
	peer_wait(q, 2400);
	cr_expect_geq(idle_events, 3);
	cr_expect_leq(idle_events, 4);
	sent_forget(q);
	peer_end(p);
}

Test(tcp_api_conns, idle_timeout_counts_from_progress)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q;

	peer_send(p, .flags = TCP_RST);
	cr_assert_eq(
	        hf_unlisten(core_of(p), (struct hf_addr) {.addr = OUR_ADDR, .port = OUR_PORT}),
	        0);
	cr_assert_eq(listen_at(p, OUR_PORT, 4096, 1000), 0);
	q = peer_beside(p);
	peer_connect(q);
	cr_expect_eq(q->conn->rcv_wnd, 4096);
	peer_wait(q, 900);
	peer_send(q, .flags = TCP_ACK, .len = 10);
	peer_wait(q, 900);
	cr_expect_eq(peer_state(q), TCP_ESTABLISHED);
	peer_wait(q, 300);
	cr_expect_eq(q->why, HF_TIMEOUT);
	cr_expect_eq(q->closed, 1);
	sent_forget(q);
	peer_end(p);
}
