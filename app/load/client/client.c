/* SPDX-License-Identifier: BSD-3-Clause */
/* One core's client: opens what is due, counts, ends what is overdue, once a turn. */
#include "load/client/client.h"

#include <errno.h>

#include "base/arena.h"
#include "load/client/exchange.h"

#define ENDS_A_TURN  256u
#define AGAIN_A_TURN 256u
/* Shorter turns are counted as this long: a wait for their end is no wait. */
#define GAP_SHORT_US 1u
/* The pause after hf_connect() has failed. Another attempt costs as much and counts as another
 * error, while a port may be free again a little later. */
#define REST_US 1000u

static const struct exchange *
exchange_of(enum load_kind kind)
{
	switch (kind) {
	case LOAD_HTTP:
		return &exchange_http;
	case LOAD_TCP:
		return &exchange_tcp;
	case LOAD_ECHO:
		break;
	}
	return &exchange_echo;
}

/* `steady`: the intended start lies in the window. */
static void
count_attempted(struct load_client *l, bool steady)
{
	if (!l->open_loop) {
		counter_add(&l->tally.intended, 1);
		counter_add(&l->tally.window_due, steady);
	}
	counter_add(&l->tally.attempted, 1);
	counter_add(&l->tally.window_due_attempted, steady);
	l->opened++;
}

/* The connection could not be opened and is not tried again. In the closed loop its place is
 * free from now on for another one. */
static void
count_unopened(
        struct load_client *l, struct load_conn *x, uint64_t now_us, enum load_error error)
{
	bool steady = x->flags & CONNS_STEADY;

	count_attempted(l, steady);
	load_tally_failed(&l->tally, error, steady);
	x->start_us = (uint32_t)now_us;
	x->flags = CONNS_FREED;
	l->rest_until_us = now_us + REST_US;
}

/* The attempt is repeated in each turn and counted once. */
static void
put_conn_off(struct load_client *l)
{
	counter_add(&l->tally.put_off, l->put_off != l->opened + 1);
	l->put_off = l->opened + 1;
}

/* `was`: the flags of x before the attempt. */
static void
judge_connect_failure(
        struct load_client *l, struct load_conn *x, uint64_t now_us, uint16_t was, int err)
{
	switch (err) {
	case -ENOBUFS:
		put_conn_off(l);
		x->flags = was;
		break;
	case -ESHUTDOWN:
		l->halted = true;
		break;
	case -EADDRNOTAVAIL:
		count_unopened(l, x, now_us, LOAD_ERROR_no_source);
		break;
	default:
		count_unopened(l, x, now_us, LOAD_ERROR_unreachable);
		break;
	}
	conns_give(&l->conns, x);
}

/* Sends a SYN for x. */
static int
connect_conn(struct load_client *l, struct hf_core *h, struct load_conn *x, uint64_t now_us)
{
	struct hf_open how = {.peer = l->peer, .ctx = x};
	int err;

	how.local.addr = sources_next(&l->sources);
	err = hf_connect(h, &l->exchange->events, l, &how, &x->c);
	if (err != 0)
		return err;
	x->since_us = (uint32_t)exchange_awake_us(l, now_us);
	x->phase = CONNS_OPENING;
	x->error = LOAD_ERROR_COUNT;
	conns_queue(&l->conns, x);
	return 0;
}

/* The intended start. The open loop computes it beforehand. In the closed loop it is the
 * moment at which the place became free, or now for a place that the warm-up has added. */
static uint64_t
conn_due_us(const struct load_client *l, const struct load_conn *x, uint64_t now_us)
{
	if (l->open_loop)
		return pace_start_us(&l->pace, l->opened);
	if (x->flags & CONNS_FREED)
		return now_us - exchange_elapsed_us(now_us, x->start_us);
	return now_us;
}

static void
count_opened(struct load_client *l, struct load_conn *x, uint64_t start_us)
{
	bool steady = x->flags & CONNS_STEADY;

	count_attempted(l, steady);
	counter_add(&l->tally.open, 1);
	x->start_us = (uint32_t)start_us;
	if (steady)
		l->fresh[l->nfresh++] = x->start_us;
}

/* False: nothing more can be opened in this turn. */
static bool
open_conn(struct load_client *l, struct hf_core *h, uint64_t now_us)
{
	struct load_conn *x = conns_take(&l->conns);
	uint16_t was;
	uint64_t start_us;
	int err;

	if (x == NULL) {
		put_conn_off(l);
		return false;
	}
	start_us = conn_due_us(l, x, now_us);
	was = x->flags;
	x->flags = pace_steady(&l->pace, start_us) ? CONNS_STEADY : 0;
	err = connect_conn(l, h, x, now_us);
	if (err == 0)
		count_opened(l, x, start_us);
	else
		judge_connect_failure(l, x, now_us, was, err);
	return err == 0;
}

static void
count_due(struct load_client *l, uint64_t due)
{
	uint64_t warm = l->pace.warm_due, was = l->tally.intended;

	counter_add(&l->tally.intended, due - was);
	if (due > warm)
		counter_add(&l->tally.window_due, due - (was > warm ? was : warm));
}

static void
open_due_conns(struct load_client *l, struct hf_core *h, uint64_t now_us)
{
	uint64_t due = pace_due(&l->pace, now_us);
	unsigned left = LOAD_OPENS_A_TURN;

	if (due != l->tally.intended)
		count_due(l, due);
	if (now_us < l->rest_until_us || now_us >= l->pace.end_us)
		return;
	while (l->opened < due && left-- > 0)
		if (!open_conn(l, h, now_us))
			return;
}

static void
open_lacking_conns(struct load_client *l, struct hf_core *h, uint64_t now_us)
{
	uint32_t room = pace_room(&l->pace, now_us);
	unsigned left = LOAD_OPENS_A_TURN;

	if (now_us < l->rest_until_us)
		return;
	while (l->tally.open < room && left-- > 0)
		if (!open_conn(l, h, now_us))
			return;
}

/* The server ended a connection between two requests, so another connection sends the rest.
 * False: there is no room for it. */
static bool
conn_go_on(struct load_client *l, struct hf_core *h, struct load_conn *x, uint64_t now_us)
{
	int err;

	if (exchange_time_over(l, now_us)) {
		bool cut = l->halted || __atomic_load_n(&l->stop, __ATOMIC_RELAXED) == LOAD_CUT;

		exchange_end(l, h, x, cut ? LOAD_ERROR_stopped : LOAD_ERROR_COUNT);
		return true;
	}
	err = connect_conn(l, h, x, now_us);
	if (err == -ENOBUFS)
		return false;
	if (err == -ESHUTDOWN)
		l->halted = true;
	if (err != 0)
		exchange_end(l, h, x,
		        err == -ESHUTDOWN       ? LOAD_ERROR_stopped
		        : err == -EADDRNOTAVAIL ? LOAD_ERROR_no_source
		                                : LOAD_ERROR_unreachable);
	return true;
}

/* Handles the waiting connections in their order. If one finds no room for its request, the
 * others would not find any either. One that needs a new connection does not delay those that
 * have one. */
static void
look_at_conns_again(struct load_client *l, struct hf_core *h, uint64_t now_us)
{
	uint32_t left = l->conns.nagain < AGAIN_A_TURN ? l->conns.nagain : AGAIN_A_TURN;
	bool room = true;

	while (left-- > 0) {
		struct load_conn *x = conns_again_take(&l->conns);

		if (x->phase == CONNS_GONE) {
			x->flags = CONNS_FREED;
			conns_give(&l->conns, x);
		} else if (x->phase == CONNS_PARTED) {
			room = room && conn_go_on(l, h, x, now_us);
			if (x->phase == CONNS_PARTED)
				conns_again(&l->conns, x);
		} else if (!l->exchange->again(l, h, x)) {
			conns_again_first(&l->conns, x);
			return;
		}
	}
}

/* Counts the time between two turns, as far as it lies in the steady window. Time before it
 * that is not counted yet was short turns. */
static void
count_gap(struct load_client *l, uint64_t from_us, uint64_t to_us)
{
	uint64_t end_us = to_us < l->pace.end_us ? to_us : l->pace.end_us;
	uint64_t gap_us = to_us - from_us;

	if (end_us <= l->gaps_until_us)
		return;
	if (from_us > l->gaps_until_us)
		histogram_add_many(&l->tally.gaps, GAP_SHORT_US, from_us - l->gaps_until_us);
	else
		from_us = l->gaps_until_us;
	histogram_add_many(&l->tally.gaps, gap_us, end_us - from_us);
	l->gaps_until_us = end_us;
}

static void
note_halt(struct load_client *l, uint64_t now_us)
{
	struct load_halt halt = {.from_us = l->last.at_us,
	        .to_us = now_us,
	        .attempted = l->last.attempted,
	        .completed = l->last.completed,
	        .open = l->last.open};

	load_tally_halted(&l->tally, &halt);
}

/* Counts the last turn, now that its length is known: the SYNs of that turn left at its end,
 * and what arrived since then is handled only now. */
static void
count_last_turn(struct load_client *l, uint64_t now_us)
{
	uint64_t gap_us = now_us - l->last.at_us;

	for (unsigned i = 0; i < l->nfresh; i++)
		histogram_add(&l->tally.lateness, exchange_elapsed_us(now_us, l->fresh[i]));
	l->nfresh = 0;
	if (l->last.at_us == 0 || now_us <= l->pace.begin_us)
		return;
	if (gap_us > GAP_SHORT_US || exchange_time_over(l, now_us))
		count_gap(l, l->last.at_us, now_us);
	if (exchange_time_over(l, now_us))
		l->gaps_until_us = UINT64_MAX;
	if (gap_us >= LOAD_AWAY_US)
		counter_add(&l->tally.away_us, gap_us);
	if (gap_us >= LOAD_HALT_US)
		note_halt(l, now_us);
}

/* Removes x from the order of expiry, so that the next one can be handled before closed()
 * comes for x. */
static void
cut_conn_off(
        struct load_client *l, struct hf_core *h, struct load_conn *x, enum load_error error)
{
	conns_unqueue(&l->conns, x);
	exchange_fail(h, x, error, true);
}

/* The answer has come, and there was no room for the next request. This wait ends with the
 * window at the latest. */
static bool
conn_waits_for_us(const struct load_conn *x)
{
	return x->phase == CONNS_ASKING && (x->flags & CONNS_OWES) && (x->flags & CONNS_KEPT);
}

static void
end_overdue_conns(struct load_client *l, struct hf_core *h, uint64_t now_us)
{
	uint64_t awake_us = exchange_awake_us(l, now_us);
	unsigned left = ENDS_A_TURN;
	struct load_conn *x;

	while ((x = conns_first(&l->conns)) != NULL && left-- > 0 &&
	        exchange_elapsed_us(awake_us, x->since_us) >= l->timeout_us) {
		if (x->phase == CONNS_WHOLE && l->exchange->self_defining)
			exchange_deadline(h, l, x->c);
		else if (conn_waits_for_us(x))
			conns_renew(&l->conns, x, awake_us);
		else
			cut_conn_off(l, h, x, LOAD_ERROR_timeout);
	}
}

static void
end_all_conns(struct load_client *l, struct hf_core *h)
{
	unsigned left = ENDS_A_TURN;
	struct load_conn *x;

	while ((x = conns_first(&l->conns)) != NULL && left-- > 0)
		cut_conn_off(l, h, x, LOAD_ERROR_stopped);
}

static void
load_client_turn(struct hf_core *h, void *self)
{
	struct load_client *l = self;
	uint64_t now_us = hf_now_us(h);
	uint8_t stop = __atomic_load_n(&l->stop, __ATOMIC_RELAXED);
	bool over = exchange_time_over(l, now_us);

	l->halted_us = now_us - exchange_awake_us(l, now_us);
	l->turned_us = now_us;
	count_last_turn(l, now_us);
	if (l->conns.nagain != 0)
		look_at_conns_again(l, h, now_us);
	end_overdue_conns(l, h, now_us);
	if (stop == LOAD_CUT)
		end_all_conns(l, h);
	if (stop == LOAD_GOES_ON && !l->halted && l->open_loop)
		open_due_conns(l, h, now_us);
	else if (!over)
		open_lacking_conns(l, h, now_us);
	if (over && l->tally.open == 0 && !l->done)
		__atomic_store_n(&l->done, true, __ATOMIC_RELEASE);
	l->last.attempted = l->tally.attempted;
	l->last.completed = l->tally.completed;
	l->last.open = l->tally.open;
	__atomic_store_n(&l->last.at_us, now_us, __ATOMIC_RELEASE);
}

static uint32_t
spec_timeout_us(const struct load_spec *spec)
{
	uint64_t us = (uint64_t)spec->timeout_ms * 1000;

	return us == 0 || us > INT32_MAX ? INT32_MAX : (uint32_t)us;
}

static uint32_t
conn_capacity(const struct load_client *l, const struct load_client_conf *conf)
{
	if (!l->open_loop && l->pace.most < conf->max_conns)
		return l->pace.most;
	return conf->max_conns;
}

static int
load_client_init(struct load_client *l, const struct load_client_conf *conf, int node)
{
	const struct load_spec *spec = conf->spec;
	int err;

	l->open_loop = spec->rate > 0;
	l->close = spec->close;
	l->requests = spec->requests > 0 ? spec->requests : 1;
	l->timeout_us = spec_timeout_us(spec);
	l->exchange = exchange_of(spec->url.kind);
	l->accept = status_set_or_default(&spec->accept);
	l->peer = (struct hf_addr) {spec->url.addr, spec->url.port};
	l->repeatable = spec->url.kind == LOAD_HTTP && spec->payload == 0;
	pace_init(&l->pace, spec, conf->share, conf->shares, conf->begin_us);
	l->gaps_until_us = l->pace.steady_us;
	sources_init(&l->sources, conf->source_first, conf->source_count, conf->scattered,
	        conf->seed, conf->share, conf->shares);
	err = request_make(&l->request, spec);
	if (err != 0)
		return err;
	err = conns_create(&l->conns, conn_capacity(l, conf), l->exchange->progress_size, node);
	if (err != 0)
		request_free(&l->request);
	return err;
}

static void *
load_client_create(const void *arg, int numa_node)
{
	const struct load_client_conf *conf = arg;
	const struct load_spec *spec = conf->spec;
	struct load_client *l;
	int err;

	if (conf->shares == 0 || conf->share >= conf->shares ||
	        (spec->url.kind == LOAD_ECHO && spec->payload == 0)) {
		errno = EINVAL;
		return NULL;
	}
	l = arena_alloc(sizeof(*l), numa_node);
	if (l == NULL)
		return NULL;
	err = load_client_init(l, conf, numa_node);
	if (err == 0)
		return l;
	arena_free(l, sizeof(*l));
	errno = -err;
	return NULL;
}

static void
load_client_destroy(void *self)
{
	struct load_client *l = self;

	conns_destroy(&l->conns);
	request_free(&l->request);
	arena_free(l, sizeof(*l));
}

const struct load_tally *
load_client_tally(const struct load_client *l)
{
	return &l->tally;
}

uint64_t
load_client_turned_us(const struct load_client *l)
{
	return __atomic_load_n(&l->last.at_us, __ATOMIC_ACQUIRE);
}

void
load_client_stop(struct load_client *l, bool cut)
{
	uint8_t goes_on = LOAD_GOES_ON;

	if (cut)
		__atomic_store_n(&l->stop, LOAD_CUT, __ATOMIC_RELAXED);
	else /* a stop does not undo a cut */
		__atomic_compare_exchange_n(&l->stop, &goes_on, LOAD_STOP, false,
		        __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

bool
load_client_done(const struct load_client *l)
{
	return __atomic_load_n(&l->done, __ATOMIC_ACQUIRE);
}

const struct hf_service load_client = {
        .name = "load",
        .create = load_client_create,
        .destroy = load_client_destroy,
        .turn = load_client_turn,
};
