/* SPDX-License-Identifier: BSD-3-Clause */
/* Completion as rte_cmdline does it, on the tokens that we give it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmdline.h>

#include "../app_rig.h"
#include "control/prompt_tokens.h"

static struct grammar *g;
static struct prompt_tokens *tokens;
static struct cmdline *cl;
static char ran[PROMPT_LINE];
static unsigned runs;

static void
run(void *line, struct cmdline *c, void *data)
{
	(void)c;
	(void)data;
	snprintf(ran, sizeof(ran), "%s", (const char *)line);
	runs++;
}

static void
setup(void)
{
	g = rig_grammar();
	tokens = prompt_tokens_create(g, run, NULL);
	cr_assert_not_null(tokens);
	cl = cmdline_new(prompt_tokens_context(tokens), "> ", open("/dev/null", O_RDONLY),
	        open("/dev/null", O_WRONLY));
	cr_assert_not_null(cl);
}

static void
teardown(void)
{
	cmdline_free(cl);
	prompt_tokens_destroy(tokens);
	grammar_destroy(g);
}

TestSuite(prompt, .init = setup, .fini = teardown);

static void
expect_completed(const char *line, const char *want)
{
	char out[PROMPT_LINE] = "";
	int state = 0;

	cr_expect_eq(cmdline_complete(cl, line, &state, out, sizeof(out)),
	        CMDLINE_PARSE_COMPLETED_BUFFER, "%s", line);
	cr_expect_str_eq(out, want, "%s: '%s'", line, out);
}

/* All choices that are listed, a line each. */
static unsigned
list(const char *line, char *all, size_t size)
{
	char out[PROMPT_LINE];
	unsigned n = 0;
	int state = -1;

	all[0] = '\0';
	while (n < 100 && cmdline_complete(cl, line, &state, out, sizeof(out)) ==
	                          CMDLINE_PARSE_COMPLETE_AGAIN) {
		strncat(all, out, size - strlen(all) - 1);
		strncat(all, "\n", size - strlen(all) - 1);
		n++;
	}
	return n;
}

Test(prompt, completes_keywords_and_names)
{
	expect_completed("sh", "ow ");
	expect_completed("show conn", "ections ");
	expect_completed("show connections st", "ate ");
	expect_completed("show connections state EST", "ABLISHED ");
	expect_completed("show connections limit 5 j", "son ");
	expect_completed("set listen 0.0.0.0:80 ht", "tp ");
	expect_completed("show port a", "ll ");
}

Test(prompt, lists_each_choice_once)
{
	char all[4096];

	cr_expect_eq(list("", all, sizeof(all)), 11, "%s", all);
	cr_expect_eq(list("show ", all, sizeof(all)), 9, "%s", all);
	cr_expect_eq(list("set http ", all, sizeof(all)), 7, "%s", all);
	cr_expect_eq(list("set listen 0.0.0.0:80 ", all, sizeof(all)), 3, "%s", all);
	cr_expect_eq(list("show port ", all, sizeof(all)), 2, "%s", all);
	cr_expect_eq(list("set syn-cookie ", all, sizeof(all)), 3, "%s", all);
	cr_expect_eq(list("set cookie-keys ", all, sizeof(all)), 2, "%s", all);
	cr_expect_eq(list("set when-full ", all, sizeof(all)), 2, "%s", all);
}

Test(prompt, offers_the_options_that_remain)
{
	char all[4096];

	cr_expect_eq(list("load ", all, sizeof(all)), 1, "%s", all);
	cr_expect_not_null(strstr(all, "echo://ADDR"), "%s", all);
	cr_expect_eq(list("load tcp://1.2.3.4:5 ", all, sizeof(all)), 13, "%s", all);
	cr_expect_not_null(strstr(all, "rate [rate]: connections per second, as"), "%s", all);
	cr_expect_not_null(strstr(all, "[RETURN]"), "%s", all);
	cr_expect_eq(list("load tcp://1.2.3.4:5 rate 9 close rst ", all, sizeof(all)), 11, "%s",
	        all);
	cr_expect_null(strstr(all, "rate ["), "%s", all);
	cr_expect_null(strstr(all, "close"), "%s", all);
	cr_expect_not_null(strstr(all, "[RETURN]"), "%s", all);
	cr_expect_eq(list("load tcp://1.2.3.4:5 close ", all, sizeof(all)), 3, "%s", all);
	cr_expect_eq(list("load tcp://1.2.3.4:5 expect cps 9 expect ", all, sizeof(all)), 9,
	        "%s", all);
	cr_expect_eq(list("load tcp://1.2.3.4:5 rate 9 rate ", all, sizeof(all)), 0, "%s", all);
	expect_completed("load tcp://1.2.3.4:5 html x json y dur", "ation ");
	expect_completed("load tcp://1.2.3.4:5 rate 9 expect p99 1 close ser", "ver ");
}

Test(prompt, says_where_a_command_may_end)
{
	char all[4096];

	cr_expect_eq(list("drain ", all, sizeof(all)), 2);
	cr_expect_not_null(strstr(all, "[RETURN]"), "%s", all);
	cr_expect_not_null(strstr(all, "SECONDS"), "%s", all);
	cr_expect_not_null(strstr(all, "number of seconds"), "%s", all);
	list("set ", all, sizeof(all));
	cr_expect_null(strstr(all, "[RETURN]"), "%s", all);
}

Test(prompt, any_line_is_run_once_and_as_it_is)
{
	static const char *const lines[] = {"show drops", "shwo drops",
	        "set port 0 ip 1.2.3.4/24", "set http file \"a b\"", "quit now"};
	char line[PROMPT_LINE];

	for (unsigned i = 0; i < 5; i++) {
		snprintf(line, sizeof(line), "%s\n", lines[i]);
		cr_expect_geq(cmdline_parse(cl, line), 0, "%s", lines[i]);
		cr_expect_str_eq(ran, lines[i]);
		cr_expect_eq(runs, i + 1);
	}
}
