/* SPDX-License-Identifier: BSD-3-Clause */
#include "command/spec_args.h"

#include <errno.h>
#include <string.h>

#include "text/document.h"

#define CONCURRENCY  64
#define DURATION_S   10
#define WARMUP_S     1
#define TIMEOUT_MS   10000
#define ECHO_PAYLOAD 64

/* A web server closes what is said to be the last; others wait for us. */
static enum load_close
close_of(const struct args *a, enum load_kind kind)
{
	if (args_keyword(a, "fin"))
		return LOAD_CLOSE_FIN;
	if (args_keyword(a, "rst"))
		return LOAD_CLOSE_RST;
	if (args_keyword(a, "server"))
		return LOAD_CLOSE_SERVER;
	return kind == LOAD_HTTP ? LOAD_CLOSE_SERVER : LOAD_CLOSE_FIN;
}

static double
real_of(const struct args *a, enum arg kind, double otherwise)
{
	return a->given[kind] ? a->value[kind].real : otherwise;
}

static uint64_t
number_of(const struct args *a, enum arg kind, uint64_t otherwise)
{
	return a->given[kind] ? a->value[kind].number : otherwise;
}

static int
check_loop(const struct args *a, struct error *e)
{
	if (a->given[ARG_CPS] && a->given[ARG_CONNS]) {
		error_set(e, 0,
		        "`rate` and `concurrency` are two kinds of load: with a rate "
		        "connections "
		        "start on time, whatever becomes of the others (open loop); with a "
		        "concurrency one starts when another has ended (closed loop)");
		return error_mend(e, -EINVAL, "leave one of the two out");
	}
	return 0;
}

/* The keywords behind the last `expect` before this value: "connect p99". */
static void
words_of(const struct args *a, const struct said *said, char *text, size_t size)
{
	unsigned first = said->keywords;
	size_t len = 0;

	text[0] = '\0';
	while (first > 0 && strcmp(a->keyword[first - 1], "expect") != 0)
		first--;
	for (unsigned k = first; k < said->keywords && len < size; k++)
		len += (size_t)snprintf(
		        text + len, size - len, "%s%s", k > first ? " " : "", a->keyword[k]);
}

static int
take_expectation(struct expectations *all, const struct args *a, const struct said *said,
        struct error *e)
{
	enum expect what;
	char words[64];

	words_of(a, said, words, sizeof(words));
	what = expect_by_words(words);
	if (said->arg == ARG_SHARE && said->percent)
		what = EXPECT_ERRORS_PERCENT;
	if (all->asked[what])
		return error_set(
		        e, -EINVAL, "'expect %s' is said twice", expectation_rows[what].words);
	all->asked[what] = true;
	all->value[what] = said->real;
	return 0;
}

static int
check_reach(const struct load_spec *s, struct error *e)
{
	const struct expectations *x = &s->expect;
	double rps = s->rate * s->requests;

	if (s->rate > 0 && x->asked[EXPECT_CPS] && x->value[EXPECT_CPS] > s->rate)
		return error_set(e, -EINVAL,
		        "`expect cps %.0f` cannot be met: `rate %.0f` starts fewer",
		        x->value[EXPECT_CPS], s->rate);
	if (s->rate > 0 && x->asked[EXPECT_RPS] && x->value[EXPECT_RPS] > rps)
		return error_set(e, -EINVAL,
		        "`expect rps %.0f` cannot be met: `rate %.0f` with %u requests on each "
		        "connection asks for %.0f",
		        x->value[EXPECT_RPS], s->rate, s->requests, rps);
	return 0;
}

static bool
needs_answers(enum expect what)
{
	const char *latency = expectation_rows[what].latency;

	return what == EXPECT_RPS ||
	       (latency != NULL &&
	               (strcmp(latency, "first_byte") == 0 || strcmp(latency, "request") == 0));
}

/* A figure that this kind of load does not have would always be missed. */
static int
check_answers(const struct load_spec *s, struct error *e)
{
	for (enum expect x = 0; x < EXPECT_COUNT && s->url.kind == LOAD_TCP; x++) {
		if (!s->expect.asked[x] || !needs_answers(x))
			continue;
		error_set(e, 0,
		        "`expect %s` cannot be met: tcp:// has no requests, and no answers",
		        expectation_rows[x].words);
		return error_mend(e, -EINVAL, "expect connect MOST, or expect cps LEAST");
	}
	return 0;
}

static int
take_expectations(struct load_spec *s, const struct args *a, struct error *e)
{
	for (unsigned i = 0; i < a->nsaid; i++) {
		const struct said *said = &a->said[i];

		if (said->arg != ARG_LEAST && said->arg != ARG_MOST && said->arg != ARG_SHARE)
			continue;
		if (take_expectation(&s->expect, a, said, e) != 0)
			return -EINVAL;
	}
	return check_reach(s, e) != 0 ? -EINVAL : check_answers(s, e);
}

static int
take_accepted(struct load_spec *s, const struct args *a, struct error *e)
{
	char why[200];

	if (!a->given[ARG_STATUS])
		return 0;
	if (s->url.kind != LOAD_HTTP)
		return error_set(e, -EINVAL, "only http:// has a status to accept");
	if (status_set_parse(a->value[ARG_STATUS].text, &s->accept, why, sizeof(why)) != 0)
		return error_set(e, -EINVAL, "'%s': %s", a->value[ARG_STATUS].text, why);
	return 0;
}

static int
check_payload(enum load_kind kind, uint64_t payload, struct error *e)
{
	if (payload > LOAD_PAYLOAD_MAX)
		return error_set(
		        e, -EINVAL, "a payload has at most %uM", LOAD_PAYLOAD_MAX >> 20);
	if (kind == LOAD_ECHO && payload == 0)
		return error_set(e, -EINVAL, "of nothing there is no echo: payload 1 or more");
	return 0;
}

static int
check_exchange(const struct load_spec *s, struct error *e)
{
	if (s->url.kind == LOAD_TCP && s->requests > 1)
		return error_set(e, -EINVAL,
		        "tcp:// has no requests: it connects, sends its payload and closes; "
		        "http:// and echo:// have");
	if (s->url.kind == LOAD_ECHO && s->close == LOAD_CLOSE_SERVER) {
		error_set(e, 0, "an echo server does not close first (RFC 862)");
		return error_mend(e, -EINVAL, "close fin, or close rst");
	}
	return 0;
}

static int
take_files(struct load_spec *s, const struct args *a, struct error *e)
{
	if (a->given[ARG_FILE])
		snprintf(s->json, sizeof(s->json), "%s", a->value[ARG_FILE].text);
	if (a->given[ARG_PAGE])
		snprintf(s->html, sizeof(s->html), "%s", a->value[ARG_PAGE].text);
	if (s->json[0] == '\0' || !document_same(s->json, s->html))
		return 0;
	return error_set(e, -EINVAL, "json and html cannot go into the same file: %s", s->json);
}

int
load_spec_from_args(struct load_spec *s, const struct args *a, struct error *e)
{
	uint64_t payload;
	char why[200];

	memset(s, 0, sizeof(*s));
	if (load_url_parse(a->value[ARG_URL].text, &s->url, why, sizeof(why)) != 0)
		return error_set(e, -EINVAL, "'%s': %s", a->value[ARG_URL].text, why);
	payload = number_of(a, ARG_BYTES, s->url.kind == LOAD_ECHO ? ECHO_PAYLOAD : 0);
	if (check_loop(a, e) != 0 || check_payload(s->url.kind, payload, e) != 0)
		return -EINVAL;
	s->rate = real_of(a, ARG_CPS, 0);
	if (s->rate == 0)
		s->concurrency = (uint32_t)number_of(a, ARG_CONNS, CONCURRENCY);
	s->duration_s = real_of(a, ARG_DURATION, DURATION_S);
	s->warmup_s = real_of(a, ARG_WARMUP, WARMUP_S);
	s->requests = (uint32_t)number_of(a, ARG_REQUESTS, 1);
	s->close = close_of(a, s->url.kind);
	s->payload = (uint32_t)payload;
	s->timeout_ms = (uint32_t)real_of(a, ARG_MS, TIMEOUT_MS);
	if (check_exchange(s, e) != 0 || take_accepted(s, a, e) != 0 ||
	        take_expectations(s, a, e) != 0)
		return -EINVAL;
	return take_files(s, a, e);
}
