/* SPDX-License-Identifier: BSD-3-Clause */
/* `handfast demo`: the words of its command line, and one load against its own server. */
#include "demo/demo.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/loop.h"
#include "control/out.h"
#include "demo/eal.h"
#include "demo/server.h"
#include "load/report/report.h"
#include "load/run/run.h"
#include "program/app.h"
#include "text/document.h"
#include "text/nearest.h"

#define CLIENT_CONNS 16384
#define CONCURRENCY  256

struct demo {
	struct load_spec spec; /* the options, which are those of `load` */
	unsigned sources;
	bool scattered;
	unsigned client_cpu;
	unsigned server_cpu;
	struct demo_eal eal;
	struct demo_server server;
	struct app *app;
};

static void
print_usage(FILE *f)
{
	fputs("usage: handfast demo [duration SECONDS] [concurrency N | rate CPS] [json FILE]\n"
	      "                     [html FILE] [sources N] [scattered]\n\n"
	      "Runs client and server on two cores of this machine, over rings in memory. It needs\n"
	      "neither root nor a NIC nor hugepages. It opens short HTTP connections for 5 seconds\n"
	      "and prints a report, as `load` does.\n",
	        f);
}

static bool
take_number(const char *word, const char *text, double least, double most, double *out,
        struct error *e)
{
	char *end;

	*out = text != NULL ? strtod(text, &end) : 0;
	if (text != NULL && end != text && *end == '\0' && *out >= least && *out <= most)
		return true;
	error_set(e, 0, "demo: '%s' needs a number from %.0f to %.0f", word, least, most);
	error_fix(e, 0, "handfast demo help");
	return false;
}

/* Numbers of connections and of sources are whole. */
static bool
take_whole(const char *word, const char *text, double most, double *out, struct error *e)
{
	if (!take_number(word, text, 1, most, out, e))
		return false;
	if (*out == (double)(uint64_t)*out)
		return true;
	error_set(e, 0, "demo: '%s' needs a whole number", word);
	error_fix(e, 0, "handfast demo help");
	return false;
}

static bool
take_file(const char *word, const char *text, char out[LOAD_FILE], struct error *e)
{
	if (text != NULL && text[0] != '\0' && snprintf(out, LOAD_FILE, "%s", text) < LOAD_FILE)
		return true;
	error_set(e, 0, "demo: '%s' needs the path of a file", word);
	error_fix(e, 0, "handfast demo help");
	return false;
}

static void
refuse_demo_word(const char *word, struct error *e)
{
	static const char *const words[] = {"concurrency", "duration", "help", "html", "json",
	        "rate", "scattered", "sources", NULL};
	const char *near = nearest(word, words);

	error_set(e, 0, "demo: '%s' is not an option", word);
	if (near != NULL)
		error_fix(e, 0, "did you mean '%s'?", near);
	else
		error_fix(e, 0, "handfast demo help");
}

/* Reads one word, and its value if it has one. Returns the number of words read, or 0 after an
 * error. */
static int
take_demo_word(struct demo *d, const char *word, const char *value, struct error *e)
{
	double n;

	if (strcmp(word, "scattered") == 0) {
		d->scattered = true;
		return 1;
	}
	if (strcmp(word, "json") == 0)
		return take_file(word, value, d->spec.json, e) ? 2 : 0;
	if (strcmp(word, "html") == 0)
		return take_file(word, value, d->spec.html, e) ? 2 : 0;
	if (strcmp(word, "duration") == 0 && take_number(word, value, 1, 86400, &n, e)) {
		d->spec.duration_s = n;
	} else if (strcmp(word, "concurrency") == 0 &&
	           take_whole(word, value, CLIENT_CONNS, &n, e)) {
		d->spec.concurrency = (uint32_t)n;
	} else if (strcmp(word, "rate") == 0 && take_number(word, value, 1, 1e8, &n, e)) {
		d->spec.rate = n;
	} else if (strcmp(word, "sources") == 0 &&
	           take_whole(word, value, LIMIT_SOURCES, &n, e)) {
		d->sources = (unsigned)n;
	} else {
		if (e->what[0] == '\0')
			refuse_demo_word(word, e);
		return 0;
	}
	return 2;
}

/* Was the word given before as an option, and not as a value? Only `scattered` has no value. */
static bool
said_before(int argc, char **argv, int i)
{
	for (int k = 0; k < i && k < argc; k += strcmp(argv[k], "scattered") == 0 ? 1 : 2) {
		if (strcmp(argv[k], argv[i]) == 0)
			return true;
	}
	return false;
}

static bool
take_demo_words(struct demo *d, int argc, char **argv, struct error *e)
{
	d->spec = (struct load_spec) {
	        .url = {.kind = LOAD_HTTP,
	                .addr = DEMO_SERVER,
	                .port = cpu_to_be16(80),
	                .path = "/"},
	        .duration_s = 5,
	        .warmup_s = 1,
	        .requests = 1,
	        .close = LOAD_CLOSE_SERVER,
	        .timeout_ms = 5000,
	};
	d->sources = 1000;
	for (int i = 0, used; i < argc; i += used) {
		if (said_before(argc, argv, i)) {
			error_set(e, 0, "demo: '%s' is given twice", argv[i]);
			error_fix(e, 0, "leave out one of them");
			return false;
		}
		used = take_demo_word(d, argv[i], i + 1 < argc ? argv[i + 1] : NULL, e);
		if (used == 0)
			return false;
	}
	if (d->spec.concurrency != 0 && d->spec.rate > 0) {
		error_set(e, 0, "demo: 'concurrency' and 'rate' exclude each other");
		error_fix(e, 0, "leave out one of them");
		return false;
	}
	if (d->spec.concurrency == 0)
		d->spec.concurrency = CONCURRENCY;
	return true;
}

/* Finds the first two CPUs that this process may use. With one CPU, both are the same. */
static unsigned
find_cpus(struct demo *d)
{
	unsigned found = 0;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 0;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		if (found++ == 0)
			d->client_cpu = cpu;
		d->server_cpu = cpu;
	}
	return found;
}

static int
open_client(struct demo *d, struct error *e)
{
	struct config_port p = {.ip = DEMO_CLIENT, .prefix_len = DEMO_PREFIX, .gateway = 0};
	struct config_source *s;
	struct app *app = d->app;
	int code;

	app->foreign_lcore = DEMO_SERVER_LCORE;
	app->opt.max_conns = CLIENT_CONNS;
	app->opt.pool_size = 65535;
	code = app_open(app, e);
	if (code != 0)
		return code;
	if (config_set_port(&app->config, 0, &p, e) != 0)
		return EXIT_ENVIRONMENT;
	s = &app->config.source;
	s->first = DEMO_SOURCES;
	s->last = cpu_to_be32(be32_to_cpu(DEMO_SOURCES) + d->sources - 1);
	s->scattered = d->scattered;
	return app_start(app, e) == 0 ? 0 : EXIT_ENVIRONMENT;
}

/* Figures of the server core, printed beside those of the client. */
struct server_figures {
	struct engine_usage usage;
	uint64_t accepted;
};

static struct server_figures
read_server_figures(const struct demo *d)
{
	struct server_figures s = {
	        .accepted = engine_counters(d->server.engine, 0)->conn_accepted};

	engine_usage(d->server.engine, 0, &s.usage);
	return s;
}

static void
print_server_figures(const struct server_figures *from, const struct server_figures *to)
{
	uint64_t n = to->accepted - from->accepted;
	uint64_t busy = to->usage.busy_tsc - from->usage.busy_tsc;
	uint64_t total = to->usage.total_tsc - from->usage.total_tsc;

	if (n == 0 || total == 0)
		return;
	printf("server core: busy %.0f %%, %.0f cycles per connection (of %llu, warm-up included)\n",
	        100 * (double)busy / (double)total, (double)busy / (double)n,
	        (unsigned long long)n);
}

static int
run_demo(struct demo *d, struct error *e)
{
	struct server_figures before, after;
	/* At a rate, all connections that the client has room for may be open. */
	unsigned conns = d->spec.rate > 0 ? CLIENT_CONNS : d->spec.concurrency;
	int code = demo_server_start(&d->server, DEMO_SERVER_LCORE, conns, e);

	if (code == 0)
		code = open_client(d, e);
	if (code != 0)
		return code;
	if (signals_seen() > 0)
		return EXIT_MISSED;
	before = read_server_figures(d);
	if (load_run_start(d->app, &d->spec, e) != 0)
		return EXIT_ENVIRONMENT;
	loop_load(d->app);
	if (load_run_failed(d->app, e) != 0)
		return EXIT_ENVIRONMENT;
	after = read_server_figures(d);
	print_server_figures(&before, &after);
	code = load_run_code(d->app);
	return code == 0 && signals_seen() > 0 ? EXIT_MISSED : code;
}

/* All checks that do not need EAL. */
static int
prepare_demo(struct demo *d, struct error *e)
{
	unsigned cpus = find_cpus(d);

	if (load_report_file_check(d->spec.json, e) != 0 ||
	        load_report_file_check(d->spec.html, e) != 0)
		return EXIT_ENVIRONMENT;
	if (d->spec.json[0] != '\0' && document_same(d->spec.json, d->spec.html))
		return error_set(e, EXIT_USAGE,
		        "json and html cannot go into the same file: %s", d->spec.json);
	if (document_is_stdout(d->spec.json) || document_is_stdout(d->spec.html))
		document_claim_stdout();
	d->app = calloc(1, sizeof(*d->app));
	if (d->app == NULL || cpus == 0)
		return error_set(
		        e, EXIT_ENVIRONMENT, "no memory is left, or no CPU may be used");
	d->app->above = &loop_above;
	if (cpus == 1)
		printf("This process may use only one CPU (nproc): client and server share it,\nso the figures are not meaningful.\n\n");
	return 0;
}

static bool
asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "help") == 0 || strcmp(argv[i], "--help") == 0 ||
		        strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

/* The main core never waits for the reader of its output, because the load goes on meanwhile.
 */
static bool
demo_may_not_wait(void *ctx)
{
	(void)ctx;
	return false;
}

int
demo_main(int argc, char **argv)
{
	struct demo d = {0};
	struct error e = {"", ""};
	struct out *out = NULL;
	int code;

	if (asks_for_help(argc, argv)) {
		print_usage(stdout);
		return 0;
	}
	code = take_demo_words(&d, argc, argv, &e) ? prepare_demo(&d, &e) : EXIT_USAGE;
	if (code == 0) {
		signals_catch_once(); /* before EAL makes files, which must be removed at the
		                         end */
		code = demo_eal_start(&d.eal, d.client_cpu, d.server_cpu, &e);
		signals_catch();
		if (code == 0)
			out = out_open(demo_may_not_wait, NULL);
		if (code == 0)
			code = run_demo(&d, &e);
		app_close(d.app);
		demo_server_stop(&d.server);
		demo_eal_stop(&d.eal);
	}
	fflush(stdout);
	if (e.what[0] != '\0')
		error_print(stderr, NULL, &e);
	code = out_code(code, out_close(out));
	free(d.app);
	return code;
}
