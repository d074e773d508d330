/* SPDX-License-Identifier: BSD-3-Clause */
/* Drain and stop: tells applications, waits for peers, resets the rest, halts the workers. */
#include <time.h>

#include <rte_common.h>
#include <rte_launch.h>

#include "engine/private.h"

#define DRAIN_NAP_NS 2000000
/* The time for what remains once no data is owed: peers that have not closed their own half
 * yet, and handshakes whose ACK may be under way. */
#define DRAIN_LAST_US US_PER_SECOND
/* The longest time for resets to leave at the pace of their ports. */
#define STOP_MOST_MS 10000
/* The longest wait for the MAC of a next hop that was forgotten. */
#define STOP_ARP_MS 100

struct drain_call {
	uint32_t ms;
	struct clock now;
};

static void
do_set_draining(struct stack *st, void *arg)
{
	const struct drain_call *c = arg;

	stack_set_draining(st, c->ms, c->now);
}

void
engine_set_draining(struct engine *e, uint32_t ms)
{
	struct drain_call c = {.ms = ms, .now = engine_now(e)};

	engine_call_all(e, do_set_draining, &c);
}

/* Frames that were not sent, for any reason. */
static uint64_t
frames_unsent(const struct counters *c)
{
	return c->drop[DROP_TX_FULL] + c->drop[DROP_NO_MBUF] + c->drop[DROP_NEIGH_UNRESOLVED];
}

/* The same, and frames that wait for their port and may be lost with it. */
static uint64_t
frames_unsent_soon(const struct worker *w)
{
	uint64_t n = frames_unsent(w->counters);

	for (unsigned port = 0; port < w->nports; port++)
		n += w->tx.backlog[port].n;
	return n;
}

/* The end of one worker's connections. */
struct ending {
	struct worker_call call;
	struct worker *w;
	struct clock now;
	struct tcp_end end;
	uint64_t unsent;  /* frames_unsent_soon() before the first reset */
	uint64_t aborted; /* conn_aborted before the first reset */
	uint32_t began_ms, over_ms;
	bool begun, over;
};

static void
begin_ending(struct ending *x)
{
	x->begun = true;
	x->began_ms = x->w->tx.now_ms;
	x->aborted = x->w->counters->conn_aborted;
	x->w->tx.stuck = 0; /* a port may have room by now; a second will tell */
}

/* End some connections between two turns. Frames that wait for a port go first: a reset that
 * finds no room is lost. */
static bool
end_conns_some(struct stack *st, void *arg)
{
	struct ending *x = arg;
	const struct transmit *tx = &x->w->tx;
	bool late;

	if (!x->begun)
		begin_ending(x);
	late = tx->now_ms - x->began_ms >= STOP_MOST_MS;
	if (transmit_waits(tx) && !late)
		return true;
	if (!x->over) {
		if (x->end.conns == 0)
			x->unsent = frames_unsent_soon(x->w);
		x->over_ms = tx->now_ms;
		x->over = !stack_abort_some(st, &x->end, x->now);
		return true;
	}
	return stack_usage(st).waiting != 0 && tx->now_ms - x->over_ms < STOP_ARP_MS;
}

static void
do_last(struct stack *st, void *arg)
{
	struct ending *x = arg;
	struct transmit *tx = &x->w->tx;

	tx->last = true;
	transmit_drain(tx);
	transmit_forget(tx);
	stack_abort_all(st, x->now);
	tx->last = false;
}

/* Wait until the embedder's thread has halted. */
static void
wait_for_own_loop(struct worker *w)
{
	const struct timespec nap = {.tv_nsec = DRAIN_NAP_NS};

	while (__atomic_load_n(&w->state, __ATOMIC_ACQUIRE) != WORKER_HALTED)
		nanosleep(&nap, NULL);
}

static void
worker_halt(struct engine *e, struct worker *w)
{
	if (e->own_loop)
		__atomic_store_n(&w->state, WORKER_HALTING, __ATOMIC_RELEASE);
	else
		__atomic_store_n(&w->halt, true, __ATOMIC_RELEASE);
}

void
engine_halt(struct engine *e, unsigned launched)
{
	for (unsigned i = 0; i < launched; i++)
		worker_halt(e, e->worker[i]);
	for (unsigned i = 0; i < launched && !e->main_works; i++) {
		if (e->own_loop)
			wait_for_own_loop(e->worker[i]);
		else
			rte_eal_wait_lcore(e->worker[i]->lcore);
	}
	e->running = false;
	for (unsigned i = 0; i < e->nworkers; i++) {
		struct ending x = {.w = e->worker[i], .now = engine_now(e)};

		engine_call(e, i, do_last, &x);
	}
}

/* End the connections of all workers at the same time. */
static void
end_engine_conns(struct engine *e, struct ending *x)
{
	for (unsigned i = 0; i < e->nworkers; i++) {
		x[i] = (struct ending) {.w = e->worker[i], .now = engine_now(e)};
		x[i].call = (struct worker_call) {.some = end_conns_some, .arg = &x[i]};
		if (!e->main_works)
			worker_post(e->worker[i], &x[i].call);
	}
	if (e->main_works) {
		engine_call_some(e, 0, end_conns_some, &x[0]);
		return;
	}
	for (unsigned i = 0; i < e->nworkers; i++)
		worker_wait(e->worker[i]);
}

/* The number of resets that were not sent. Other frames may find no room either: a SYN that is
 * sent again, an ARP request. */
static uint64_t
ending_unsent_resets(const struct ending *x)
{
	const struct counters *c = x->w->counters;
	uint64_t all = frames_unsent(c);

	return RTE_MIN(all - RTE_MIN(all, x->unsent), c->conn_aborted - x->aborted);
}

/* Workers run on while connections end, so that turns send the resets. New connections are
 * refused meanwhile, as in a drain. */
void
engine_stop(struct engine *e)
{
	struct ending x[LIMIT_WORKERS];

	if (!e->running)
		return;
	end_engine_conns(e, x);
	engine_halt(e, e->nworkers);
	for (unsigned i = 0; i < e->nworkers; i++) {
		struct worker *w = e->worker[i];

		w->cut = x[i].end.cut;
		w->unsent_resets = ending_unsent_resets(&x[i]);
	}
}

uint64_t
engine_unsent_resets(const struct engine *e)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < e->nworkers; i++)
		n += e->worker[i]->unsent_resets;
	return n;
}

unsigned
engine_cut(const struct engine *e)
{
	unsigned n = 0;

	for (unsigned i = 0; i < e->nworkers; i++)
		n += e->worker[i]->cut;
	return n;
}

struct drain {
	struct tcp_owed owed[LIMIT_WORKERS];
	uint64_t quiet_us; /* no data is owed from this time on; 0: some is */
	uint32_t conns, half_open;
};

static void
do_count(struct stack *st, void *arg)
{
	struct stack_usage u = stack_usage(st);
	struct drain *d = arg;

	d->conns += u.conns;
	d->half_open += u.half_open;
}

static bool
do_owed(struct stack *st, void *arg)
{
	return stack_owed_some(st, arg);
}

static bool
is_owed(struct engine *e, struct drain *d)
{
	for (unsigned i = 0; i < e->nworkers; i++) {
		engine_call_some(e, i, do_owed, &d->owed[i]);
		if (d->owed[i].any)
			return true;
	}
	return false;
}

/* No connection is left, or none that would lose anything. */
static bool
is_drained(struct engine *e, struct drain *d, uint64_t now_us)
{
	d->conns = d->half_open = 0;
	engine_call_all(e, do_count, d);
	if (d->conns == 0 && d->half_open == 0)
		return true;
	if (d->conns != 0 && is_owed(e, d)) {
		d->quiet_us = 0;
		return false;
	}
	if (d->quiet_us == 0)
		d->quiet_us = now_us;
	return now_us - d->quiet_us >= DRAIN_LAST_US;
}

unsigned
engine_drain(struct engine *e, uint32_t ms, bool (*poll)(void *ctx), void *ctx)
{
	const struct timespec nap = {.tv_nsec = DRAIN_NAP_NS};
	struct drain d = {.quiet_us = 0};
	uint64_t now_us, end_us;

	if (!e->running)
		return 0;
	engine_set_draining(e, ms != 0 ? ms : 1);
	now_us = engine_now(e).us;
	end_us = now_us + (uint64_t)ms * US_PER_MILLISECOND;
	while (now_us < end_us && !is_drained(e, &d, now_us)) {
		if (poll != NULL && poll(ctx))
			break;
		if (!engine_poll(e))
			nanosleep(&nap, NULL);
		now_us = engine_now(e).us;
	}
	engine_stop(e);
	return engine_cut(e);
}
