/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions of handfast/engine.h: ports, pools and workers of an embedder, created and
 * ended together. */
#include "handfast/engine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include "base/be.h"
#include "base/limits.h"
#include "conf.h"
#include "drivers-glue/port.h"
#include "engine/posts.h"

_Static_assert(HF_WORKERS == LIMIT_WORKERS, "the public limit is the engine's");
_Static_assert(HF_POSTS == POSTS_MAX, "the public limit is the worker's");
_Static_assert((int)HF_TURN_IDLE == (int)ENGINE_TURN_IDLE &&
                       (int)HF_TURN_BUSY == (int)ENGINE_TURN_BUSY &&
                       (int)HF_TURN_HALTED == (int)ENGINE_TURN_HALTED,
        "one is cast to the other");

struct hf_engine {
	struct engine *engine;
	unsigned nworkers;
	unsigned nports; /* ports that are open */
	bool inside;     /* the control thread is in a call that may bring events */
	uint16_t port[HF_PORTS];
	uint32_t addr[HF_PORTS];             /* addresses of the ports */
	uint32_t source_first, source_count; /* as the configuration has them */
	struct rte_mempool *pool[HF_WORKERS];
};

static bool
is_control_thread(void)
{
	return rte_lcore_id() == rte_get_main_lcore();
}

static void
say_not_now(const char *call)
{
	fprintf(stderr,
	        "%s: called in an event or by another thread; call it from the thread that "
	        "started EAL, after hf_engine_poll() has returned\n",
	        call);
}

/* Returns err, having said what failed, why, and how to fix it. */
static int __attribute__((format(printf, 3, 4)))
refuse_call(const char *call, int err, const char *why, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", call);
	va_start(args, why);
	vfprintf(stderr, why, args);
	va_end(args);
	fprintf(stderr, "\n");
	return err;
}

/* True: the call may go on, and leave_control() ends it. An event that called a control
 * function would run turns in the middle of a turn. */
static bool
enter_control(struct hf_engine *e, const char *call)
{
	if (!is_control_thread() || e->inside) {
		say_not_now(call);
		return false;
	}
	e->inside = true;
	return true;
}

static void
leave_control(struct hf_engine *e)
{
	e->inside = false;
}

int
hf_eal_start(int argc, char **argv)
{
	int took = rte_eal_init(argc, argv);

	return took >= 0 ? took : -rte_errno;
}

void
hf_eal_stop(void)
{
	rte_eal_cleanup();
}

static int
open_pools(struct hf_engine *e, const struct hf_engine_conf *c, struct engine_conf *ec)
{
	ec->nworkers = e->nworkers = c->nworkers;
	for (unsigned i = 0; i < c->nworkers; i++) {
		ec->lcore[i] = c->lcores != NULL ? c->lcores[i] : rte_get_main_lcore();
		e->pool[i] = ec->pool[i] = port_pool(ec->lcore[i], c->packets);
		if (e->pool[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int
open_ports(struct hf_engine *e, const struct hf_engine_conf *c, struct engine_conf *ec)
{
	ec->nports = c->nports;
	for (unsigned i = 0; i < c->nports; i++) {
		const struct hf_port_conf *p = &c->ports[i];
		int err = port_open(p->id, c->nworkers, e->pool, &ec->port[i], NULL);

		if (err != 0)
			return err;
		e->addr[i] = p->addr;
		e->port[e->nports++] = p->id;
		ec->port[i].net.ip = p->addr;
		ec->port[i].net.netmask = p->netmask;
		ec->port[i].net.gateway = p->gateway;
	}
	return 0;
}

static void
set_stack(struct stack_conf *s, const struct hf_engine_conf *c)
{
	s->max_conns = c->max_conns;
	s->max_kept = c->max_kept;
	s->rcv_wnd = c->rcv_wnd;
	s->refuse_when_full = c->refuse_when_full;
	s->dscp = c->dscp;
	s->ttl = c->ttl;
	s->source_first = be32_to_cpu(c->source_first);
	s->source_count = c->source_count;
}

void
hf_engine_destroy(struct hf_engine *e)
{
	if (e == NULL || !enter_control(e, "hf_engine_destroy"))
		return;
	engine_destroy(e->engine);
	for (unsigned i = 0; i < e->nports; i++)
		port_close(e->port[i]);
	for (unsigned i = 0; i < e->nworkers; i++)
		rte_mempool_free(e->pool[i]);
	free(e);
}

/* Open pools and ports, and make the workers. hf_engine_destroy() ends what was made. */
static int
make_engine(struct hf_engine *e, const struct hf_engine_conf *c, struct engine_conf *ec)
{
	int err = open_pools(e, c, ec);

	if (err == 0)
		err = open_ports(e, c, ec);
	if (err != 0)
		return err;
	set_stack(&ec->stack, c);
	ec->own_loop = c->own_loop;
	e->source_first = c->source_first;
	e->source_count = c->source_count;
	return engine_create(&e->engine, ec);
}

int
hf_engine_create(struct hf_engine **out, const struct hf_engine_conf *given)
{
	struct hf_engine_conf c;
	struct engine_conf *ec;
	struct hf_engine *e;
	int err;

	if (rte_lcore_count() == 0)
		return refuse_call("hf_engine_create", -EPERM,
		        "EAL has not been started; call hf_eal_start() first");
	if (!is_control_thread()) {
		say_not_now("hf_engine_create");
		return -EPERM;
	}
	err = conf_read(&c, given);
	if (err != 0 || (err = conf_check(&c)) != 0)
		return err;
	e = calloc(1, sizeof(*e));
	ec = calloc(1, sizeof(*ec));
	err = e != NULL && ec != NULL ? make_engine(e, &c, ec)
	                              : refuse_call("hf_engine_create", -ENOMEM,
	                                        "the machine has no memory left; give it more");
	free(ec);
	if (err != 0) {
		hf_engine_destroy(e);
		return err;
	}
	*out = e;
	return 0;
}

static bool
is_our_addr(const struct hf_engine *e, uint32_t addr)
{
	for (unsigned i = 0; i < e->nports; i++) {
		if (e->addr[i] == addr)
			return true;
	}
	return be32_to_cpu(addr) - be32_to_cpu(e->source_first) < e->source_count;
}

static int
listen_on_workers(struct hf_engine *e, struct hf_addr local, const struct hf_service *service,
        const void *conf)
{
	static const char call[] = "hf_engine_listen";
	char text[CONF_ADDR_TEXT];
	int err;

	conf_addr_text(local.addr, text);
	if (local.port == 0)
		return refuse_call(call, -EINVAL, "the TCP port is 0; name one");
	if (local.addr != 0 && !is_our_addr(e, local.addr))
		return refuse_call(call, -EADDRNOTAVAIL,
		        "%s is no address of a port of this engine; name one, or 0 for any",
		        text);
	err = engine_listen(e->engine, local.addr, local.port, service, conf);
	if (err == -EADDRINUSE)
		return refuse_call(call, err,
		        "%s:%u has a listener already; name another address or TCP port", text,
		        be16_to_cpu(local.port));
	if (err != 0)
		return refuse_call(call, err,
		        "a worker does not take the service '%s': %s; its create() must succeed, and a worker has %u listeners and clients at the most",
		        service->name, strerror(-err), LIMIT_USERS);
	return 0;
}

int
hf_engine_listen(struct hf_engine *e, struct hf_addr local, const struct hf_service *service,
        const void *conf)
{
	int err;

	if (!enter_control(e, "hf_engine_listen"))
		return -EPERM;
	err = listen_on_workers(e, local, service, conf);
	leave_control(e);
	return err;
}

static int
refuse_worker(const struct hf_engine *e, const char *call, unsigned w)
{
	return refuse_call(
	        call, -EINVAL, "there is no worker %u; name 0 to %u", w, e->nworkers - 1);
}

int
hf_engine_client(struct hf_engine *e, unsigned w, const struct hf_service *service,
        const void *conf, void **self)
{
	static const char call[] = "hf_engine_client";
	int err;

	if (!enter_control(e, call))
		return -EPERM;
	err = w < e->nworkers ? engine_client(e->engine, w, service, conf, self)
	                      : refuse_worker(e, call, w);
	leave_control(e);
	if (err != 0 && w < e->nworkers)
		refuse_call(call, err,
		        "worker %u does not take the service '%s': %s; its create() must succeed, and a worker has %u listeners and clients at the most",
		        w, service->name, strerror(-err), LIMIT_USERS);
	return err;
}

void
hf_engine_client_end(struct hf_engine *e, unsigned w, void *self)
{
	static const char call[] = "hf_engine_client_end";

	if (!enter_control(e, call))
		return;
	if (w >= e->nworkers)
		refuse_worker(e, call, w);
	else if (self == NULL)
		refuse_call(call, -EINVAL,
		        "self is NULL; name the instance that hf_engine_client() gave");
	else
		engine_client_end(e->engine, w, self);
	leave_control(e);
}

int
hf_engine_start(struct hf_engine *e)
{
	int err;

	if (!enter_control(e, "hf_engine_start"))
		return -EPERM;
	err = engine_start(e->engine);
	leave_control(e);
	if (err == -EALREADY)
		refuse_call("hf_engine_start", err,
		        "the engine runs already; call hf_engine_stop() first");
	return err;
}

void
hf_engine_stop(struct hf_engine *e)
{
	if (!enter_control(e, "hf_engine_stop"))
		return;
	engine_stop(e->engine);
	leave_control(e);
}

unsigned
hf_engine_drain(struct hf_engine *e, uint32_t ms, bool (*poll)(void *ctx), void *ctx)
{
	unsigned cut;

	if (!enter_control(e, "hf_engine_drain"))
		return 0;
	cut = engine_drain(e->engine, ms, poll, ctx);
	leave_control(e);
	return cut;
}

bool
hf_engine_running(const struct hf_engine *e)
{
	return engine_running(e->engine);
}

bool
hf_engine_poll(struct hf_engine *e)
{
	bool busy;

	if (!enter_control(e, "hf_engine_poll"))
		return false;
	busy = engine_poll(e->engine);
	leave_control(e);
	return busy;
}

enum hf_turn
hf_worker_turn(struct hf_engine *e, unsigned w)
{
	return w < e->nworkers ? (enum hf_turn)engine_turn(e->engine, w) : HF_TURN_HALTED;
}

int
hf_thread_enter(void)
{
	if (rte_lcore_id() != LCORE_ID_ANY)
		return -EINVAL;
	return rte_thread_register() == 0 ? 0 : -rte_errno;
}

void
hf_thread_leave(void)
{
	rte_thread_unregister();
}

int
hf_post(struct hf_engine *e, unsigned w, void (*fn)(struct hf_core *h, void *arg), void *arg)
{
	return engine_post(e->engine, w, fn, arg);
}

static struct hf_stats
read_stats(struct hf_engine *e, unsigned w)
{
	struct counters c = {.rx_packets = 0};
	struct engine_usage load;
	struct hf_stats s;

	counters_sum(&c, engine_counters(e->engine, w));
	engine_usage(e->engine, w, &load);
	s = (struct hf_stats) {
	        .turns = load.turns,
	        .busy_turns = load.busy_turns,
	        .rx_packets = c.rx_packets,
	        .rx_bytes = c.rx_bytes,
	        .tx_packets = c.tx_packets,
	        .tx_bytes = c.tx_bytes,
	        .accepted = c.conn_accepted,
	        .connected = c.conn_connected,
	        .closed = c.conn_closed,
	        .reset = c.conn_reset,
	        .aborted = c.conn_aborted,
	        .timed_out = c.conn_timeout,
	        .retransmitted_segments = c.segments_retransmitted,
	        .text_bytes_in = c.text_bytes_in,
	        .text_bytes_out = c.text_bytes_out,
	        .buffers_in_use = load.pool_in_use,
	};
	for (unsigned i = 0; i < DROP_COUNT; i++)
		s.dropped += c.drop[i];
	return s;
}

int
hf_engine_stats(struct hf_engine *e, unsigned w, struct hf_stats *stats, uint32_t size)
{
	struct hf_stats s;

	if (size == 0 || w >= e->nworkers)
		return -EINVAL;
	s = read_stats(e, w);
	memset(stats, 0, size);
	memcpy(stats, &s, RTE_MIN((size_t)size, sizeof(s)));
	return 0;
}
