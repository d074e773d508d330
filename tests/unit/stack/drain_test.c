/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of a stack: the applications that are told, the peers that are waited for, the
 * connections that are reset. */
#include <criterion/criterion.h>
#include <errno.h>

#include "stack/private.h"
#include "stack/rig.h"

static const struct tcp_opts NONE = {.present = 0};

#define TOLD_AT_ONCE  128 /* in a turn */
#define RESET_AT_ONCE 128 /* by a call */
#define DRAIN_MS      5000

/* The events of a service in their order, and its reaction to draining(). */
static struct {
	unsigned opened, draining, data, closed, destroyed, most_in_a_turn, in_this_turn;
	uint32_t left_ms;
	enum hf_reason why;
	char order[16];
	void (*then)(struct hf_core *h, struct hf_conn *c);
	int connect;
} seen;

static void
note(char what)
{
	size_t n = strlen(seen.order);

	if (n < sizeof(seen.order) - 1)
		seen.order[n] = what;
}

static void *
make(const void *conf, int node)
{
	(void)node;
	return (void *)(uintptr_t)conf;
}

static void
destroy(void *self)
{
	(void)self;
	seen.destroyed++;
}

static void
opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)h;
	(void)self;
	(void)c;
	seen.opened++;
	note('o');
}

static uint32_t
data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)h;
	(void)self;
	(void)c;
	(void)bytes;
	seen.data++;
	note('d');
	return len;
}

static void
peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)h;
	(void)self;
	(void)c;
	note('f');
}

static void
draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)self;
	seen.draining++;
	seen.in_this_turn++;
	seen.left_ms = hf_draining(h);
	note('D');
	if (seen.then != NULL)
		seen.then(h, c);
}

static void
closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct hf_open how = {.peer = hf_peer(c)};

	seen.closed++;
	seen.why = why;
	seen.connect = hf_connect(
	        h, &(const struct hf_service) {.name = "next"}, self, &how, NULL);
	note('c');
}

static const struct hf_service service = {
        .name = "service",
        .create = make,
        .destroy = destroy,
        .opened = opened,
        .data = data,
        .peer_closed = peer_closed,
        .draining = draining,
        .closed = closed,
};

/* N connections are open. The peer's next number is 1001. */
static struct rig *
with_connections(unsigned n)
{
	static int conf;
	struct stack_conf c = {.max_conns = 512, .max_half_open = 512, .msl_ms = 1000};
	struct rig *r = rig_new(&c, 1000000);

	memset(&seen, 0, sizeof(seen));
	cr_assert_eq(stack_listen(r->st, 0, cpu_to_be16(80), &service, &conf), 0);
	for (unsigned i = 0; i < n; i++)
		rig_handshake(r, (uint16_t)(1000 + i), NONE, 8000);
	rig_forget(r);
	cr_assert_eq(seen.opened, n);
	memset(seen.order, 0, sizeof(seen.order));
	return r;
}

static void
begin_drain(struct rig *r)
{
	stack_set_draining(r->st, DRAIN_MS, r->now);
}

static bool
a_turn(struct rig *r)
{
	bool busy;

	seen.in_this_turn = 0;
	busy = rig_turn(r);
	if (seen.in_this_turn > seen.most_in_a_turn)
		seen.most_in_a_turn = seen.in_this_turn;
	return busy;
}

/* The next segment that was sent: ARP asks now and then. */
static const struct seg *
next_segment(struct rig *r)
{
	const struct rig_out *o;

	do
		cr_assert_not_null(o = rig_next(r));
	while (o->seg.kind != SEG_TCP);
	return &o->seg;
}

static struct hf_core *
core(struct rig *r)
{
	return (struct hf_core *)&r->st->tcp;
}

Test(stack_drain, each_connection_hears_it_once_some_in_a_turn)
{
	struct rig *r = with_connections(400);

	begin_drain(r);
	cr_expect_eq(seen.draining, 0, "in turns, not in the call");
	for (unsigned i = 0; i < 4; i++)
		a_turn(r);
	cr_expect_eq(seen.draining, 400);
	cr_expect_leq(seen.most_in_a_turn, TOLD_AT_ONCE);
	a_turn(r);
	cr_expect_not(a_turn(r), "there is no more to do");
	cr_expect_eq(seen.draining, 400);
	stack_abort_all(r->st, r->now);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_drain, how_long_it_will_be)
{
	struct rig *r = with_connections(1);

	cr_expect_eq(hf_draining(core(r)), 0);
	begin_drain(r);
	cr_expect_eq(hf_draining(core(r)), DRAIN_MS);
	a_turn(r);
	cr_expect_eq(seen.left_ms, DRAIN_MS);
	rig_wait(r, 1000);
	cr_expect_eq(hf_draining(core(r)), DRAIN_MS - 1000);
	rig_wait(r, DRAIN_MS);
	cr_expect_eq(hf_draining(core(r)), 1, "it drains still");
	stack_set_draining(r->st, 0, r->now);
	cr_expect_eq(hf_draining(core(r)), 0);
	cr_expect_eq(rig_free(r), 0);
}

static void
say_bye(struct hf_core *h, struct hf_conn *c)
{
	cr_expect_eq(hf_send(h, c, "bye", 3), 0);
	hf_linger(h, c);
}

/* Text that is sent in the event leaves in the same turn, and the end is orderly. */
Test(stack_drain, an_application_may_end_it_in_order)
{
	struct rig *r = with_connections(1);
	const struct seg *s;
	uint32_t next;

	seen.then = say_bye;
	begin_drain(r);
	a_turn(r);
	s = next_segment(r);
	cr_expect_eq(s->len, 3);
	cr_expect(s->flags & TCP_FIN);
	next = s->seq + 4;
	rig_tcp(r, .sport = 1000, .flags = TCP_ACK | TCP_FIN, .seq = 1001, .ack = next,
	        .wnd = 8000);
	a_turn(r);
	cr_expect_eq(seen.why, HF_CLOSED);
	cr_expect_str_eq(seen.order, "Dc");
	cr_expect_eq(rig_free(r), 0);
}

static void
leave(struct hf_core *h, struct hf_conn *c)
{
	hf_linger(h, c);
}

static void
half_close(struct hf_core *h, struct hf_conn *c)
{
	hf_shutdown(h, c);
}

/* hf_close() was the application's last word. */
Test(stack_drain, an_application_that_has_left_hears_nothing)
{
	struct rig_log log = {0};
	struct rig *r = with_connections(0);
	struct hf_service s = rig_quiet;

	s.draining = draining;
	rig_listen(r, 81, &s, &log);
	rig_tcp(r, .sport = 9, .dport = 81, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	rig_tcp(r, .sport = 9, .dport = 81, .flags = TCP_ACK, .seq = 1001,
	        .ack = next_segment(r)->seq + 1, .wnd = 8000);
	rig_turn(r);
	cr_assert_not_null(log.conn);
	hf_close(log.core, log.conn);
	begin_drain(r);
	a_turn(r);
	cr_expect_eq(seen.draining, 0);
	stack_abort_all(r->st, r->now);
	cr_expect_eq(log.why, HF_STOPPED);
	cr_expect_eq(rig_free(r), 0);
}

/* The peer believes that it is connected: our SYN-ACK said so. */
Test(stack_drain, a_handshake_under_way_may_be_completed_and_hears_it)
{
	struct rig *r = with_connections(0);
	uint32_t iss;

	rig_tcp(r, .sport = 5, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	a_turn(r);
	iss = next_segment(r)->seq;
	begin_drain(r);
	a_turn(r);
	rig_tcp(r, .sport = 5, .flags = TCP_ACK, .seq = 1001, .ack = iss + 1, .wnd = 8000,
	        .text = "x", .len = 1);
	a_turn(r);
	cr_expect_str_eq(seen.order, "oDd");
	a_turn(r);
	cr_expect_eq(seen.draining, 1, "once");
	rig_tcp(r, .sport = 6, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_forget(r);
	a_turn(r);
	cr_expect_eq(next_segment(r)->flags, TCP_RST | TCP_ACK, "a new one is refused");
	stack_abort_all(r->st, r->now);
	cr_expect_eq(rig_free(r), 0);
}

/* Its record is one that the others' turn has yet to come to. */
Test(stack_drain, a_connection_that_opens_meanwhile_hears_it_once)
{
	struct rig *r = with_connections(300);
	uint32_t iss;

	rig_tcp(r, .sport = 5, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	a_turn(r);
	iss = next_segment(r)->seq;
	begin_drain(r);
	a_turn(r);
	rig_tcp(r, .sport = 5, .flags = TCP_ACK, .seq = 1001, .ack = iss + 1, .wnd = 8000);
	for (unsigned i = 0; i < 5; i++)
		a_turn(r);
	cr_expect_eq(seen.opened, 301);
	cr_expect_eq(seen.draining, 301);
	stack_abort_all(r->st, r->now);
	cr_expect_eq(rig_free(r), 0);
}

static bool
owed(struct rig *r)
{
	struct tcp_owed x = {.at = 0};

	while (stack_owed_some(r->st, &x))
		;
	return x.any;
}

/* The peer acknowledges our FIN, which was the first octet. */
static void
fin_is_acked(struct rig *r, uint16_t sport)
{
	const struct seg *s;

	do
		s = next_segment(r);
	while (s->key.lport != cpu_to_be16(sport));
	cr_assert(s->flags & TCP_FIN);
	rig_tcp(r, .sport = sport, .flags = TCP_ACK, .seq = 1001, .ack = s->seq + 1,
	        .wnd = 8000);
	a_turn(r);
}

/* The peer may keep its half open for any time: no application reads its text. */
Test(stack_drain, a_peer_that_was_told_all_is_owed_nothing)
{
	struct rig *r = with_connections(1);

	cr_expect(owed(r));
	seen.then = leave;
	begin_drain(r);
	a_turn(r);
	cr_expect(owed(r), "our FIN has to arrive");
	fin_is_acked(r, 1000);
	cr_expect_eq(stack_usage(r->st).conns, 1);
	cr_expect_not(owed(r));
	stack_abort_all(r->st, r->now);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_drain, an_application_that_still_reads_is_waited_for)
{
	struct rig *r = with_connections(1);

	seen.then = half_close;
	begin_drain(r);
	a_turn(r);
	fin_is_acked(r, 1000);
	cr_expect(owed(r));
	stack_abort_all(r->st, r->now);
	cr_expect_eq(rig_free(r), 0);
}

/* Asked again, it goes on from the one that it found. */
Test(stack_drain, owed_peers_are_found_in_portions)
{
	struct stack_conf c = {.max_conns = 20000, .max_half_open = 64};
	struct rig *r = rig_new(&c, 1000000);
	struct rig_log log = {0};
	struct tcp_owed x = {.at = 0};
	struct tcp_end end = {.cut = 0};
	unsigned calls = 1;

	rig_listen(r, 80, &rig_quiet, &log);
	for (unsigned i = 0; i < 5000; i++)
		rig_handshake(r, (uint16_t)(1000 + i), NONE, 8000);
	for (uint32_t i = 0; i < 4999; i++)
		tcp_conn_at(&r->st->tcp, i)->state = TCP_CLOSED; /* as if they had ended */
	while (stack_owed_some(r->st, &x))
		calls++;
	cr_expect(x.any);
	cr_expect_eq(calls, 3);
	cr_expect_not(stack_owed_some(r->st, &x), "it stands there");
	cr_expect(x.any);
	for (uint32_t i = 0; i < 4999; i++)
		tcp_conn_at(&r->st->tcp, i)->state = TCP_ESTABLISHED;
	while (stack_abort_some(r->st, &end, r->now))
		rig_forget(r);
	rig_forget(r);
	stack_abort_all(r->st, r->now);
	cr_expect_eq(log.closed, 5000);
	cr_expect_not(stack_owed_some(r->st, &x));
	cr_expect_not(x.any);
	cr_expect_eq(rig_free(r), 0);
}

static unsigned
resets(struct rig *r)
{
	const struct rig_out *o;
	unsigned n = 0;

	while ((o = rig_next(r)) != NULL)
		n += (o->seg.flags & TCP_RST) != 0;
	rig_forget(r);
	return n;
}

/* Each peer gets its reset, each application one closed(), and none of them comes back. */
Test(stack_drain, the_end_comes_in_portions)
{
	struct rig *r = with_connections(400);
	struct tcp_end end = {.cut = 0};
	unsigned calls = 0, all = 0, n;

	while (stack_abort_some(r->st, &end, r->now)) {
		n = resets(r);
		cr_expect_leq(n, RESET_AT_ONCE);
		all += n;
		calls++;
		cr_expect_eq(
		        hf_draining(core(r)), 0, "no application shall close in order now");
		a_turn(r);
		cr_expect_eq(seen.destroyed, 0);
	}
	all += resets(r);
	cr_expect_geq(calls, 3);
	cr_expect_eq(all, 400);
	cr_expect_eq(end.cut, 400);
	cr_expect_eq(seen.closed, 400);
	cr_expect_eq(seen.why, HF_STOPPED);
	cr_expect_eq(seen.connect, -ESHUTDOWN);
	cr_expect_eq(seen.draining, 0, "closed() tells it");
	a_turn(r);
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
	cr_expect_eq(seen.destroyed, 1);
}

/* A turn between two portions of the end may bring the ACK of a handshake. */
Test(stack_drain, no_instance_comes_behind_the_end)
{
	struct rig *r = with_connections(200);
	struct tcp_end end = {.cut = 0};
	uint32_t iss;

	rig_tcp(r, .sport = 5, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	a_turn(r);
	iss = next_segment(r)->seq;
	cr_expect(stack_abort_some(r->st, &end, r->now));
	rig_tcp(r, .sport = 5, .flags = TCP_ACK, .seq = 1001, .ack = iss + 1, .wnd = 8000);
	rig_tcp(r, .sport = 6, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	a_turn(r);
	while (stack_abort_some(r->st, &end, r->now))
		a_turn(r);
	a_turn(r);
	cr_expect_eq(stack_usage(r->st).conns, 0);
	cr_expect_eq(seen.closed, seen.opened);
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
}

/* Behind the turn in which it spoke there may be no other. */
Test(stack_drain, an_aborted_connection_hears_that)
{
	struct rig *r = with_connections(0);
	struct rig_log log = {0};
	struct tcp_end end = {.cut = 0};

	rig_listen(r, 81, &rig_quiet, &log);
	rig_tcp(r, .sport = 9, .dport = 81, .flags = TCP_SYN, .seq = 1000, .wnd = 8000);
	rig_turn(r);
	rig_tcp(r, .sport = 9, .dport = 81, .flags = TCP_ACK, .seq = 1001,
	        .ack = next_segment(r)->seq + 1, .wnd = 8000);
	rig_turn(r);
	hf_abort(log.core, log.conn);
	while (stack_abort_some(r->st, &end, r->now))
		;
	cr_expect_eq(log.closed, 1);
	cr_expect_eq(log.why, HF_ABORTED);
	rig_turn(r);
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
}

/* Nothing is lost by a reset there. */
Test(stack_drain, a_peer_that_was_owed_nothing_is_not_cut_off)
{
	struct rig *r = with_connections(2);
	struct tcp_end end = {.cut = 0};

	seen.then = leave;
	begin_drain(r);
	a_turn(r);
	fin_is_acked(r, 1000);
	while (stack_abort_some(r->st, &end, r->now))
		a_turn(r);
	cr_expect_eq(end.cut, 1, "the other one may not have heard it");
	cr_expect_eq(seen.closed, 2);
	cr_expect_eq(rig_free(r), 0);
}
