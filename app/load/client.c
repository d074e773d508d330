/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/client.h"

#include <errno.h>

#include "base/arena.h"
#include "load/exchange.h"

/* In one turn, so that what has been opened gets its share of the core, and a
 * backlog does not come as a burst that fills the transmit queue. */
#define OPENS_A_TURN 64u
#define ENDS_A_TURN  256u
/* After hf_connect() has failed: another try costs as much and counts as another
 * error; a port may be free again in a while. */
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

/* Could not be opened, and will not be tried again. */
static void
count_lost(struct load_client *l, enum load_error error)
{
	if (!l->open_loop)
		counter_add(&l->tally.intended, 1);
	counter_add(&l->tally.attempted, 1);
	counter_add(&l->tally.error[error], 1);
	l->opened++;
}

static void
count_opened(struct load_client *l)
{
	if (!l->open_loop)
		counter_add(&l->tally.intended, 1);
	counter_add(&l->tally.attempted, 1);
	counter_add(&l->tally.open, 1);
	l->opened++;
}

static void
judge_failure(struct load_client *l, uint64_t now_us, int err)
{
	switch (err) {
	case -ENOBUFS: /* tried again in each turn, and counted once */
		counter_add(&l->tally.put_off, l->put_off != l->opened + 1);
		l->put_off = l->opened + 1;
		return;
	case -ESHUTDOWN:
		l->halted = true;
		return;
	case -EADDRNOTAVAIL:
		count_lost(l, LOAD_ERROR_no_source);
		break;
	default:
		count_lost(l, LOAD_ERROR_unreachable);
		break;
	}
	l->rest_until_us = now_us + REST_US;
}

static int
connect_one(struct load_client *l, struct hf_core *h, uint64_t now_us, uint64_t start_us)
{
	struct load_conn *x = conns_take(&l->conns);
	struct hf_open how = {.peer = l->peer, .ctx = x};
	int err;

	if (x == NULL)
		return -ENOBUFS;
	how.local.addr = sources_next(&l->sources);
	err = hf_connect(h, &l->exchange->events, l, &how, &x->c);
	if (err != 0) {
		conns_give(&l->conns, x);
		return err;
	}
	x->start_us = (uint32_t)start_us;
	x->opened_us = (uint32_t)now_us;
	x->phase = CONNS_OPENING;
	x->error = LOAD_ERROR_COUNT;
	x->flags = pace_steady(&l->pace, start_us) ? CONNS_STEADY : 0;
	conns_queue(&l->conns, x);
	return 0;
}

/* False: no more in this turn. */
static bool
open_one(struct load_client *l, struct hf_core *h, uint64_t now_us, uint64_t start_us)
{
	int err = connect_one(l, h, now_us, start_us);

	if (err == 0)
		count_opened(l);
	else
		judge_failure(l, now_us, err);
	return err == 0;
}

static void
open_due(struct load_client *l, struct hf_core *h, uint64_t now_us)
{
	uint64_t due = pace_due(&l->pace, now_us);
	unsigned left = OPENS_A_TURN;

	if (due != l->tally.intended)
		counter_add(&l->tally.intended, due - l->tally.intended);
	if (now_us < l->rest_until_us || now_us >= l->pace.end_us)
		return;
	while (l->opened < due && left-- > 0)
		if (!open_one(l, h, now_us, pace_start_us(&l->pace, l->opened)))
			return;
}

static void
open_lacking(struct load_client *l, struct hf_core *h, uint64_t now_us)
{
	uint32_t room = pace_room(&l->pace, now_us);
	unsigned left = OPENS_A_TURN;

	if (now_us < l->rest_until_us)
		return;
	while (l->tally.open < room && left-- > 0)
		if (!open_one(l, h, now_us, now_us))
			return;
}

static void
look_again(struct load_client *l, struct hf_core *h)
{
	uint32_t list = l->conns.again;
	struct load_conn *x;

	l->conns.again = CONNS_NONE;
	while ((x = conns_pop(&l->conns, &list)) != NULL) {
		if (x->phase == CONNS_GONE)
			conns_give(&l->conns, x);
		else
			l->exchange->again(l, h, x);
	}
}

/* Out of the order of opening, so that the next one can be looked at before
 * closed() comes. */
static void
cut_off(struct load_client *l, struct hf_core *h, struct load_conn *x, enum load_error error)
{
	conns_unqueue(&l->conns, x);
	exchange_fail(h, x, error, true);
}

static void
end_overdue(struct load_client *l, struct hf_core *h, uint64_t now_us)
{
	unsigned left = ENDS_A_TURN;
	struct load_conn *x;

	while ((x = conns_first(&l->conns)) != NULL && left-- > 0 &&
	        exchange_elapsed_us(now_us, x->opened_us) >= l->timeout_us)
		cut_off(l, h, x, LOAD_ERROR_timeout);
}

static void
end_all(struct load_client *l, struct hf_core *h)
{
	unsigned left = ENDS_A_TURN;
	struct load_conn *x;

	while ((x = conns_first(&l->conns)) != NULL && left-- > 0)
		cut_off(l, h, x, LOAD_ERROR_stopped);
}

static void
client_turn(struct hf_core *h, void *self)
{
	struct load_client *l = self;
	uint64_t now_us = hf_now_us(h);
	uint8_t stop = __atomic_load_n(&l->stop, __ATOMIC_RELAXED);
	bool over = stop != LOAD_GOES_ON || l->halted || now_us >= l->pace.end_us;

	if (l->conns.again != CONNS_NONE)
		look_again(l, h);
	end_overdue(l, h, now_us);
	if (stop == LOAD_CUT)
		end_all(l, h);
	if (stop == LOAD_GOES_ON && !l->halted && l->open_loop)
		open_due(l, h, now_us);
	else if (!over)
		open_lacking(l, h, now_us);
	if (over && l->tally.open == 0 && !l->done)
		__atomic_store_n(&l->done, true, __ATOMIC_RELEASE);
}

static uint32_t
timeout_us(const struct load_spec *spec)
{
	uint64_t us = (uint64_t)spec->timeout_ms * 1000;

	return us == 0 || us > INT32_MAX ? INT32_MAX : (uint32_t)us;
}

static uint32_t
capacity(const struct load_client *l, const struct load_client_conf *conf)
{
	if (!l->open_loop && l->pace.most < conf->max_conns)
		return l->pace.most;
	return conf->max_conns;
}

static int
client_init(struct load_client *l, const struct load_client_conf *conf, int node)
{
	const struct load_spec *spec = conf->spec;
	int err;

	l->open_loop = spec->rate > 0;
	l->close = spec->close;
	l->requests = spec->requests > 0 ? spec->requests : 1;
	l->timeout_us = timeout_us(spec);
	l->exchange = exchange_of(spec->url.kind);
	l->accept = status_set_or_default(&spec->accept);
	l->peer = (struct hf_addr) {spec->url.addr, spec->url.port};
	pace_init(&l->pace, spec, conf->share, conf->shares, conf->begin_us);
	sources_init(&l->sources, conf->source_first, conf->source_count, conf->scattered,
	        conf->seed, conf->share, conf->shares);
	err = request_make(&l->request, spec);
	if (err != 0)
		return err;
	err = conns_create(&l->conns, capacity(l, conf), l->exchange->progress_size, node);
	if (err != 0)
		request_free(&l->request);
	return err;
}

static void *
client_create(const void *arg, int numa_node)
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
	err = client_init(l, conf, numa_node);
	if (err == 0)
		return l;
	arena_free(l, sizeof(*l));
	errno = -err;
	return NULL;
}

static void
client_destroy(void *self)
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

void
load_client_stop(struct load_client *l, bool cut)
{
	uint8_t goes_on = LOAD_GOES_ON;

	if (cut)
		__atomic_store_n(&l->stop, LOAD_CUT, __ATOMIC_RELAXED);
	else /* a cut is not taken back */
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
        .create = client_create,
        .destroy = client_destroy,
        .turn = client_turn,
};
