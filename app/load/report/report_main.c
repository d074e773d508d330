/* SPDX-License-Identifier: BSD-3-Clause */
/* The command `handfast report`. */
#include "load/report/report_main.h"

#include <stdlib.h>
#include <string.h>

#include "load/report/report.h"
#include "text/document.h"
#include "text/error.h"
#include "text/nearest.h"

#define USAGE "handfast report merge A.json [B.json ...] [json FILE] [html FILE]"

/* The parsed command line. */
struct merge {
	char *const *file;
	unsigned n;
	const char *json; /* NULL: no JSON file */
	const char *html; /* NULL: no HTML file */
};

static int
report_complain(const struct error *e, int code)
{
	fflush(stdout);
	error_print(stderr, NULL, e);
	return code;
}

static int
print_report_help(void)
{
	fputs("usage: " USAGE "\n\n"
	      "Adds the reports that `load ... json FILE` wrote on several machines at the same\n"
	      "time: counts, rates and the buckets of latencies. Prints the sum, and writes it to\n"
	      "the files after `json` and `html`. One of them may be -, which is standard output.\n"
	      "A single report is printed, or written as a page.\n\n"
	      "Exit codes: 0 passed; 1 an expectation was missed or too many attempts failed;\n"
	      "2 a file cannot be written, or an expectation cannot be measured here; 3 wrong\n"
	      "usage, a file that is no report, or a load that would be counted twice.\n",
	        stdout);
	return 0;
}

/* The error for a word that is no file, `json` or `html`. */
static int
unknown_option(const char *word, struct error *e)
{
	static const char *const known[] = {"json", "html", NULL};
	const char *near = nearest(word + strspn(word, "-"), known);

	error_set(e, 0, "there is no option '%s'", word);
	if (near != NULL)
		return error_fix(e, EXIT_USAGE, "did you mean '%s FILE'?", near);
	return error_fix(e, EXIT_USAGE, USAGE);
}

/* Takes `json FILE` or `html FILE` at argv[i]. */
static int
take_output(const char **out, int argc, char *const *argv, int i, struct error *e)
{
	if (*out != NULL)
		return error_set(e, EXIT_USAGE, "'%s' is given twice", argv[i]);
	if (i + 1 == argc) {
		error_set(e, 0, "the FILE after '%s' is missing", argv[i]);
		return error_fix(e, EXIT_USAGE, USAGE);
	}
	*out = argv[i + 1];
	return 0;
}

/* The reports come first, then the files to write. */
static int
read_merge_words(struct merge *m, int argc, char *const *argv, struct error *e)
{
	int code = 0, i = 0;

	m->file = argv;
	for (; i < argc && code == 0; i++) {
		if (strcmp(argv[i], "json") == 0)
			code = take_output(&m->json, argc, argv, i++, e);
		else if (strcmp(argv[i], "html") == 0)
			code = take_output(&m->html, argc, argv, i++, e);
		else if (argv[i][0] == '-')
			code = unknown_option(argv[i], e);
		else if (m->json != NULL || m->html != NULL)
			code = error_set(e, EXIT_USAGE,
			        "'%s' is in the wrong place: reports stand before `json` and `html`",
			        argv[i]);
		else
			m->n++;
	}
	if (code == 0 && m->n == 0) {
		error_set(e, 0, "the reports to merge are missing");
		code = error_fix(e, EXIT_USAGE, USAGE);
	}
	return code;
}

/* No output may overwrite a report that is read, and the outputs must differ. */
static int
check_outputs(const struct merge *m, struct error *e)
{
	const char *const out[] = {m->json, m->html}, *const name[] = {"json", "html"};

	if (m->json != NULL && m->html != NULL && document_same(m->json, m->html))
		return error_set(e, EXIT_USAGE,
		        "json and html cannot be written to the same file: %s", m->json);
	for (unsigned o = 0; o < 2; o++) {
		for (unsigned i = 0; out[o] != NULL && i < m->n; i++) {
			if (!document_same(out[o], m->file[i]))
				continue;
			error_set(e, 0, "'%s' is one of the reports, and would be overwritten",
			        out[o]);
			return error_fix(
			        e, EXIT_USAGE, "name another file behind `%s`", name[o]);
		}
	}
	return 0;
}

static void
release_reports(json_t **docs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		json_decref(docs[i]);
	free(docs);
}

/* Reads all reports and adds them: 0 or an exit code. */
static int
read_and_add(const struct merge *m, json_t **sum, struct error *e)
{
	json_t **docs = calloc(m->n, sizeof(*docs));
	char why[256] = "";
	unsigned n;

	if (docs == NULL)
		return error_set(e, EXIT_ENVIRONMENT, "no memory");
	for (n = 0; n < m->n; n++) {
		docs[n] = load_report_read(m->file[n], why, sizeof(why));
		if (docs[n] == NULL)
			break;
	}
	if (n < m->n) {
		release_reports(docs, n);
		error_set(e, 0, "'%s': %s", m->file[n], why);
		return error_fix(e, EXIT_USAGE, "name files that `load ... json FILE` wrote");
	}
	*sum = load_report_merge(docs, n, why, sizeof(why));
	release_reports(docs, n);
	if (*sum == NULL)
		return error_set(e, EXIT_USAGE, "these reports cannot be added: %s", why);
	return 0;
}

static int
write_sum(const char *path, int (*write)(const char *path, const json_t *doc),
        const json_t *doc, struct error *e)
{
	int err = path != NULL ? write(path, doc) : 0;

	if (err == 0)
		return 0;
	return error_set(
	        e, EXIT_ENVIRONMENT, "'%s' cannot be written: %s", path, document_why(err));
}

static bool
is_stdout(const char *path)
{
	return path != NULL && document_is_stdout(path);
}

static int
merge_reports(const struct merge *m, struct error *e)
{
	json_t *sum = NULL;
	int code = check_outputs(m, e);

	if (code == 0)
		code = read_and_add(m, &sum, e);
	if (code != 0)
		return code;
	if (is_stdout(m->json) || is_stdout(m->html))
		document_claim_stdout();
	load_report_text(stdout, sum);
	code = write_sum(m->json, load_report_write_json, sum, e);
	if (code == 0)
		code = write_sum(m->html, load_report_write_html, sum, e);
	if (code == 0)
		code = load_report_code(sum);
	json_decref(sum);
	return code;
}

int
report_main(int argc, char **argv)
{
	struct merge m = {.n = 0};
	struct error e = {"", ""};
	int code;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return print_report_help();
	}
	if (argc < 1 || strcmp(argv[0], "merge") != 0) {
		if (argc < 1)
			error_set(&e, 0, "report: `merge` is missing");
		else
			error_set(&e, 0, "there is no `report %s`", argv[0]);
		return report_complain(&e, error_fix(&e, EXIT_USAGE, USAGE));
	}
	code = read_merge_words(&m, argc - 1, argv + 1, &e);
	if (code == 0)
		code = merge_reports(&m, &e);
	return e.what[0] != '\0' ? report_complain(&e, code) : code;
}
