/* SPDX-License-Identifier: BSD-3-Clause */
/* bench: rounds of a measurement, with their median and spread.
 *
 * Threads  every function belongs to the calling thread, and shares nothing.
 * Memory   bench_permutation() allocates an array that the caller frees.
 * Errors   NULL without memory.
 * Bounds   BENCH_ROUNDS_MAX rounds; bench_run_together() takes 8 functions.
 * Clock    the TSC, or its substitute on other CPUs (cycles.h). It runs at its nominal
 *          rate whatever the core does, so a "cycle" is a unit of time. bench_tsc_hz()
 *          measures that rate.
 * Rounds   a measured function gets the number of its round and returns one figure. One
 *          round before the first warms up, and its figure is thrown away. Neighbours on
 *          the machine make rounds slower, and hardly ever faster. Read the median, and
 *          distrust it where the spread is wide.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cycles.h"

#define BENCH_ROUNDS_MAX 101

struct bench_result {
	double median;
	double min;
	double max;
	unsigned rounds;
};

/* Runs one round. Returns its figure in the unit that is printed. */
typedef double (*bench_fn)(void *ctx, unsigned round);

/* All earlier instructions have been executed, and no later one has begun. */
static inline uint64_t
bench_start(void)
{
	uint64_t tsc;

	cycles_fence();
	tsc = cycles_now();
	cycles_fence();
	return tsc;
}

/* All measured instructions have been executed. */
static inline uint64_t
bench_stop(void)
{
	uint64_t tsc = cycles_now_last();

	cycles_fence();
	return tsc;
}

static inline uint64_t
bench_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The CPU time of this thread. It stands still while other threads have the CPU. */
static inline uint64_t
bench_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The rate of the TSC. The measurement takes 50 ms: call it once. */
static inline double
bench_tsc_hz(void)
{
	uint64_t ns = bench_ns(), tsc = bench_start(), passed;

	do
		passed = bench_ns() - ns;
	while (passed < 50000000);
	return (double)(bench_stop() - tsc) * 1e9 / (double)passed;
}

/* A generator for orders and keys, not for secrets (splitmix64). */
static inline uint64_t
bench_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* The numbers from 0 to n - 1 in random order. The caller frees them. */
static inline uint32_t *
bench_permutation(uint32_t n, uint64_t *state)
{
	uint32_t *p = malloc((size_t)n * sizeof(*p));

	for (uint32_t i = 0; p != NULL && i < n; i++) {
		uint32_t j = (uint32_t)(bench_random(state) % (i + 1));

		p[i] = p[j];
		p[j] = i;
	}
	return p;
}

/* The memory that this process occupies, hugepages included. */
static inline uint64_t
bench_resident_bytes(void)
{
	unsigned long kb, sum = 0;
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "VmRSS: %lu", &kb) == 1 ||
		        sscanf(line, "HugetlbPages: %lu", &kb) == 1)
			sum += kb;
	}
	if (f != NULL)
		fclose(f);
	return (uint64_t)sum * 1024;
}

static inline int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline struct bench_result
bench_summary(double *figure, unsigned rounds)
{
	qsort(figure, rounds, sizeof(*figure), bench_compare);
	return (struct bench_result) {
	        .median = (figure[rounds / 2] + figure[(rounds - 1) / 2]) / 2,
	        .min = figure[0],
	        .max = figure[rounds - 1],
	        .rounds = rounds,
	};
}

static inline struct bench_result
bench_run(bench_fn fn, void *ctx, unsigned rounds)
{
	double figure[BENCH_ROUNDS_MAX];

	rounds = rounds < BENCH_ROUNDS_MAX ? rounds : BENCH_ROUNDS_MAX;
	fn(ctx, 0);
	for (unsigned i = 0; i < rounds; i++)
		figure[i] = fn(ctx, i);
	return bench_summary(figure, rounds);
}

/* Runs several functions in turn, round by round: a baseline, and the functions that are
 * compared with it. A disturbance of the machine then meets all of them alike. */
static inline void
bench_run_together(
        const bench_fn *fn, unsigned nfn, void *ctx, unsigned rounds, struct bench_result *out)
{
	double figure[8][BENCH_ROUNDS_MAX];

	nfn = nfn < 8 ? nfn : 8;
	rounds = rounds < BENCH_ROUNDS_MAX ? rounds : BENCH_ROUNDS_MAX;
	for (unsigned f = 0; f < nfn; f++)
		fn[f](ctx, 0);
	for (unsigned i = 0; i < rounds; i++)
		for (unsigned f = 0; f < nfn; f++)
			figure[f][i] = fn[f](ctx, i);
	for (unsigned f = 0; f < nfn; f++)
		out[f] = bench_summary(figure[f], rounds);
}

#endif
