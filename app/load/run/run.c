/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs one load at a time: wait, warm-up, steady window, ending, report. */
#include "load/run/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load/report/report.h"
#include "load/run/environment.h"
#include "load/run/feasible.h"
#include "load/run/line.h"
#include "load/run/ready.h"
#include "load/run/watch.h"
#include "program/aside.h"
#include "text/document.h"

#define BEGIN_US        20000 /* all clients begin this long after they are made */
#define CUT_NAP_NS      1000000
#define CUT_MOST_US     (US_PER_SECOND / 2)
#define PORTS_FIRST     1024
#define PORTS_LAST      65535
#define TIME_WAIT_S     60
#define SHORT_SECOND_US 100000 /* a shorter rest at the end gets no row */

enum phase {
	WAITING, /* no client is made yet: the link or the answer to ARP is missing */
	WARM_UP,
	STEADY,
	ENDING,
};

struct load_run {
	struct load_result result;
	struct watch watch;
	struct ready ready;
	enum phase phase;
	bool active;
	int failed; /* -errno if the load could not begin */
	struct error why;
	int code;       /* exit code of all loads so far */
	json_t *report; /* of the last load that ended */
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

/* Prints the arithmetic before anything is sent. */
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
	error_set(e, 0, "the clients of the load could not be created: %s", strerror(-err));
	return err == -ENOMEM ? error_fix(e, err, "give a smaller --max-conns behind `--`")
	                      : err;
}

static void
run_begin(struct app *app, struct load_run *run, const struct load_spec *spec,
        const struct ready *ready)
{
	int code = run->code;

	json_decref(run->report);
	free(run->result.second);
	*run = (struct load_run) {
	        .result = {.spec = *spec},
	        .watch = {.engine = app->engine, .begin_us = UINT64_MAX},
	        .ready = *ready,
	        .code = code,
	        .active = true,
	};
	environment_fill(app, ready->port, &run->result);
	run->result.sources = count_addresses(&app->config.source) *
	                      count_ports(&app->config.source);
	run->result.max_conns = app->opt.max_conns * app->nworkers;
}

/* The peer can be reached, so the clock starts. */
static int
run_launch(struct app *app, struct load_run *run, struct error *e)
{
	int err = make_clients(app, run, e);

	if (err != 0)
		return err;
	environment_fill(app, run->ready.port, &run->result);
	run->result.ncores = run->watch.ncores;
	watch_begin(&run->watch);
	run->phase = WARM_UP;
	line_begin(stdout, &run->result);
	fflush(stdout);
	return 0;
}

int
load_run_start(struct app *app, const struct load_spec *spec, struct error *e)
{
	struct load_run *run = app->load;
	struct ready ready;
	int err;

	if (load_run_active(app)) {
		error_set(e, 0, "a load is running");
		return error_fix(e, -EBUSY, "stop load");
	}
	err = check_feasible(app, spec, e);
	if (err == 0)
		err = ready_begin(&ready, app, spec->url.addr, e);
	if (err != 0)
		return err;
	if (run == NULL)
		run = app->load = calloc(1, sizeof(*run));
	if (run == NULL)
		return error_set(e, -ENOMEM, "no memory for the result of a load");
	run_begin(app, run, spec, &ready);
	if (ready.state == READY)
		err = run_launch(app, run, e);
	run->active = err == 0;
	return err;
}

static void
run_enter_ending(struct load_run *run)
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

static bool
clients_all_done(const struct load_run *run)
{
	for (unsigned w = 0; w < run->watch.ncores; w++)
		if (!load_client_done(run->watch.client[w]))
			return false;
	return true;
}

/* Brings all figures up to now. */
static void
run_take_stock(const struct app *app, struct load_run *run)
{
	struct load_result *r = &run->result;

	watch_result(&run->watch, r);
	r->port_gone = app->port[run->ready.port].removed;
	/* The clients end the window to the microsecond; the main core is some milliseconds
	 * late. */
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
do_write_report(void *writing)
{
	const struct writing *w = writing;

	return w->write(w->path, w->doc);
}

static void
write_report_file(struct app *app, struct load_run *run, const char *path,
        int (*write)(const char *path, const json_t *doc))
{
	struct writing w = {write, path, run->report};
	int err = path[0] != '\0' ? aside_do(app, do_write_report, &w) : 0;
	struct error e;

	if (err == 0)
		return;
	error_set(&e, 0, "'%s' could not be written: %s", path, document_why(err));
	error_print(stderr, NULL, &e);
	run->code = EXIT_ENVIRONMENT;
}

static void
say_second(struct app *app, struct load_run *run)
{
	unsigned from = run->result.nseconds;

	if (!watch_second(&run->watch, &run->result))
		return;
	app_unasked_begin(app);
	for (unsigned i = from; i < run->result.nseconds; i++)
		line_second(stdout, &run->result, i, isatty(STDOUT_FILENO) != 0);
	app_unasked_end(app);
}

static void
run_finish(struct app *app, struct load_run *run)
{
	uint64_t now_us = engine_now(app->engine).us;

	if (now_us > run->watch.last.now_us + SHORT_SECOND_US)
		say_second(app, run);
	run_enter_ending(run);
	run_take_stock(app, run);
	end_clients(app, run);
	run->active = false;
	run->report = load_report_model(&run->result);
	if (run->code == 0)
		run->code = load_report_code(run->report);
	app_unasked_begin(app);
	printf("\n");
	load_report_text(stdout, run->report);
	fflush(stdout);
	write_report_file(app, run, run->result.spec.json, load_report_write_json);
	write_report_file(app, run, run->result.spec.html, load_report_write_html);
	app_unasked_end(app);
}

/* The load was stopped before it began: its report has no figures. */
static void
run_finish_unbegun(struct app *app, struct load_run *run)
{
	run->result.stopped = true;
	run->watch.begin_us = engine_now(app->engine).us;
	watch_begin(&run->watch);
	run_finish(app, run);
}

int
load_run_stop(struct app *app, struct error *e)
{
	struct load_run *run = app->load;

	if (!load_run_active(app)) {
		error_set(e, 0, "no load is running");
		return error_fix(e, -ENOENT, "load URL");
	}
	if (run->phase == WAITING) {
		run_finish_unbegun(app, run);
		return 0;
	}
	stop_clients(run, run->result.stopped); /* a second `stop load` cuts connections off */
	run->result.stopped = true;
	run_enter_ending(run);
	return 0;
}

/* A command file gets the error from load_run_failed(). The prompt does not wait for the
 * load, so the error is printed here. */
static void
run_give_up(struct app *app, struct load_run *run, int err, const struct error *e)
{
	const struct where prompt = {NULL, 0};

	run->active = false;
	run->failed = err;
	run->why = *e;
	run->code = EXIT_ENVIRONMENT;
	if (app->prompt == NULL)
		return;
	app_unasked_begin(app);
	fflush(stdout);
	error_print(stderr, &prompt, e);
	app_unasked_end(app);
}

int
load_run_failed(const struct app *app, struct error *e)
{
	const struct load_run *run = app->load;

	if (run == NULL || run->failed == 0)
		return 0;
	*e = run->why;
	return run->failed;
}

static void
run_tend_waiting(struct app *app, struct load_run *run)
{
	struct error e = {"", ""};
	int err = ready_tend(&run->ready, app, &e);

	if (err == 0 && run->ready.state == READY) {
		app_unasked_begin(app);
		err = run_launch(app, run, &e);
		app_unasked_end(app);
	}
	if (err != 0)
		run_give_up(app, run, err, &e);
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
	if (run->phase == WAITING) {
		run_tend_waiting(app, run);
		return;
	}
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
		run_enter_ending(run);
	if (now_us >= run->watch.last.now_us + US_PER_SECOND &&
	        watch_ready(&run->watch, now_us))
		say_second(app, run);
	if (clients_all_done(run))
		run_finish(app, run);
}

void
load_run_cut(struct app *app)
{
	const struct timespec nap = {.tv_nsec = CUT_NAP_NS};
	struct load_run *run = app->load;
	uint64_t end_us;

	if (!load_run_active(app))
		return;
	if (run->phase == WAITING) {
		run_finish_unbegun(app, run);
		return;
	}
	run->result.stopped = true;
	stop_clients(run, true);
	run_enter_ending(run);
	end_us = engine_now(app->engine).us + CUT_MOST_US;
	while (!clients_all_done(run) && engine_now(app->engine).us < end_us) {
		if (!engine_poll(app->engine))
			nanosleep(&nap, NULL);
	}
	run_finish(app, run);
}

json_t *
load_run_model(struct app *app, struct error *e)
{
	struct load_run *run = app->load;
	char text[READY_TEXT];
	json_t *doc;

	if (load_run_failed(app, e) != 0)
		return NULL;
	if (run == NULL || (!run->active && run->report == NULL)) {
		error_set(e, 0, "there has been no load");
		error_fix(e, 0, "load URL");
		return NULL;
	}
	if (!run->active)
		return json_incref(run->report);
	run_take_stock(app, run);
	doc = load_report_model(&run->result);
	if (doc != NULL && run->phase == WAITING)
		json_object_set_new(
		        doc, "waiting_for", json_string(ready_text(&run->ready, text)));
	return doc;
}
