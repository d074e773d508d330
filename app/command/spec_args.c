/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a `load` command, checked and stored in a load_spec. */
#include "command/spec_args.h"

#include <errno.h>
#include <string.h>

#include "load/spec/options.h"
#include "text/document.h"

/* The index of the choice that was given; -1 if none was. */
static int
find_choice(const struct args *a, const char *const *choices)
{
	for (int i = 0; choices[i] != NULL; i++) {
		if (args_keyword(a, choices[i]))
			return i;
	}
	return -1;
}

/* The number of an option from the line, or its default. */
static double
option_number(const struct args *a, enum load_option_id id, enum load_kind kind)
{
	const struct load_option *o = &load_options[id];
	int choice = o->choices != NULL ? find_choice(a, o->choices) : -1;

	if (choice >= 0)
		return choice;
	return a->given[id] ? a->value[id].real : load_option_otherwise(o, kind);
}

/* Stores each option in its field. take_accepted() stores the set of status codes. */
static void
store_load_options(struct load_spec *s, const struct args *a)
{
	for (enum load_option_id id = 0; (unsigned)id < LOAD_OPTIONS; id++) {
		const struct load_option *o = &load_options[id];
		uint8_t *at = (uint8_t *)s + o->offset;
		double real = option_number(a, id, s->url.kind);
		uint32_t count = (uint32_t)real;

		switch (o->store) {
		case LOAD_STORE_REAL:
			memcpy(at, &real, sizeof(real));
			break;
		case LOAD_STORE_COUNT:
			memcpy(at, &count, sizeof(count));
			break;
		case LOAD_STORE_TEXT:
			if (a->given[id])
				snprintf((char *)at, o->size, "%s", a->value[id].text);
			break;
		case LOAD_STORE_STATUS:
			break;
		}
	}
	if (s->rate > 0) /* open loop */
		s->concurrency = 0;
}

static int
check_loop(const struct args *a, struct error *e)
{
	if (a->given[ARG_LOAD_RATE] && a->given[ARG_LOAD_CONCURRENCY]) {
		error_set(e, 0,
		        "`rate` and `concurrency` exclude each other: a rate starts connections at fixed times (open loop), a concurrency starts one when another has ended (closed loop)");
		return error_fix(e, -EINVAL, "leave out `rate` or `concurrency`");
	}
	return 0;
}

/* The keywords behind the last `expect` before this value: "connect p99". */
static void
join_expect_words(const struct args *a, const struct said *said, char *text, size_t size)
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

	join_expect_words(a, said, words, sizeof(words));
	what = expect_by_words(words);
	if (said->arg == ARG_SHARE && said->percent)
		what = EXPECT_ERRORS_PERCENT;
	if (all->asked[what])
		return error_set(
		        e, -EINVAL, "'expect %s' is given twice", expectation_rows[what].words);
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
		        "`expect cps %.0f` cannot be met: `rate %.0f` starts fewer connections",
		        x->value[EXPECT_CPS], s->rate);
	if (s->rate > 0 && x->asked[EXPECT_RPS] && x->value[EXPECT_RPS] > rps)
		return error_set(e, -EINVAL,
		        "`expect rps %.0f` cannot be met: `rate %.0f` with %u requests per connection makes %.0f",
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

/* An expectation of a figure that this kind of load does not have would always be missed. */
static int
check_answers(const struct load_spec *s, struct error *e)
{
	for (enum expect x = 0; x < EXPECT_COUNT && s->url.kind == LOAD_TCP; x++) {
		if (!s->expect.asked[x] || !needs_answers(x))
			continue;
		error_set(e, 0,
		        "`expect %s` cannot be met: a load of tcp:// has no requests and no answers",
		        expectation_rows[x].words);
		return error_fix(e, -EINVAL, "use expect connect MOST, or expect cps LEAST");
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

	if (!a->given[ARG_LOAD_ACCEPT])
		return 0;
	if (s->url.kind != LOAD_HTTP)
		return error_set(e, -EINVAL,
		        "`accept-status` is only for http://, which has status codes");
	if (status_set_parse(a->value[ARG_LOAD_ACCEPT].text, &s->accept, why, sizeof(why)) != 0)
		return error_set(e, -EINVAL, "'%s': %s", a->value[ARG_LOAD_ACCEPT].text, why);
	return 0;
}

static int
check_exchange(const struct load_spec *s, struct error *e)
{
	if (s->url.kind == LOAD_ECHO && s->payload == 0)
		return error_set(e, -EINVAL,
		        "an echo needs bytes to return: `payload` must be 1 or more");
	if (s->url.kind == LOAD_TCP && s->requests > 1)
		return error_set(e, -EINVAL,
		        "`requests-per-connection` is only for http:// and echo://: a load of tcp:// connects, sends its payload and closes");
	if (s->url.kind == LOAD_ECHO && s->close == LOAD_CLOSE_SERVER) {
		error_set(e, 0, "an echo server does not close first (RFC 862)");
		return error_fix(e, -EINVAL, "use close fin or close rst");
	}
	return 0;
}

static int
check_files(const struct load_spec *s, struct error *e)
{
	if (s->json[0] == '\0' || !document_same(s->json, s->html))
		return 0;
	return error_set(e, -EINVAL, "json and html cannot go into the same file: %s", s->json);
}

int
load_spec_from_args(struct load_spec *s, const struct args *a, struct error *e)
{
	char why[200];

	memset(s, 0, sizeof(*s));
	if (load_url_parse(a->value[ARG_URL].text, &s->url, why, sizeof(why)) != 0)
		return error_set(e, -EINVAL, "'%s': %s", a->value[ARG_URL].text, why);
	if (check_loop(a, e) != 0)
		return -EINVAL;
	store_load_options(s, a);
	if (check_exchange(s, e) != 0 || take_accepted(s, a, e) != 0 ||
	        take_expectations(s, a, e) != 0)
		return -EINVAL;
	return check_files(s, e);
}
