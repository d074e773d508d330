/* SPDX-License-Identifier: BSD-3-Clause */
/* Computes the intended starts of connections.
 *
 * Within the warm-up of W, in which the rate grows to R, R t^2 / 2W connections start up to t.
 * After it, R (t - W/2) do. The k-th start is the t for which this is k. */
#include "load/client/pace.h"

#include <math.h>

#define SECOND_US 1e6

/* This core's share of n connections that the cores take in turn. */
static uint64_t
dealt_conns(const struct pace *p, uint64_t n)
{
	return (n + p->shares - 1 - p->share) / p->shares;
}

/* The approximate number of connections that all cores start in the first `us`. */
static double
started_conns(const struct pace *p, double us)
{
	double n = us < 2 * p->half_us ? us * us / p->warm_us2
	                               : (us - p->half_us) / p->period_us;

	return n > 0 ? n : 0;
}

uint64_t
pace_start_us(const struct pace *p, uint64_t n)
{
	double k = (double)(n * p->shares + p->share);
	double us = k < p->warm ? sqrt(k * p->warm_us2) : p->half_us + k * p->period_us;

	return p->begin_us + (uint64_t)us;
}

uint64_t
pace_due(struct pace *p, uint64_t now_us)
{
	uint64_t n, guess;

	if (now_us < p->due_next)
		return p->due;
	if (now_us >= p->end_us)
		now_us = p->end_us - 1;
	/* Rounding may make the guess wrong by a few, so pace_start_us() decides. */
	n = p->due + 1;
	guess = dealt_conns(p, (uint64_t)started_conns(p, (double)(now_us - p->begin_us)));
	if (guess > n)
		n = guess;
	while (n > p->due + 1 && pace_start_us(p, n - 1) > now_us)
		n--;
	while (pace_start_us(p, n) <= now_us)
		n++;
	p->due = n;
	p->due_next = pace_start_us(p, n);
	if (p->due_next >= p->end_us)
		p->due_next = UINT64_MAX;
	return n;
}

uint32_t
pace_room(const struct pace *p, uint64_t now_us)
{
	double n;

	if (now_us < p->begin_us || now_us >= p->end_us)
		return 0;
	if (now_us >= p->steady_us)
		return p->most;
	n = (double)p->concurrency * (double)(now_us - p->begin_us) /
	            (double)(p->steady_us - p->begin_us) +
	    1;
	return (uint32_t)dealt_conns(p, n < p->concurrency ? (uint64_t)n : p->concurrency);
}

void
pace_init(struct pace *p, const struct load_spec *spec, unsigned share, unsigned shares,
        uint64_t begin_us)
{
	double warmup_us = spec->warmup_s * SECOND_US;

	*p = (struct pace) {
	        .begin_us = begin_us,
	        .steady_us = begin_us + (uint64_t)warmup_us,
	        .end_us = begin_us + (uint64_t)(warmup_us + spec->duration_s * SECOND_US),
	        .share = share,
	        .shares = shares,
	        .due_next = UINT64_MAX,
	        .concurrency = spec->concurrency,
	};
	p->most = (uint32_t)dealt_conns(p, spec->concurrency);
	if (spec->rate <= 0)
		return;
	p->half_us = warmup_us / 2;
	p->period_us = SECOND_US / spec->rate;
	p->warm = p->half_us / p->period_us;
	p->warm_us2 = 2 * warmup_us * p->period_us;
	p->due_next = pace_start_us(p, 0);
	if (p->due_next >= p->end_us)
		p->due_next = UINT64_MAX;
	p->warm_due = dealt_conns(p, (uint64_t)p->warm);
	while (p->warm_due > 0 && pace_start_us(p, p->warm_due - 1) >= p->steady_us)
		p->warm_due--;
	while (pace_start_us(p, p->warm_due) < p->steady_us)
		p->warm_due++;
}
