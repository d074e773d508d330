/* SPDX-License-Identifier: BSD-3-Clause */
/* The program: options, EAL, the file of commands, the prompt, and the exit code. */
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
print_failure(const struct error *e, int code)
{
	if (e->what[0] == '\0' && e->fix[0] == '\0')
		return code;
	fflush(stdout);
	error_print(stderr, NULL, e);
	return code;
}

/* Runs the commands of the file. If a signal comes before a load has run, the exit code is that
 * of a missed expectation. */
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

/* Adds the place of the command to the fix of a missing address. */
static void
name_script_in_fix(const struct app *app, struct error *e)
{
	struct error said = *e;

	if (app->opt.cmdline_file != NULL)
		error_fix(e, 0, "in %s: %s", app->opt.cmdline_file, said.fix);
	else
		error_fix(e, 0, "%s, in the file of --cmdline-file or at the prompt (-i)",
		        said.fix);
}

/* Starts the engine, because without a prompt no user can type `start`. With a prompt it starts
 * only with --auto-start. */
static int
auto_start(struct app *app, struct error *e)
{
	int err;

	if (app->quit || app_running(app) || signals_seen() > 0)
		return 0;
	if (app->opt.interactive && !app->opt.auto_start) {
		status_banner(app, false);
		return 0;
	}
	err = app_start(app, e);
	if (err == -EDESTADDRREQ)
		name_script_in_fix(app, e);
	if (err != 0)
		return cli_code(err);
	status_banner(app, false);
	return 0;
}

/* The exit code of a program that ends in order. A file of loads that a signal has cut short
 * has missed an expectation. */
static int
final_code(const struct app *app)
{
	int code = app->failed != 0 ? app->failed : load_run_code(app);

	if (code == 0 && app->load != NULL && !app->opt.interactive && signals_seen() > 0)
		return EXIT_MISSED;
	return code;
}

static int
serve_until_end(struct app *app, struct error *e)
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
	if (app->opt.interactive || app->load == NULL) /* after a load nothing is left to do */
		loop_run(app);
	prompt_close(app->prompt);
	app->prompt = NULL;
	loop_end(app);
	app_capture_stop(app);
	status_totals(app);
	return final_code(app);
}

/* The main core may wait for the reader of its output if it does not process packets. */
static bool
main_core_may_wait(void *ctx)
{
	const struct app *app = ctx;

	return !app_running(app) || !engine_main_works(app->engine);
}

static const char *
device_log_lines(void *log, const char *device, char *text, size_t size)
{
	return eal_explain_device(log, device, text, size);
}

/* Starts EAL and opens the ports. */
static int
open_program(struct app *app, int argc, char **argv, struct out **out, struct error *e)
{
	struct eal_log log;
	int code = eal_start(argc, argv, &log, e);

	if (code == 0) {
		signals_catch();
		*out = out_open(main_core_may_wait, app);
		if (port_check_devices(argc, argv, device_log_lines, &log) != 0) {
			code = error_fix(e, EXIT_ENVIRONMENT,
			        "--log-level=debug shows the whole log of EAL");
			log.aloud = true; /* the message quotes the log, so it is not printed
			                     again */
		}
	}
	if (code == 0)
		code = app_open(app, e);
	eal_start_over(&log);
	return code;
}

/* Runs the program from the start of EAL to its end. argv is EAL's part. */
static int
run_program(struct app *app, const struct script *s, int argc, char **argv, struct error *e)
{
	struct out *out = NULL;
	int code;

	signals_catch_once(); /* the start of EAL may take long, and it leaves files */
	code = open_program(app, argc, argv, &out, e);
	if (code != 0 && out == NULL) {
		runtime_remove(rte_eal_get_runtime_dir());
		return code;
	}
	if (code == 0)
		code = run_script(app, s);
	if (code == 0)
		code = serve_until_end(app, e);
	print_failure(e, code);
	app_close(app);
	rte_eal_cleanup();
	runtime_remove(rte_eal_get_runtime_dir());
	code = out_code(code, out_close(out));
	*e = (struct error) {"", ""};
	return code;
}

/* All checks that do not need EAL. */
static int
check_before_eal(struct app *app, struct script *s, char **argv, struct error *e)
{
	struct lexicon lex = {service_names, stack_state_names};
	struct preflight *p;
	int code = 0;

	if (grammar_create(&app->grammar, command_forms, &lex) != 0)
		return error_set(e, EXIT_ENVIRONMENT, "no memory is left");
	if (eal_options_check(app->opt.eal_argc, argv, e) != 0)
		return EXIT_USAGE;
	if (app->opt.cmdline_file != NULL)
		code = script_load(s, app->opt.cmdline_file);
	if (code == 0)
		code = script_check(s, app->grammar);
	if (code != 0)
		return code;
	if (s->documents && !app->opt.interactive) /* a prompt needs standard output, too */
		document_claim_stdout();
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return error_set(e, EXIT_ENVIRONMENT, "no memory is left");
	preflight_gather(p);
	code = preflight_judge(p, app->opt.eal_argc, argv, e);
	free(p);
	return code;
}

/* A signal ends the program after the file that is being written. */
static int
run_report(int argc, char **argv)
{
	int code;

	signals_catch();
	code = report_main(argc, argv);
	signals_obey();
	return code;
}

/* Subprograms, which have no options of EAL. */
static const struct subprogram {
	const char *name;
	int (*run)(int argc, char **argv); /* gets the words behind the name */
} subprograms[] = {{"demo", demo_main}, {"report", run_report}};

static const struct subprogram *
find_subprogram(const char *name)
{
	for (unsigned i = 0; i < sizeof(subprograms) / sizeof(subprograms[0]); i++) {
		if (strcmp(subprograms[i].name, name) == 0)
			return &subprograms[i];
	}
	return NULL;
}

/* Opens the standard files that are closed. Otherwise the next file that the program opens, for
 * example a TAP's, would get the number and be used as a standard file. */
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
	const struct subprogram *sub = argc > 1 ? find_subprogram(argv[1]) : NULL;
	struct script script = {0};
	struct error e = {"", ""};
	struct app *app;
	int code;

	fill_standard_files();
	if (sub != NULL) {
		code = sub->run(argc - 2, argv + 2);
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
			code = check_before_eal(app, &script, argv, &e);
		if (code == 0)
			code = run_program(app, &script, app->opt.eal_argc, argv, &e);
		print_failure(&e, code);
	}
	script_free(&script);
	grammar_destroy(app->grammar);
	free(app);
	return out_code(code, out_flush());
}
