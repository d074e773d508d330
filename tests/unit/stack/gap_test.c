/* SPDX-License-Identifier: BSD-3-Clause */
/* Weeks without a turn: a process that was stopped, a machine that was suspended. Time
 * in 32 bits of ms tells 24 days from the future. */
#include <criterion/criterion.h>

#include "rig.h"
#include "stack/private.h"

#define DAY_US (UINT64_C(86400) * US_PER_SECOND)
#define STEPS  12 /* turns in which time comes to the end of all gaps here */

static const unsigned gap_days[] = {11, 13, 24, 25, 26, 37, 49, 50, 51, 75, 100};
#define GAPS (sizeof(gap_days) / sizeof(gap_days[0]))

static void
pass_days(struct rig *r, unsigned days)
{
	r->now = clock_from_us(r->now.us + days * DAY_US);
}

/* TCP segments that are sent meanwhile; the next hop may be asked for, too. */
static unsigned
turns(struct rig *r, unsigned n)
{
	const struct rig_out *o;
	unsigned sent = 0;

	while (n-- > 0) {
		rig_turn(r);
		while ((o = rig_next(r)) != NULL)
			sent += o->seg.kind == SEG_TCP;
		rig_forget(r);
	}
	return sent;
}

/* A connection whose peer owes an ACK. */
static struct rig *
waiting(struct rig_log *log)
{
	struct rig *r = rig_new(NULL, 1000000);

	rig_listen(r, 80, &rig_source, log);
	rig_handshake(r, 40000, (struct tcp_opts) {.present = SEG_OPT_MSS, .mss = 1000}, 8000);
	turns(r, 3);
	cr_assert_eq(stack_usage(r->st).timers, 1);
	return r;
}

Test(stack_gap, timers_fire_once_and_wait_as_ever_afterwards)
{
	for (unsigned i = 0; i < GAPS; i++) {
		struct rig_log log = {.send = 1000};
		struct rig *r = waiting(&log);
		unsigned sent;

		pass_days(r, gap_days[i]);
		sent = turns(r, STEPS);
		cr_expect(sent >= 1 && sent <= STEPS - 2, "%u days: %u segments", gap_days[i],
		        sent);
		cr_expect_eq(r->st->tcp.now.us, r->now.us, "time has come to the end");
		cr_expect_eq(turns(r, 1000), 0, "%u days: no time passes", gap_days[i]);
		for (unsigned ms = 0; ms < 60000 && r->nout == 0; ms++) {
			r->now = clock_from_us(r->now.us + US_PER_MILLISECOND);
			rig_turn(r);
		}
		cr_expect_eq(r->nout, 1, "%u days: the next one", gap_days[i]);
		cr_expect_eq(rig_free(r), 0);
	}
}

/* All connections that wait for their peer end, whatever their number: the stack's time stands
 * until all are done. */
Test(stack_gap, all_that_waited_ends)
{
	enum { N = 1000 };
	const struct stack_conf conf = {.max_conns = 64,
	        .max_half_open = N,
	        .max_time_wait = 64,
	        .msl_ms = 1000,
	        .syn_cookie = SYN_COOKIE_OFF,
	        .secret = "a test's secret"};

	for (unsigned i = 0; i < GAPS; i++) {
		struct rig *r = rig_new(&conf, 1000000);
		struct rig_log log = {0};

		rig_listen(r, 80, &rig_answer, &log);
		for (unsigned k = 0; k < N; k++) {
			rig_tcp(r, .sport = (uint16_t)(1000 + k), .flags = TCP_SYN, .seq = k,
			        .wnd = 8000);
			if (k % 50 == 49)
				turns(r, 1);
		}
		cr_assert_eq(stack_usage(r->st).half_open, N);
		pass_days(r, gap_days[i]);
		turns(r, 1000);
		for (unsigned minutes = 0; minutes < 5; minutes++) {
			r->now = clock_from_us(r->now.us + 60 * US_PER_SECOND);
			turns(r, 20);
		}
		cr_expect_eq(stack_usage(r->st).half_open, 0, "%u days: %u left", gap_days[i],
		        stack_usage(r->st).half_open);
		cr_expect_eq(r->st->tcp.now.us, r->now.us);
		cr_expect_eq(rig_free(r), 0);
	}
}

static unsigned
unknown_neighbours(const struct rig *r)
{
	struct neigh_entry some[64];
	unsigned unknown = 0;

	for (uint32_t at = 0; at != UINT32_MAX;) {
		unsigned n = stack_neigh_list(r->st, 0, &at, some, 64);

		while (n-- > 0)
			unknown += some[n].state != NEIGH_REACHABLE &&
			           some[n].state != NEIGH_STALE;
	}
	return unknown;
}

/* More than one look at them is allowed to end. */
Test(stack_gap, all_neighbours_that_were_asked_are_given_up)
{
	enum { N = 900 };
	const struct stack_conf conf = {.max_neighbours = 2 * N, .secret = "a test's secret"};

	for (unsigned i = 0; i < GAPS; i++) {
		struct stack_port ports[RIG_PORTS];
		struct rig *r;
		uint8_t port;

		memcpy(ports, rig_ports, sizeof(ports));
		ports[0].netmask = rig_ip(255, 255, 0, 0);
		r = rig_new_with(&conf, 1000000, ports);
		for (unsigned k = 0; k < N; k++)
			stack_route_to(
			        r->st, rig_ip(10, 0, 8 + k / 200, 1 + k % 200), &port, r->now);
		rig_wait(r, 1000);
		cr_assert_eq(unknown_neighbours(r), N);
		pass_days(r, gap_days[i]);
		for (unsigned s = 0; s < 60; s++) {
			turns(r, 20);
			r->now = clock_from_us(r->now.us + US_PER_SECOND);
		}
		cr_expect_eq(unknown_neighbours(r), 0, "%u days: %u left", gap_days[i],
		        unknown_neighbours(r));
		cr_expect_eq(rig_free(r), 0);
	}
}

/* Calls of the main core between turns do not make the stack's time leap. */
Test(stack_gap, calls_between_turns_do_not_run_ahead)
{
	struct rig_log log = {.send = 1000};
	struct rig *r = waiting(&log);
	unsigned sent;

	for (unsigned week = 0; week < 20; week++) {
		pass_days(r, 7);
		stack_set_syn_cookie(r->st, SYN_COOKIE_AUTO, r->now);
	}
	sent = turns(r, 2 * STEPS);
	cr_expect(sent >= 1 && sent <= STEPS + 2, "%u segments", sent);
	cr_expect_eq(turns(r, 1000), 0);
	cr_expect_eq(r->st->tcp.now.us, r->now.us);
	cr_expect_eq(rig_free(r), 0);
}

/* A core's clock that is a little behind another's. */
Test(stack_gap, time_does_not_go_back)
{
	struct rig *r = rig_new(NULL, 5000000);

	r->now = clock_from_us(4000000);
	turns(r, 2);
	cr_expect_eq(r->st->tcp.now.us, 5000000);
	r->now = clock_from_us(5000001);
	turns(r, 1);
	cr_expect_eq(r->st->tcp.now.us, 5000001);
	cr_expect_eq(rig_free(r), 0);
}
