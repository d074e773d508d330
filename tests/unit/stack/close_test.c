/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that the operator ends. */
#include <criterion/criterion.h>

#include "stack/private.h"
#include "stack/rig.h"

static const struct tcp_opts NONE = {.present = 0};

#define PEER_PORT(n) cpu_to_be16((uint16_t)(200 + (n)))

/* n connections, from ports 200 on. */
static struct rig *
with_connections(struct rig_log *log, uint16_t n)
{
	struct rig *r = rig_new(NULL, 1000000);

	rig_listen(r, 80, &rig_quiet, log);
	for (uint16_t i = 0; i < n; i++)
		rig_handshake(r, 200 + i, NONE, 8000);
	rig_turn(r);
	rig_forget(r);
	cr_assert_eq(stack_usage(r->st).conns, n);
	return r;
}

static unsigned
resets(struct rig *r)
{
	const struct rig_out *o;
	unsigned n = 0;

	while ((o = rig_next(r)) != NULL)
		n += (o->seg.flags & TCP_RST) != 0;
	return n;
}

Test(stack_close, one_that_is_named_in_full_is_looked_up)
{
	struct rig_log log = {0};
	struct rig *r = with_connections(&log, 5);
	struct stack_close x = {
	        .peer = {rig_ip(10, 0, 0, 1), PEER_PORT(3)},
	        .mask = UINT32_MAX,
	        .local = {rig_ip(10, 0, 0, 2), cpu_to_be16(80)},
	};

	cr_expect_not(stack_close_some(r->st, &x, r->now));
	cr_expect_eq(x.closed, 1);
	cr_expect_eq(log.closed, 1);
	cr_expect_eq(log.why, HF_ABORTED);
	cr_expect_eq(resets(r), 1);
	cr_expect_eq(stack_usage(r->st).conns, 4);
	cr_expect_not(stack_close_some(r->st, &x, r->now));
	cr_expect_eq(x.closed, 1, "it is gone");
	x.local.port = cpu_to_be16(81);
	x.peer.port = PEER_PORT(2);
	cr_expect_not(stack_close_some(r->st, &x, r->now));
	cr_expect_eq(x.closed, 1, "no connection uses that port");
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_close, one_by_its_peer_alone)
{
	struct rig_log log = {0};
	struct rig *r = with_connections(&log, 5);
	struct stack_close x = {
	        .peer = {rig_ip(10, 0, 0, 1), PEER_PORT(3)}, .mask = UINT32_MAX};

	cr_expect_not(stack_close_some(r->st, &x, r->now));
	cr_expect_eq(x.closed, 1);
	cr_expect_eq(log.closed, 1);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_close, all_of_a_prefix_and_no_others)
{
	struct rig_log log = {0};
	struct rig *r = with_connections(&log, 5);
	struct stack_close x = {
	        .peer = {rig_ip(10, 0, 0, 128), 0}, .mask = rig_ip(255, 255, 255, 128)};

	cr_expect_not(stack_close_some(r->st, &x, r->now));
	cr_expect_eq(x.closed, 0);
	x = (struct stack_close) {
	        .peer = {rig_ip(10, 0, 0, 77), 0}, .mask = rig_ip(255, 255, 255, 128)};
	cr_expect_not(stack_close_some(r->st, &x, r->now));
	cr_expect_eq(x.closed, 5);
	cr_expect_eq(resets(r), 5);
	cr_expect_eq(stack_usage(r->st).conns, 0);
	cr_expect_eq(rig_free(r), 0);
}

/* However many there are, a call has a budget, and the next one goes on from there. */
Test(stack_close, many_are_ended_a_bit_at_a_time)
{
	struct stack_conf conf = {.max_conns = 400, .max_half_open = 400};
	struct rig *r = rig_new(&conf, 1000000);
	struct stack_close x = {.peer = {rig_ip(10, 0, 0, 1), 0}, .mask = UINT32_MAX};
	struct rig_log log = {0};
	unsigned calls = 1;

	rig_listen(r, 80, &rig_quiet, &log);
	for (uint16_t i = 0; i < 340; i++)
		rig_handshake(r, 200 + i, NONE, 8000);
	cr_assert_eq(stack_usage(r->st).conns, 340);
	while (stack_close_some(r->st, &x, r->now)) {
		cr_expect_leq(x.closed, 128 * calls);
		calls++;
		rig_turn(r);
		rig_forget(r);
	}
	cr_expect_eq(calls, 3);
	cr_expect_eq(x.closed, 340);
	cr_expect_eq(log.closed, 340);
	cr_expect_eq(rig_free(r), 0);
}
