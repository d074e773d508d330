/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls of the main core, and posts of any thread, to workers that are running. */
#include <errno.h>

#include <rte_cycles.h>
#include <rte_mempool.h>

#include "engine/look.h"
#include "engine/private.h"

#define POLL_TURNS 64 /* turns on the main core before it turns to its other work */

bool
engine_running(const struct engine *e)
{
	return e->running;
}

bool
engine_main_works(const struct engine *e)
{
	return e->main_works;
}

bool
engine_poll(struct engine *e)
{
	bool busy = false;

	if (!e->main_works || !e->running)
		return false;
	for (unsigned i = 0; i < POLL_TURNS; i++) {
		if (!worker_step(e->worker[0]))
			break;
		busy = true;
	}
	return busy;
}

enum engine_turn
engine_turn(struct engine *e, unsigned w)
{
	return worker_round(e->worker[w]);
}

int
engine_post(struct engine *e, unsigned w, void (*fn)(struct hf_core *h, void *arg), void *arg)
{
	if (fn == NULL || w >= e->nworkers)
		return -EINVAL;
	return e->ending ? -ESHUTDOWN : posts_put(&e->worker[w]->posts, fn, arg);
}

struct clock
engine_now(struct engine *e)
{
	uint64_t tsc = rte_rdtsc();
	uint64_t ns;

	if (clock_line_due(&e->clock, tsc, 0)) {
		struct clock_look now = look_now();

		clock_line_look(&e->clock, &now, e->told_ns);
		tsc = now.tsc;
	}
	ns = clock_line_ns(&e->clock, tsc);
	if (ns > e->told_ns) /* the thread may have moved to a CPU whose TSC differs */
		e->told_ns = ns;
	return clock_from_us(e->told_ns / NS_PER_MICROSECOND);
}

uint64_t
engine_tsc_hz(const struct engine *e)
{
	return clock_line_hz(&e->clock);
}

void
engine_call(struct engine *e, unsigned w, void (*fn)(struct stack *st, void *arg), void *arg)
{
	struct worker_call call = {.fn = fn, .arg = arg};

	if (e->running && !e->main_works)
		worker_call(e->worker[w], &call);
	else
		fn(e->worker[w]->st, arg);
}

void
engine_call_some(
        struct engine *e, unsigned w, bool (*fn)(struct stack *st, void *arg), void *arg)
{
	struct worker_call call = {.some = fn, .arg = arg};

	if (e->running && !e->main_works) {
		worker_call(e->worker[w], &call);
		return;
	}
	while (fn(e->worker[w]->st, arg)) {
		if (e->running)
			worker_step(e->worker[w]);
	}
}

void
engine_call_all(struct engine *e, void (*fn)(struct stack *st, void *arg), void *arg)
{
	for (unsigned i = 0; i < e->nworkers; i++)
		engine_call(e, i, fn, arg);
}

struct listen_call {
	be32 addr;
	be16 port;
	const struct hf_service *service;
	const void *conf;
	int err;
};

static void
do_listen(struct stack *st, void *arg)
{
	struct listen_call *l = arg;
	int err = stack_listen(st, l->addr, l->port, l->service, l->conf);

	if (err != 0)
		l->err = err;
}

int
engine_listen(struct engine *e, be32 addr, be16 port, const struct hf_service *service,
        const void *conf)
{
	struct listen_call l = {.addr = addr, .port = port, .service = service, .conf = conf};

	engine_call_all(e, do_listen, &l);
	return l.err;
}

struct client_call {
	const struct hf_service *service;
	const void *conf;
	void **self;
	int err;
};

static void
do_client(struct stack *st, void *arg)
{
	struct client_call *c = arg;

	c->err = stack_client(st, c->service, c->conf, c->self);
}

int
engine_client(struct engine *e, unsigned w, const struct hf_service *service, const void *conf,
        void **self)
{
	struct client_call c = {.service = service, .conf = conf, .self = self};

	engine_call(e, w, do_client, &c);
	return c.err;
}

struct end_call {
	void *self;
	uint32_t at;
	struct clock now;
};

static bool
do_client_end(struct stack *st, void *arg)
{
	struct end_call *c = arg;

	return stack_client_end_some(st, c->self, &c->at, c->now);
}

void
engine_client_end(struct engine *e, unsigned w, void *self)
{
	struct end_call c = {.self = self, .now = engine_now(e)};

	engine_call_some(e, w, do_client_end, &c);
}

struct route_call {
	be32 addr;
	struct clock now;
	uint8_t port;
	enum stack_route worst;
};

/* Is route a worse than b? FAILED is worse than ASKING: one worker has already learned that the
 * host does not answer. */
static bool
route_is_worse(enum stack_route a, enum stack_route b)
{
	static const uint8_t rank[] = {
	        [STACK_ROUTE_NONE] = 0,
	        [STACK_ROUTE_FAILED] = 1,
	        [STACK_ROUTE_ASKING] = 2,
	        [STACK_ROUTE_KNOWN] = 3,
	};

	return rank[a] < rank[b];
}

static void
do_route_to(struct stack *st, void *arg)
{
	struct route_call *c = arg;
	enum stack_route route = stack_route_to(st, c->addr, &c->port, c->now);

	if (route_is_worse(route, c->worst))
		c->worst = route;
}

enum stack_route
engine_route_to(struct engine *e, be32 addr, unsigned *port)
{
	struct route_call c = {.addr = addr, .now = engine_now(e), .worst = STACK_ROUTE_KNOWN};

	engine_call_all(e, do_route_to, &c);
	*port = c.port;
	return c.worst;
}

void
engine_usage(struct engine *e, unsigned w, struct engine_usage *out)
{
	const struct engine_usage *load = &e->worker[w]->load;

	*out = (struct engine_usage) {
	        .lcore = load->lcore,
	        .tid = __atomic_load_n(&load->tid, __ATOMIC_RELAXED),
	        .turns = counter_read(&load->turns),
	        .busy_turns = counter_read(&load->busy_turns),
	        .busy_tsc = counter_read(&load->busy_tsc),
	        .total_tsc = counter_read(&load->total_tsc),
	        .pool_in_use = rte_mempool_in_use_count(e->worker[w]->tx.pool),
	};
}

const struct counters *
engine_counters(struct engine *e, unsigned w)
{
	return e->worker[w]->counters;
}

struct syn_call {
	enum syn_cookie set;
	const struct cookie_masters *masters;
	struct clock now;
};

static void
do_set_syn_cookie(struct stack *st, void *arg)
{
	const struct syn_call *c = arg;

	stack_set_syn_cookie(st, c->set, c->now);
}

void
engine_set_syn_cookie(struct engine *e, enum syn_cookie set)
{
	struct syn_call c = {.set = set, .now = engine_now(e)};

	engine_call_all(e, do_set_syn_cookie, &c);
}

static void
do_set_when_full(struct stack *st, void *arg)
{
	const bool *refuse = arg;

	stack_set_when_full(st, *refuse);
}

void
engine_set_when_full(struct engine *e, bool refuse)
{
	engine_call_all(e, do_set_when_full, &refuse);
}

static void
do_set_cookie_keys(struct stack *st, void *arg)
{
	const struct syn_call *c = arg;

	stack_set_cookie_keys(st, c->masters, c->now);
}

void
engine_set_cookie_keys(struct engine *e, const struct cookie_masters *masters)
{
	struct syn_call c = {.masters = masters, .now = engine_now(e)};

	engine_call_all(e, do_set_cookie_keys, &c);
}

struct capture_call {
	struct capture *capture;
	struct worker *worker;
};

static void
do_set_capture(struct stack *st, void *arg)
{
	struct capture_call *c = arg;

	(void)st;
	c->worker->tx.capture = c->capture;
}

void
engine_set_capture(struct engine *e, struct capture *cap)
{
	for (unsigned i = 0; i < e->nworkers; i++) {
		struct capture_call call = {.capture = cap, .worker = e->worker[i]};

		engine_call(e, i, do_set_capture, &call);
	}
}
