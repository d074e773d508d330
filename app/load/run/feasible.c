/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes whether sources, ports and --max-conns can carry a load, and says it. */
#include "load/run/feasible.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stack/stack.h"
#include "text/figure.h"

#define LIFE_S       0.001 /* the assumed duration of a connection; the text names it */
#define PEER_WAIT_S  60.0  /* TIME-WAIT of Linux */
#define REUSE_S      1.0   /* RFC 6191, RFC 7323: a tick of the coarsest clock */
#define SHORT_LIFE_S 0.01  /* the table is too small if connections must be shorter */
#define GOOD_LIFE_S  0.1   /* the duration for which a larger table is suggested */
#define COUNT_TEXT   sizeof(struct figure)

/* The input, the figures that follow from it, and the text as it grows. */
struct sum {
	const struct feasible_in *in;
	double flows; /* addresses x ports */
	double rate;  /* the rate of the spec, or the rate if a connection takes LIFE_S */
	double whole; /* connections of the whole load */
	char *text;
	unsigned size, len;
};

static void __attribute__((format(printf, 2, 3)))
say_feasible(struct sum *s, const char *fmt, ...)
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
lesser_of(double a, double b)
{
	return a < b ? a : b;
}

static double
whole_below(double x)
{
	return (double)(uint64_t)x;
}

static double
whole_above(double x)
{
	return whole_below(x) < x ? whole_below(x) + 1 : whole_below(x);
}

/* "1,500,000" */
static const char *
count_text(double n, char text[COUNT_TEXT])
{
	snprintf(text, COUNT_TEXT, "%s", figure_count((uint64_t)(n + 0.5)).text);
	return text;
}

/* "4.1 ms", "655 ms", "3.2 s", "12 s" */
static const char *
seconds_text(double s, char text[COUNT_TEXT])
{
	snprintf(text, COUNT_TEXT, "%s", figure_estimate(s).text);
	return text;
}

static const char *
plural_es(double n)
{
	return n == 1 ? "" : "es";
}

/* False: `set source` cannot have that many addresses, and none are suggested. */
static bool
say_addresses(struct sum *s, double flows)
{
	double n = whole_above(flows / (double)s->in->ports);
	char a[COUNT_TEXT];

	if (n > LIMIT_SOURCES)
		return false;
	say_feasible(s, "`set source` with %s address%s, ", count_text(n, a), plural_es(n));
	return true;
}

static void
say_lower_rate(struct sum *s, double rate)
{
	if (s->in->spec->rate > 0)
		say_feasible(s, "rate %.0f", rate < 1 ? 1 : whole_below(rate));
	else
		say_feasible(s, "`rate %.0f` instead of `concurrency`",
		        rate < 1 ? 1 : whole_below(rate));
}

/* The rate of a closed loop is not known before it runs. */
static void
say_guessed_rate(struct sum *s)
{
	char a[COUNT_TEXT];

	if (s->in->spec->rate == 0)
		say_feasible(s, ", if each connection takes 1 ms (%s per second)",
		        count_text(s->rate, a));
}

/* The first line: the flows that can carry the load. */
static void
say_flows(struct sum *s)
{
	const struct feasible_in *in = s->in;
	char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT], d[COUNT_TEXT];

	say_feasible(s, "sources: %s address%s x %s ports = %s flows",
	        count_text((double)in->addresses, a), plural_es((double)in->addresses),
	        count_text((double)in->ports, b), count_text(s->flows, c));
	if (in->spec->rate > 0)
		say_feasible(s, ", for %s connections per second\n", count_text(s->rate, d));
	else
		say_feasible(s, ", %s of them open at a time\n",
		        count_text(in->spec->concurrency, d));
}

/* Open loop: the longest duration of a connection that the room allows. */
static int
judge_open_loop(struct sum *s)
{
	const struct feasible_in *in = s->in;
	double room = lesser_of((double)in->max_conns, s->flows);
	char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT];

	say_feasible(s,
	        "open: room for %s connections at a time, so each may take %s (at 1 ms each, %s are open)\n",
	        count_text(room, b), seconds_text(room / s->rate, c),
	        count_text(whole_above(s->rate * LIFE_S), a));
	if (room / s->rate >= SHORT_LIFE_S || room >= s->whole)
		return 0;
	if ((double)in->max_conns < s->flows)
		say_feasible(s, "to fix it: --max-conns %.0f (each may then take %s)\n",
		        whole_above(s->rate * GOOD_LIFE_S / in->cores),
		        seconds_text(GOOD_LIFE_S, c));
	else
		say_feasible(s, "to fix it: `set source` with more addresses\n");
	return 1;
}

/* We close first, so TIME-WAIT is on our side. Its table is as large as the table of
 * connections. When it is full, the oldest entry is removed, and its port is free. */
static int
judge_our_time_wait(struct sum *s)
{
	double wait = s->in->time_wait_s, table = (double)s->in->max_conns;
	double all = lesser_of(s->rate * wait, s->whole), need = lesser_of(all, table);
	char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT];

	if (need <= s->flows) {
		say_feasible(
		        s, "TIME-WAIT: on our side, at most %s flows", count_text(need, a));
		if (need < all)
			say_feasible(s, " (--max-conns), each free again after %s",
			        seconds_text(need / s->rate, b));
		say_guessed_rate(s);
		say_feasible(s, "\n");
		return 0;
	}
	say_feasible(s, "TIME-WAIT: on our side, %s flows in %s: ports run out after %s",
	        count_text(need, a), seconds_text(need / s->rate, b),
	        seconds_text(s->flows / s->rate, c));
	say_guessed_rate(s);
	if (s->rate * REUSE_S <= s->flows)
		say_feasible(s,
		        ".\n  They do not run out if the peer sends timestamps: a flow is then free after 1 s.\n");
	else
		say_feasible(s,
		        ".\n  With timestamps of the peer a flow is free after 1 s, but %s flows are needed.\n",
		        count_text(s->rate * REUSE_S, a));
	say_feasible(s, "to fix it: ");
	say_addresses(s, need);
	if (whole_below(s->flows / s->rate) >= 1)
		say_feasible(s, "--time-wait %.0f, ", whole_below(s->flows / s->rate));
	say_lower_rate(s, s->flows / wait);
	say_feasible(s, ", or close rst\n");
	return 1;
}

/* The server closes first: is a port used again while the server holds it in TIME-WAIT? */
static int
judge_server_time_wait(struct sum *s)
{
	double back = s->flows / s->rate;
	char a[COUNT_TEXT];

	say_feasible(s, "TIME-WAIT: on the server's side, ");
	if (s->whole <= s->flows) {
		say_feasible(s, "no port is used twice");
		if (s->in->spec->rate == 0)
			say_feasible(s, " below %s connections per second",
			        count_text(whole_below(s->rate * s->flows / s->whole), a));
		say_feasible(s, "\n");
		return 0;
	}
	say_feasible(s, "a port is used again after %s", seconds_text(back, a));
	say_guessed_rate(s);
	if (back >= PEER_WAIT_S) {
		say_feasible(s, "\n");
		return 0;
	}
	say_feasible(s,
	        ".\n  Linux holds it for 60 s. It accepts it at once if both sides send timestamps, as we do\n  (RFC 6191). Without timestamps, SYNs may be lost.\nto fix it: ");
	if (say_addresses(s, lesser_of(s->rate * PEER_WAIT_S, s->whole)))
		say_feasible(s, "or ");
	say_lower_rate(s, s->flows / PEER_WAIT_S);
	say_feasible(s, "\n");
	return 1;
}

static int
judge_time_wait(struct sum *s)
{
	switch (s->in->spec->close) {
	case LOAD_CLOSE_FIN:
		return judge_our_time_wait(s);
	case LOAD_CLOSE_SERVER:
		return judge_server_time_wait(s);
	case LOAD_CLOSE_RST:
		break;
	}
	say_feasible(s, "TIME-WAIT: none after a reset\n");
	return 0;
}

/* A closed loop needs all of its connections at once. */
static int
check_closed_loop(const struct sum *s, struct error *e)
{
	const struct feasible_in *in = s->in;
	double n = in->spec->concurrency, addresses = whole_above(n / (double)in->ports);
	char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT];

	if (n > s->flows) {
		error_set(e, 0,
		        "concurrency %.0f needs more than the %s flows of %s address%s x %s ports",
		        n, count_text(s->flows, a), count_text((double)in->addresses, b),
		        plural_es((double)in->addresses), count_text((double)in->ports, c));
		if (addresses > LIMIT_SOURCES)
			return error_fix(e, -EINVAL, "concurrency %.0f", s->flows);
		return error_fix(e, -EINVAL,
		        "concurrency %.0f, or `set source` with %.0f addresses", s->flows,
		        addresses);
	}
	if (n <= (double)in->max_conns)
		return 0;
	error_set(e, 0, "concurrency %.0f is more than the %llu connections that fit", n,
	        (unsigned long long)in->max_conns);
	return error_fix(e, -EINVAL, "--max-conns %.0f, or concurrency %llu",
	        whole_above(n / in->cores), (unsigned long long)in->max_conns);
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
	if (spec->rate == 0 && check_closed_loop(&s, e) != 0)
		return -EINVAL;
	say_flows(&s);
	if (spec->rate > 0)
		open = judge_open_loop(&s);
	wait = judge_time_wait(&s);
	return open | wait;
}
