/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of `report`, with reports that are one number each. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <string.h>

#include "load/report/report.h"
#include "load/report/report_main.h"
#include "text/error.h"

/* The content of a file is its name. "sum 1" and more do not pass. */
json_t *
load_report_read(const char *path, char *why, unsigned whylen)
{
	if (strspn(path, "0123456789") == strlen(path))
		return json_integer(atoi(path));
	snprintf(why, whylen, "it is no report");
	return NULL;
}

json_t *
load_report_merge(json_t *const *docs, unsigned n, char *why, unsigned whylen)
{
	json_int_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		if (json_integer_value(docs[i]) == 13) {
			snprintf(why, whylen, "13 is another load");
			return NULL;
		}
		sum += json_integer_value(docs[i]);
	}
	return json_integer(sum);
}

void
load_report_text(FILE *f, const json_t *doc)
{
	fprintf(f, "sum %lld\n", (long long)json_integer_value(doc));
}

int
load_report_code(const json_t *doc)
{
	json_int_t sum = json_integer_value(doc);

	return sum >= 1000 ? EXIT_ENVIRONMENT : sum >= 100 ? EXIT_MISSED : 0;
}

static char written[64];

int
load_report_write_json(const char *path, const json_t *doc)
{
	if (path[0] == '/')
		return -EACCES;
	snprintf(written + strlen(written), sizeof(written) - strlen(written), "json %s %lld;",
	        path, (long long)json_integer_value(doc));
	return 0;
}

int
load_report_write_html(const char *path, const json_t *doc)
{
	snprintf(written + strlen(written), sizeof(written) - strlen(written), "html %s %lld;",
	        path, (long long)json_integer_value(doc));
	return 0;
}

/* The words of a line as argv; returns the exit code. */
static int
report(const char *line)
{
	static char text[256];
	char *argv[16], *p = text;
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	while ((argv[argc] = strsep(&p, " ")) != NULL)
		argc++;
	written[0] = '\0';
	return report_main(argc - 1, argv + 1);
}

static void
redirect(void)
{
	cr_redirect_stdout();
	cr_redirect_stderr();
}

TestSuite(report_main, .init = redirect);

static void
expect_said(FILE *f, const char *words)
{
	char text[4096];
	size_t n;

	fflush(stdout);
	fflush(stderr);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	cr_expect_not_null(strstr(text, words), "'%s' lacks '%s'", text, words);
}

Test(report_main, adds_prints_and_writes)
{
	cr_expect_eq(report("report merge 1 2 30 json a html b"), 0);
	cr_expect_str_eq(written, "json a 33;html b 33;");
	expect_said(cr_get_redirected_stdout(), "sum 33\n");
}

Test(report_main, one_report_is_enough)
{
	cr_expect_eq(report("report merge 7 html page"), 0);
	cr_expect_str_eq(written, "html page 7;");
	cr_expect_eq(report("report merge 7"), 0);
	cr_expect_str_eq(written, "");
}

Test(report_main, a_missed_expectation_is_1_and_is_written_all_the_same)
{
	cr_expect_eq(report("report merge 99 1 json a"), EXIT_MISSED);
	cr_expect_str_eq(written, "json a 100;");
}

Test(report_main, wrong_usage_is_3)
{
	cr_expect_eq(report("report"), EXIT_USAGE);
	cr_expect_eq(report("report add 1"), EXIT_USAGE);
	cr_expect_eq(report("report merge"), EXIT_USAGE);
	cr_expect_eq(report("report merge json a"), EXIT_USAGE);
	cr_expect_eq(report("report merge 1 json"), EXIT_USAGE);
	cr_expect_eq(report("report merge 1 json a json b"), EXIT_USAGE);
	cr_expect_eq(report("report merge 1 json a 2"), EXIT_USAGE);
	cr_expect_eq(report("report merge 1 --jsn a"), EXIT_USAGE);
	cr_expect_str_eq(written, "");
	expect_said(cr_get_redirected_stderr(), "did you mean 'json FILE'?");
}

Test(report_main, a_file_that_is_no_report_is_3_and_named)
{
	cr_expect_eq(report("report merge 1 nothing json a"), EXIT_USAGE);
	cr_expect_str_eq(written, "");
	expect_said(cr_get_redirected_stderr(), "'nothing': it is no report");
}

Test(report_main, reports_of_different_loads_are_3)
{
	cr_expect_eq(report("report merge 1 13"), EXIT_USAGE);
	expect_said(cr_get_redirected_stderr(), "cannot be added: 13 is another load");
}

Test(report_main, what_cannot_be_written_is_2)
{
	cr_expect_eq(report("report merge 1 json /x html b"), EXIT_ENVIRONMENT);
	cr_expect_str_eq(written, "");
	expect_said(cr_get_redirected_stderr(), "'/x' cannot be written: Permission denied");
}

Test(report_main, help_is_0)
{
	cr_expect_eq(report("report --help"), 0);
	expect_said(cr_get_redirected_stdout(), "report merge A.json");
}

/* `x` and ./x are one file, and links are followed. */
Test(report_main, what_is_read_is_not_overwritten)
{
	cr_expect_eq(report("report merge 1 2 json 1"), EXIT_USAGE);
	cr_expect_eq(report("report merge 1 2 html ./2"), EXIT_USAGE);
	cr_expect_str_eq(written, "");
	expect_said(cr_get_redirected_stderr(), "name another file behind `json`");
}

Test(report_main, json_and_html_do_not_go_into_one_file)
{
	cr_expect_eq(report("report merge 1 2 json x html x"), EXIT_USAGE);
	cr_expect_eq(report("report merge 1 2 json x html ./x"), EXIT_USAGE);
	cr_expect_str_eq(written, "");
	expect_said(cr_get_redirected_stderr(), "same file");
}

Test(report_main, what_cannot_be_measured_here_is_the_environments)
{
	cr_expect_eq(report("report merge 1000"), EXIT_ENVIRONMENT);
}
