/* SPDX-License-Identifier: BSD-3-Clause */
/* Decides which side was the limit of a load.
 *
 * The order of the checks matters, because one cause hides another:
 *  - A port without its device sends nothing, and all other symptoms follow from that.
 *  - A rate that was reached had no limit, however busy the cores were.
 *  - Without an answer to ARP nothing else can be measured.
 *  - A peer that refuses or answers wrongly does so however late we are.
 *  - If our cores did not run all the time, all other figures are doubtful.
 *  - A resource of ours that failed often is the cause even if cores are busy, since repeated
 *    attempts cost time. So is a port for which most packets had to wait, though it lost none.
 *  - Busy cores are the cause of a few such failures.
 *  - Otherwise the peer is the limit. */
#include <stdarg.h>
#include <stdio.h>

#include "load/report/result.h"
#include "text/figure.h"

#define REACHED 0.99  /* share of the rate; the rest is lost at the edges of the window */
#define BUSY    0.95  /* share of time; a busy core still has a few empty turns */
#define AWAY    0.05  /* share of time in which one of our cores did not run */
#define MUCH    0.05  /* failures for each attempted connection */
#define SOME    0.001 /* failures for each attempted connection; fewer are noise */
#define MOST    0.5   /* failures for each attempted connection that outweigh all else */
#define WAITED  0.5   /* share of the sent packets; a port that is full at times has less */

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

/* Are there `share` failures or more for each attempted connection? */
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
		        "The load was stopped before it began: the port's link or an answer to ARP was missing. Nothing was measured.");
		return true;
	}
	set_limit(r, LOAD_SIDE_NONE,
	        "The load ended before the steady window began: nothing was measured. Let it run longer than the warm-up of %s.",
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
	        "%s of %s connections found no free source: all of the %s addresses x ports were open or in TIME-WAIT. Add addresses or ports with `set source ADDR-ADDR ports A-B`.",
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
	        "Packet buffers ran out %s times in the steady window. Give each core more with --pool-size, or lower the load.",
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
	        "%s connections had to wait before they were opened: at most %s connections can be open%s. Raise --max-conns.",
	        figure_count(r->total.put_off).text, figure_count(r->max_conns).text, carry);
	return true;
}

static bool
say_limit_port(struct load_result *r, double share)
{
	if (!failures_weigh(r, r->tx_full, share))
		return false;
	set_limit(r, LOAD_SIDE_PORT,
	        "%s packets were not sent: the port's transmit queue was full in the steady window. The link or its driver (%s) takes no more: lower the load, or use a faster port.",
	        figure_count(r->tx_full).text, r->driver);
	return true;
}

/* Packets that a full queue refuses wait for the next turns. None is lost, but the port is the
 * limit. */
static bool
say_limit_port_slow(struct load_result *r)
{
	if (r->tx_waited == 0 || (double)r->tx_waited < WAITED * (double)r->tx_packets)
		return false;
	set_limit(r, LOAD_SIDE_PORT,
	        "%s of %s packets had to wait for the port in the steady window: its transmit queue was full. The link or its driver (%s) takes no more: lower the load, or use a faster port.",
	        figure_count(r->tx_waited).text, figure_count(r->tx_packets).text, r->driver);
	return true;
}

/* On a core that does not run all the time, the figures describe the scheduler. */
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
	        "Our own cores: lcore %u did not run for %s of the time, so these figures do not describe the peer. Another process used its CPU, or handfast was stopped. End that process, or choose cores that no other process uses with -l.",
	        top->lcore, figure_percent(100 * top->away).text);
	return true;
}

/* One busy core is enough: the others cannot take its flows. */
static bool
say_limit_cores(struct load_result *r)
{
	const struct load_core *top = busiest_core(r);
	unsigned busy = busy_cores(r);

	if (busy == 0)
		return false;
	if (busy == r->ncores)
		set_limit(r, LOAD_SIDE_CORES,
		        "Our own %s busy: lcore %u %s of the time. The peer may be able to do more: give more cores with -l.",
		        busy == 1 ? "core was" : "cores were", top->lcore,
		        figure_percent(100 * top->busy).text);
	else
		set_limit(r, LOAD_SIDE_CORES,
		        "%u of our %u cores %s busy, lcore %u %s of the time: no core could take more flows. Give more cores with -l.",
		        busy, r->ncores, busy == 1 ? "was" : "were", top->lcore,
		        figure_percent(100 * top->busy).text);
	return true;
}

/* Our own resources, in the order in which one hides the others. */
static bool
say_limit_resource(struct load_result *r, double share)
{
	return say_limit_sources(r, share) || say_limit_mbufs(r, share) ||
	       say_limit_conns(r, share) || say_limit_port(r, share);
}

/* The behaviour of the peer, and the things to check. */
static const char *
peer_advice(enum load_error e)
{
	switch (e) {
	case LOAD_ERROR_timeout:
		return "It does not answer, or not in time: check its load, or allow more time with `timeout`.";
	case LOAD_ERROR_refused:
		return "Nothing listens on that port, or its backlog is full.";
	case LOAD_ERROR_reset:
		return "It reset connections that it had accepted: check its limits and its log.";
	case LOAD_ERROR_unreachable:
		return "A router sent an ICMP error, or ARP had no answer: check the address, the prefix and the gateway.";
	case LOAD_ERROR_short_answer:
		return "It closes early: check its log and its limits for one connection.";
	case LOAD_ERROR_redirect:
		return "Redirects are not followed: load the URL to which it redirects (`curl -I` shows it), or measure the redirect itself with `accept-status 2xx,3xx`.";
	case LOAD_ERROR_bad_status:
		return "It answers with an error: check the path and its log.";
	case LOAD_ERROR_bad_answer:
		return "The service on that port does not speak the protocol of this load.";
	case LOAD_ERROR_no_source:
	case LOAD_ERROR_stopped:
	case LOAD_ERROR_COUNT:
		break;
	}
	return "";
}

/* The most frequent error that the peer has caused. */
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
	        "ARP had no answer for the peer or the gateway: %s packets were not sent. See `show neighbours`, and check the address, the prefix and the gateway.",
	        figure_count(r->unresolved).text);
	return true;
}

/* Is the error an answer of the peer, which does not depend on how late we are? */
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

/* Nothing failed and our cores were idle, so the peer or the network is slow. */
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
		        "The peer or the network does not keep up: %s of the %s connections a second were completed, and each second a connection took %s longer. Our busiest core was %s busy.",
		        figure_amount(load_cps(r)).text, figure_amount(r->spec.rate).text,
		        growth.text, busy.text);
	else if (r->spec.rate > 0)
		set_limit(r, LOAD_SIDE_PEER,
		        "The peer or the network: %s of the %s connections a second were completed. Our busiest core was %s busy, and a connection took %s (p50).",
		        figure_amount(load_cps(r)).text, figure_amount(r->spec.rate).text,
		        busy.text, whole.text);
	else
		set_limit(r, LOAD_SIDE_PEER,
		        "The peer or the network: our busiest core was %s busy, and a connection took %s (p50). It may do more with more than %s connections at a time: raise `concurrency` until the rate stops growing.",
		        busy.text, whole.text, figure_count(r->spec.concurrency).text);
}

/* Nothing was sent after the device was removed, so all other figures follow from that. */
static bool
say_limit_port_gone(struct load_result *r)
{
	if (!r->port_gone)
		return false;
	set_limit(r, LOAD_SIDE_PORT,
	        "The port's network device was removed during the load, and nothing was sent from then on. Quit, and start handfast again.");
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
