/* SPDX-License-Identifier: BSD-3-Clause */
/* Who was the limit?
 *
 * In this order, because one thing hides another: without its device a port sends nothing, and
 * whatever else shows comes of that. A rate that was reached had no limit, however busy the
 * cores were. Where nobody answers ARP nothing else can be seen. A
 * peer that refuses, or answers wrongly, does so however late we are. Cores that others used
 * make all else doubtful. A resource of ours that failed much of the time is the cause even if
 * cores are busy, for asking again costs time; so is a port for which most packets had to wait,
 * though it lost none. Busy cores are the cause of a few such failures. What is left is the
 * peer. */
#include <stdarg.h>
#include <stdio.h>

#include "load/report/result.h"
#include "text/figure.h"

#define REACHED 0.99  /* of the rate: the rest is the edges of the window */
#define BUSY    0.95  /* share of time: the rest is turns that came to nothing */
#define AWAY    0.05  /* share of time in which a core of ours did not run */
#define MUCH    0.05  /* failures for each connection attempted */
#define SOME    0.001 /* ... fewer are noise */
#define MOST    0.5   /* failures: by then they are what there is to say */
#define WAITED  0.5   /* of what was sent: a port that is full now and then has less */

const char *
load_side_name(enum load_side s)
{
	switch (s) {
	case LOAD_SIDE_NONE:
		return "none";
	case LOAD_SIDE_CORES:
		return "cores";
	case LOAD_SIDE_MBUFS:
		return "mbufs";
	case LOAD_SIDE_SOURCES:
		return "sources";
	case LOAD_SIDE_CONNS:
		return "max_conns";
	case LOAD_SIDE_PORT:
		return "port";
	case LOAD_SIDE_PEER:
		return "peer";
	}
	return "?";
}

static void __attribute__((format(printf, 3, 4)))
set_limit(struct load_result *r, enum load_side side, const char *fmt, ...)
{
	va_list args;

	r->limit = side;
	va_start(args, fmt);
	vsnprintf(r->limit_text, sizeof(r->limit_text), fmt, args);
	va_end(args);
}

static const struct load_core *
busiest_core(const struct load_result *r)
{
	const struct load_core *top = NULL;

	for (unsigned c = 0; c < r->ncores; c++) {
		if (top == NULL || r->core[c].busy > top->busy)
			top = &r->core[c];
	}
	return top;
}

static unsigned
busy_cores(const struct load_result *r)
{
	unsigned n = 0;

	for (unsigned c = 0; c < r->ncores; c++)
		n += r->core[c].busy >= BUSY;
	return n;
}

/* Is it noticeable beside all that was attempted? */
static bool
failures_weigh(const struct load_result *r, uint64_t failures, double share)
{
	uint64_t attempted = r->total.attempted > 0 ? r->total.attempted : 1;

	return failures > 0 && (double)failures >= share * (double)attempted;
}

static bool
say_nothing_measured(struct load_result *r)
{
	if (r->window_s > 0)
		return false;
	if (r->ncores == 0) {
		set_limit(r, LOAD_SIDE_NONE,
		        "It was stopped before it had begun, while it waited for its port's link or for an answer to ARP: nothing was measured.");
		return true;
	}
	set_limit(r, LOAD_SIDE_NONE,
	        "It ended before the steady window began: nothing was measured. Let it run longer than its warm-up of %s.",
	        figure_seconds(r->spec.warmup_s).text);
	return true;
}

static bool
say_rate_reached(struct load_result *r)
{
	double cps = load_cps(r);

	if (r->spec.rate <= 0 || cps < REACHED * r->spec.rate)
		return false;
	set_limit(r, LOAD_SIDE_NONE,
	        "The rate of %s a second was reached (%s). Ask for a higher `rate` to find the limit.",
	        figure_amount(r->spec.rate).text, figure_amount(cps).text);
	return true;
}

static bool
say_limit_sources(struct load_result *r, double share)
{
	uint64_t n = r->total.error[LOAD_ERROR_no_source];

	if (!failures_weigh(r, n, share))
		return false;
	set_limit(r, LOAD_SIDE_SOURCES,
	        "%s of %s connections found no free source: the %s addresses x ports were open or in TIME-WAIT. Add addresses or ports with `set source ADDR-ADDR ports A-B`.",
	        figure_count(n).text, figure_count(r->total.attempted).text,
	        figure_count(r->sources).text);
	return true;
}

static bool
say_limit_mbufs(struct load_result *r, double share)
{
	if (!failures_weigh(r, r->no_mbuf, share))
		return false;
	set_limit(r, LOAD_SIDE_MBUFS,
	        "Packet buffers ran out %s times in the steady window. Give each core more with --pool-size, or ask for less.",
	        figure_count(r->no_mbuf).text);
	return true;
}

static bool
say_limit_conns(struct load_result *r, double share)
{
	double mean_us = histogram_mean(&r->total.whole);
	char carry[128] = "";

	if (!failures_weigh(r, r->total.put_off, share))
		return false;
	if (mean_us > 0)
		snprintf(carry, sizeof(carry), ", which at %s each carry %s a second at most",
		        figure_duration(mean_us).text,
		        figure_amount(r->max_conns * 1e6 / mean_us).text);
	set_limit(r, LOAD_SIDE_CONNS,
	        "Opening had to wait %s times: no more than %s connections can be open%s. Raise --max-conns.",
	        figure_count(r->total.put_off).text, figure_count(r->max_conns).text, carry);
	return true;
}

static bool
say_limit_port(struct load_result *r, double share)
{
	if (!failures_weigh(r, r->tx_full, share))
		return false;
	set_limit(r, LOAD_SIDE_PORT,
	        "%s packets were not sent: the port's transmit queue was full in the steady window. The link or its driver (%s) takes no more.",
	        figure_count(r->tx_full).text, r->driver);
	return true;
}

/* What a full queue refuses waits for the next turns: nothing is lost, and nothing is faster
 * than the port. */
static bool
say_limit_port_slow(struct load_result *r)
{
	if (r->tx_waited == 0 || (double)r->tx_waited < WAITED * (double)r->tx_packets)
		return false;
	set_limit(r, LOAD_SIDE_PORT,
	        "%s of %s packets had to wait for the port in the steady window: its transmit queue was full. The link or its driver (%s) takes no more.",
	        figure_count(r->tx_waited).text, figure_count(r->tx_packets).text, r->driver);
	return true;
}

/* On a core that does not run, what is measured is the scheduler. */
static bool
say_limit_away(struct load_result *r)
{
	const struct load_core *top = NULL;

	for (unsigned c = 0; c < r->ncores; c++) {
		if (top == NULL || r->core[c].away > top->away)
			top = &r->core[c];
	}
	if (top == NULL || top->away < AWAY)
		return false;
	set_limit(r, LOAD_SIDE_CORES,
	        "Our own cores: lcore %u did not run for %s of the time, so that these figures are not the peer's. Something else had it, or the program was stopped: end that, or choose cores that nobody else uses with -l.",
	        top->lcore, figure_percent(100 * top->away).text);
	return true;
}

/* One core alone at its limit: the others cannot take its flows. */
static bool
say_limit_cores(struct load_result *r)
{
	const struct load_core *top = busiest_core(r);
	unsigned busy = busy_cores(r);

	if (busy == 0)
		return false;
	if (busy == r->ncores)
		set_limit(r, LOAD_SIDE_CORES,
		        "Our own %s busy: lcore %u %s of the time. Give more cores with -l; what the peer could do was not seen.",
		        busy == 1 ? "core was" : "cores were", top->lcore,
		        figure_percent(100 * top->busy).text);
	else
		set_limit(r, LOAD_SIDE_CORES,
		        "%u of our %u cores %s busy, lcore %u %s of the time: their share of the flows was all that they could do. Give more cores with -l.",
		        busy, r->ncores, busy == 1 ? "was" : "were", top->lcore,
		        figure_percent(100 * top->busy).text);
	return true;
}

/* The resources of ours, the one that hides others first. */
static bool
say_limit_resource(struct load_result *r, double share)
{
	return say_limit_sources(r, share) || say_limit_mbufs(r, share) ||
	       say_limit_conns(r, share) || say_limit_port(r, share);
}

/* What the peer did, and what to look at. */
static const char *
peer_advice(enum load_error e)
{
	switch (e) {
	case LOAD_ERROR_timeout:
		return "It does not answer, or not in time: see what it is busy with, or allow more with `timeout`.";
	case LOAD_ERROR_refused:
		return "Nothing listens there, or its backlog is full.";
	case LOAD_ERROR_reset:
		return "It gave connections up that it had accepted: see its limits and its log.";
	case LOAD_ERROR_unreachable:
		return "A router, or nobody on the link, answered: check the address, the prefix and the gateway.";
	case LOAD_ERROR_short_answer:
		return "It closes early: see its log and its limits for one connection.";
	case LOAD_ERROR_redirect:
		return "Redirects are not followed: load what it points to (curl -I tells), or say `accept-status 2xx,3xx` if the redirect is to be measured.";
	case LOAD_ERROR_bad_status:
		return "It answers, but with an error: check the path, and its log.";
	case LOAD_ERROR_bad_answer:
		return "Something else than the kind of load expects listens there.";
	case LOAD_ERROR_no_source:
	case LOAD_ERROR_stopped:
	case LOAD_ERROR_COUNT:
		break;
	}
	return "";
}

/* The kind of failure that the peer is answerable for and that occurred most. */
static enum load_error
peer_error(const struct load_result *r)
{
	enum load_error most = LOAD_ERROR_COUNT;

	for (enum load_error e = 0; e < LOAD_ERROR_COUNT; e++) {
		if (e == LOAD_ERROR_no_source || e == LOAD_ERROR_stopped ||
		        r->total.error[e] == 0)
			continue;
		if (most == LOAD_ERROR_COUNT || r->total.error[e] > r->total.error[most])
			most = e;
	}
	return most;
}

static bool
say_limit_unresolved(struct load_result *r)
{
	if (r->total.connected > 0 || r->unresolved == 0)
		return false;
	set_limit(r, LOAD_SIDE_PEER,
	        "Nobody answered ARP for the peer or the gateway: %s packets were not sent. See `show neighbours`, and check the address, the prefix and the gateway.",
	        figure_count(r->unresolved).text);
	return true;
}

/* It says so itself, and not because nobody listened to it for a while. */
static bool
error_is_answer(enum load_error e)
{
	switch (e) {
	case LOAD_ERROR_refused:
	case LOAD_ERROR_unreachable:
	case LOAD_ERROR_redirect:
	case LOAD_ERROR_bad_status:
	case LOAD_ERROR_bad_answer:
		return true;
	case LOAD_ERROR_timeout:
	case LOAD_ERROR_reset:
	case LOAD_ERROR_short_answer:
	case LOAD_ERROR_no_source:
	case LOAD_ERROR_stopped:
	case LOAD_ERROR_COUNT:
		break;
	}
	return false;
}

static bool
say_peer_failed(struct load_result *r, double share)
{
	enum load_error e = peer_error(r);

	if (e == LOAD_ERROR_COUNT || !failures_weigh(r, r->total.error[e], share))
		return false;
	set_limit(r, LOAD_SIDE_PEER,
	        "The peer: %s of %s connections failed, most often: %s (%s). %s",
	        figure_count(load_tally_errors(&r->total) -
	                     r->total.error[LOAD_ERROR_no_source] -
	                     r->total.error[LOAD_ERROR_stopped])
	                .text,
	        figure_count(r->total.attempted).text, load_error_texts[e],
	        figure_count(r->total.error[e]).text, peer_advice(e));
	return true;
}

/* No failure, and we were idle: the way and the peer take their time. */
static void
say_peer_slow(struct load_result *r)
{
	const struct load_core *top = busiest_core(r);
	struct figure busy = figure_percent(top == NULL ? 0 : 100 * top->busy);
	struct figure whole = figure_duration((double)histogram_quantile(&r->total.whole, 0.5));
	double error, slope = trend_slope(&r->total.whole_trend, &error);
	struct figure growth = figure_duration(1e6 * slope);

	if (load_falls_behind(r))
		set_limit(r, LOAD_SIDE_PEER,
		        "The peer, or the way to it, does not keep up: %s of the %s a second that were asked for, and each second a connection took %s longer. Our busiest core was %s busy.",
		        figure_amount(load_cps(r)).text, figure_amount(r->spec.rate).text,
		        growth.text, busy.text);
	else if (r->spec.rate > 0)
		set_limit(r, LOAD_SIDE_PEER,
		        "The peer, or the way to it: %s of the %s a second that were asked for. Our busiest core was %s busy; a connection took %s (p50).",
		        figure_amount(load_cps(r)).text, figure_amount(r->spec.rate).text,
		        busy.text, whole.text);
	else
		set_limit(r, LOAD_SIDE_PEER,
		        "The peer, or the way to it: our busiest core was %s busy, and a connection took %s (p50). With more than %s at a time it may do more: raise `concurrency` until it does not.",
		        busy.text, whole.text, figure_count(r->spec.concurrency).text);
}

/* Nothing has gone out since, whatever it looks like. */
static bool
say_limit_port_gone(struct load_result *r)
{
	if (!r->port_gone)
		return false;
	set_limit(r, LOAD_SIDE_PORT,
	        "The port's network device was removed in the midst of it, and nothing went out from then on. End this program, and start it again.");
	return true;
}

static bool
say_peer_refuses(struct load_result *r)
{
	return error_is_answer(peer_error(r)) && say_peer_failed(r, MOST);
}

static void
judge_throughput(struct load_result *r)
{
	if (say_limit_port_gone(r) || say_nothing_measured(r) || say_rate_reached(r) ||
	        say_limit_unresolved(r) || say_peer_refuses(r) || say_limit_away(r) ||
	        say_limit_resource(r, MUCH) || say_limit_port_slow(r) || say_limit_cores(r) ||
	        say_limit_resource(r, SOME) || say_peer_failed(r, SOME))
		return;
	say_peer_slow(r);
}

void
load_judge(struct load_result *r)
{
	judge_throughput(r);
	load_judge_latency(r);
}
