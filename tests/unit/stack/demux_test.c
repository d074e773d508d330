/* SPDX-License-Identifier: BSD-3-Clause */
/* The flow of each segment of a burst that itself opens and closes connections. */
#include <criterion/criterion.h>
#include <errno.h>

#include "base/seq.h"
#include "stack/private.h"
#include "stack/rig.h"

static const struct tcp_opts NONE = {.present = 0};

static void
expect(struct rig *r, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	const struct rig_out *o = rig_next(r);

	while (o != NULL && o->seg.kind == SEG_ARP) /* the neighbour is polled */
		o = rig_next(r);
	cr_assert_not_null(o, "nothing more was sent");
	cr_assert_eq(o->parsed, DROP_NONE);
	cr_expect_eq(o->seg.flags & ~TCP_PSH, flags, "flags %02x", o->seg.flags);
	cr_expect_eq(o->seg.seq, seq);
	cr_expect_eq(o->seg.ack, ack, "ack %u", o->seg.ack);
	cr_expect_eq(o->seg.len, len, "len %u", o->seg.len);
}

/* The ISN that a flow will have. Another stack with the same secret is asked at the same time,
 * so that a peer can send all of its segments in one burst. */
static uint32_t
foresee_iss(uint16_t sport, uint64_t at_us)
{
	struct rig *r = rig_new(NULL, at_us);
	struct rig_log log = {0};
	uint32_t iss;

	rig_listen(r, 80, &rig_quiet, &log);
	rig_tcp(r, .sport = sport, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	iss = rig_next(r)->seg.seq;
	rig_wait(r, 1);
	rig_free(r);
	return iss;
}

Test(stack_demux, a_connection_opened_by_the_burst_is_found_by_the_burst)
{
	uint32_t iss = foresee_iss(40000, 7000000);
	struct rig *r = rig_new(NULL, 7000000);
	struct rig_log log = {0};

	rig_listen(r, 80, &rig_quiet, &log);
	rig_tcp(r, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = iss + 1, .wnd = 8000);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = iss + 1, .wnd = 8000, .text = "abc",
	        .len = 3);
	rig_turn(r);

	expect(r, TCP_SYN | TCP_ACK, iss, 1001, 0);
	expect(r, TCP_ACK, iss + 1, 1004, 0);
	cr_expect_null(rig_next(r));
	cr_expect_eq(log.opened, 1);
	cr_expect_eq(log.bytes, 3);
	rig_free(r);
}

/* SYN, ACK with the request, and both FINs, the last ones even before ours
 * went out. */
Test(stack_demux, a_whole_exchange_in_one_burst)
{
	uint32_t iss = foresee_iss(40000, 7000000);
	struct rig *r = rig_new(NULL, 7000000);
	struct rig_log log = {0};

	rig_listen(r, 80, &rig_answer, &log);
	rig_tcp(r, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = iss + 1, .wnd = 8000, .text = "GET",
	        .len = 3);
	rig_tcp(r, .flags = TCP_ACK | TCP_FIN, .seq = 1004, .ack = iss + 7, .wnd = 8000);
	rig_turn(r);

	expect(r, TCP_SYN | TCP_ACK, iss, 1001, 0);
	expect(r, TCP_ACK | TCP_FIN, iss + 1, 1004, 5);
	expect(r, TCP_ACK, iss + 7, 1005, 0);
	cr_expect_null(rig_next(r));
	cr_expect_eq(log.opened, 1);
	cr_expect_eq(log.closed, 1);
	cr_expect_eq(log.why, HF_CLOSED);
	cr_expect_eq(stack_usage(r->st).time_wait, 1);
	cr_expect_eq(stack_usage(r->st).conns, 0);
	rig_wait(r, 2100);
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_demux, a_connection_closed_by_the_burst_is_not_found_again)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	uint32_t ack;

	rig_listen(r, 80, &rig_quiet, &log);
	ack = rig_handshake(r, 40000, NONE, 8000);
	rig_tcp(r, .flags = TCP_RST, .seq = 1001);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = ack, .wnd = 8000, .text = "x",
	        .len = 1);
	rig_tcp(r, .flags = TCP_SYN, .seq = 5000, .wnd = 8000);
	rig_turn(r);

	expect(r, TCP_RST, ack, 0, 0); /* the listener's answer to an ACK */
	cr_expect_eq(rig_next(r)->seg.ack, 5001, "the port is free for a new SYN");
	cr_expect_eq(log.closed, 1);
	cr_expect_eq(log.why, HF_RESET);
	cr_expect_eq(stack_usage(r->st).half_open, 1);
	cr_expect_eq(rig_free(r), 0);
}

/* The record that the guess names belongs to another flow by then. */
Test(stack_demux, a_record_used_anew_within_the_burst)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	uint32_t ack, iss;

	rig_listen(r, 80, &rig_quiet, &log);
	ack = rig_handshake(r, 40000, NONE, 8000);
	rig_tcp(r, .sport = 40001, .flags = TCP_SYN, .seq = 9000, .wnd = 100);
	rig_turn(r);
	iss = rig_next(r)->seg.seq;
	rig_tcp(r, .flags = TCP_RST, .seq = 1001);
	rig_tcp(r, .sport = 40001, .flags = TCP_ACK, .seq = 9001, .ack = iss + 1, .wnd = 100);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = ack, .wnd = 8000, .text = "x",
	        .len = 1);
	rig_turn(r);

	expect(r, TCP_RST, ack, 0, 0);
	cr_expect_eq(log.bytes, 0);
	cr_expect_eq(stack_usage(r->st).conns, 1);
	cr_expect_eq(rig_free(r), 0);
}

/* Ends in TIME-WAIT; the next segments of the same burst find the record. */
Test(stack_demux, time_wait_entered_within_the_burst)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	uint32_t ack;

	rig_listen(r, 80, &rig_answer, &log);
	ack = rig_handshake(r, 40000, NONE, 8000);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = ack, .wnd = 8000, .text = "q",
	        .len = 1);
	for (unsigned i = 0; i < 2; i++) /* FIN, and FIN again */
		rig_tcp(r, .flags = TCP_ACK | TCP_FIN, .seq = 1002, .ack = ack + 6,
		        .wnd = 8000);
	rig_tcp(r, .flags = TCP_RST, .seq = 1003);
	rig_turn(r);

	expect(r, TCP_ACK | TCP_FIN, ack, 1002, 5);
	expect(r, TCP_ACK, ack + 6, 1003, 0);
	expect(r, TCP_ACK, ack + 6, 1003, 0);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_TW_RST), 1, "RFC 1337");
	cr_expect_eq(stack_usage(r->st).time_wait, 1);

	/* RFC 1122 4.2.2.13: a newer SYN, twice in one burst */
	rig_tcp(r, .flags = TCP_SYN, .seq = 2000, .wnd = 8000);
	rig_tcp(r, .flags = TCP_SYN, .seq = 2000, .wnd = 8000);
	rig_turn(r);
	for (unsigned i = 0; i < 2; i++) {
		const struct rig_out *o = rig_next(r);

		cr_assert_not_null(o);
		cr_expect_eq(o->seg.flags, TCP_SYN | TCP_ACK);
		cr_expect_eq(o->seg.ack, 2001);
		cr_expect(seq_gt(o->seg.seq, ack + 6));
	}
	cr_expect_eq(stack_usage(r->st).time_wait, 0);
	cr_expect_eq(stack_usage(r->st).half_open, 1);
	cr_expect_eq(rig_free(r), 0);
}

/* Flows that fall into one bucket, with the same signature even: keys decide. */
static unsigned
colliding(const struct rig *r, uint16_t *sport, unsigned want)
{
	uint32_t bucket = 0;
	unsigned n = 0;

	for (uint32_t p = 1024; p < 65536 && n < want; p++) {
		struct flow_key k = {.raddr = rig_ip(10, 0, 0, 1),
		        .laddr = rig_ports[0].ip,
		        .rport = cpu_to_be16((uint16_t)p),
		        .lport = cpu_to_be16(80)};
		uint32_t at = flow_table_index(
		        &r->st->tcp.table, tcp_flow_hash(&r->st->tcp, &k));

		if (n == 0)
			bucket = at;
		if (at == bucket)
			sport[n++] = (uint16_t)p;
	}
	return n;
}

Test(stack_demux, flows_of_one_bucket_are_told_apart)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	uint16_t sport[20];
	uint32_t ack[20];
	unsigned n = colliding(r, sport, 20);

	cr_assert_eq(n, 20);
	rig_listen(r, 80, &rig_quiet, &log);
	for (unsigned i = 0; i < n; i++)
		ack[i] = rig_handshake(r, sport[i], NONE, 8000);
	cr_assert_eq(log.opened, n);
	for (unsigned i = 0; i < n; i++)
		rig_tcp(r, .sport = sport[i], .flags = TCP_ACK, .seq = 1001, .ack = ack[i],
		        .wnd = 8000, .text = "0123456789abcdefghij", .len = i + 1);
	rig_turn(r);
	for (unsigned i = 0; i < n; i++) {
		const struct rig_out *o = rig_next(r);

		cr_assert_not_null(o);
		/* ACKs of the turn's end come in any order */
		for (unsigned k = 0; k < n; k++)
			if (o->seg.key.lport == cpu_to_be16(sport[k]))
				cr_expect_eq(o->seg.ack, 1002 + k);
	}
	cr_expect_eq(log.bytes, 210);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_demux, several_ports_and_listeners)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log any = {0}, one = {0}, other = {0};

	rig_listen(r, 80, &rig_quiet, &any);
	rig_listen(r, 81, &rig_quiet, &other);
	cr_assert_eq(
	        stack_listen(r->st, rig_ports[1].ip, cpu_to_be16(80), &rig_quiet, &one), 0);
	cr_assert_eq(stack_listen(r->st, rig_ports[1].ip, cpu_to_be16(80), &rig_quiet, &one),
	        -EADDRINUSE);

	for (uint8_t port = 0; port < 2; port++) {
		rig_tcp(r, .port = port, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
		rig_turn(r);
		const struct rig_out *o = rig_next(r);

		cr_assert_not_null(o);
		cr_expect_eq(o->port, port);
		rig_tcp(r, .port = port, .flags = TCP_ACK, .seq = 1001, .ack = o->seg.seq + 1,
		        .wnd = 8000);
		rig_turn(r);
		cr_expect_eq(any.opened, 1);
		cr_expect_eq(one.opened, port, "an exact address goes before any");
	}
	rig_tcp(r, .dport = 82, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	expect(r, TCP_RST | TCP_ACK, 0, 1001, 0);
	cr_expect_eq(rig_drops(r, DROP_TCP_CLOSED), 1);
	cr_expect_eq(other.opened, 0);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_demux, bursts_of_64_with_everything_in_them)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	uint32_t ack[100];

	rig_listen(r, 80, &rig_answer, &log);
	for (unsigned i = 0; i < 100; i++)
		rig_tcp(r, .sport = (uint16_t)(2000 + i), .flags = TCP_SYN, .seq = 1000,
		        .wnd = 8000);
	rig_turn(r);
	for (unsigned i = 0; i < 100; i++)
		ack[i] = rig_next(r)->seg.seq + 1;
	for (unsigned i = 0; i < 100; i++) {
		rig_tcp(r, .sport = (uint16_t)(2000 + i), .flags = TCP_ACK, .seq = 1001,
		        .ack = ack[i], .wnd = 8000, .text = "ask", .len = 3);
		rig_push(r, 0, "rubbish", 7);
		rig_tcp(r, .sport = (uint16_t)(2000 + i), .flags = TCP_ACK | TCP_FIN,
		        .seq = 1004, .ack = ack[i] + 6, .wnd = 8000);
	}
	rig_turn(r);
	cr_expect_eq(log.opened, 100);
	cr_expect_eq(log.closed, 100);
	cr_expect_eq(rig_drops(r, DROP_ETH_SHORT), 100);
	cr_expect_eq(stack_usage(r->st).conns, 0);
	for (unsigned i = 0; i < 100; i++) {
		expect(r, TCP_ACK | TCP_FIN, ack[i], 1004, 5);
		expect(r, TCP_ACK, ack[i] + 6, 1005, 0);
	}
	rig_wait(r, 2200);
	cr_expect(rig_is_idle(r));
	cr_expect_eq(r->st->tcp.table.used, 0);
	cr_expect_eq(rig_free(r), 0);
}

/* An answer may lie in the receive queue. Timers wait for it, but not for ever. */
Test(stack_demux, timers_wait_while_packets_wait)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	unsigned turns = 0;

	rig_listen(r, 80, &rig_quiet, &log);
	rig_tcp(r, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	rig_forget(r);
	r->now = clock_from_us(r->now.us + 1100000);
	do {
		stack_turn_begin(r->st, r->now);
		stack_turn_end(r->st, true);
	} while (++turns < 1000 && rig_next(r) == NULL);
	cr_expect_gt(turns, 10);
	cr_expect_lt(turns, 1000);
	cr_expect_eq(rig_free(r), 0);
}
