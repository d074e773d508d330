/* SPDX-License-Identifier: BSD-3-Clause */
/* hf_timer_arm(): timers of an application, in virtual time. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "stack/rig.h"

struct alarm {
	struct hf_timer timer;
	unsigned fired;
	uint64_t at_us;
	uint64_t again_us;   /* arm again in its function; 0: not */
	struct alarm *stops; /* another one that it stops */
	struct rig_log *log; /* its connection is reset */
	bool freed;          /* its memory is freed in its function */
	unsigned *count;     /* for those */
};

static void
on_timer(struct hf_core *h, struct hf_timer *timer)
{
	struct alarm *a = timer->arg;

	cr_assert_not(hf_timer_is_armed(timer));
	a->fired++;
	a->at_us = hf_now_us(h);
	if (a->again_us != 0)
		cr_assert_eq(hf_timer_arm(h, timer, a->again_us), 0);
	if (a->stops != NULL)
		cr_assert(hf_timer_stop(h, &a->stops->timer));
	if (a->log != NULL)
		hf_abort(h, a->log->conn);
	if (a->count != NULL)
		++*a->count;
	if (a->freed)
		free(a);
}

static void
set_up(struct alarm *a)
{
	*a = (struct alarm) {.timer = {.fn = on_timer, .arg = a}};
}

static struct hf_core *
core_of(const struct rig *r)
{
	return stack_core(r->st);
}

/* A turn, `us` microseconds later. */
static bool
turn_after(struct rig *r, uint64_t us)
{
	r->now = clock_from_us(r->now.us + us);
	return rig_turn(r);
}

Test(stack_timer, fires_once_when_its_time_has_come)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct alarm a;

	set_up(&a);
	cr_expect_eq(hf_timer_arm(core_of(r), &a.timer, 250), 0);
	cr_expect(hf_timer_is_armed(&a.timer));
	turn_after(r, 249);
	cr_expect_eq(a.fired, 0);
	cr_expect(turn_after(r, 1), "a turn that calls one is busy");
	cr_expect_eq(a.fired, 1);
	cr_expect_eq(a.at_us, 1000250);
	cr_expect_not(hf_timer_is_armed(&a.timer));
	cr_expect_not(hf_timer_stop(core_of(r), &a.timer));
	rig_wait(r, 10);
	cr_expect_eq(a.fired, 1);
	rig_free(r);
}

Test(stack_timer, arming_again_moves_it_and_stopping_ends_it)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct alarm a;

	set_up(&a);
	hf_timer_arm(core_of(r), &a.timer, 100);
	hf_timer_arm(core_of(r), &a.timer, 300);
	turn_after(r, 200);
	cr_expect_eq(a.fired, 0);
	hf_timer_arm(core_of(r), &a.timer, 10);
	turn_after(r, 10);
	cr_expect_eq(a.fired, 1);
	hf_timer_arm(core_of(r), &a.timer, 10);
	cr_expect(hf_timer_stop(core_of(r), &a.timer));
	turn_after(r, 1000);
	cr_expect_eq(a.fired, 1);
	rig_free(r);
}

/* One that is always due would keep the turn for itself. */
Test(stack_timer, never_fires_twice_in_a_turn)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct alarm a;

	set_up(&a);
	a.again_us = 1;
	hf_timer_arm(core_of(r), &a.timer, 0);
	rig_turn(r);
	cr_expect_eq(a.fired, 0, "no time has passed");
	for (unsigned i = 1; i <= 5; i++) {
		turn_after(r, 1);
		cr_expect_eq(a.fired, i);
	}
	hf_timer_stop(core_of(r), &a.timer);
	rig_free(r);
}

Test(stack_timer, no_function_and_no_end_of_time)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct alarm a;

	set_up(&a);
	a.timer.fn = NULL;
	cr_expect_eq(hf_timer_arm(core_of(r), &a.timer, 1), -EINVAL);
	cr_expect_not(hf_timer_is_armed(&a.timer));
	a.timer.fn = on_timer;
	cr_expect_eq(hf_timer_arm(core_of(r), &a.timer, UINT64_MAX), 0);
	rig_wait(r, 100);
	cr_expect_eq(a.fired, 0);
	cr_expect(hf_timer_stop(core_of(r), &a.timer));
	rig_free(r);
}

/* A hundred are due at once: portions, and the earliest first. */
Test(stack_timer, many_fire_in_portions)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct alarm a[100];
	unsigned fired = 0;

	for (unsigned i = 0; i < 100; i++) {
		set_up(&a[i]);
		a[i].count = &fired;
		hf_timer_arm(core_of(r), &a[i].timer, 1000 - i);
	}
	turn_after(r, 5000);
	cr_expect_eq(fired, 8);
	for (unsigned i = 0; i < 100; i++)
		cr_expect_eq(a[i].fired, i >= 92, "%u", i);
	for (unsigned i = 0; i < 12; i++)
		turn_after(r, 1);
	cr_expect_eq(fired, 100);
	rig_free(r);
}

Test(stack_timer, a_function_may_free_stop_and_reset)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct alarm *gone = malloc(sizeof(*gone)), a, b;
	struct rig_log log = {0};
	const struct rig_out *o;
	unsigned count = 0;
	uint32_t ack;

	rig_listen(r, 80, &rig_quiet, &log);
	ack = rig_handshake(r, 40000, (struct tcp_opts) {.present = 0}, 8000);
	rig_forget(r);
	set_up(gone);
	gone->freed = true;
	gone->count = &count;
	hf_timer_arm(core_of(r), &gone->timer, 100);
	set_up(&a);
	set_up(&b);
	a.stops = &b;
	a.log = &log;
	hf_timer_arm(core_of(r), &a.timer, 100);
	hf_timer_arm(core_of(r), &b.timer, 200);
	turn_after(r, 500);
	cr_expect_eq(count, 1);
	cr_expect_eq(a.fired, 1);
	cr_expect_eq(b.fired, 0);
	cr_expect_eq(log.closed, 1);
	cr_expect_eq(log.why, HF_ABORTED);
	o = rig_next(r);
	while (o != NULL && o->seg.kind == SEG_ARP) /* the neighbour is polled */
		o = rig_next(r);
	cr_assert_not_null(o);
	cr_expect_eq(o->seg.flags, TCP_RST | TCP_ACK, "flags %02x", o->seg.flags);
	cr_expect_eq(o->seg.seq, ack);
	rig_free(r);
}

/* Packets that wait hold back the timers of connections, not these. */
Test(stack_timer, fires_in_a_turn_that_has_packets_waiting)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct alarm a;

	set_up(&a);
	hf_timer_arm(core_of(r), &a.timer, 100);
	r->now = clock_from_us(r->now.us + 100);
	stack_turn_begin(r->st, r->now);
	cr_expect(stack_turn_end(r->st, true));
	cr_expect_eq(a.fired, 1);
	rig_free(r);
}

struct owner {
	struct alarm alarm;
	struct hf_core *core;
	bool destroyed;
};

static void *
owner_create(const void *conf, int node)
{
	(void)node;
	return (void *)(uintptr_t)conf;
}

static void
owner_destroy(void *self)
{
	struct owner *o = self;

	o->destroyed = hf_timer_stop(o->core, &o->alarm.timer);
	memset(&o->alarm, 0xee, sizeof(o->alarm));
}

Test(stack_timer, a_service_stops_its_own_in_destroy)
{
	static const struct hf_service service = {
	        .name = "owner", .create = owner_create, .destroy = owner_destroy};
	struct rig *r = rig_new(NULL, 1000000);
	struct owner owner = {.core = core_of(r)};
	struct alarm left;
	void *self;

	set_up(&owner.alarm);
	set_up(&left);
	cr_assert_eq(stack_client(r->st, &service, &owner, &self), 0);
	hf_timer_arm(core_of(r), &owner.alarm.timer, 100);
	hf_timer_arm(core_of(r), &left.timer, 50);
	stack_client_end(r->st, self, r->now);
	cr_expect(owner.destroyed);
	turn_after(r, 1000);
	cr_expect_eq(left.fired, 1);

	set_up(&owner.alarm);
	owner.destroyed = false;
	cr_assert_eq(stack_client(r->st, &service, &owner, &self), 0);
	hf_timer_arm(core_of(r), &owner.alarm.timer, 100);
	hf_timer_arm(core_of(r), &left.timer, 50);
	rig_free(r);
	cr_expect(owner.destroyed, "the core is still there");
}
