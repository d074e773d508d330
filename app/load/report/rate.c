/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes connections and requests a second.
 *
 * A connection that takes half a second ends half a second after it was due. A window of four
 * seconds that begins with few open connections then counts an eighth too few, though the
 * server keeps up. So the open loop counts the connections that were due in the window,
 * whenever they ended, as latencies do. A server that reaches only half of the rate ends all of
 * them, too, but each later than the one before. Then the rate is the number of connections
 * that ended within the window. */
#include <math.h>

#include "load/report/result.h"

/* The slope of the latency, in seconds per second, of a server that reaches 99 % of the rate.
 */
#define BEHIND 0.01
/* Connections: a queue may grow by this many within the window by chance. */
#define CHANCE 8.0

bool
load_falls_behind(const struct load_result *r)
{
	double by_chance = CHANCE / (double)(r->total.window_due + 1);

	return r->spec.rate > 0 && trend_rises(&r->total.whole_trend, fmax(BEHIND, by_chance));
}

/* `due_done` were due in the window and done at any time; `done` were done within it. */
static double
judged_per_second(const struct load_result *r, uint64_t due_done, uint64_t done)
{
	if (r->window_s <= 0)
		return 0;
	if (r->spec.rate <= 0 || r->total.window_due == 0 || load_falls_behind(r))
		return (double)done / r->window_s;
	/* A share of the rate, since a window need not be a whole number of periods. */
	return r->spec.rate * (double)due_done / (double)r->total.window_due;
}

double
load_cps(const struct load_result *r)
{
	return judged_per_second(r, r->total.window_due_completed, r->total.window_completed);
}

/* With several requests on a connection the last ones may be due after the window, and those
 * are not sent. */
double
load_rps(const struct load_result *r)
{
	uint64_t in_window = r->total.window_requests;

	if (r->spec.requests > 1)
		return r->window_s > 0 ? (double)in_window / r->window_s : 0;
	return judged_per_second(r, r->total.window_due_requests, in_window);
}
