/* SPDX-License-Identifier: BSD-3-Clause */
/* The errors of listeners, handles, the walk and hf_info(), and what a peer may do meanwhile.
 */
#include "rig.h"

#include <errno.h>

#include "handfast/core.h"

static struct hf_listen_conf
conf_of(be16 port)
{
	return (struct hf_listen_conf) {
	        .size = sizeof(struct hf_listen_conf), .local = {.port = port}};
}

static int
listen_with(struct peer *p, struct hf_listen_conf conf)
{
	return hf_listen(core_of(p), &rig_recorder, NULL, &conf);
}

Test(tcp_api_errors, listen_refuses_what_it_does_not_know)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct {
		struct hf_listen_conf known;
		uint32_t unknown[2];
	} newer = {.known = conf_of(7)};
	struct hf_listen_conf c = conf_of(7);

	c.size--;
	cr_expect_eq(listen_with(p, c), -EINVAL);
	c.size = 0;
	cr_expect_eq(listen_with(p, c), -EINVAL);
	newer.known.size = sizeof(newer);
	newer.unknown[1] = 1;
	cr_expect_eq(hf_listen(core_of(p), &rig_recorder, NULL, &newer.known), -E2BIG);
	newer.unknown[1] = 0;
	cr_expect_eq(hf_listen(core_of(p), &rig_recorder, NULL, &newer.known), 0);
	peer_end(p);
}

Test(tcp_api_errors, listen_needs_an_address_of_ours_that_is_free)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct hf_listen_conf c = conf_of(7);

	c.local.addr = PEER_ADDR;
	cr_expect_eq(listen_with(p, c), -EADDRNOTAVAIL);
	c.local.addr = OUR_ADDR;
	cr_expect_eq(listen_with(p, c), 0);
	cr_expect_eq(listen_with(p, c), -EADDRINUSE);
	c.local.addr = 0;
	cr_expect_eq(listen_with(p, c), 0, "any address is another listener");
	cr_expect_eq(hf_unlisten(core_of(p), (struct hf_addr) {.addr = PEER_ADDR, .port = 7}),
	        -ENOENT);
	peer_end(p);
}

Test(tcp_api_errors, listeners_are_bounded)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	unsigned n = 0;
	int rc;

	while ((rc = listen_with(p, conf_of((be16)(1000 + n)))) == 0)
		n++;
	cr_expect_eq(rc, -ENOSPC);
	cr_expect_eq(n, LIMIT_USERS - 1, "the rig has one");
	cr_assert_eq(hf_unlisten(core_of(p), (struct hf_addr) {.port = 1000}), 0);
	cr_expect_eq(listen_with(p, conf_of(999)), -ENOSPC, "the turn is not over");
	tcp_take_turns(p->t);
	cr_expect_eq(listen_with(p, conf_of(999)), 0);
	peer_end(p);
}

Test(tcp_api_errors, nothing_new_while_draining)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct hf_open how = {.peer = {PEER_ADDR, 7}};

	tcp_drain(p->t, 1000);
	cr_expect_eq(listen_with(p, conf_of(7)), -ESHUTDOWN);
	cr_expect_eq(hf_connect(core_of(p), &rig_recorder, NULL, &how, NULL), -ESHUTDOWN);
	cr_expect_eq(
	        hf_unlisten(core_of(p), (struct hf_addr) {.addr = OUR_ADDR, .port = OUR_PORT}),
	        0);
	tcp_drain(p->t, 0);
	cr_expect_eq(listen_with(p, conf_of(7)), 0);
	peer_end(p);
}

static void
unlisten_ours(struct peer *p)
{
	cr_assert_eq(
	        hf_unlisten(core_of(p), (struct hf_addr) {.addr = OUR_ADDR, .port = OUR_PORT}),
	        0);
}

/* A half-open record names its listener by index, which another one may have by then. */
Test(tcp_api_errors, half_open_records_do_not_reach_another_port)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q = peer_beside(p);

	peer_send(p, .flags = TCP_RST);
	peer_send(q, .flags = TCP_SYN, .seq = -1);
	cr_assert_eq(peer_state(q), TCP_SYN_RECEIVED);
	sent_forget(q);
	unlisten_ours(p);
	tcp_take_turns(p->t);
	cr_assert_eq(listen_with(p, conf_of(7)), 0, "it gets the place");
	peer_send(q, .flags = TCP_ACK);
	cr_expect_eq(peer_state(q), TCP_CLOSED);
	cr_expect_eq(sent_next(q)->flags, TCP_RST);
	cr_expect_eq(q->nlog, 0, "no service heard of it");
	peer_end(p);
}

Test(tcp_api_errors, a_new_listener_of_the_port_gets_handshakes_under_way)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q = peer_beside(p);

	peer_send(p, .flags = TCP_RST);
	peer_send(q, .flags = TCP_SYN, .seq = -1);
	unlisten_ours(p);
	tcp_take_turns(p->t);
	cr_assert_eq(listen_with(p, conf_of(OUR_PORT)), 0);
	sent_forget(q);
	peer_send(q, .flags = TCP_ACK);
	cr_expect_eq(peer_state(q), TCP_ESTABLISHED);
	peer_end(p);
}

/* Without another segment the record goes when its SYN-ACK would be sent again. */
Test(tcp_api_errors, half_open_records_of_no_listener_expire)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q = peer_beside(p);

	peer_send(p, .flags = TCP_RST);
	peer_send(q, .flags = TCP_SYN, .seq = -1);
	unlisten_ours(p);
	sent_forget(q);
	peer_wait(q, 1100);
	expect_silence(q);
	cr_expect_eq(peer_state(q), TCP_CLOSED);
	cr_expect_eq(p->t->half.pool.used, 0u);
	peer_end(p);
}

static struct hf_conn *ended;

static void
unlisten_in_closed(struct peer *p, char event)
{
	if (event != 'c')
		return;
	ended = hf_of(p);
	unlisten_ours(p);
	cr_expect_eq(hf_conn_of(core_of(p), hf_handle_of(core_of(p), hf_of(p))), hf_of(p));
}

/* In closed() the connection still counts; its listener's place is free after the turn. */
Test(tcp_api_errors, unlisten_in_the_last_connections_closed)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = unlisten_in_closed);

	ended = NULL;
	peer_send(p, .flags = TCP_RST);
	cr_expect_not_null(ended);
	tcp_take_turns(p->t);
	cr_expect_eq(p->t->nunlistened, 0);
	cr_expect_eq(listen_with(p, conf_of(OUR_PORT)), 0);
	peer_end(p);
}

Test(tcp_api_errors, info_of_older_and_newer_applications)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct hf_info x;
	struct {
		struct hf_info known;
		uint64_t newer;
	} more;

	memset(&x, 0xee, sizeof(x));
	cr_expect_eq(hf_info(core_of(p), hf_of(p), &x, 0), -EINVAL);
	cr_expect_eq(x.mss, 0xeeeeeeee, "nothing was written");
	cr_assert_eq(hf_info(core_of(p), hf_of(p), &x, offsetof(struct hf_info, srtt_us)), 0);
	cr_expect_eq(x.state, HF_STATE_ESTABLISHED);
	cr_expect_eq(x.srtt_us, 0xeeeeeeee, "the end of an older one");
	memset(&more, 0xee, sizeof(more));
	cr_assert_eq(hf_info(core_of(p), hf_of(p), &more.known, sizeof(more)), 0);
	cr_expect_eq(more.known.state, HF_STATE_ESTABLISHED);
	cr_expect_eq(more.known.mss, 1460);
	cr_expect_eq(more.newer, 0u);
	peer_end(p);
}

/* A handle does not name the next connection of the record, however often it is used again. */
Test(tcp_api_errors, old_handles_stay_void)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	uint64_t old[20];
	unsigned n = 0;

	for (struct peer *q = p; n < 20; q = peer_beside(p)) {
		if (q != p)
			peer_connect(q);
		cr_expect_eq(q->conn, p->conn, "the record is used again");
		old[n++] = hf_handle_of(core_of(q), hf_of(q));
		for (unsigned i = 0; i < n; i++)
			cr_expect_eq(hf_conn_of(core_of(p), old[i]) != NULL, i + 1 == n);
		cr_expect_null(
		        hf_conn_of(core_of(p), old[0] ^ UINT64_C(1) << 60), "another core's");
		peer_send(q, .flags = TCP_RST);
	}
	peer_end(p);
}

/* Peers reset half of the connections between two portions: the rest is found, each once. */
Test(tcp_api_errors, walk_while_connections_end)
{
	struct peer *p = peer_in(TCP_ESTABLISHED), *q[40];
	unsigned found[40] = {0}, n;
	struct hf_conn *out[3];
	uint32_t at = 0;
	bool more;

	for (unsigned i = 0; i < 40; i++) {
		q[i] = peer_beside(p);
		peer_connect(q[i]);
	}
	for (unsigned step = 0;; step++) {
		more = hf_conns_some(core_of(p), &at, out, 3, &n);
		cr_assert_leq(n, 3u);
		for (unsigned k = 0; k < n; k++)
			for (unsigned i = 0; i < 40; i++)
				found[i] += hf_of(q[i]) == out[k];
		if (2 * step < 40)
			peer_send(q[2 * step], .flags = TCP_RST);
		if (!more)
			break;
	}
	for (unsigned i = 1; i < 40; i += 2)
		cr_expect_eq(found[i], 1, "%u", i);
	for (unsigned i = 0; i < 40; i += 2)
		cr_expect_leq(found[i], 1u, "%u", i);
	cr_expect_not(hf_conns_some(core_of(p), &at, out, 3, &n), "it stays at the end");
	cr_expect_eq(n, 0u);
	peer_end(p);
}
