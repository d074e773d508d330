/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_version.h>

#include "control/cli.h"
#include "control/loop.h"
#include "control/out.h"
#include "control/prompt.h"
#include "control/script.h"
#include "control/status.h"
#include "demo/demo.h"
#include "load/report/report_main.h"
#include "load/run/run.h"
#include "program/app.h"
#include "start/eal_explain.h"
#include "start/eal_start.h"
#include "start/preflight.h"
#include "start/runtime.h"
#include "text/document.h"

static int
complain(const struct error *e, int code)
{
	if (e->what[0] == '\0' && e->fix[0] == '\0')
		return code;
	fflush(stdout);
	error_print(stderr, NULL, e);
	return code;
}

/* Loads that a signal cut off did not do what was asked of them. */
static int
run_script(struct app *app, const struct script *s)
{
	unsigned i;

	for (i = 0; i < s->n && !app->quit && signals_seen() == 0; i++) {
		struct where where = {s->path, i + 1};

		int err = cli_run(app, s->line[i], &where);

		if (err < 0)
			return cli_code(err);
	}
	if (i < s->n && !app->quit && s->loads)
		app_failed(app, EXIT_MISSED);
	return 0;
}

/* The file is where the missing address goes. */
static void
name_the_file(const struct app *app, struct error *e)
{
	struct error said = *e;

	if (app->opt.cmdline_file != NULL)
		error_fix(e, 0, "in %s: %s", app->opt.cmdline_file, said.fix);
	else
		error_fix(e, 0,
		        "%s, in a file that --cmdline-file names, or at the prompt (-i)",
		        said.fix);
}

/* Without a prompt nobody could say `start`. */
static int
auto_start(struct app *app, struct error *e)
{
	int err;

	if (app->quit || app_running(app) || signals_seen() > 0)
		return 0;
	if (app->opt.interactive && !app->opt.auto_start) {
		report_banner(app, false);
		return 0;
	}
	err = app_start(app, e);
	if (err == -EDESTADDRREQ)
		name_the_file(app, e);
	if (err != 0)
		return cli_code(err);
	report_banner(app, false);
	return 0;
}

/* Of a program that ended in order. A file of loads that was cut short did not do what was
 * asked of it. */
static int
code_at_end(const struct app *app)
{
	int code = app->failed != 0 ? app->failed : load_run_code(app);

	if (code == 0 && app->load != NULL && !app->opt.interactive && signals_seen() > 0)
		return EXIT_MISSED;
	return code;
}

static int
serve(struct app *app, struct error *e)
{
	int code = auto_start(app, e);

	if (code != 0)
		return code;
	if (app->opt.interactive && !app->quit) {
		printf("type help for the commands, quit or Ctrl-C to end\n");
		app->prompt = prompt_open(app);
		if (app->prompt == NULL)
			return EXIT_ENVIRONMENT;
	}
	if (app->opt.interactive || app->load == NULL) /* else all is done that was asked for */
		loop_run(app);
	prompt_close(app->prompt);
	app->prompt = NULL;
	loop_end(app);
	app_capture_stop(app);
	report_totals(app);
	return code_at_end(app);
}

/* For whoever reads what we say, where no packets wait for this core. */
static bool
may_wait(void *ctx)
{
	const struct app *app = ctx;

	return !app_running(app) || !engine_main_works(app->engine);
}

static const char *
said_of(void *log, const char *device, char *text, size_t size)
{
	return eal_explain_device(log, device, text, size);
}

/* EAL, and its ports. */
static int
open_all(struct app *app, int argc, char **argv, struct out **out, struct error *e)
{
	struct eal_log log;
	int code = eal_start(argc, argv, &log, e);

	if (code == 0) {
		signals_catch();
		*out = out_open(may_wait, app);
		if (port_check_devices(argc, argv, said_of, &log) != 0) {
			code = error_fix(e, EXIT_ENVIRONMENT,
			        "for all that EAL says: --log-level=debug");
			log.aloud = true; /* what matters of it was quoted */
		}
	}
	if (code == 0)
		code = app_open(app, e);
	eal_start_over(&log);
	return code;
}

/* From EAL on; argv is EAL's part of it. */
static int
run(struct app *app, const struct script *s, int argc, char **argv, struct error *e)
{
	struct out *out = NULL;
	int code;

	signals_catch_once(); /* EAL may take a while, and leaves files */
	code = open_all(app, argc, argv, &out, e);
	if (code != 0 && out == NULL) {
		runtime_remove(rte_eal_get_runtime_dir());
		return code;
	}
	if (code == 0)
		code = run_script(app, s);
	if (code == 0)
		code = serve(app, e);
	complain(e, code);
	app_close(app);
	rte_eal_cleanup();
	runtime_remove(rte_eal_get_runtime_dir());
	code = out_code(code, out_close(out));
	*e = (struct error) {"", ""};
	return code;
}

/* All that can be found wrong before EAL starts. */
static int
prepare(struct app *app, struct script *s, char **argv, struct error *e)
{
	struct lexicon lex = {service_names, stack_state_names};
	struct preflight *p;
	int code = 0;

	if (grammar_create(&app->grammar, command_forms, &lex) != 0)
		return error_set(e, EXIT_ENVIRONMENT, "no memory");
	if (eal_options_check(app->opt.eal_argc, argv, e) != 0)
		return EXIT_USAGE;
	if (app->opt.cmdline_file != NULL)
		code = script_load(s, app->opt.cmdline_file);
	if (code == 0)
		code = script_check(s, app->grammar);
	if (code != 0)
		return code;
	if (s->documents && !app->opt.interactive) /* a prompt and its answers are there, too */
		document_claim_stdout();
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return error_set(e, EXIT_ENVIRONMENT, "no memory");
	preflight_gather(p);
	code = preflight_judge(p, app->opt.eal_argc, argv, e);
	free(p);
	return code;
}

/* A signal ends it behind the file that is being written, and as it would have. */
static int
report(int argc, char **argv)
{
	int code;

	signals_catch();
	code = report_main(argc, argv);
	signals_obey();
	return code;
}

/* What begins without a command line of EAL's. */
static const struct way {
	const char *name;
	int (*run)(int argc, char **argv); /* with what stands behind the name */
} ways[] = {{"demo", demo_main}, {"report", report}};

static const struct way *
way_of(const char *name)
{
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	}
	return NULL;
}

/* Where one of the three is closed, the next file that is opened has its number, a TAP's
 * for example, and is read from or written to as if it were that one. */
static void
fill_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			fd = open("/",
			        O_PATH); /* nothing can be read from it, or written to it */
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	const struct way *way = argc > 1 ? way_of(argv[1]) : NULL;
	struct script script = {0};
	struct error e = {"", ""};
	struct app *app;
	int code;

	fill_standard_files();
	if (way != NULL) {
		code = way->run(argc - 2, argv + 2);
		return out_code(code, out_flush());
	}
	app = calloc(1, sizeof(*app));
	if (app == NULL)
		return EXIT_ENVIRONMENT;
	app->above = &loop_above;
	code = options_read(&app->opt, argc, argv, &e) != 0 ? EXIT_USAGE : 0;
	if (code == 0 && app->opt.help) {
		options_help(stdout);
	} else if (code == 0 && app->opt.version) {
		printf("handfast %s, %s\n", HANDFAST_VERSION, rte_version());
	} else {
		if (code == 0)
			code = prepare(app, &script, argv, &e);
		if (code == 0)
			code = run(app, &script, app->opt.eal_argc, argv, &e);
		complain(&e, code);
	}
	script_free(&script);
	grammar_destroy(app->grammar);
	free(app);
	return out_code(code, out_flush());
}
