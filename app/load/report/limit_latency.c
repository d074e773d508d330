/* SPDX-License-Identifier: BSD-3-Clause */
/* Decides whether the latencies are the peer's or our own.
 *
 * A load may reach its rate and still be late each time. The measured latency is then partly
 * its own. Two figures say how much: the lateness (from the intended start until the port got
 * the SYN), and the gaps between two turns (a packet that arrives in a gap is handled at its
 * end). Both are added up at the percentile of the measured latency. For `connect`, which waits
 * once for our core, the sum is mostly too high. `whole` waits two or three times, but seldom
 * each time in a long gap. */
#include <stdarg.h>
#include <stdio.h>

#include "load/report/result.h"
#include "text/figure.h"

#define LARGELY 0.5   /* share of the latency that makes it our own */
#define PARTLY  0.25  /* share of the latency that is visible */
#define AWAY    0.005 /* share of time without running that can cause a p99 */
#define BUSY    0.7   /* share of busy time from which on turns are long */
#define WAITED  0.01  /* share of waiting packets that a p99 shows */

const char *
load_latency_side_name(enum load_latency_side s)
{
	switch (s) {
	case LOAD_LATENCY_NONE:
		return "none";
	case LOAD_LATENCY_PEER:
		return "peer";
	case LOAD_LATENCY_MIXED:
		return "mixed";
	case LOAD_LATENCY_OWN:
		return "own";
	}
	return "?";
}

uint64_t
load_own_us(const struct load_tally *t, double quantile)
{
	return histogram_quantile(&t->lateness, quantile) +
	       histogram_quantile(&t->gaps, quantile);
}

/* The latency with the greatest share of our own time. */
struct worst {
	const char *what, *at;
	uint64_t measured_us, own_us;
	double share;
};

static void
weigh_latency(struct worst *w, const struct load_tally *t, const char *what,
        const struct histogram *h)
{
	static const struct {
		double quantile;
		const char *name;
	} at[] = {{0.5, "p50"}, {0.99, "p99"}};

	for (unsigned i = 0; h->count > 0 && i < sizeof(at) / sizeof(at[0]); i++) {
		uint64_t measured = histogram_quantile(h, at[i].quantile);
		uint64_t own = load_own_us(t, at[i].quantile);
		double share = (double)own / (double)(measured > 0 ? measured : 1);

		if (w->what == NULL || share > w->share)
			*w = (struct worst) {what, at[i].name, measured, own, share};
	}
}

static double
most_away_share(const struct load_result *r)
{
	double away = 0;

	for (unsigned c = 0; c < r->ncores; c++)
		away = r->core[c].away > away ? r->core[c].away : away;
	return away;
}

static double
most_busy_share(const struct load_result *r)
{
	double busy = 0;

	for (unsigned c = 0; c < r->ncores; c++)
		busy = r->core[c].busy > busy ? r->core[c].busy : busy;
	return busy;
}

static bool
port_waits(const struct load_result *r)
{
	return r->tx_waited > 0 && (double)r->tx_waited >= WAITED * (double)r->tx_packets;
}

/* The cause, and a way to fix it. */
static void
say_latency_cause(const struct load_result *r, char *text, size_t size)
{
	double away = most_away_share(r), busy = most_busy_share(r);

	if (away >= AWAY)
		snprintf(text, size,
		        "One of our cores did not run for %s of the time: choose cores that no other process uses with -l.",
		        figure_percent(100 * away).text);
	else if (busy >= BUSY)
		snprintf(text, size,
		        "Our busiest core was %s busy: lower the load, or give more cores with -l.",
		        figure_percent(100 * busy).text);
	else
		snprintf(text, size,
		        "The port or its driver (%s) makes turns long: use a faster port to measure shorter latencies.",
		        r->driver);
}

static void __attribute__((format(printf, 3, 4)))
set_latency_side(struct load_result *r, enum load_latency_side side, const char *fmt, ...)
{
	va_list args;

	r->latency = side;
	va_start(args, fmt);
	vsnprintf(r->latency_text, sizeof(r->latency_text), fmt, args);
	va_end(args);
}

/* A very short handshake may be all our own, while the latency of whole connections is still
 * the peer's. */
static void
say_whole_latency(const struct worst *whole, char *text, size_t size)
{
	snprintf(text, size,
	        " For whole connections it is the peer's: about %s of %s (%s) may be our own.",
	        figure_duration((double)whole->own_us).text,
	        figure_duration((double)whole->measured_us).text, whole->at);
}

static void
say_own_latency(struct load_result *r, const struct worst *w, const struct worst *whole)
{
	bool own = w->share >= LARGELY;
	char cause[192], but[160] = "";

	say_latency_cause(r, cause, sizeof(cause));
	if (whole->what != NULL && whole->share < PARTLY)
		say_whole_latency(whole, but, sizeof(but));
	set_latency_side(r, own ? LOAD_LATENCY_OWN : LOAD_LATENCY_MIXED,
	        "%s: up to %s of %s (%s, %s) may be our lateness and our gaps.%s %s",
	        own ? "The latencies are largely our own, not the peer's"
	            : "The latencies are in part our own",
	        figure_duration(
	                (double)(w->own_us < w->measured_us ? w->own_us : w->measured_us))
	                .text,
	        figure_duration((double)w->measured_us).text, w->what, w->at, but, cause);
}

/* The time that a packet waits for a full queue is neither lateness nor a gap. */
static void
say_latency_port(struct load_result *r)
{
	set_latency_side(r, LOAD_LATENCY_OWN,
	        "The latencies are in part our own: %s of %s packets had to wait for room in the port's transmit queue, and the length of that wait is not measured. Lower the load, or use a faster port than %s.",
	        figure_count(r->tx_waited).text, figure_count(r->tx_packets).text, r->driver);
}

void
load_judge_latency(struct load_result *r)
{
	struct worst w = {0}, whole = {0};

	weigh_latency(&w, &r->total, "connect", &r->total.connect);
	weigh_latency(&whole, &r->total, "whole", &r->total.whole);
	if (w.what == NULL || (whole.what != NULL && whole.share > w.share))
		w = whole;
	if (w.what == NULL)
		set_latency_side(r, LOAD_LATENCY_NONE,
		        "No connection of the steady window completed its handshake.");
	else if (w.share >= PARTLY)
		say_own_latency(r, &w, &whole);
	else if (port_waits(r))
		say_latency_port(r);
	else
		set_latency_side(r, LOAD_LATENCY_PEER,
		        "The latencies are the peer's or the network's: about %s of %s (%s, %s) may be our own.",
		        figure_duration((double)w.own_us).text,
		        figure_duration((double)w.measured_us).text, w.what, w.at);
}
