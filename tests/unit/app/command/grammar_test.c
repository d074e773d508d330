/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser of commands, and its messages. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "../app_rig.h"
#include "command/explain.h"

static struct grammar *g;
static struct args a;
static struct error e;

static void
setup(void)
{
	g = rig_grammar();
}

static void
teardown(void)
{
	grammar_destroy(g);
}

TestSuite(grammar, .init = setup, .fini = teardown);
TestSuite(grammar_options, .init = setup, .fini = teardown);
TestSuite(grammar_error, .init = setup, .fini = teardown);
TestSuite(grammar_help, .init = setup, .fini = teardown);

static void
expect_command(const char *line, enum command want)
{
	e = (struct error) {"", ""};
	cr_assert_eq(grammar_parse(g, line, &a, &e), 1, "%s: %s", line, e.what);
	cr_assert_eq(a.command, want, "%s", line);
}

static void
expect_error(const char *line, const char *what, const char *fix)
{
	e = (struct error) {"", ""};
	cr_assert_eq(grammar_parse(g, line, &a, &e), -EINVAL, "%s was understood", line);
	cr_expect_not_null(strstr(e.what, what), "%s: '%s' lacks '%s'", line, e.what, what);
	cr_expect_not_null(strstr(e.fix, fix), "%s: '%s' lacks '%s'", line, e.fix, fix);
}

Test(grammar, every_command_in_every_shape)
{
	expect_command("set port 0 ip 10.0.0.1/24", CMD_SET_PORT);
	expect_command("set port 0 ip 10.0.0.1/24 gateway 10.0.0.254", CMD_SET_PORT);
	expect_command("set listen 0.0.0.0:80 http", CMD_SET_LISTEN);
	expect_command("set http body 100K", CMD_SET_HTTP_BODY);
	expect_command("set http file /srv/page.html", CMD_SET_HTTP_FILE);
	expect_command("set http close on", CMD_SET_HTTP_CLOSE);
	expect_command("set http client_header_timeout 90s", CMD_SET_HTTP_TIMEOUT);
	expect_command("set http client_body_timeout 60", CMD_SET_HTTP_TIMEOUT);
	expect_command("set http keepalive_timeout 1.5", CMD_SET_HTTP_TIMEOUT);
	expect_command("set http send_timeout 1m", CMD_SET_HTTP_TIMEOUT);
	expect_command("set echo idle_timeout 5m", CMD_SET_IDLE_TIMEOUT);
	expect_command("set discard idle_timeout 5", CMD_SET_IDLE_TIMEOUT);
	expect_command("set chargen idle_timeout 5", CMD_SET_IDLE_TIMEOUT);
	expect_command("close connection 192.0.2.1:4000", CMD_CLOSE_CONNECTION);
	expect_command("close connection 192.0.2.1:4000 to 192.0.2.2:80", CMD_CLOSE_CONNECTION);
	expect_command("close connections from 192.0.2.0/24", CMD_CLOSE_CONNECTIONS);
	expect_command("set source 198.18.0.1-198.18.0.9", CMD_SET_SOURCE);
	expect_command("set source 198.18.0.1-198.18.0.9 ports 1024-2047", CMD_SET_SOURCE);
	expect_command("set source 198.18.0.1 scattered", CMD_SET_SOURCE);
	expect_command("set source 198.18.0.1-198.18.0.9 ports 1-2 scattered", CMD_SET_SOURCE);
	expect_command("set source off", CMD_SET_SOURCE_OFF);
	expect_command("load tcp://192.0.2.1:9", CMD_LOAD);
	expect_command("stop load", CMD_STOP_LOAD);
	expect_command("start", CMD_START);
	expect_command("stop", CMD_STOP);
	expect_command("drain", CMD_DRAIN);
	expect_command("drain 5", CMD_DRAIN);
	expect_command("set drain-time 10", CMD_SET_DRAIN_TIME);
	expect_command("set drain-time 500ms", CMD_SET_DRAIN_TIME);
	expect_command("set drain-time 0", CMD_SET_DRAIN_TIME);
	expect_command("clear stats", CMD_CLEAR_STATS);
	expect_command("capture start x.pcapng", CMD_CAPTURE_START);
	expect_command("capture start x.pcapng limit 10", CMD_CAPTURE_START);
	expect_command("capture stop", CMD_CAPTURE_STOP);
	expect_command("help", CMD_HELP);
	expect_command("help set port", CMD_HELP);
	expect_command("quit", CMD_QUIT);
}

Test(grammar, every_show_takes_json_last)
{
	expect_command("show port 0 json", CMD_SHOW_PORT);
	expect_command("show port all json", CMD_SHOW_PORT);
	expect_command("show lcore json", CMD_SHOW_LCORE);
	expect_command("show listen json", CMD_SHOW_LISTEN);
	expect_command("show connections json", CMD_SHOW_CONNECTIONS);
	expect_command("show connections state TIME-WAIT json", CMD_SHOW_CONNECTIONS);
	expect_command("show connections limit 5 json", CMD_SHOW_CONNECTIONS);
	expect_command("show connections state TIME-WAIT limit 5 json", CMD_SHOW_CONNECTIONS);
	expect_command("show drops json", CMD_SHOW_DROPS);
	expect_command("show neighbours json", CMD_SHOW_NEIGHBOURS);
	expect_command("show load json", CMD_SHOW_LOAD);
	expect_command("show config json", CMD_SHOW_CONFIG);
	cr_expect(args_keyword(&a, "json"));
	expect_command("show config", CMD_SHOW_CONFIG);
	cr_expect_not(args_keyword(&a, "json"));
}

Test(grammar, values_arrive)
{
	expect_command("set port 3 ip 10.0.0.1/24 gateway 10.0.0.254", CMD_SET_PORT);
	cr_expect_eq(a.value[ARG_PORT].number, 3);
	cr_expect_eq(a.value[ARG_PREFIX].addr, cpu_to_be32(0x0a000001));
	cr_expect_eq(a.value[ARG_PREFIX].number, 24);
	cr_expect(a.given[ARG_ADDR]);
	cr_expect_eq(a.value[ARG_ADDR].addr, cpu_to_be32(0x0a0000fe));
	expect_command("set port 3 ip 10.0.0.1/24", CMD_SET_PORT);
	cr_expect_not(a.given[ARG_ADDR]);
	expect_command("show port all", CMD_SHOW_PORT);
	cr_expect_not(a.given[ARG_PORT]);
	cr_expect(args_keyword(&a, "all"));
	expect_command("help set http", CMD_HELP);
	cr_expect_str_eq(a.value[ARG_COMMAND].text, "set http");
}

/* A word behind the last one would be lost without a message. */
Test(grammar, a_comment_begins_where_a_word_could)
{
	expect_error("drain 5#five", "'5#five' is not a number", "");
	expect_error("load http://192.0.2.1/a#b rate 10 json F", "'#b' is a fragment", "");
	expect_command("set http file /srv/page#1.html", CMD_SET_HTTP_FILE);
	cr_expect_str_eq(a.value[ARG_PATH].text, "/srv/page#1.html");
	expect_error("set http file \"/srv/a\"#1",
	        "a blank is missing behind the closing quote", "");
	expect_error(
	        "set http file \"/srv/a\"b", "a blank is missing behind the closing quote", "");
}

Test(grammar, control_characters_are_in_no_command)
{
	expect_error("set http file /srv/\x1b[2J", "character 20 of the line is a control", "");
	expect_error("set http file /srv/\xc2\x9b", "control character", "");
	expect_error("drain\x01 5", "character 6", "");
	expect_command("set http file /srv/caf\xc3\xa9", CMD_SET_HTTP_FILE);
	expect_command("drain\t5\r", CMD_DRAIN);
}

Test(grammar, blanks_comments_and_quotes)
{
	cr_expect_eq(grammar_parse(g, "", &a, &e), 0);
	cr_expect_eq(grammar_parse(g, "  \t \n", &a, &e), 0);
	cr_expect_eq(grammar_parse(g, "# set nonsense", &a, &e), 0);
	expect_command("  drain\t 5   # five seconds\n", CMD_DRAIN);
	expect_command("drain 5 #five", CMD_DRAIN);
	cr_expect_eq(a.value[ARG_SECONDS].number, 5);
	expect_command("set http file \"/srv/a page #1\"", CMD_SET_HTTP_FILE);
	cr_expect_str_eq(a.value[ARG_PATH].text, "/srv/a page #1");
}

Test(grammar_error, a_mistyped_word_is_named_with_what_was_expected_and_the_nearest)
{
	expect_error("set lsten 0.0.0.0:80 http", "'lsten'", "did you mean 'listen'?");
	expect_error("set lsten 0.0.0.0:80 http", "expected 'port', 'listen', 'http'", "");
	expect_error("set lsten 0.0.0.0:80 http", "'when-full' or 'drain-time'", "");
	expect_error("shwo drops", "'shwo'", "'show'");
	expect_error("show conections", "'conections'", "'connections'");
	expect_error("set http close onn", "expected 'on' or 'off'", "'on'");
	expect_error("show drops jsn", "'jsn'", "'json'");
	expect_error("show port al", "'al'", "'all'");
}

Test(grammar_error, a_bad_value_is_named_with_its_reason)
{
	expect_error("set port 0 ip 10.0.0.300/24", "300 is more than 255", "");
	expect_error("set port 0 ip 10.0.0.1", "prefix length is missing", "");
	expect_error("set port x ip 10.0.0.1/24", "'x' is not a number", "");
	expect_error("show port info",
	        "N cannot be 'info': 'info' is not a number; expected N (a port's number) or "
	        "'all'",
	        "");
	expect_error("set listen 0.0.0.0:70000 http", "70000 is more than 65535", "");
	expect_error(
	        "set listen 0.0.0.0:80 htpp", "(a service: http, echo or discard)", "'http'");
	expect_error("set listen 0.0.0.0:80 gopher", "not a known service", "");
	expect_error("show connections state FOO", "SYN-RECEIVED", "");
	expect_error("show connections limit 0", "at least 1", "");
}

Test(grammar_error, a_line_that_ends_early_says_what_is_missing)
{
	expect_error("set", "'set' is not complete: expected 'port', 'listen', 'http'", "");
	expect_error("set listen 0.0.0.0:80", "SERVICE", "");
	expect_error("set port 0 ip", "ADDR/LEN", "");
	expect_error("capture start", "FILE", "");
}

Test(grammar_error, words_that_are_too_much)
{
	expect_error("start now", "'now' is one word too many", "");
	expect_error(
	        "set listen 1.2.3.4:5 http extra words", "'extra' is one word too many", "");
	expect_error("drain 5 6", "'6' is one word too many", "");
}

Test(grammar_error, a_part_that_comes_too_late)
{
	expect_error("show connections limit 5 state TIME-WAIT", "'state'",
	        "'state' goes before 'limit'");
	expect_error("set source 198.18.0.1 scattered ports 1-2", "'ports'",
	        "'ports' goes before 'scattered'");
	expect_error("show connections state TIME-WAIT state LISTEN", "'state'", "");
	cr_expect_null(strstr(e.fix, "goes before"));
	expect_error("set port 0 listen", "'listen'", "");
	cr_expect_null(strstr(e.fix, "goes before"), "%s", e.fix);
}

/* The text is the one of `expected`. */
Test(grammar_error, an_example_is_given_once)
{
	expect_error("set port 0 ip 10.0.0.1", "e.g. 192.0.2.2/24", "");
	cr_expect_null(strstr(e.what, "10.0.0.1/24"), "%s", e.what);
	expect_error("set port 0 ip 10.0.0/24", "four numbers; expected ADDR/LEN", "");
	expect_error("set listen 10.0.0.1 http", "port is missing; expected ADDR:PORT", "");
}

Test(grammar_error, a_second_word_alone_leads_to_its_command)
{
	expect_error("listen 0.0.0.0:80 http", "'listen'", "'set listen'");
	expect_error("connections", "'connections'", "'show connections'");
}

Test(grammar_error, lines_that_are_no_lines)
{
	char line[2 * WORDS_LINE];

	expect_error("set http file \"/srv/x", "the closing quote is missing", "");
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	expect_error(line, "longer than", "");
	for (unsigned i = 0; i + 1 < 900; i += 2)
		memcpy(line + i, "x ", 3);
	expect_error(line, "more than", "");
}

/* Many know testpmd, and its commands look like ours. */
Test(grammar_error, commands_of_testpmd)
{
	char line[64];

	expect_error("show port info 0", "'show port info 0' is a command of testpmd",
	        "show port 0");
	expect_error("show port stats all", "testpmd", "show port all");
	expect_error("port stop 0", "'port stop 0'", "stop");
	cr_expect_str_eq(e.fix, "stop");
	expect_error("port start all", "testpmd", "start");
	expect_error("clear port stats 0", "testpmd", "clear stats");
	expect_error("start tx_first 32", "testpmd", "start");
	expect_error("set portlist 0,2", "testpmd", "--ports 0,2 behind");
	expect_error("show port infoo 0", "'infoo'", "");
	cr_expect_null(strstr(e.what, "testpmd"));
	expect_error("show config jsno", "'jsno'", "");
	cr_expect_null(strstr(e.what, "testpmd"));
	snprintf(line, sizeof(line), "port attach %0*d", 50, 7);
	expect_error(line, "testpmd", "--vdev=0");
}

/* Commands with one letter changed, cut or doubled: never a crash, and always
 * either understood or explained. */
Test(grammar_error, every_slip_is_explained)
{
	static const char *const lines[] = {"set port 0 ip 10.0.0.1/24 gateway 10.0.0.254",
	        "set listen 0.0.0.0:80 http", "show connections state TIME-WAIT limit 5 json",
	        "capture start x limit 10", "set http close off", "clear stats",
	        "help set port",
	        "load http://192.0.2.1:80/ rate 5K expect p99 1 close fin html x"};
	uint32_t x = 7;

	for (unsigned i = 0; i < 50000; i++) {
		char line[128];
		size_t len, at;
		int got;

		x = x * 1664525u + 1013904223u;
		snprintf(line, sizeof(line), "%s", lines[(x >> 8) % 8]);
		len = strlen(line);
		at = (x >> 16) % len;
		if (x & 1)
			line[at] = (char)(x >> 24 & 0x7f);
		else
			memmove(line + at, line + at + 1, len - at);
		e = (struct error) {"", ""};
		got = grammar_parse(g, line, &a, &e);
		cr_assert(got == 0 || got == 1 || (got == -EINVAL && e.what[0] != '\0'));
	}
}

/* The options that {} stands for, in any order. */
Test(grammar_options, any_number_in_any_order)
{
	expect_command("load tcp://192.0.2.1:9", CMD_LOAD);
	cr_expect_not(a.given[ARG_LOAD_RATE]);
	expect_command("load tcp://192.0.2.1:9 rate 5K duration 3 close rst", CMD_LOAD);
	cr_expect_eq(a.value[ARG_LOAD_RATE].real, 5000);
	cr_expect(args_keyword(&a, "rst"));
	expect_command("load tcp://192.0.2.1:9 close rst duration 3 rate 5K", CMD_LOAD);
	cr_expect_eq(a.value[ARG_LOAD_RATE].real, 5000);
	cr_expect_eq(a.value[ARG_LOAD_DURATION].real, 3);
	cr_expect(args_keyword(&a, "rst"));
	expect_command(
	        "load http://192.0.2.1/ html b expect p99 5 json a timeout 2s payload 1K "
	        "close fin requests-per-connection 4 warmup 0 duration 9 expect cps 7 "
	        "concurrency 6",
	        CMD_LOAD);
	cr_expect_str_eq(a.value[ARG_LOAD_JSON].text, "a");
	cr_expect_str_eq(a.value[ARG_LOAD_HTML].text, "b");
	cr_expect_eq(a.value[ARG_LEAST].real, 7);
	cr_expect_eq(a.value[ARG_MOST].real, 5);
	cr_expect_eq(a.value[ARG_LOAD_CONCURRENCY].number, 6);
}

Test(grammar_options, each_at_most_once)
{
	expect_error("load tcp://192.0.2.1:9 rate 5 rate 6", "'rate' is given twice", "");
	expect_error("load tcp://192.0.2.1:9 close fin json a close rst",
	        "'close' is given twice", "");
	expect_error("load tcp://192.0.2.1:9 expect cps 5 rate 9 expect cps 6",
	        "'expect cps' is given twice", "");
	expect_error("load tcp://192.0.2.1:9 expect errors 5 expect errors 6%",
	        "'expect errors' is given twice", "");
}

Test(grammar_options, what_is_missing_or_mistyped_is_named)
{
	expect_error("load", "URL (http://ADDR[:PORT][/PATH]", "");
	expect_error("load localhost", "begins with http://", "");
	expect_error("load 192.0.2.1",
	        "expected URL (http://ADDR[:PORT][/PATH], tcp://ADDR:PORT", "");
	expect_error("load http://localhost/", "names are not looked up", "");
	expect_error("load tcp://192.0.2.1:9 rate", "is not complete: expected CPS", "");
	expect_error("load tcp://192.0.2.1:9 close", "expected 'fin', 'rst' or 'server'", "");
	expect_error("load tcp://192.0.2.1:9 expect",
	        "expected 'cps', 'rps', 'errors', 'connect'", "");
	expect_error("load tcp://192.0.2.1:9 rat 5", "'rat'", "did you mean 'rate'?");
	expect_error("load tcp://192.0.2.1:9 rate 5 durtion 5", "'durtion'", "'duration'");
	expect_error("load tcp://192.0.2.1:9 rate lots", "'lots' is not a number", "");
	expect_error("load tcp://192.0.2.1:9 fin", "or 'expect' or the end of the line", "");
	cr_expect_null(strstr(e.fix, "goes before"), "%s", e.fix);
}

Test(grammar_options, what_was_said_is_not_expected_again)
{
	expect_error("load tcp://192.0.2.1:9 rate 5 nonsense", "expected 'concurrency'", "");
	cr_expect_null(strstr(e.what, "'rate'"), "%s", e.what);
	expect_error("load tcp://192.0.2.1:9 expect cps 5 expect x", "expected 'rps'", "");
	cr_expect_null(strstr(e.what, "'cps'"), "%s", e.what);
}

/* `...`: the values of each time are there, with the words before them. */
Test(grammar_options, some_may_be_said_again)
{
	expect_command(
	        "load tcp://192.0.2.1:9 expect p50 1 rate 9 expect connect p50 2 expect p50 3",
	        CMD_LOAD);
	cr_assert_eq(a.nsaid, 5, "URL and rate are values, too");
	cr_expect_eq(a.said[1].arg, ARG_MOST);
	cr_expect_eq(a.said[1].real, 1);
	cr_expect_str_eq(a.keyword[a.said[1].keywords - 1], "p50");
	cr_expect_eq(a.said[3].real, 2);
	cr_expect_str_eq(a.keyword[a.said[3].keywords - 2], "connect");
	cr_expect_eq(a.said[4].real, 3);
}

/* A syntax has one node for each of its words, whatever their order is. */
Test(grammar_options, the_tree_is_no_larger_than_its_syntax)
{
	const struct node *n = g->root.child;
	unsigned words = 0;

	while (strcmp(n->word, "load") != 0)
		n = n->next;
	n = n->child;
	cr_assert_eq(n->arg, ARG_URL);
	for (const struct node *o = n->child; o != NULL; o = o->next)
		words++;
	cr_expect_eq(words, 12, "expect is one, with many ways on");
	cr_expect_eq(n->child->child->back, n);
	cr_expect_null(n->child->child->child);
}

static char *
help(const char *about, int *result)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	*result = grammar_help(g, f, about, &e);
	fclose(f);
	return text;
}

Test(grammar_help, lists_every_form)
{
	int got;
	char *text = help("", &got);

	cr_expect_eq(got, 0);
	for (const struct form *f = command_forms; f->syntax != NULL; f++) {
		char syntax[160];

		snprintf(syntax, sizeof(syntax), "  %.*s", (int)strcspn(f->syntax, "{"),
		        f->syntax);
		cr_expect_not_null(strstr(text, syntax), "%s is not in help", syntax);
	}
	cr_expect_not_null(strstr(text, "load URL {...} "), "its options are its own help's");
	free(text);
}

Test(grammar_help, one_command_tells_every_option)
{
	int got;
	char *text = help("load", &got);

	cr_expect_eq(got, 0);
	for (enum arg k = 0; k < ARG_LOADS; k++)
		cr_expect_not_null(strstr(text, value_name(k)), "%s", value_name(k));
	for (enum arg k = ARG_LEAST; k <= ARG_SHARE; k++)
		cr_expect_not_null(strstr(text, value_name(k)), "%s", value_name(k));
	cr_expect_not_null(strstr(text, "close (fin|rst|server)"));
	free(text);
}

Test(grammar_help, narrows_to_the_words_given)
{
	int got;
	char *text = help("set http", &got);

	cr_expect_eq(got, 0);
	cr_expect_not_null(strstr(text, "set http body"));
	cr_expect_null(strstr(text, "set port"));
	free(text);
	text = help("drain", &got);
	cr_expect_not_null(strstr(text, "30 seconds"), "one command has its details");
	free(text);
}

Test(grammar_help, a_few_of_a_kind_have_their_details)
{
	int got;
	char *text = help("set cookie-keys", &got);

	cr_expect_eq(got, 0);
	cr_expect_not_null(strstr(text, "set cookie-keys FILE"));
	cr_expect_not_null(strstr(text, "chmod 600"));
	cr_expect_not_null(strstr(text, "set cookie-keys off"));
	cr_expect_not_null(strstr(text, "No other host has this key"));
	free(text);
	text = help("set", &got);
	cr_expect_null(strstr(text, "chmod 600"), "many: a line each");
	free(text);
}

Test(grammar_help, an_unknown_command_gets_the_nearest)
{
	int got;

	free(help("set lsten", &got));
	cr_expect_eq(got, -EINVAL);
	cr_expect_not_null(strstr(e.fix, "listen"));
	free(help("nothing", &got));
	cr_expect_eq(got, -EINVAL);
}
