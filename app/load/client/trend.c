/* SPDX-License-Identifier: BSD-3-Clause */
/* Fits a line of least squares through durations. */
#include "load/client/trend.h"

#include <math.h>

/* In standard errors. With 4 of them, a server with random durations seems to slow down once in
 * 30,000 loads. Few points need more, about as Student's distribution says. */
#define CERTAIN     4
#define CERTAIN_FEW 6

static double
read_sum(const double *v)
{
	double now;

	__atomic_load(v, &now, __ATOMIC_RELAXED);
	return now;
}

static void
add_to_sum(double *v, double more)
{
	double sum = *v + more;

	__atomic_store(v, &sum, __ATOMIC_RELAXED);
}

void
trend_add(struct trend *t, double at_s, double took_s)
{
	add_to_sum(&t->n, 1);
	add_to_sum(&t->at, at_s);
	add_to_sum(&t->at2, at_s * at_s);
	add_to_sum(&t->took, took_s);
	add_to_sum(&t->took2, took_s * took_s);
	add_to_sum(&t->both, at_s * took_s);
}

void
trend_merge(struct trend *into, const struct trend *from)
{
	into->n += read_sum(&from->n);
	into->at += read_sum(&from->at);
	into->at2 += read_sum(&from->at2);
	into->took += read_sum(&from->took);
	into->took2 += read_sum(&from->took2);
	into->both += read_sum(&from->both);
}

double
trend_slope(const struct trend *t, double *error)
{
	double spread, slope, rest;

	*error = 0;
	if (t->n < 3)
		return 0;
	spread = t->at2 - t->at * t->at / t->n;
	if (!(spread > 0))
		return 0;
	slope = (t->both - t->at * t->took / t->n) / spread;
	rest = t->took2 - t->took * t->took / t->n - slope * slope * spread;
	*error = sqrt(fmax(rest, 0) / (t->n - 2) / spread);
	return slope;
}

bool
trend_rises(const struct trend *t, double least)
{
	double error, slope = trend_slope(t, &error);

	return slope > least && slope > CERTAIN * (1 + CERTAIN_FEW / (t->n - 2)) * error;
}
