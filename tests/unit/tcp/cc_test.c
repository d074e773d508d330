/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of congestion controls. The configured one hears the events, and its answer limits
 * the bytes in flight. retransmit_test.c tests NewReno's answers. */
#include "peer.h"
#include "tcp/cc.h"

#define MSS 1000

static struct {
	unsigned init, acked, lost, duplicate, partial, recovered, timeout;
	uint32_t bytes, flight, old, fresh;
} heard;

static void
on_init(struct tcp_conn *c)
{
	heard.init++;
	c->cwnd = 8 * MSS;
	c->ssthresh = 8 * MSS;
}

static void
on_acked(struct tcp_conn *c, uint32_t bytes, uint32_t flight)
{
	(void)c;
	heard.acked++;
	heard.bytes = bytes;
	heard.flight = flight;
}

static void
on_lost(struct tcp_conn *c, uint32_t flight)
{
	heard.lost++;
	heard.flight = flight;
	c->cwnd = 2 * MSS;
}

static void
on_duplicate(struct tcp_conn *c, uint32_t old, uint32_t fresh)
{
	(void)c;
	heard.duplicate++;
	heard.old = old;
	heard.fresh = fresh;
}

static void
on_partial(struct tcp_conn *c, uint32_t bytes)
{
	(void)c;
	heard.partial++;
	heard.bytes = bytes;
}

static void
on_recovered(struct tcp_conn *c, uint32_t flight)
{
	heard.recovered++;
	heard.flight = flight;
	c->cwnd = 3 * MSS;
}

static void
on_timeout(struct tcp_conn *c, uint32_t flight)
{
	heard.timeout++;
	heard.flight = flight;
	c->cwnd = MSS;
}

static void
on_smaller(struct tcp_conn *c)
{
	(void)c;
}

static const struct cc recorder = {
        .name = "recorder",
        .init = on_init,
        .acked = on_acked,
        .lost = on_lost,
        .duplicate = on_duplicate,
        .partial = on_partial,
        .recovered = on_recovered,
        .timeout = on_timeout,
        .smaller_segments = on_smaller,
};

static struct peer *
with_recorder(void)
{
	return peer_in(TCP_ESTABLISHED, .mss = MSS, .cc = &recorder);
}

/* RFC 5681 3.1 */
Test(tcp_cc_table, its_window_bounds_the_flight)
{
	struct peer *p = with_recorder();

	cr_expect_eq(heard.init, 1);
	p->deaf = true;
	app_send(p, 20 * MSS);
	cr_expect_eq(sent_waiting(p), 8);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK, .ack = 3 * MSS);
	cr_expect_eq(heard.acked, 1);
	cr_expect_eq(heard.bytes, 3u * MSS);
	cr_expect_eq(heard.flight, 8u * MSS);
	cr_expect_eq(sent_waiting(p), 3);
	peer_end(p);
}

/* RFC 5681 3.2, RFC 6582 3.2 */
Test(tcp_cc_table, recovery_from_its_begin_to_its_end)
{
	struct peer *p = with_recorder();

	p->deaf = true;
	app_send(p, 6 * MSS);
	for (unsigned i = 0; i < 4; i++)
		peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(heard.lost, 1);
	cr_expect_eq(heard.flight, 6u * MSS);
	cr_expect_eq(heard.duplicate, 1);
	cr_expect_eq(heard.old, 6u * MSS);
	cr_expect_eq(heard.fresh, 0);
	peer_send(p, .flags = TCP_ACK, .ack = 2 * MSS);
	cr_expect_eq(heard.partial, 1);
	cr_expect_eq(heard.bytes, 2u * MSS);
	peer_send(p, .flags = TCP_ACK, .ack = 6 * MSS);
	cr_expect_eq(heard.recovered, 1);
	cr_expect_eq(heard.flight, 0);
	cr_expect_eq(heard.acked, 0, "recovery is not growth");
	cr_expect_eq(p->conn->cwnd, 3u * MSS);
	peer_end(p);
}

/* RFC 6298 5.4, RFC 5681 3.1 */
Test(tcp_cc_table, a_timeout)
{
	struct peer *p = with_recorder();

	p->deaf = true;
	app_send(p, 4 * MSS);
	sent_forget(p);
	peer_wait(p, 200);
	cr_expect_eq(heard.timeout, 1);
	cr_expect_eq(heard.flight, 4u * MSS);
	cr_expect_eq(sent_waiting(p), 1, "its window is one segment now");
	peer_end(p);
}

Test(tcp_cc_table, names)
{
	cr_expect_eq(cc_find("newreno"), &cc_newreno);
	cr_expect_eq(cc_find(NULL), &cc_newreno, "the default");
	cr_expect_eq(cc_find("new"), NULL);
	cr_expect_eq(cc_find(""), NULL);
}
