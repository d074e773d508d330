/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions of handfast/engine.h: ports, pools and workers of an embedder, created and
 * ended together. */
#include "handfast/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include "base/defaults.h"
#include "base/limits.h"
#include "drivers-glue/port.h"
#include "engine/posts.h"

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)

#define DSCP_MOST     63
#define RCV_WND_LEAST 1024
#define RCV_WND_MOST  (65535u << 14) /* RFC 7323 2.3 */

_Static_assert(RCV_WND_LEAST == 1024 && RCV_WND_MOST == 1073725440 && LIMIT_CONNS == 268435456,
        "messages below have these numbers");

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
refuse_embedder(const char *why, unsigned number)
{
	fprintf(stderr, "hf_engine_create: ");
	fprintf(stderr, why, number);
	fprintf(stderr, "\n");
	return -EINVAL;
}

/* A newer embedder's members are all 0, or mean something that is not done here. */
static int
read_conf(struct hf_engine_conf *c, const struct hf_engine_conf *given)
{
	const char *bytes = (const void *)given;

	if (given->size < sizeof(*c))
		return refuse_embedder(
		        "size is %u; set it to sizeof(struct hf_engine_conf)", given->size);
	for (uint32_t i = sizeof(*c); i < given->size; i++) {
		if (bytes[i] != 0) {
			refuse_embedder(
			        "byte %u of the configuration is not known; update libhandfast",
			        i);
			return -E2BIG;
		}
	}
	*c = *given;
	if (c->nworkers == 0)
		c->nworkers = 1;
	if (c->packets == 0)
		c->packets = DEFAULT_PACKETS;
	if (c->max_kept == 0)
		c->max_kept = RTE_MIN((c->packets + 1) / 2, (uint32_t)DEFAULT_KEPT);
	return 0;
}

/* Check numbers that the stack would refuse later, when the ports are already open. */
static int
check_embedder_numbers(const struct hf_engine_conf *c)
{
	if (c->dscp > DSCP_MOST)
		return refuse_embedder("dscp is %u; it must be 0 to 63", c->dscp);
	if (c->rcv_wnd != 0 && (c->rcv_wnd < RCV_WND_LEAST || c->rcv_wnd > RCV_WND_MOST))
		return refuse_embedder(
		        "rcv_wnd is %u; it must be 1,024 to 1,073,725,440 bytes", c->rcv_wnd);
	if (c->max_conns > LIMIT_CONNS)
		return refuse_embedder(
		        "max_conns is %u; it must be at most 268,435,456", c->max_conns);
	if (c->max_kept > (c->packets + 1) / 2)
		return refuse_embedder(
		        "max_kept is %u; it must be at most half of `packets`", c->max_kept);
	return 0;
}

static int
check_embedder_conf(const struct hf_engine_conf *c)
{
	if (c->nports == 0 || c->nports > HF_PORTS || c->ports == NULL)
		return refuse_embedder(
		        "nports is %u; it must be 1 to " TEXT(HF_PORTS), c->nports);
	if (c->nworkers > HF_WORKERS)
		return refuse_embedder(
		        "nworkers is %u; it must be 1 to " TEXT(HF_WORKERS), c->nworkers);
	if (c->nworkers > 1 && c->lcores == NULL)
		return refuse_embedder(
		        "lcores is NULL; name one for each of %u workers", c->nworkers);
	if (check_embedder_numbers(c) != 0)
		return -EINVAL;
	for (unsigned i = 0; i < c->nworkers && c->lcores != NULL; i++) {
		if (!rte_lcore_is_enabled(c->lcores[i]))
			return refuse_embedder(
			        "lcore %u does not exist; name it with EAL's -l", c->lcores[i]);
	}
	for (unsigned i = 0; i < c->nports; i++) {
		if (!rte_eth_dev_is_valid_port(c->ports[i].id))
			return refuse_embedder(
			        "there is no port %u; give EAL a device with --vdev or -a",
			        c->ports[i].id);
		if (port_is_member(c->ports[i].id))
			return refuse_embedder(
			        "port %u is a member of a bond; name the bond instead",
			        c->ports[i].id);
	}
	return 0;
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

int
hf_engine_create(struct hf_engine **out, const struct hf_engine_conf *given)
{
	struct hf_engine_conf c;
	struct engine_conf *ec;
	struct hf_engine *e;
	int err;

	if (!is_control_thread()) {
		say_not_now("hf_engine_create");
		return -EPERM;
	}
	err = read_conf(&c, given);
	if (err != 0 || (err = check_embedder_conf(&c)) != 0)
		return err;
	e = calloc(1, sizeof(*e));
	ec = calloc(1, sizeof(*ec));
	err = e != NULL && ec != NULL ? open_pools(e, &c, ec) : -ENOMEM;
	if (err == 0)
		err = open_ports(e, &c, ec);
	if (err == 0) {
		set_stack(&ec->stack, &c);
		ec->own_loop = c.own_loop;
		err = engine_create(&e->engine, ec);
	}
	free(ec);
	if (err != 0) {
		hf_engine_destroy(e);
		return err;
	}
	*out = e;
	return 0;
}

int
hf_engine_listen(struct hf_engine *e, struct hf_addr local, const struct hf_service *service,
        const void *conf)
{
	int err;

	if (!enter_control(e, "hf_engine_listen"))
		return -EPERM;
	err = engine_listen(e->engine, local.addr, local.port, service, conf);
	leave_control(e);
	return err;
}

int
hf_engine_client(struct hf_engine *e, unsigned w, const struct hf_service *service,
        const void *conf, void **self)
{
	int err;

	if (w >= e->nworkers)
		return -EINVAL;
	if (!enter_control(e, "hf_engine_client"))
		return -EPERM;
	err = engine_client(e->engine, w, service, conf, self);
	leave_control(e);
	return err;
}

void
hf_engine_client_end(struct hf_engine *e, unsigned w, void *self)
{
	if (w >= e->nworkers || self == NULL || !enter_control(e, "hf_engine_client_end"))
		return;
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
