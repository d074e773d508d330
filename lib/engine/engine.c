/* SPDX-License-Identifier: BSD-3-Clause */
/* Creates and starts an engine: checks the configuration, makes workers, steer tables, inboxes.
 */
#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>

#include "base/defaults.h"
#include "engine/private.h"

static int
refuse_conf(const char *why, unsigned number)
{
	fprintf(stderr, "engine: ");
	fprintf(stderr, why, number);
	fprintf(stderr, "\n");
	return -EINVAL;
}

static int
check_lcores(const struct engine_conf *conf)
{
	for (unsigned i = 0; i < conf->nworkers; i++) {
		unsigned lcore = conf->lcore[i];

		if (!rte_lcore_is_enabled(lcore))
			return refuse_conf(
			        "lcore %u does not exist; name it with EAL's -l", lcore);
		if (conf->nworkers > 1 && !conf->own_loop && lcore == rte_get_main_lcore())
			return refuse_conf(
			        "lcore %u is the main lcore, which may be a worker only if it is the only one; give EAL more lcores (-l)",
			        lcore);
		for (unsigned k = 0; k < i; k++) {
			if (conf->lcore[k] == lcore)
				return refuse_conf(
				        "lcore %u is given to two workers; name another",
				        lcore);
		}
	}
	return 0;
}

/* Half of a pool must stay free of held packets. A worker whose packets are all held, or are in
 * its ports' queues, receives none, and no ACK would ever release the held ones. A pool
 * has 2^n - 1 packets. */
static int
check_pools(const struct engine_conf *conf)
{
	uint32_t kept = conf->stack.max_kept != 0 ? conf->stack.max_kept : DEFAULT_KEPT;

	for (unsigned i = 0; i < conf->nworkers; i++) {
		if (conf->pool[i] == NULL)
			return refuse_conf("worker %u has no packet pool", i);
		if (2 * (uint64_t)kept > (uint64_t)conf->pool[i]->size + 1)
			return refuse_conf(
			        "max_kept may be half of the smallest pool, which has %u packets; lower max_kept, or make larger pools",
			        conf->pool[i]->size);
	}
	return 0;
}

static int
refuse_number(const char *what, unsigned most, unsigned number)
{
	fprintf(stderr, "engine: 1 to %u %s are possible, not %u\n", most, what, number);
	return -EINVAL;
}

static int
check_engine_conf(const struct engine_conf *conf)
{
	if (conf->nworkers == 0 || conf->nworkers > LIMIT_WORKERS)
		return refuse_number("workers", LIMIT_WORKERS, conf->nworkers);
	if (conf->nports == 0 || conf->nports > LIMIT_PORTS)
		return refuse_number("ports", LIMIT_PORTS, conf->nports);
	return check_lcores(conf) != 0 ? -EINVAL : check_pools(conf);
}

static void
worker_set_ports(struct worker *w, const struct engine_conf *conf)
{
	w->nports = w->tx.nports = conf->nports;
	for (unsigned p = 0; p < conf->nports; p++) {
		w->tx.ethdev[p] = conf->port[p].id;
		w->own[p] = conf->port[p].net.ip;
		if (conf->port[p].net.ip == 0)
			w->left_alone |= 1u << p;
		w->port[p] = (struct decode_port) {
		        .index = (uint8_t)p,
		        .rx_csum_ip = conf->port[p].rx_csum_ip,
		        .rx_csum_tcp = conf->port[p].rx_csum_tcp,
		};
	}
	w->tx.left_alone = w->left_alone;
}

/* Does the port steer flows by a table that we know? If the table or the key is not known, or
 * names a queue that no worker polls, or TCP ports are no part of the hash, source ports are
 * dealt out to the workers instead. All workers must decide alike. */
static bool
is_steered(const struct engine_port *p, unsigned nworkers)
{
	unsigned n = p->reta_size;

	if (!p->rss || !p->rss_l4 || n == 0 || n > STEER_RETA_MAX || (n & (n - 1)) != 0)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (p->reta[i] >= nworkers)
			return false;
	return true;
}

static int
make_inboxes(struct engine *e, unsigned nworkers)
{
	int err = inbox_init(&e->inboxes, nworkers);

	if (err != 0)
		fprintf(stderr,
		        "engine: no inboxes for %u workers: %s; give EAL more memory (-m)\n",
		        nworkers, strerror(-err));
	return err;
}

static int
make_steers(struct engine *e, const struct engine_conf *conf)
{
	for (unsigned i = 0; i < conf->nports; i++) {
		const struct engine_port *p = &conf->port[i];
		struct steer *s = rte_zmalloc("steer", sizeof(*s), RTE_CACHE_LINE_SIZE);

		if (s == NULL) {
			fprintf(stderr,
			        "engine: EAL has no memory for a steer table; give it more (-m)\n");
			return -ENOMEM;
		}
		if (is_steered(p, conf->nworkers))
			steer_init_rss(s, conf->nworkers, p->rss_key, p->reta, p->reta_size,
			        p->rss_l4);
		else
			steer_init_ports(s, conf->nworkers);
		e->steer[i] = s;
	}
	return 0;
}

static int
worker_set_stack_ports(const struct engine *e, struct worker *w, const struct engine_conf *conf,
        struct clock now)
{
	for (unsigned p = 0; p < conf->nports; p++) {
		struct stack_port net = conf->port[p].net;
		int err;

		if (net.ip == 0)
			continue;
		net.steer = e->steer[p];
		err = stack_set_port(w->st, (uint8_t)p, &net, now);
		if (err != 0) {
			fprintf(stderr,
			        "engine: port %u: the stack refuses its addresses or MTU: %s\n",
			        conf->port[p].id, strerror(-err));
			return err;
		}
	}
	return 0;
}

static int
worker_stack(struct engine *e, struct worker *w, const struct engine_conf *conf)
{
	struct clock now = engine_now(e);
	struct stack_io io = transmit_io(&w->tx);
	struct stack_conf sc = conf->stack;
	int err;

	sc.core = w->index;
	sc.cookie_masters = &e->masters;
	sc.cookie_beacon = &e->beacon;
	err = stack_create(&w->st, &sc, &io, (int)rte_lcore_to_socket_id(w->lcore), now);
	if (err != 0) {
		w->st = NULL;
		fprintf(stderr,
		        "engine: no stack for lcore %u: %s; ask for fewer connections, or give the machine more memory\n",
		        w->lcore, strerror(-err));
		return err;
	}
	w->counters = stack_counters(w->st);
	w->tx.counters = w->counters;
	return worker_set_stack_ports(e, w, conf, now);
}

static int
create_worker(struct engine *e, unsigned i, const struct engine_conf *conf)
{
	struct worker *w;

	w = rte_zmalloc_socket("worker", sizeof(*w), RTE_CACHE_LINE_SIZE,
	        (int)rte_lcore_to_socket_id(conf->lcore[i]));
	if (w == NULL) {
		fprintf(stderr, "engine: EAL has no memory for worker %u; give it more (-m)\n",
		        i);
		return -ENOMEM;
	}
	e->worker[i] = w;
	e->nworkers = i + 1;
	w->index = i;
	w->lcore = conf->lcore[i];
	w->clock = e->clock;
	w->tx.inboxes = conf->nworkers > 1 ? &e->inboxes : NULL;
	w->tx.pool = conf->pool[i];
	w->tx.clock = &w->clock;
	w->tx.queue = (uint16_t)i;
	w->load.lcore = w->lcore;
	worker_set_ports(w, conf);
	return worker_stack(e, w, conf);
}

/* Call the functions that wait. A function may look at any worker, so all workers still exist.
 * It can neither post another function nor open a connection, which would hear no closed(). */
static void
run_last_posts(struct engine *e)
{
	e->ending = true;
	engine_set_draining(e, 1);
	for (unsigned i = 0; i < e->nworkers; i++) {
		struct worker *w = e->worker[i];

		transmit_forget(&w->tx);
		posts_run(&w->posts, stack_core(w->st), POSTS_MAX);
	}
}

static void
destroy_worker(struct worker *w)
{
	if (w->st != NULL)
		stack_destroy(w->st);
	rte_free(w);
}

void
engine_destroy(struct engine *e)
{
	if (e == NULL)
		return;
	if (e->whole)
		run_last_posts(e);
	for (unsigned i = 0; i < e->nworkers; i++)
		destroy_worker(e->worker[i]);
	for (unsigned i = 0; i < LIMIT_PORTS; i++)
		rte_free(e->steer[i]);
	inbox_fini(&e->inboxes);
	rte_free(e);
}

/* All workers have the same masters: a flow's ACK may come to another worker than its SYN. */
static int
draw_cookie_masters(struct engine *e, const struct engine_conf *conf)
{
	uint8_t secret[16];
	int err;

	if (conf->stack.cookie_masters != NULL) {
		e->masters = *conf->stack.cookie_masters;
		return 0;
	}
	err = secret_fill(secret, sizeof(secret));
	if (err != 0) {
		fprintf(stderr, "engine: the kernel gives no random bytes: %s\n",
		        strerror(-err));
		return err;
	}
	cookie_masters_draw(&e->masters, secret);
	return 0;
}

int
engine_create(struct engine **out, const struct engine_conf *conf)
{
	struct engine *e;
	int err;

	err = check_engine_conf(conf);
	if (err != 0)
		return err;
	e = rte_zmalloc("engine", sizeof(*e), RTE_CACHE_LINE_SIZE);
	if (e == NULL) {
		fprintf(stderr, "engine: EAL has no memory for an engine; give it more (-m)\n");
		return -ENOMEM;
	}
	worker_clock_init(&e->clock);
	err = draw_cookie_masters(e, conf);
	e->own_loop = conf->own_loop;
	e->main_works = !e->own_loop && conf->lcore[0] == rte_get_main_lcore();
	if (conf->nworkers > 1 && err == 0)
		err = make_inboxes(e, conf->nworkers);
	if (conf->nworkers > 1 && err == 0)
		err = make_steers(e, conf);
	for (unsigned i = 0; i < conf->nworkers && err == 0; i++)
		err = create_worker(e, i, conf);
	if (err != 0) {
		engine_destroy(e);
		return err;
	}
	e->whole = true;
	*out = e;
	return 0;
}

int
engine_start(struct engine *e)
{
	int err;

	if (e->running)
		return -EALREADY;
	engine_set_draining(e, 0);
	for (unsigned i = 0; i < e->nworkers; i++) {
		struct worker *w = e->worker[i];

		w->tsc = rte_rdtsc();
		w->was_busy = false;
		w->halt = false;
		if (e->main_works) {
			w->load.tid = rte_gettid();
			break;
		}
		if (e->own_loop) {
			__atomic_store_n(&w->state, WORKER_RUNS, __ATOMIC_RELEASE);
			continue;
		}
		err = rte_eal_remote_launch(worker_main, w, w->lcore);
		if (err != 0) {
			fprintf(stderr,
			        "engine: lcore %u runs another function already; name another lcore\n",
			        w->lcore);
			engine_halt(e, i);
			return err;
		}
	}
	e->running = true;
	return 0;
}
