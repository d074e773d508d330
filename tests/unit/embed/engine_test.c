/* SPDX-License-Identifier: BSD-3-Clause */
/* engine.h and ports.h: calls that fail, starts and stops, and functions that a thread posts.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <rte_dev.h>

#include "rig.h"

static const struct hf_service quiet = {.name = "quiet"};

static void *
cannot_create(const void *conf, int node)
{
	(void)conf, (void)node;
	errno = ENOSPC;
	return NULL;
}

static const struct hf_service broken = {.name = "broken", .create = cannot_create};

Test(embed_engine, listeners_and_clients_refused)
{
	struct hf_addr local = {.port = 0x5000};
	struct hf_engine *e;
	void *self;

	rig_start_eal();
	e = rig_engine(rig_conf());
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), 0);
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), -EADDRINUSE);
	local.port = 0;
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), -EINVAL);
	local.port = 0x5100;
	cr_expect_eq(hf_engine_listen(e, local, &broken, NULL), -ENOSPC);
	cr_expect_eq(hf_engine_client(e, 1, &quiet, NULL, &self), -EINVAL);
	cr_expect_eq(hf_engine_client(e, 0, &broken, NULL, &self), -ENOSPC);
	for (unsigned i = 0; i < 249; i++) {
		local.port = (uint16_t)(0x5200 + i);
		cr_assert_eq(hf_engine_listen(e, local, &quiet, NULL), 0, "%u", i);
	}
	local.port = 0x6500;
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), -ENOSPC);
	rig_end(e);
}

Test(embed_engine, each_call_that_fails_prints_a_line)
{
	struct hf_addr local = {.port = 0x5000};
	struct hf_engine *e;

	rig_start_eal();
	e = rig_engine(rig_conf());
	rig_hear_stderr();
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), 0);
	cr_expect_str_empty(rig_said());
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), -EADDRINUSE);
	rig_expect_line("0.0.0.0:80 has a listener already");
	local.port = 0;
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), -EINVAL);
	rig_expect_line("TCP port is 0");
	local = (struct hf_addr) {.addr = OUR_ADDR + 1, .port = 0x5000};
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), -EADDRNOTAVAIL);
	rig_expect_line("11.0.0.2 is no address");
	local.addr = OUR_ADDR;
	cr_expect_eq(hf_engine_listen(e, local, &quiet, NULL), 0);
	cr_expect_eq(hf_engine_client(e, 1, &quiet, NULL, NULL), -EINVAL);
	rig_expect_line("there is no worker 1");
	cr_expect_eq(hf_engine_client(e, 0, &broken, NULL, NULL), -ENOSPC);
	rig_expect_line("'broken'");
	hf_engine_client_end(e, 1, &local);
	rig_expect_line("there is no worker 1");
	hf_engine_client_end(e, 0, NULL);
	rig_expect_line("self is NULL");
	cr_expect_eq(hf_engine_start(e), 0);
	cr_expect_str_empty(rig_said());
	cr_expect_eq(hf_engine_start(e), -EALREADY);
	rig_expect_line("runs already");
	hf_engine_stop(e);
	rig_end(e);
}

Test(embed_engine, starts_once_and_again_after_a_stop)
{
	struct hf_engine *e;

	rig_start_eal();
	e = rig_engine(rig_conf());
	cr_expect_not(hf_engine_running(e));
	cr_expect_not(hf_engine_poll(e), "it has not been started");
	cr_expect_eq(hf_engine_start(e), 0);
	cr_expect_eq(hf_engine_start(e), -EALREADY);
	cr_expect(hf_engine_running(e));
	hf_engine_stop(e);
	hf_engine_stop(e);
	cr_expect_not(hf_engine_running(e));
	cr_expect_eq(hf_engine_start(e), 0);
	cr_expect_eq(hf_engine_drain(e, 10, NULL, NULL), 0);
	cr_expect_not(hf_engine_running(e));
	rig_end(e);
}

Test(embed_engine, stats_of_any_size)
{
	struct hf_stats s, more[2];
	struct hf_engine *e;

	rig_start_eal();
	e = rig_engine(rig_conf());
	cr_assert_eq(hf_engine_start(e), 0);
	for (unsigned i = 0; i < 10; i++)
		hf_engine_poll(e);
	cr_expect_eq(hf_engine_stats(e, 0, &s, 0), -EINVAL);
	cr_expect_eq(hf_engine_stats(e, 1, &s, sizeof(s)), -EINVAL);
	memset(&s, 0xee, sizeof(s));
	cr_expect_eq(hf_engine_stats(e, 0, &s, sizeof(s.turns)), 0);
	cr_expect_geq(s.turns, 10u);
	cr_expect_eq(s.busy_turns, UINT64_C(0xeeeeeeeeeeeeeeee), "an older application's end");
	memset(more, 0xee, sizeof(more));
	cr_expect_eq(hf_engine_stats(e, 0, more, sizeof(more)), 0);
	cr_expect_geq(more[0].turns, 10u);
	cr_expect_eq(more[1].turns, 0u, "a newer application's is 0");
	hf_engine_stop(e);
	rig_end(e);
}

struct posted {
	struct hf_engine *e;
	unsigned called;
	unsigned at[HF_POSTS + 1];
	struct hf_core *core;
	unsigned other; /* the worker that a post names */
	int start, listen, again;
	struct hf_stats stats;
	bool inside;
};

static void
note_call(struct hf_core *h, void *arg)
{
	struct posted *p = arg;

	p->called++;
	p->core = h;
}

Test(embed_engine, posts_are_bounded_and_each_is_called_once)
{
	struct posted p = {.called = 0};
	struct hf_engine *e;

	rig_start_eal();
	e = rig_engine(rig_conf());
	cr_expect_eq(hf_post(e, 1, note_call, &p), -EINVAL);
	cr_expect_eq(hf_post(e, 0, NULL, &p), -EINVAL);
	for (unsigned i = 0; i < HF_POSTS; i++)
		cr_assert_eq(hf_post(e, 0, note_call, &p), 0);
	cr_expect_eq(hf_post(e, 0, note_call, &p), -EAGAIN);
	cr_assert_eq(hf_engine_start(e), 0);
	hf_engine_poll(e);
	cr_expect_geq(p.called, 1u);
	cr_expect_not_null(p.core);
	cr_expect_eq(hf_post(e, 0, note_call, &p), 0, "there is room again");
	for (unsigned i = 0; i < 100; i++)
		hf_engine_poll(e);
	cr_expect_eq(p.called, HF_POSTS + 1);
	cr_expect_eq(hf_post(e, 0, note_call, &p), 0);
	hf_engine_stop(e);
	hf_engine_destroy(e);
	cr_expect_eq(p.called, HF_POSTS + 2, "the end calls what waits");
	hf_eal_stop();
}

static void
post_again(struct hf_core *h, void *arg)
{
	struct posted *p = arg;

	note_call(h, p);
	p->again = hf_post(p->e, p->other, post_again, p);
	hf_engine_stats(p->e, p->other, &p->stats, sizeof(p->stats));
}

Test(embed_engine, a_post_in_destroy_posts_nothing_more)
{
	struct posted p = {.called = 0};

	rig_start_eal();
	p.e = rig_engine(rig_conf());
	for (unsigned i = 0; i < HF_POSTS; i++)
		cr_assert_eq(hf_post(p.e, 0, post_again, &p), 0);
	hf_engine_destroy(p.e);
	cr_expect_eq(p.called, HF_POSTS);
	cr_expect_eq(p.again, -ESHUTDOWN);
	hf_eal_stop();
}

/* Worker 0 ends after worker 1 has looked at it. */
Test(embed_engine, a_post_in_destroy_looks_at_other_workers)
{
	static const unsigned lcores[] = {0, 1};
	struct hf_engine_conf conf = rig_conf();
	struct posted p[2] = {{.other = 1}, {.other = 0}};
	struct hf_engine *e;

	rig_start_eal_on("0@0,1@0");
	conf.nworkers = 2;
	conf.lcores = lcores;
	conf.own_loop = true;
	e = rig_engine(conf);
	for (unsigned w = 0; w < 2; w++) {
		p[w].e = e;
		memset(&p[w].stats, 0xee, sizeof(p[w].stats));
		cr_assert_eq(hf_post(e, w, post_again, &p[w]), 0);
	}
	hf_engine_destroy(e);
	for (unsigned w = 0; w < 2; w++) {
		cr_expect_eq(p[w].called, 1u);
		cr_expect_eq(p[w].again, -ESHUTDOWN);
		cr_expect_eq(p[w].stats.turns, 0u);
		cr_expect_eq(p[w].stats.dropped, 0u);
	}
	hf_eal_stop();
}

static void
connect_late(struct hf_core *h, void *arg)
{
	struct hf_open how = {.peer = {.addr = OUR_ADDR + 0x01000000, .port = 0x5000}};
	struct hf_conn *c;
	struct posted *p = arg;

	p->start = hf_connect(h, &quiet, NULL, &how, &c);
	p->called++;
}

/* A connection that is opened there would hear no closed(). */
Test(embed_engine, a_post_in_destroy_opens_no_connection)
{
	struct posted p = {.called = 0};

	rig_start_eal();
	p.e = rig_engine(rig_conf());
	cr_assert_eq(hf_post(p.e, 0, connect_late, &p), 0);
	hf_engine_destroy(p.e);
	cr_expect_eq(p.called, 1u);
	cr_expect_eq(p.start, -ESHUTDOWN, "%d", p.start);
	hf_eal_stop();
}

static void *
post_many(void *arg)
{
	struct posted *p = arg;

	for (unsigned taken = 0; taken < 10000;)
		taken += hf_post(p->e, 0, note_call, p) == 0;
	return NULL;
}

Test(embed_engine, posts_come_from_any_thread)
{
	struct posted p = {.called = 0};
	pthread_t thread[3];

	rig_start_eal();
	p.e = rig_engine(rig_conf());
	cr_assert_eq(hf_engine_start(p.e), 0);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, post_many, &p), 0);
	while (p.called < 30000)
		hf_engine_poll(p.e);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	cr_expect_eq(p.called, 30000u);
	hf_engine_stop(p.e);
	rig_end(p.e);
}

static void
call_control(struct hf_core *h, void *arg)
{
	struct posted *p = arg;
	struct hf_addr local = {.port = 0x5000};

	(void)h;
	p->called++;
	p->start = hf_engine_start(p->e);
	p->listen = hf_engine_listen(p->e, local, &quiet, NULL);
	hf_engine_stop(p->e);
	p->inside = hf_engine_poll(p->e);
	cr_expect_eq(hf_engine_client(p->e, 0, &quiet, NULL, NULL), -EPERM);
	cr_expect_eq(hf_engine_drain(p->e, 1, NULL, NULL), 0);
	hf_engine_client_end(p->e, 0, p);
	hf_engine_destroy(p->e);
	cr_expect_eq(hf_post(p->e, 0, note_call, p), 0, "this one is for any place");
}

/* An event that stopped the engine would end its own turn's connections under its feet. */
Test(embed_engine, control_functions_are_refused_in_events)
{
	struct posted p = {.called = 0};

	rig_start_eal();
	p.e = rig_engine(rig_conf());
	cr_assert_eq(hf_engine_start(p.e), 0);
	cr_assert_eq(hf_post(p.e, 0, call_control, &p), 0);
	while (p.called < 2)
		hf_engine_poll(p.e);
	cr_expect_eq(p.start, -EPERM);
	cr_expect_eq(p.listen, -EPERM);
	cr_expect_not(p.inside);
	cr_expect(hf_engine_running(p.e));
	hf_engine_stop(p.e);
	cr_expect_not(hf_engine_running(p.e), "outside of events it is obeyed");
	rig_end(p.e);
}

static void *
control_of_another(void *arg)
{
	struct posted *p = arg;
	struct hf_engine_conf conf = rig_conf();
	struct hf_engine *e;

	p->start = hf_engine_start(p->e);
	p->listen = hf_engine_create(&e, &conf);
	return NULL;
}

Test(embed_engine, control_functions_are_refused_in_another_thread)
{
	struct posted p = {.called = 0};
	pthread_t thread;

	rig_start_eal();
	p.e = rig_engine(rig_conf());
	cr_assert_eq(pthread_create(&thread, NULL, control_of_another, &p), 0);
	pthread_join(thread, NULL);
	cr_expect_eq(p.start, -EPERM);
	cr_expect_eq(p.listen, -EPERM);
	rig_end(p.e);
}

struct loop {
	struct hf_engine *e;
	unsigned turns;
	int entered, again;
};

static void *
run_loop(void *arg)
{
	struct loop *l = arg;

	l->entered = hf_thread_enter();
	l->again = hf_thread_enter();
	while (hf_worker_turn(l->e, 0) != HF_TURN_HALTED)
		__atomic_add_fetch(&l->turns, 1, __ATOMIC_RELAXED);
	hf_thread_leave();
	return NULL;
}

Test(embed_engine, a_loop_of_ones_own_ends_with_the_stop)
{
	struct hf_engine_conf conf = rig_conf();
	struct loop l = {.turns = 0};
	struct posted p = {.called = 0};
	pthread_t thread;

	rig_start_eal();
	conf.own_loop = true;
	l.e = rig_engine(conf);
	cr_expect_eq(hf_worker_turn(l.e, 0), HF_TURN_HALTED);
	cr_expect_eq(hf_worker_turn(l.e, 1), HF_TURN_HALTED, "there is no worker 1");
	cr_assert_eq(hf_engine_start(l.e), 0);
	cr_expect_not(hf_engine_poll(l.e), "the main core has nothing to do");
	cr_assert_eq(pthread_create(&thread, NULL, run_loop, &l), 0);
	cr_expect_eq(hf_post(l.e, 0, note_call, &p), 0);
	while (__atomic_load_n(&p.called, __ATOMIC_RELAXED) == 0)
		;
	hf_engine_stop(l.e);
	pthread_join(thread, NULL);
	cr_expect_eq(l.entered, 0);
	cr_expect_eq(l.again, -EINVAL);
	cr_expect_gt(l.turns, 0u);
	rig_end(l.e);
}

/* Their workers have an lcore in common, and each needs a pool of its own. */
Test(embed_engine, two_engines_of_one_process)
{
	struct hf_port_conf second = {.id = 1, .addr = OUR_ADDR, .netmask = MASK};
	struct hf_engine_conf conf = rig_conf();
	struct hf_engine *a, *b = NULL;

	rig_start_eal();
	rig_hear_stderr();
	a = rig_engine(conf);
	cr_expect_eq(hf_engine_create(&b, &conf), -EBUSY);
	cr_expect_not_null(strstr(rig_said(), "an engine has it open"));
	cr_assert_eq(rte_eal_hotplug_add("vdev", "net_null1", "no-rx=1"), 0);
	conf.ports = &second;
	b = rig_engine(conf);
	cr_expect_eq(hf_engine_start(a), 0);
	cr_expect_eq(hf_engine_start(b), 0);
	hf_engine_poll(a);
	hf_engine_poll(b);
	hf_engine_stop(b);
	hf_engine_stop(a);
	hf_engine_destroy(a);
	rig_end(b);
}

Test(embed_ports, found_by_name_and_number)
{
	char name[64];
	uint16_t id = 9;

	rig_start_eal();
	cr_expect_eq(hf_port_count(), 1u);
	cr_expect_eq(hf_port_find("net_null0", &id), 0);
	cr_expect_eq(id, 0);
	cr_expect_eq(hf_port_find("net_null1", &id), -ENODEV);
	cr_expect_eq(hf_port_name(0, name, sizeof(name)), 0);
	cr_expect_str_eq(name, "net_null0");
	cr_expect_eq(hf_port_name(0, name, strlen("net_null0")), -ENOSPC);
	cr_expect_eq(hf_port_name(0, name, strlen("net_null0") + 1), 0);
	cr_expect_eq(hf_port_name(1, name, sizeof(name)), -ENODEV);
	cr_expect_geq(hf_port_queues(0), 1u);
	cr_expect_eq(hf_port_queues(1), 0u);
	hf_eal_stop();
}
