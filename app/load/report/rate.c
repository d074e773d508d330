/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections and requests a second.
 *
 * Whatever takes half a second ends half a second after it was due: what ends in a window
 * of four seconds that begins with few open is an eighth too little, though the server keeps up
 * with all that it is asked. So in the open loop those are judged that were due in the window,
 * whenever they ended, as latencies are. A server that manages only half of the rate ends
 * all of them, too, but each later than the one before. Then what ended within the window
 * is its rate. */
#include <math.h>

#include "load/report/result.h"

/* So much longer a connection takes each second, if 99 % of the rate is managed. */
#define BEHIND 0.01
/* Connections: a queue that comes and goes by chance grows by some within the window. */
#define CHANCE 8.0

bool
load_falls_behind(const struct load_result *r)
{
	double by_chance = CHANCE / (double)(r->total.window_due + 1);

	return r->spec.rate > 0 && trend_rises(&r->total.whole_trend, fmax(BEHIND, by_chance));
}

/* Of those due in the window so many were done, and within it so many. */
static double
judged_per_second(const struct load_result *r, uint64_t due_done, uint64_t done)
{
	if (r->window_s <= 0)
		return 0;
	if (r->spec.rate <= 0 || r->total.window_due == 0 || load_falls_behind(r))
		return (double)done / r->window_s;
	/* A share of the rate: a window of 9.5 periods is not half a connection short. */
	return r->spec.rate * (double)due_done / (double)r->total.window_due;
}

double
load_cps(const struct load_result *r)
{
	return judged_per_second(r, r->total.window_due_completed, r->total.window_completed);
}

/* Of several requests in a connection the last ones may lie behind the window, and those
 * are not sent any more. */
double
load_rps(const struct load_result *r)
{
	uint64_t in_window = r->total.window_requests;

	if (r->spec.requests > 1)
		return r->window_s > 0 ? (double)in_window / r->window_s : 0;
	return judged_per_second(r, r->total.window_due_requests, in_window);
}
