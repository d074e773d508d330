/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/run/feasible.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stack/stack.h"
#include "text/figure.h"

#define LIFE_S       0.001 /* a guess, and said to be one */
#define PEER_WAIT_S  60.0  /* TIME-WAIT of Linux */
#define REUSE_S      1.0   /* RFC 6191, RFC 7323: a tick of the coarsest clock */
#define SHORT_LIFE_S 0.01  /* less than this, and the table of connections is small */
#define GOOD_LIFE_S  0.1
#define COUNT_TEXT   sizeof(struct figure)

/* What follows from the input, and the text as it grows. */
struct sum {
	const struct feasible_in *in;
	double flows; /* addresses x ports */
	double rate;  /* asked for, or with a life of LIFE_S */
	double whole; /* connections of the whole load */
	char *text;
	unsigned size, len;
};

static void __attribute__((format(printf, 2, 3))) say(struct sum *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->text + s->len, s->size - s->len, fmt, ap);
	va_end(ap);
	s->len += (unsigned)n;
	if (s->len >= s->size)
		s->len = s->size - 1;
}

static double
least(double a, double b)
{
	return a < b ? a : b;
}

static double
down(double x)
{
	return (double)(uint64_t)x;
}

static double
up(double x)
{
	return down(x) < x ? down(x) + 1 : down(x);
}

/* "1,500,000" */
static const char *
count(double n, char text[COUNT_TEXT])
{
	snprintf(text, COUNT_TEXT, "%s", figure_count((uint64_t)(n + 0.5)).text);
	return text;
}

/* "4.1 ms", "655 ms", "3.2 s", "12 s" */
static const char *
seconds(double s, char text[COUNT_TEXT])
{
	snprintf(text, COUNT_TEXT, "%s", figure_estimate(s).text);
	return text;
}

static const char *
plural(double n)
{
	return n == 1 ? "" : "es";
}

/* The operator has the list of what would do in the order of least harm. */
static bool
say_addresses(struct sum *s, double flows)
{
	double n = up(flows / (double)s->in->ports);
	char a[COUNT_TEXT];

	if (n > LIMIT_SOURCES)
		return false;
	say(s, "`set source` with %s address%s, ", count(n, a), plural(n));
	return true;
}

static void
say_slower(struct sum *s, double rate)
{
	char a[COUNT_TEXT];

	if (s->in->spec->rate > 0)
		say(s, "rate %.0f", rate < 1 ? 1 : down(rate));
	else
		say(s, "%s connections per second at the most", count(down(rate), a));
}

/* What a closed loop will reach nobody knows before: then the rate is a guess. */
static void
say_guess(struct sum *s)
{
	char a[COUNT_TEXT];

	if (s->in->spec->rate == 0)
		say(s, ", at a guess of %s connections per second (1 ms each)",
		        count(s->rate, a));
}

/* Line one: what there is to carry the load. */
static void
say_sources(struct sum *s)
{
	const struct feasible_in *in = s->in;
	char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT], d[COUNT_TEXT];

	say(s, "sources: %s address%s x %s ports = %s flows", count((double)in->addresses, a),
	        plural((double)in->addresses), count((double)in->ports, b), count(s->flows, c));
	if (in->spec->rate > 0)
		say(s, ", for %s connections per second\n", count(s->rate, d));
	else
		say(s, ", of which %s are open at a time\n", count(in->spec->concurrency, d));
}

/* Open loop: how long may a connection live? */
static int
judge_open(struct sum *s)
{
	const struct feasible_in *in = s->in;
	double room = least((double)in->max_conns, s->flows);
	char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT];

	say(s,
	        "open: %s for each ms that a connection takes; there is room for %s, so each "
	        "may take %s",
	        count(up(s->rate * LIFE_S), a), count(room, b), seconds(room / s->rate, c));
	if (room / s->rate >= SHORT_LIFE_S || room >= s->whole) {
		say(s, "\n");
		return 0;
	}
	if ((double)in->max_conns < s->flows)
		say(s, ".\nenough: --max-conns %.0f, so that each may take %s\n",
		        up(s->rate * GOOD_LIFE_S / in->cores), seconds(GOOD_LIFE_S, c));
	else
		say(s, ".\nenough: `set source` with more addresses\n");
	return 1;
}

/* We close first. TIME-WAIT has a table as large as that of connections, and
 * when it is full the oldest goes: its port is free then. */
static int
judge_ours(struct sum *s)
{
	double wait = s->in->time_wait_s, table = (double)s->in->max_conns;
	double all = least(s->rate * wait, s->whole), need = least(all, table);
	char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT];

	if (need <= s->flows) {
		say(s, "TIME-WAIT: ours, %s flows at the most", count(need, a));
		if (need < all)
			say(s, " (--max-conns): each is free again after %s",
			        seconds(need / s->rate, b));
		say_guess(s);
		say(s, "\n");
		return 0;
	}
	say(s, "TIME-WAIT: ours, %s flows in %s; ports run out after %s", count(need, a),
	        seconds(need / s->rate, b), seconds(s->flows / s->rate, c));
	say_guess(s);
	if (s->rate * REUSE_S <= s->flows)
		say(s, ".\n  Not if the peer sends timestamps: a flow is free after 1 s "
		       "then.\n");
	else
		say(s,
		        ".\n  If the peer sends timestamps, each is free after 1 s: %s are "
		        "needed "
		        "even then.\n",
		        count(s->rate * REUSE_S, a));
	say(s, "enough: ");
	say_addresses(s, need);
	if (down(s->flows / s->rate) >= 1)
		say(s, "--time-wait %.0f, ", down(s->flows / s->rate));
	say_slower(s, s->flows / wait);
	say(s, ", or close rst\n");
	return 1;
}

/* The server closes first: does a port come back while it is held there? */
static int
judge_servers(struct sum *s)
{
	double back = s->flows / s->rate;
	char a[COUNT_TEXT];

	say(s, "TIME-WAIT: the server's; ");
	if (s->whole <= s->flows) {
		say(s, "no port is needed twice");
		if (s->in->spec->rate == 0)
			say(s, " below %s connections per second",
			        count(down(s->rate * s->flows / s->whole), a));
		say(s, "\n");
		return 0;
	}
	say(s, "a port is needed again after %s", seconds(back, a));
	say_guess(s);
	if (back >= PEER_WAIT_S) {
		say(s, "\n");
		return 0;
	}
	say(s, ".\n  Linux holds it for 60 s, but takes it back at once if both sides have "
	       "timestamps\n  (RFC 6191), as we do. Without them SYNs may be lost.\nenough: ");
	if (say_addresses(s, least(s->rate * PEER_WAIT_S, s->whole)))
		say(s, "or ");
	say_slower(s, s->flows / PEER_WAIT_S);
	say(s, "\n");
	return 1;
}

static int
judge_time_wait(struct sum *s)
{
	switch (s->in->spec->close) {
	case LOAD_CLOSE_FIN:
		return judge_ours(s);
	case LOAD_CLOSE_SERVER:
		return judge_servers(s);
	case LOAD_CLOSE_RST:
		break;
	}
	say(s, "TIME-WAIT: none after a reset\n");
	return 0;
}

/* A closed loop needs all of its connections at once. */
static int
check_closed(const struct sum *s, struct error *e)
{
	const struct feasible_in *in = s->in;
	double n = in->spec->concurrency, addresses = up(n / (double)in->ports);
	char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT];

	if (n > s->flows) {
		error_set(e, 0,
		        "concurrency %.0f needs more than the %s flows of %s address%s x %s "
		        "ports",
		        n, count(s->flows, a), count((double)in->addresses, b),
		        plural((double)in->addresses), count((double)in->ports, c));
		if (addresses > LIMIT_SOURCES)
			return error_fix(e, -EINVAL, "concurrency %.0f", s->flows);
		return error_fix(e, -EINVAL,
		        "concurrency %.0f, or `set source` with %.0f addresses", s->flows,
		        addresses);
	}
	if (n <= (double)in->max_conns)
		return 0;
	error_set(e, 0,
	        "concurrency %.0f is more than the %llu connections for which there is room", n,
	        (unsigned long long)in->max_conns);
	return error_fix(e, -EINVAL, "--max-conns %.0f, or concurrency %llu", up(n / in->cores),
	        (unsigned long long)in->max_conns);
}

int
load_feasible(const struct feasible_in *in, char *text, unsigned size, struct error *e)
{
	const struct load_spec *spec = in->spec;
	struct sum s = {.in = in, .text = text, .size = size};
	int open = 0, wait;

	s.flows = (double)in->addresses * (double)in->ports;
	s.rate = spec->rate > 0 ? spec->rate : spec->concurrency / LIFE_S;
	s.whole = s.rate * (spec->duration_s + spec->warmup_s / 2);
	text[0] = '\0';
	if (spec->rate == 0 && check_closed(&s, e) != 0)
		return -EINVAL;
	say_sources(&s);
	if (spec->rate > 0)
		open = judge_open(&s);
	wait = judge_time_wait(&s);
	return open | wait;
}
