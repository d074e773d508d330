/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of the program: open, start, drain, stop, close. */
#include "program/app.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rte_lcore.h>

#include "base/prf.h"
#include "engine/capture.h"
#include "program/ports.h"
#include "start/preflight.h"

/* A connection with its slot and its rare line (210), a TIME-WAIT record (34) and a neighbour
 * (64): 20.1 MB for 65,536. */
#define BYTES_PER_CONN 308
#define BYTES_PER_HALF 74 /* a half-open connection with its slot */
#define SAY_WAITING_US (3 * US_PER_SECOND / 2)

static int
find_workers(struct app *app, struct error *e)
{
	unsigned lcore;

	RTE_LCORE_FOREACH_WORKER(lcore)
	{
		if (lcore == app->foreign_lcore)
			continue;
		if (app->nworkers == LIMIT_WORKERS) {
			error_set(e, 0,
			        "there are more than %d worker cores, which is the limit",
			        LIMIT_WORKERS);
			return error_fix(e, EXIT_USAGE, "name fewer cores with -l");
		}
		app->worker[app->nworkers++].lcore = lcore;
	}
	if (app->nworkers == 0)
		app->worker[app->nworkers++].lcore = rte_get_main_lcore();
	return 0;
}

int
app_open(struct app *app, struct error *e)
{
	int code;

	code = secret_fill(app->secret, sizeof(app->secret));
	if (code != 0)
		return error_set(e, EXIT_ENVIRONMENT, "the kernel gives no random bytes: %s",
		        strerror(-code));
	code = find_workers(app, e);
	if (code == 0)
		code = ports_open(app, e);
	app->started_us = app->cleared_us = app->stats_last_us = app_now_us();
	if (code != 0)
		return code;
	if (http_conf_init(&app->http) != 0)
		return error_set(e, EXIT_ENVIRONMENT, "no memory is left for the HTTP page");
	app->http.max_conns = app->opt.max_conns;
	for (unsigned i = 0; i < IDLE_SERVICES; i++)
		app->idle[i].idle_ms = DEFAULT_IDLE_MS;
	return 0;
}

/* Adds the counters of the last run to the workers' and destroys its engine. */
static void
retire_engine(struct app *app)
{
	if (app->engine == NULL)
		return;
	for (unsigned i = 0; i < app->nworkers; i++)
		counters_sum(&app->worker[i].carried, engine_counters(app->engine, i));
	for (unsigned i = 0; i < app->nworkers; i++)
		memset(&app->worker[i].load_cleared, 0, sizeof(struct engine_usage));
	engine_destroy(app->engine);
	app->engine = NULL;
}

static void
fill_source(const struct config_source *s, struct stack_conf *conf)
{
	if (s->first == 0)
		return;
	conf->source_first = be32_to_cpu(s->first);
	conf->source_count = be32_to_cpu(s->last) - conf->source_first + 1;
	conf->port_first = be16_to_cpu(s->port_first);
	conf->port_last = be16_to_cpu(s->port_last);
}

static void
fill_conf(const struct app *app, struct engine_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->stack.max_conns = app->opt.max_conns;
	conf->stack.max_neighbours = app->opt.max_neighbours;
	conf->stack.max_kept = app->max_kept;
	memcpy(conf->stack.secret, app->secret, sizeof(app->secret));
	conf->stack.msl_ms = app->opt.time_wait_s * MS_PER_SECOND / 2;
	conf->stack.max_half_open = app->opt.syn_backlog;
	conf->stack.syn_rate = app->opt.syn_rate;
	conf->stack.syn_cookie = app->config.syn.cookie;
	conf->stack.refuse_when_full = app->config.syn.refuse;
	if (app->cookie_masters.n != 0)
		conf->stack.cookie_masters = &app->cookie_masters;
	fill_source(&app->config.source, &conf->stack);
	conf->nports = app->nports;
	for (unsigned i = 0; i < app->nports; i++) {
		conf->port[i] = app->port[i].dev;
		conf->port[i].net.ip = app->config.port[i].ip;
		conf->port[i].net.netmask = config_netmask(app->config.port[i].prefix_len);
		conf->port[i].net.gateway = app->config.port[i].gateway;
	}
	conf->nworkers = app->nworkers;
	for (unsigned i = 0; i < app->nworkers; i++) {
		conf->lcore[i] = app->worker[i].lcore;
		conf->pool[i] = app->worker[i].pool;
	}
}

static const void *
service_conf(const struct app *app, const struct hf_service *service)
{
	if (service == &service_http)
		return &app->http;
	for (unsigned i = 0; i < IDLE_SERVICES; i++)
		if (strcmp(config_idle_services[i], service->name) == 0)
			return &app->idle[i];
	return NULL;
}

static int
engine_listen_on(struct app *app, const struct config_listen *l, struct error *e)
{
	const struct hf_service *service = service_by_name(l->service);
	char text[ADDR_TEXT];
	int err = engine_listen(
	        app->engine, l->addr, l->port, service, service_conf(app, service));

	if (err == 0)
		return 0;
	return error_set(e, err, "the listener %s:%u for the service '%s' cannot be opened: %s",
	        addr_text(l->addr, text), be16_to_cpu(l->port), l->service, strerror(-err));
}

static uint64_t
neighbours_bytes(const struct engine_conf *conf)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < conf->nports; i++)
		if (conf->port[i].net.ip != 0)
			n += stack_neigh_bytes(&conf->stack, &conf->port[i].net);
	return n;
}

static void
set_too_much_memory(const struct app *app, const char *option, uint32_t n, uint64_t need,
        uint64_t have, struct error *e)
{
	error_set(e, 0,
	        "%s %u on %u core%s needs about %llu MB of memory, and the machine has %llu MB left",
	        option, n, app->nworkers, app->nworkers == 1 ? "" : "s",
	        (unsigned long long)(need >> 20), (unsigned long long)(have >> 20));
}

/* A stack allocates and faults in all of its memory at once. With too little of it the kernel's
 * OOM killer would end this program or another one. The message names the option that takes
 * most of the memory. */
static int
check_memory(const struct app *app, const struct engine_conf *conf, struct error *e)
{
	uint64_t have = preflight_free_bytes();
	uint64_t half = app->opt.syn_backlog != 0 ? app->opt.syn_backlog
	                                          : app->opt.max_conns / DEFAULT_HALF_OPEN_PART;
	uint64_t conns = (uint64_t)app->opt.max_conns * BYTES_PER_CONN;
	uint64_t macs = neighbours_bytes(conf), need;

	half *= BYTES_PER_HALF;
	need = (conns + half + macs) * app->nworkers;
	if (have == 0 || need <= have)
		return 0;
	if (conf->stack.max_neighbours != 0 && macs > conns && macs > half) {
		set_too_much_memory(
		        app, "--max-neighbours", conf->stack.max_neighbours, need, have, e);
		return error_fix(e, -ENOMEM, "--max-neighbours 65536");
	}
	if (half > conns) {
		set_too_much_memory(app, "--syn-backlog", app->opt.syn_backlog, need, have, e);
		return error_fix(e, -ENOMEM, "--syn-backlog 65536");
	}
	set_too_much_memory(app, "--max-conns", app->opt.max_conns, need, have, e);
	return error_fix(e, -ENOMEM, "--max-conns %llu",
	        (unsigned long long)((double)have / 2 * app->opt.max_conns / (double)need));
}

static int
fill_engine(struct app *app, struct error *e)
{
	struct engine_conf conf;
	int err;

	fill_conf(app, &conf);
	err = check_memory(app, &conf, e);
	if (err != 0)
		return err;
	err = engine_create(&app->engine, &conf);
	if (err != 0) {
		app->engine = NULL;
		error_set(e, 0, "the stack could not be created: %s", strerror(-err));
		return err == -ENOMEM
		               ? error_fix(e, err, "give a smaller --max-conns behind `--`")
		               : err;
	}
	for (unsigned i = 0; i < app->config.nlisten && err == 0; i++)
		err = engine_listen_on(app, &app->config.listen[i], e);
	return err;
}

int
app_start(struct app *app, struct error *e)
{
	int err;

	if (app_running(app))
		return error_set(e, -EALREADY, "the stack is running already");
	err = config_check(&app->config, e);
	if (err != 0)
		return err;
	retire_engine(app);
	err = fill_engine(app, e);
	if (err == 0) {
		if (app->capture != NULL)
			engine_set_capture(app->engine, app->capture);
		err = engine_start(app->engine);
		if (err != 0)
			error_set(e, err, "the worker cores did not start: %s", strerror(-err));
	}
	if (err != 0 && app->engine != NULL) {
		engine_destroy(app->engine);
		app->engine = NULL;
	}
	return err;
}

static void
say_unsent(const struct app *app)
{
	uint64_t n = engine_unsent_resets(app->engine);

	if (n > 0)
		printf("%" PRIu64
		       " reset%s could not be sent; the peers wait for their timeouts\n",
		        n, n == 1 ? "" : "s");
}

void
app_stop(struct app *app)
{
	app->above->load_cut(app);
	engine_stop(app->engine);
	app->above->tend(app);
	say_unsent(app);
}

struct drain {
	struct app *app;
	unsigned heard;  /* the number of signals before the drain */
	uint64_t say_us; /* when to print that the program waits; 0: it is printed */
	uint64_t end_us; /* when the wait ends */
};

/* A message, because the program would seem to hang without one. */
static void
say_waiting(struct drain *d, uint64_t now_us)
{
	unsigned conns = 0;

	for (unsigned w = 0; w < d->app->nworkers; w++)
		conns += app_usage(d->app, w).conns;
	app_unasked_begin(d->app);
	printf("waiting for %u connection%s to end, %.0f s at most; Ctrl-C cuts them off\n",
	        conns, conns == 1 ? "" : "s", (double)(d->end_us - now_us) / US_PER_SECOND);
	fflush(stdout);
	app_unasked_end(d->app);
	d->say_us = 0;
}

static bool
drain_poll(void *ctx)
{
	struct drain *d = ctx;
	uint64_t now_us = app_now_us();

	d->app->above->tend(d->app);
	if (d->say_us != 0 && now_us >= d->say_us && now_us < d->end_us)
		say_waiting(d, now_us);
	return signals_seen() > d->heard;
}

unsigned
app_drain(struct app *app, uint32_t ms, unsigned heard)
{
	uint64_t now_us = app_now_us();
	struct drain d = {.app = app,
	        .heard = heard,
	        .say_us = now_us + SAY_WAITING_US,
	        .end_us = now_us + (uint64_t)ms * US_PER_MILLISECOND};
	unsigned cut;

	app->above->load_cut(app);
	cut = engine_drain(app->engine, ms, drain_poll, &d);

	app->above->tend(app);
	say_unsent(app);
	return cut;
}

int
app_listen(struct app *app, const struct value *endpoint, const char *service, struct error *e)
{
	struct config *c = &app->config;
	int err = config_add_listen(c, endpoint->addr, endpoint->port, service, e);

	if (err != 0 || !app_running(app))
		return err;
	err = engine_listen_on(app, &c->listen[c->nlisten - 1], e);
	if (err != 0)
		config_drop_last_listen(c);
	return err;
}

void
app_close(struct app *app)
{
	app->above->load_free(app);
	if (app_running(app))
		app_stop(app);
	app_capture_stop(app);
	retire_engine(app);
	ports_close(app);
	if (app->http.body != NULL)
		http_conf_free(&app->http);
}
