/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aside.h"
#include "load/environment.h"
#include "load/feasible.h"
#include "load/line.h"
#include "load/report.h"
#include "load/watch.h"
#include "prompt.h"

#define BEGIN_US        20000 /* from making the clients to their common beginning */
#define WAY_NAP_NS      5000000
#define WAY_MOST_US     (4 * US_PER_SECOND) /* three ARP requests, and some */
#define CUT_MOST_US     (US_PER_SECOND / 2)
#define PORTS_FIRST     1024
#define PORTS_LAST      65535
#define TIME_WAIT_S     60
#define SHORT_SECOND_US 100000 /* at the end: what is shorter is no second */

enum phase {
	WARM_UP,
	STEADY,
	ENDING,
};

struct load_run {
	struct load_result result;
	struct watch watch;
	enum phase phase;
	bool active;
	int code;       /* of this one and those before */
	json_t *report; /* of the last one, once it is over */
};

bool
load_run_active(const struct app *app)
{
	return app->load != NULL && app->load->active;
}

int
load_run_code(const struct app *app)
{
	return app->load != NULL ? app->load->code : 0;
}

void
load_run_free(struct app *app)
{
	if (app->load == NULL)
		return;
	json_decref(app->load->report);
	free(app->load->result.second);
	free(app->load);
	app->load = NULL;
}

static uint64_t
count_addresses(const struct config_source *s)
{
	return s->first == 0 ? 1 : be32_to_cpu(s->last) - be32_to_cpu(s->first) + 1u;
}

static uint64_t
count_ports(const struct config_source *s)
{
	unsigned first = s->port_first != 0 ? be16_to_cpu(s->port_first) : PORTS_FIRST;
	unsigned last = s->port_last != 0 ? be16_to_cpu(s->port_last) : PORTS_LAST;

	return last - first + 1u;
}

/* The arithmetic, before anything is sent. */
static int
check_feasible(const struct app *app, const struct load_spec *spec, struct error *e)
{
	struct feasible_in in = {
	        .spec = spec,
	        .addresses = count_addresses(&app->config.source),
	        .ports = count_ports(&app->config.source),
	        .time_wait_s = app->opt.time_wait_s != 0 ? app->opt.time_wait_s : TIME_WAIT_S,
	        .max_conns = (uint64_t)app->opt.max_conns * app->nworkers,
	        .cores = app->nworkers,
	};
	char text[1024] = "";
	int fits = load_feasible(&in, text, sizeof(text), e);

	if (fits >= 0 && text[0] != '\0')
		printf("%s%s", text, text[strlen(text) - 1] == '\n' ? "" : "\n");
	return fits < 0 ? fits : 0;
}

/* ARP first: a load that begins with a second's wait measures nothing. */
static enum stack_way
find_way(struct app *app, be32 addr, unsigned *port)
{
	const struct timespec nap = {.tv_nsec = WAY_NAP_NS};
	uint64_t end_us = engine_now(app->engine).us + WAY_MOST_US;
	enum stack_way way;

	while ((way = engine_way_to(app->engine, addr, port)) == STACK_WAY_ASKING &&
	        engine_now(app->engine).us < end_us) {
		app_tend(app);
		if (!engine_poll(app->engine))
			nanosleep(&nap, NULL);
	}
	return way;
}

static int
check_way(struct app *app, const struct load_spec *spec, unsigned *port, struct error *e)
{
	char text[ADDR_TEXT];

	addr_text(spec->url.addr, text);
	switch (find_way(app, spec->url.addr, port)) {
	case STACK_WAY_NONE:
		error_set(e, 0,
		        "no port leads to %s: it is on no port's network, and no port "
		        "has a gateway",
		        text);
		return error_mend(
		        e, -ENETUNREACH, "set port N ip ADDR/LEN gateway ADDR (stop first)");
	case STACK_WAY_FAILED:
	case STACK_WAY_ASKING:
		fprintf(stderr,
		        "nobody answers ARP on the way to %s (port %u): is the link up, "
		        "and the address right? It is tried all the same.\n",
		        text, *port);
		break;
	case STACK_WAY_KNOWN:
		break;
	}
	return 0;
}

static int
make_client(struct app *app, struct load_run *run, unsigned w)
{
	const struct config_source *s = &app->config.source;
	struct load_client_conf conf = {
	        .spec = &run->result.spec,
	        .share = w,
	        .shares = app->nworkers,
	        .max_conns = app->opt.max_conns,
	        .source_first = s->first != 0 ? be32_to_cpu(s->first) : 0,
	        .source_count = s->first != 0 ? (uint32_t)count_addresses(s) : 0,
	        .scattered = s->scattered,
	        .begin_us = run->watch.begin_us,
	};
	void *self;
	int err;

	memcpy(&conf.seed, app->secret, sizeof(conf.seed));
	err = engine_client(app->engine, w, &load_client, &conf, &self);
	if (err == 0)
		run->watch.client[run->watch.ncores++] = self;
	return err;
}

static void
end_clients(struct app *app, struct load_run *run)
{
	for (unsigned w = 0; w < run->watch.ncores; w++)
		engine_client_end(app->engine, w, run->watch.client[w]);
	run->watch.ncores = 0;
}

static int
make_clients(struct app *app, struct load_run *run, struct error *e)
{
	int err = 0;

	run->watch.engine = app->engine;
	run->watch.ncores = 0;
	run->watch.begin_us = engine_now(app->engine).us + BEGIN_US;
	for (unsigned w = 0; w < app->nworkers && err == 0; w++)
		err = make_client(app, run, w);
	if (err == 0)
		return 0;
	end_clients(app, run);
	error_set(e, 0, "the clients could not be made: %s", strerror(-err));
	return error_mend(e, err, "a smaller --max-conns behind `--`");
}

static void
begin(struct app *app, struct load_run *run, const struct load_spec *spec, unsigned port)
{
	int code = run->code;

	json_decref(run->report);
	free(run->result.second);
	*run = (struct load_run) {.result = {.spec = *spec}, .code = code};
	environment_fill(app, port, &run->result);
	run->result.sources = count_addresses(&app->config.source) *
	                      count_ports(&app->config.source);
	run->result.max_conns = app->opt.max_conns * app->nworkers;
}

int
load_run_start(struct app *app, const struct load_spec *spec, struct error *e)
{
	struct load_run *run = app->load;
	unsigned port = 0;
	int err;

	if (load_run_active(app)) {
		error_set(e, 0, "a load is under way");
		return error_mend(e, -EBUSY, "stop load");
	}
	err = check_feasible(app, spec, e);
	if (err == 0)
		err = check_way(app, spec, &port, e);
	if (err != 0)
		return err;
	if (run == NULL)
		run = app->load = calloc(1, sizeof(*run));
	if (run == NULL)
		return error_set(e, -ENOMEM, "no memory for a load");
	begin(app, run, spec, port);
	err = make_clients(app, run, e);
	if (err != 0)
		return err;
	run->result.ncores = run->watch.ncores;
	watch_begin(&run->watch);
	run->active = true;
	line_begin(stdout, &run->result);
	fflush(stdout);
	return 0;
}

static void
enter_ending(struct load_run *run)
{
	if (run->phase == STEADY)
		watch_window(&run->watch, &run->watch.window_end);
	run->phase = ENDING;
}

static void
stop_clients(struct load_run *run, bool cut)
{
	for (unsigned w = 0; w < run->watch.ncores; w++)
		load_client_stop(run->watch.client[w], cut);
}

int
load_run_stop(struct app *app, struct error *e)
{
	struct load_run *run = app->load;

	if (!load_run_active(app)) {
		error_set(e, 0, "no load is under way");
		return error_mend(e, -ENOENT, "load URL");
	}
	stop_clients(run, run->result.stopped); /* said again: it does not wait */
	run->result.stopped = true;
	enter_ending(run);
	return 0;
}

static bool
all_done(const struct load_run *run)
{
	for (unsigned w = 0; w < run->watch.ncores; w++)
		if (!load_client_done(run->watch.client[w]))
			return false;
	return true;
}

/* All figures, as of now. */
static void
take_stock(struct load_run *run)
{
	struct load_result *r = &run->result;

	watch_result(&run->watch, r);
	/* The clients know their window to the microsecond. */
	if (run->phase == ENDING && !r->stopped)
		r->window_s = r->spec.duration_s;
	if (r->stopped && run->watch.window_end.now_us != 0) {
		r->total.window_completed = run->watch.window_end.total.window_completed;
		r->total.window_requests = run->watch.window_end.total.window_requests;
	}
	load_judge(r);
}

struct writing {
	int (*write)(const char *path, const json_t *doc);
	const char *path;
	const json_t *doc;
};

static int
do_write(void *writing)
{
	const struct writing *w = writing;

	return w->write(w->path, w->doc);
}

static void
write_file(struct app *app, struct load_run *run, const char *path,
        int (*write)(const char *path, const json_t *doc))
{
	struct writing w = {write, path, run->report};
	int err = path[0] != '\0' ? aside_do(app, do_write, &w) : 0;

	if (err == 0)
		return;
	fprintf(stderr, "'%s' could not be written: %s\n", path, strerror(-err));
	run->code = EXIT_ENVIRONMENT;
}

static void
say_second(struct app *app, struct load_run *run)
{
	unsigned from = run->result.nseconds;

	if (!watch_second(&run->watch, &run->result))
		return;
	prompt_hide(app->prompt);
	for (unsigned i = from; i < run->result.nseconds; i++)
		line_second(stdout, &run->result, i, isatty(STDOUT_FILENO) != 0);
	prompt_redraw(app->prompt);
}

static void
finish(struct app *app, struct load_run *run)
{
	uint64_t now_us = engine_now(app->engine).us;

	if (now_us > run->watch.last.now_us + SHORT_SECOND_US)
		say_second(app, run);
	enter_ending(run);
	take_stock(run);
	end_clients(app, run);
	run->active = false;
	run->report = load_report_model(&run->result);
	if (run->code == 0 && !load_report_passed(run->report))
		run->code = EXIT_MISSED;
	prompt_hide(app->prompt);
	printf("\n");
	load_report_text(stdout, run->report);
	fflush(stdout);
	write_file(app, run, run->result.spec.json, load_report_write_json);
	write_file(app, run, run->result.spec.html, load_report_write_html);
	prompt_redraw(app->prompt);
}

void
load_run_tend(struct app *app)
{
	struct load_run *run = app->load;
	const struct load_spec *spec;
	uint64_t now_us;
	double at_s;

	if (!load_run_active(app))
		return;
	spec = &run->result.spec;
	now_us = engine_now(app->engine).us;
	if (now_us < run->watch.begin_us)
		return;
	at_s = (double)(now_us - run->watch.begin_us) / 1e6;
	if (run->phase == WARM_UP && at_s >= spec->warmup_s) {
		run->phase = STEADY;
		watch_window(&run->watch, &run->watch.window);
	}
	if (run->phase == STEADY && at_s >= spec->warmup_s + spec->duration_s)
		enter_ending(run);
	if (now_us >= run->watch.last.now_us + US_PER_SECOND &&
	        watch_ready(&run->watch, now_us))
		say_second(app, run);
	if (all_done(run))
		finish(app, run);
}

void
load_run_cut(struct app *app)
{
	const struct timespec nap = {.tv_nsec = WAY_NAP_NS / 5};
	struct load_run *run = app->load;
	uint64_t end_us;

	if (!load_run_active(app))
		return;
	run->result.stopped = true;
	stop_clients(run, true);
	enter_ending(run);
	end_us = engine_now(app->engine).us + CUT_MOST_US;
	while (!all_done(run) && engine_now(app->engine).us < end_us) {
		if (!engine_poll(app->engine))
			nanosleep(&nap, NULL);
	}
	finish(app, run);
}

json_t *
load_run_model(struct app *app, struct error *e)
{
	struct load_run *run = app->load;

	if (run == NULL || (!run->active && run->report == NULL)) {
		error_set(e, 0, "there has been no load");
		error_mend(e, 0, "load URL");
		return NULL;
	}
	if (!run->active)
		return json_incref(run->report);
	take_stock(run);
	return load_report_model(&run->result);
}
