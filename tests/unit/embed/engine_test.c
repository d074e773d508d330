/* SPDX-License-Identifier: BSD-3-Clause */
/* engine.h and ports.h: what they refuse, and functions that another thread posts. Each test is
 * a process of its own, with EAL and a port that loses what is sent and receives nothing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emulated.h"
#include "handfast/engine.h"

#define OUR_ADDR 0x0200000au /* 10.0.0.2 */
#define MASK     0x00ffffffu

static struct hf_port_conf port = {.addr = OUR_ADDR, .netmask = MASK};

static void
start_eal(void)
{
	static char prefix[64];
	char *argv[] = {"test", "-l", "0", "--no-huge", "-m", "96", "--no-pci",
	        "--no-telemetry", prefix, "--vdev=net_null0,no-rx=1", "--log-level=error"};

	skip_if_emulated("EAL maps memory as the host has it");
	snprintf(prefix, sizeof(prefix), "--file-prefix=hf-unit-%d", (int)getpid());
	cr_assert_geq(hf_eal_start(sizeof(argv) / sizeof(*argv), argv), 0);
}

static struct hf_engine_conf
small_conf(void)
{
	return (struct hf_engine_conf) {
	        .size = sizeof(struct hf_engine_conf),
	        .nports = 1,
	        .ports = &port,
	        .packets = 2047,
	        .max_conns = 64,
	};
}

static struct hf_engine *
engine_of(struct hf_engine_conf conf)
{
	struct hf_engine *e = NULL;

	cr_assert_eq(hf_engine_create(&e, &conf), 0);
	cr_assert_not_null(e);
	return e;
}

static void
end(struct hf_engine *e)
{
	hf_engine_destroy(e);
	hf_eal_stop();
}

static int
create(struct hf_engine_conf conf)
{
	struct hf_engine *e = NULL;
	int err = hf_engine_create(&e, &conf);

	cr_expect_null(e);
	return err;
}

/* A member at a time. */
static int
create_with(unsigned nports, const struct hf_port_conf *ports, unsigned nworkers,
        const unsigned *lcores)
{
	struct hf_engine_conf c = small_conf();

	c.nports = nports;
	c.ports = ports;
	c.nworkers = nworkers;
	c.lcores = lcores;
	return create(c);
}

Test(embed_engine, what_cannot_be_is_refused)
{
	struct {
		struct hf_engine_conf known;
		uint64_t unknown;
	} newer = {.unknown = 0};
	struct hf_port_conf none = {.id = 7};
	struct hf_engine_conf c;
	unsigned no_lcore = 99;
	struct hf_engine *e;

	start_eal();
	cr_expect_eq(create_with(0, &port, 1, NULL), -EINVAL);
	cr_expect_eq(create_with(HF_PORTS + 1, &port, 1, NULL), -EINVAL);
	cr_expect_eq(create_with(1, NULL, 1, NULL), -EINVAL);
	cr_expect_eq(create_with(1, &none, 1, NULL), -EINVAL);
	cr_expect_eq(create_with(1, &port, HF_WORKERS + 1, NULL), -EINVAL);
	cr_expect_eq(create_with(1, &port, 2, NULL), -EINVAL);
	cr_expect_eq(create_with(1, &port, 1, &no_lcore), -EINVAL);
	c = small_conf();
	c.size--;
	cr_expect_eq(create(c), -EINVAL);
	c = small_conf();
	c.dscp = 64;
	cr_expect_eq(create(c), -EINVAL);
	c = small_conf();
	c.max_kept = c.packets;
	cr_expect_eq(create(c), -EINVAL, "more than half of the pool");
	c = small_conf();
	c.max_conns = (1u << 28) + 1;
	cr_expect_eq(create(c), -EINVAL);
	c = small_conf();
	c.rcv_wnd = 1023;
	cr_expect_eq(create(c), -EINVAL);
	c.rcv_wnd = UINT32_MAX;
	cr_expect_eq(create(c), -EINVAL);
	cr_expect_eq(hf_port_count(), 1u, "no device was lost to a mistake");

	newer.known = small_conf();
	newer.known.size = sizeof(newer);
	newer.unknown = 1;
	cr_expect_eq(hf_engine_create(&e, &newer.known), -E2BIG);
	newer.unknown = 0;
	cr_assert_eq(hf_engine_create(&e, &newer.known), 0, "and what is 0 is as before");
	end(e);
}

static const struct hf_service quiet = {.name = "quiet"};

static void *
cannot_create(const void *conf, int node)
{
	(void)conf, (void)node;
	errno = ENOSPC;
	return NULL;
}

Test(embed_engine, listeners_and_clients_refused)
{
	static const struct hf_service broken = {.name = "broken", .create = cannot_create};
	struct hf_addr local = {.port = 0x5000};
	struct hf_engine *e;
	void *self;

	start_eal();
	e = engine_of(small_conf());
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
	end(e);
}

Test(embed_engine, starts_once_and_again_after_a_stop)
{
	struct hf_engine *e;

	start_eal();
	e = engine_of(small_conf());
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
	end(e);
}

Test(embed_engine, stats_of_any_size)
{
	struct hf_stats s, more[2];
	struct hf_engine *e;

	start_eal();
	e = engine_of(small_conf());
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
	end(e);
}

struct posted {
	struct hf_engine *e;
	unsigned called;
	unsigned at[HF_POSTS + 1];
	struct hf_core *core;
	int start, listen;
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

	start_eal();
	e = engine_of(small_conf());
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

	start_eal();
	p.e = engine_of(small_conf());
	cr_assert_eq(hf_engine_start(p.e), 0);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, post_many, &p), 0);
	while (p.called < 30000)
		hf_engine_poll(p.e);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	cr_expect_eq(p.called, 30000u);
	hf_engine_stop(p.e);
	end(p.e);
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

	start_eal();
	p.e = engine_of(small_conf());
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
	end(p.e);
}

static void *
control_of_another(void *arg)
{
	struct posted *p = arg;
	struct hf_engine_conf conf = small_conf();
	struct hf_engine *e;

	p->start = hf_engine_start(p->e);
	p->listen = hf_engine_create(&e, &conf);
	return NULL;
}

Test(embed_engine, control_functions_are_refused_in_another_thread)
{
	struct posted p = {.called = 0};
	pthread_t thread;

	start_eal();
	p.e = engine_of(small_conf());
	cr_assert_eq(pthread_create(&thread, NULL, control_of_another, &p), 0);
	pthread_join(thread, NULL);
	cr_expect_eq(p.start, -EPERM);
	cr_expect_eq(p.listen, -EPERM);
	end(p.e);
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
	struct hf_engine_conf conf = small_conf();
	struct loop l = {.turns = 0};
	struct posted p = {.called = 0};
	pthread_t thread;

	start_eal();
	conf.own_loop = true;
	l.e = engine_of(conf);
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
	end(l.e);
}

Test(embed_ports, found_by_name_and_number)
{
	char name[64];
	uint16_t id = 9;

	start_eal();
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
