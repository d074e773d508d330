/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of `load`. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "command/spec_args.h"

static struct load_spec s;
static struct error e;

/* A `load` line from its words to the spec. */
static int
read_line(const char *line)
{
	static const char *const none[] = {NULL};
	static const struct lexicon lex = {none, none};
	struct grammar *g = NULL;
	struct args a;
	int got;

	e = (struct error) {"", ""};
	cr_assert_eq(grammar_create(&g, command_forms, &lex), 0);
	got = grammar_parse(g, line, &a, &e);
	if (got == 1)
		got = load_spec_from_args(&s, &a, &e);
	grammar_destroy(g);
	return got;
}

static void
expect_spec(const char *line)
{
	cr_assert_eq(read_line(line), 0, "%s: %s", line, e.what);
}

static void
expect_bad(const char *line, const char *what)
{
	cr_expect_eq(read_line(line), -EINVAL, "%s was taken", line);
	cr_expect(strstr(e.what, what) != NULL || strstr(e.fix, what) != NULL,
	        "%s: '%s' / '%s' lacks '%s'", line, e.what, e.fix, what);
}

Test(load_spec, defaults_of_http)
{
	expect_spec("load http://192.0.2.1/page");
	cr_expect_eq(s.url.kind, LOAD_HTTP);
	cr_expect_str_eq(s.url.path, "/page");
	cr_expect_eq(s.rate, 0);
	cr_expect_eq(s.concurrency, 64);
	cr_expect_eq(s.duration_s, 10);
	cr_expect_eq(s.warmup_s, 1);
	cr_expect_eq(s.requests, 1);
	cr_expect_eq(s.close, LOAD_CLOSE_SERVER);
	cr_expect_eq(s.payload, 0);
	cr_expect_eq(s.timeout_ms, 10000);
	cr_expect_str_eq(s.json, "");
	cr_expect_str_eq(s.html, "");
	for (enum expect x = 0; x < EXPECT_COUNT; x++)
		cr_expect_not(s.expect.asked[x]);
}

Test(load_spec, defaults_of_the_others)
{
	expect_spec("load tcp://192.0.2.1:9");
	cr_expect_eq(s.close, LOAD_CLOSE_FIN);
	cr_expect_eq(s.payload, 0);
	expect_spec("load echo://192.0.2.1");
	cr_expect_eq(s.close, LOAD_CLOSE_FIN);
	cr_expect_eq(s.payload, 64);
}

Test(load_spec, all_that_may_be_said)
{
	expect_spec("load http://192.0.2.1/ rate 1.5M duration 5m warmup 0 "
	            "requests-per-connection 3 close rst payload 16M timeout 2.5s json a.json "
	            "html \"a b.html\" expect cps 100K expect p99 0.8");
	cr_expect_eq(s.rate, 1.5e6);
	cr_expect_eq(s.concurrency, 0, "open loop");
	cr_expect_eq(s.duration_s, 300);
	cr_expect_eq(s.warmup_s, 0);
	cr_expect_eq(s.requests, 3);
	cr_expect_eq(s.close, LOAD_CLOSE_RST);
	cr_expect_eq(s.payload, LOAD_PAYLOAD_MAX);
	cr_expect_eq(s.timeout_ms, 2500);
	cr_expect_str_eq(s.json, "a.json");
	cr_expect_str_eq(s.html, "a b.html");
	cr_expect_eq(s.expect.value[EXPECT_CPS], 100e3);
	cr_expect_float_eq(s.expect.value[EXPECT_WHOLE_P99], 0.8, 1e-9);
	expect_spec("load http://192.0.2.1/ concurrency 65536 close server");
	cr_expect_eq(s.concurrency, 65536);
	cr_expect_eq(s.close, LOAD_CLOSE_SERVER);
	expect_spec("load http://192.0.2.1/ close fin");
	cr_expect_eq(s.close, LOAD_CLOSE_FIN);
}

/* The grammar takes each row of the table, and puts its value where it belongs. */
Test(load_spec, each_expectation_by_its_words)
{
	char line[128];

	for (enum expect x = 0; x < EXPECT_COUNT; x++) {
		snprintf(line, sizeof(line), "load http://192.0.2.1/ expect %s 7%s",
		        expectation_rows[x].words, x == EXPECT_ERRORS_PERCENT ? "%" : "");
		expect_spec(line);
		for (enum expect o = 0; o < EXPECT_COUNT; o++)
			cr_expect_eq(s.expect.asked[o], o == x, "%s: %s", line,
			        expectation_rows[o].key);
		cr_expect_eq(s.expect.value[x], 7, "%s", line);
	}
}

Test(load_spec, all_expectations_at_once_in_any_order)
{
	char line[1024] = "load http://192.0.2.1/ rate 100 requests-per-connection 4";

	for (unsigned x = EXPECT_COUNT; x-- > 0;) {
		if (x != EXPECT_ERRORS)
			snprintf(line + strlen(line), sizeof(line) - strlen(line),
			        " expect %s %u%s", expectation_rows[x].words, x + 1,
			        x == EXPECT_ERRORS_PERCENT ? "%" : "");
		if (x == EXPECT_CONNECT_P90) /* other options may stand between them */
			strcat(line, " close fin");
	}
	expect_spec(line);
	for (enum expect x = 0; x < EXPECT_COUNT; x++) {
		cr_expect_eq(
		        s.expect.asked[x], x != EXPECT_ERRORS, "%s", expectation_rows[x].key);
		cr_expect_eq(s.expect.value[x], x == EXPECT_ERRORS ? 0 : x + 1);
	}
}

Test(load_spec, a_latency_alone_is_its_p99)
{
	expect_spec("load http://192.0.2.1/ expect connect 2 expect first-byte 3 "
	            "expect request 4ms");
	cr_expect_eq(s.expect.value[EXPECT_CONNECT_P99], 2);
	cr_expect_eq(s.expect.value[EXPECT_FIRST_BYTE_P99], 3);
	cr_expect_eq(s.expect.value[EXPECT_REQUEST_P99], 4);
}

Test(load_spec, each_expectation_is_given_once)
{
	expect_bad("load http://192.0.2.1/ expect p99 5 rate 7 expect p99 6",
	        "'expect p99' is given twice");
	expect_bad("load http://192.0.2.1/ expect connect 5 expect connect p99 5",
	        "'expect connect p99' is given twice");
	expect_bad("load http://192.0.2.1/ expect errors 5 expect errors 5%",
	        "'expect errors' is given twice");
	expect_spec("load http://192.0.2.1/ expect p99 5 expect connect p99 5");
}

/* It opens and closes: there is nothing to time but that. */
Test(load_spec, tcp_has_no_answers_to_expect_something_of)
{
	expect_bad("load tcp://192.0.2.1:9 expect first-byte p50 5", "tcp:// has no requests");
	expect_bad("load tcp://192.0.2.1:9 expect request 5", "expect connect MOST");
	expect_bad("load tcp://192.0.2.1:9 expect rps 5", "tcp:// has no requests");
	expect_spec("load tcp://192.0.2.1:9 expect connect 5 expect p90 5 expect errors 0 "
	            "expect cps 5");
}

/* A file may be called like an expectation. */
Test(load_spec, words_of_others_are_no_expectations)
{
	expect_spec("load http://192.0.2.1/ expect p50 5 json expect html p99 expect p90 6");
	cr_expect_str_eq(s.json, "expect");
	cr_expect_eq(s.expect.value[EXPECT_WHOLE_P50], 5);
	cr_expect_eq(s.expect.value[EXPECT_WHOLE_P90], 6);
	cr_expect_not(s.expect.asked[EXPECT_WHOLE_P99]);
}

Test(load_spec, statuses_that_are_wanted)
{
	expect_spec("load http://192.0.2.1/ accept-status 2xx,301-308");
	cr_expect(status_set_has(&s.accept, 204) && status_set_has(&s.accept, 302));
	cr_expect_not(status_set_has(&s.accept, 404));
	expect_bad("load http://192.0.2.1/ accept-status 700", "200 to 599");
	expect_bad("load tcp://192.0.2.1:9 accept-status 2xx", "only for http://");
}

/* A file may be called like a way to close. */
Test(load_spec, values_are_no_keywords)
{
	expect_spec("load tcp://192.0.2.1:9 json rst html server");
	cr_expect_eq(s.close, LOAD_CLOSE_FIN);
	cr_expect_str_eq(s.json, "rst");
}

Test(load_spec, open_or_closed_but_not_both)
{
	expect_bad("load tcp://192.0.2.1:9 rate 5 concurrency 6", "open loop");
	expect_bad("load tcp://192.0.2.1:9 concurrency 6 rate 5",
	        "leave out `rate` or `concurrency`");
}

Test(load_spec, what_cannot_be_met_or_done)
{
	expect_bad("load tcp://192.0.2.1:9 rate 100 expect cps 101", "cannot be met");
	expect_bad("load http://192.0.2.1/ payload 17M", "at most 16M");
	expect_bad("load echo://192.0.2.1 payload 0", "must be 1 or more");
	expect_bad("load tcp://192.0.2.1:9 requests-per-connection 2",
	        "only for http:// and echo://");
	expect_bad("load echo://192.0.2.1 close server", "RFC 862");
	expect_bad("load http://192.0.2.1/ json x html x", "same file");
	expect_bad("load http://192.0.2.1/ json x html ./x", "same file");
	expect_bad("load http://192.0.2.1/ rate 100 requests-per-connection 3 expect rps 301",
	        "cannot be met");
}

Test(load_spec, bounds)
{
	expect_bad("load http://192.0.2.1/ rate 0.5", "less than 1");
	expect_bad("load http://192.0.2.1/ rate 101M", "more than 100000000");
	expect_bad("load http://192.0.2.1/ concurrency 0", "less than 1");
	expect_bad("load http://192.0.2.1/ concurrency 1.5", "whole");
	expect_bad("load http://192.0.2.1/ duration 0", "less than 1");
	expect_bad("load http://192.0.2.1/ duration 25h", "more than 86400");
	expect_bad("load http://192.0.2.1/ timeout 0", "less than 1");
	expect_bad("load http://192.0.2.1/ requests-per-connection 0", "at least 1");
	expect_bad("load http://192.0.2.1/ expect p99 0", "less than");
	expect_bad("load http://192.0.2.1/ expect errors 101%", "more than 100%");
	expect_bad("load http://192.0.2.1/ expect errors 0.5", "a number of errors is whole");
	expect_bad("load http://192.0.2.1/ expect errors -1", "is not a number");
	expect_bad("load http://192.0.2.1/ expect errors %", "a number is missing");
	expect_bad("load http://192.0.2.1/ rate -5", "'-5' is not a number");
	expect_bad("load http://192.0.2.1/ rate 5G", "'G' is not a known unit");
}
