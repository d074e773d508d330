/* SPDX-License-Identifier: BSD-3-Clause */
/* The record that a connection has only after a loss: when it comes, when it goes, and
 * connections that get none. */
#include "peer.h"
#include "tcp/loss.h"

#define MSS 1000

static void
put_in_flight(struct peer *p, unsigned n)
{
	p->conn->cwnd = 100 * MSS;
	p->deaf = true;
	app_send(p, n * MSS);
	sent_forget(p);
}

static struct peer *
with_records(uint32_t n)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = MSS);

	p->t->losses.capacity = n;
	put_in_flight(p, 6);
	return p;
}

static struct peer *
another(struct peer *first)
{
	struct peer *p = peer_beside(first);

	p->mss = MSS;
	peer_connect(p);
	put_in_flight(p, 6);
	return p;
}

static void
duplicates(struct peer *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		peer_send(p, .flags = TCP_ACK);
}

Test(tcp_loss, one_for_eight_connections_and_for_all_of_few)
{
	cr_expect_eq(loss_records(1), 1);
	cr_expect_eq(loss_records(1000), 1000);
	cr_expect_eq(loss_records(4096), 1024);
	cr_expect_eq(loss_records(1000000), 125000);
}

/* RFC 6582 3.2: `recover` counts until more than it is acknowledged. */
Test(tcp_loss, the_record_comes_with_the_loss_and_goes_when_it_counts_no_more)
{
	struct peer *p = with_records(8);

	cr_expect_eq(p->t->losses.used, 0);
	duplicates(p, 2);
	cr_expect_eq(p->t->losses.used, 0, "two duplicates tell nothing");
	duplicates(p, 1);
	cr_expect_eq(p->t->losses.used, 1);
	peer_send(p, .flags = TCP_ACK, .ack = 6 * MSS);
	cr_expect_eq(p->t->losses.used, 1, "it guards what was sent twice");
	app_send(p, MSS);
	peer_send(p, .flags = TCP_ACK, .ack = 7 * MSS);
	cr_expect_eq(p->t->losses.used, 0);
	peer_end(p);
}

Test(tcp_loss, the_record_goes_with_its_connection)
{
	struct peer *p = with_records(8);

	duplicates(p, 3);
	cr_expect_eq(p->t->losses.used, 1);
	peer_send(p, .flags = TCP_RST);
	cr_expect_eq(p->closed, 1);
	cr_expect_eq(p->t->losses.used, 0);
	peer_end(p);
}

/* RFC 6298 5.4: the timer repairs losses that fast retransmit cannot. */
Test(tcp_loss, a_connection_without_a_record_waits_for_its_timer)
{
	struct peer *p = with_records(1), *q = another(p);

	duplicates(p, 3);
	cr_expect_eq(p->t->count->fast_retransmits, 1);
	sent_forget(p);
	duplicates(q, 5);
	cr_expect_eq(p->t->count->fast_retransmits, 1);
	cr_expect_eq(p->t->count->loss_records_full, 1);
	cr_expect_eq(sent_waiting(q), 0);
	peer_wait(p, 200);
	cr_expect_geq(sent_waiting(q), 1);
	q->deaf = false;
	peer_send(q, .flags = TCP_ACK, .ack = 6 * MSS);
	cr_expect_eq(q->conn->snd_una, q->conn->snd_max);
	peer_end(p);
}

Test(tcp_loss, the_record_of_a_peer_that_has_gone_is_taken)
{
	struct peer *p = with_records(1), *q = another(p);

	duplicates(p, 3);
	cr_expect(p->conn->flags & CONN_LOSS);
	peer_wait(p, 1100);
	for (unsigned i = 0; i < 4; i++)
		peer_send(q, .flags = TCP_ACK, .ack = MSS);
	cr_expect(q->conn->flags & CONN_LOSS);
	cr_expect_not(p->conn->flags & (CONN_LOSS | CONN_RECOVERY));
	cr_expect_eq(p->t->losses.used, 1);
	p->deaf = false;
	peer_send(p, .flags = TCP_ACK, .ack = 6 * MSS);
	cr_expect_eq(p->conn->snd_una, p->conn->snd_max, "its text arrives all the same");
	peer_end(p);
}
