/* SPDX-License-Identifier: BSD-3-Clause */
/* The stack's reports about itself. */
#include <criterion/criterion.h>
#include <errno.h>

#include "stack/private.h"
#include "stack/rig.h"

static const struct tcp_opts NONE = {.present = 0};

/* 3 half-open, 5 established, 2 of which the peer closed, 4 in TIME-WAIT. */
static struct rig *
populated(struct rig_log *quiet, struct rig_log *answer)
{
	struct rig *r = rig_new(NULL, 1000000);

	rig_listen(r, 80, &rig_quiet, quiet);
	rig_listen(r, 81, &rig_answer, answer);
	for (uint16_t i = 0; i < 3; i++)
		rig_tcp(r, .sport = 100 + i, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	rig_forget(r);
	for (uint16_t i = 0; i < 7; i++) {
		uint32_t ack = rig_handshake(r, 200 + i, NONE, 8000);

		if (i >= 5)
			rig_tcp(r, .sport = 200 + i, .flags = TCP_ACK | TCP_FIN, .seq = 1001,
			        .ack = ack, .wnd = 8000);
		rig_turn(r);
		rig_forget(r);
	}
	for (uint16_t i = 0; i < 4; i++) {
		uint32_t iss;

		rig_tcp(r, .sport = 300 + i, .dport = 81, .flags = TCP_SYN, .seq = 1000,
		        .wnd = 8000);
		rig_turn(r);
		iss = rig_next(r)->seg.seq;
		rig_tcp(r, .sport = 300 + i, .dport = 81, .flags = TCP_ACK, .seq = 1001,
		        .ack = iss + 1, .wnd = 8000, .text = "x", .len = 1);
		rig_tcp(r, .sport = 300 + i, .dport = 81, .flags = TCP_ACK | TCP_FIN,
		        .seq = 1002, .ack = iss + 7, .wnd = 8000);
		rig_turn(r);
		rig_forget(r);
	}
	return r;
}

static void
expect_state(const struct rig *r, const char *state, uint32_t n)
{
	struct stack_conn_info info[32];
	const char *name = state != NULL ? state : "all";
	uint32_t total = 99;

	cr_expect_eq(stack_conns(r->st, state, info, 32, &total), n, "%s", name);
	cr_expect_eq(total, n, "%s", name);
	for (uint32_t i = 0; i < n; i++)
		if (state != NULL)
			cr_expect_str_eq(info[i].state, state);
}

Test(stack_show, connections_by_state)
{
	struct rig_log quiet = {0}, answer = {0};
	struct rig *r = populated(&quiet, &answer);
	struct stack_usage u = stack_usage(r->st);

	expect_state(r, "SYN-RECEIVED", 3);
	expect_state(r, "ESTABLISHED", 5);
	expect_state(r, "LAST-ACK", 2);
	expect_state(r, "TIME-WAIT", 4);
	expect_state(r, "FIN-WAIT-2", 0);
	expect_state(r, NULL, 14);
	cr_expect_eq(u.conns, 7);
	cr_expect_eq(u.half_open, 3);
	cr_expect_eq(u.time_wait, 4);
	cr_expect_gt(u.bytes, 0);
	cr_expect_eq(rig_free(r), 0);
}

static uint64_t
bytes_with(uint32_t max_neighbours, be32 netmask, uint64_t *told)
{
	struct stack_conf conf = {.max_conns = 4096, .max_neighbours = max_neighbours};
	struct stack_port ports[RIG_PORTS];
	struct stack_usage u;
	struct rig *r;

	memcpy(ports, rig_ports, sizeof(ports));
	ports[0].netmask = netmask;
	ports[0].gateway = rig_ip(10, 0, 0, 1);
	r = rig_new_with(&conf, 1000000, ports);
	u = stack_usage(r->st);
	*told = stack_neigh_bytes(&conf, &ports[0]) + stack_neigh_bytes(&conf, &ports[1]);
	rig_free(r);
	return u.bytes;
}

/* The operator is told of the memory before the start, too. */
Test(stack_show, memory_of_neighbours_is_counted)
{
	uint64_t told_few, told_hosts, told_many;
	uint64_t few = bytes_with(1024, rig_ip(255, 255, 255, 0), &told_few);
	uint64_t hosts = bytes_with(0, rig_ip(255, 255, 255, 0), &told_hosts);
	uint64_t many = bytes_with(100000, rig_ip(255, 255, 255, 0), &told_many);

	cr_expect_gt(told_few, 2 * 1024 * sizeof(struct neigh_entry));
	cr_expect_eq(hosts - few, told_hosts - told_few);
	cr_expect_eq(many - few, told_many - told_few);
	cr_expect_gt(many - few, UINT64_C(2) * 98000 * sizeof(struct neigh_entry));
}

Test(stack_show, at_most_the_bound_and_the_number_is_told)
{
	struct rig_log quiet = {0}, answer = {0};
	struct rig *r = populated(&quiet, &answer);
	struct stack_conn_info info[14];

	for (uint32_t max = 0; max <= 14; max++) {
		uint32_t total = 0;

		cr_expect_eq(stack_conns(r->st, NULL, info, max, &total), max);
		cr_expect_eq(total, 14);
	}
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_show, every_state_has_its_name)
{
	for (enum tcp_state s = TCP_SYN_SENT; s <= TCP_TIME_WAIT; s++) {
		unsigned i = 0;

		while (stack_state_names[i] != NULL &&
		        strcmp(stack_state_names[i], tcp_state_names[s]) != 0)
			i++;
		cr_expect_not_null(stack_state_names[i], "%s", tcp_state_names[s]);
	}
}

Test(stack_show, what_a_connection_holds)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 1000};
	struct tcp_opts mss = {.present = SEG_OPT_MSS, .mss = 1000};
	struct stack_conn_info i;
	uint32_t total, ack;

	rig_listen(r, 80, &rig_source, &log);
	ack = rig_handshake(r, 40000, mss, 8000);
	rig_wait(r, 150);
	cr_assert_eq(stack_conns(r->st, NULL, &i, 1, &total), 1);
	cr_expect_eq(i.peer.addr, rig_ip(10, 0, 0, 1));
	cr_expect_eq(i.peer.port, cpu_to_be16(40000));
	cr_expect_eq(i.local.addr, rig_ports[0].ip);
	cr_expect_eq(i.local.port, cpu_to_be16(80));
	cr_expect_str_eq(i.service, "source");
	cr_expect_lt(i.age_ms - 150 + 66, 132); /* a stamp is 65.5 ms */
	cr_expect_eq(i.snd_queued, 1000);
	cr_expect_eq(i.snd_wnd, 8000);
	cr_expect_eq(i.mss, 1000);
	cr_expect_geq(i.rcv_wnd, 60000);
	cr_expect_eq(i.retransmissions, 0);
	cr_expect_eq(stack_usage(r->st).timers, 1);
	rig_wait(r, 300);
	cr_assert_eq(stack_conns(r->st, "ESTABLISHED", &i, 1, &total), 1);
	cr_expect_eq(i.retransmissions, 1);

	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = ack + 1000, .wnd = 7000);
	rig_turn(r);
	cr_assert_eq(stack_conns(r->st, NULL, &i, 1, &total), 1);
	cr_expect_eq(i.snd_queued, 0);
	cr_expect_eq(i.snd_wnd, 7000);
	cr_expect_eq(i.retransmissions, 0);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_show, listeners)
{
	struct rig_log quiet = {0}, answer = {0};
	struct rig *r = populated(&quiet, &answer);
	struct stack_listener_info l;

	cr_assert(stack_listener_at(r->st, 0, &l));
	cr_expect_eq(l.port, cpu_to_be16(80));
	cr_expect_str_eq(l.service, "quiet");
	cr_expect_eq(l.accepted, 7);
	cr_expect_eq(l.open, 7);
	cr_assert(stack_listener_at(r->st, 1, &l));
	cr_expect_eq(l.accepted, 4);
	cr_expect_eq(l.open, 0);
	cr_expect_not(stack_listener_at(r->st, 2, &l));
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_show, neighbours_of_a_port)
{
	struct rig_log quiet = {0}, answer = {0};
	struct rig *r = populated(&quiet, &answer);
	struct neigh_entry e;

	cr_expect(stack_neigh_at(r->st, 0, 0, &e));
	cr_expect_not(stack_neigh_at(r->st, 0, 1, &e));
	cr_expect_not(stack_neigh_at(r->st, 1, 0, &e));
	cr_expect_not(stack_neigh_at(r->st, LIMIT_PORTS, 0, &e));
	cr_expect_not(stack_neigh_at(r->st, LIMIT_PORTS - 1, 0, &e));
	cr_expect_eq(rig_free(r), 0);
}

/* While the stack drains, present connections go on, and new ones are refused. */
Test(stack_show, draining_turns_newcomers_away)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	uint32_t ack;

	rig_listen(r, 80, &rig_answer, &log);
	ack = rig_handshake(r, 40000, NONE, 8000);
	stack_set_draining(r->st, 1000, r->now);
	rig_tcp(r, .sport = 40001, .flags = TCP_SYN, .seq = 1, .wnd = 8000);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = ack, .wnd = 8000, .text = "x",
	        .len = 1);
	rig_turn(r);
	cr_expect_eq(rig_next(r)->seg.flags, TCP_RST | TCP_ACK);
	cr_expect_eq(rig_next(r)->seg.len, 5);
	cr_expect_eq(rig_drops(r, DROP_SYN_DRAINING), 1);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_show, nonsense_configurations_are_refused)
{
	static const struct stack_conf bad[] = {
	        {.max_conns = UINT32_MAX},
	        {.rcv_wnd = 1023},
	        {.rcv_wnd = UINT32_MAX},
	        {.retries = 16},
	        {.syn_retries = 16},
	        {.congestion_control = "of another name"},
	};
	struct stack_io io = {0};
	struct stack *st;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(stack_create(&st, &bad[i], &io, -1, clock_from_us(1)), -EINVAL);
}

/* Between turns, or while it is stopped, time goes on all the same. */
Test(stack_show, an_epoch_that_ended_outside_a_turn_is_over)
{
	struct rig *r = rig_new(NULL, 1000000);

	r->now = clock_from_us(r->now.us + 5 * COOKIE_EPOCH_US);
	stack_set_syn_cookie(r->st, SYN_COOKIE_ALWAYS, r->now);
	cr_expect_eq(stack_syn(r->st).epoch, 5);
	cr_expect_leq(stack_syn(r->st).epoch_left_ms, COOKIE_EPOCH_MS);
	rig_free(r);
}
