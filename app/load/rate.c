/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections and requests a second.
 *
 * Whatever takes half a second ends half a second after it was due: what ends in a window
 * of four seconds that begins with few open is an eighth too little, though the server keeps up with
 * all that it is asked. So in the open loop those are judged that were due in the window,
 * whenever they ended, as latencies are. A server that manages only half of the rate ends
 * all of them, too, but each later than the one before. Then what ended within the window
 * is its rate. */
#include <math.h>

#include "load/result.h"

/* So much longer a connection takes each second, if 99 % of the rate is managed. */
#define BEHIND 0.01

bool
load_falls_behind(const struct load_result *r)
{
	return r->spec.rate > 0 && trend_rises(&r->total.whole_trend, BEHIND);
}

/* As a share of those due, so that a window of 9.5 periods is not half a connection short. */
static double
due_rate(const struct load_result *r, uint64_t done)
{
	if (r->spec.rate <= 0 || r->total.window_due == 0 || load_falls_behind(r))
		return 0;
	return r->spec.rate * (double)done / (double)r->total.window_due;
}

static double
ended_rate(const struct load_result *r, uint64_t done)
{
	return r->window_s > 0 ? (double)done / r->window_s : 0;
}

double
load_cps(const struct load_result *r)
{
	return fmax(due_rate(r, r->total.window_due_completed),
	        ended_rate(r, r->total.window_completed));
}

double
load_rps(const struct load_result *r)
{
	return fmax(due_rate(r, r->total.window_due_requests),
	        ended_rate(r, r->total.window_requests));
}
