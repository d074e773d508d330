/* SPDX-License-Identifier: BSD-3-Clause */
/* Chance, streams, and the failure of a run. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t current_seed;
static uint8_t pool[STREAM_POOL];

uint64_t
rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

bool
rng_permille(struct rng *r, uint32_t permille)
{
	return rng_below(r, 1000) < permille;
}

const uint8_t *
sim_stream(uint32_t at)
{
	return &pool[at % (STREAM_POOL - STREAM_MAX)];
}

static void
fill_pool(void)
{
	struct rng r = {.state = 0x5eed};

	for (unsigned i = 0; i < STREAM_POOL; i++)
		pool[i] = (uint8_t)rng_next(&r);
}

void
sim_begin(uint64_t seed)
{
	current_seed = seed;
}

void
sim_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "FAILED, SEED=%llu: ", (unsigned long long)current_seed);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

bool
sim_verbose(void)
{
	return getenv("SEED") != NULL;
}

bool
sim_traces(void)
{
	return sim_verbose() && getenv("TRACE") != NULL;
}

int
sim_main(const char *name, unsigned seeds, void (*one)(uint64_t seed))
{
	const char *only = getenv("SEED"), *many = getenv("SEEDS");

	setvbuf(stdout, NULL, _IOLBF, 0);
	fill_pool();
	if (only != NULL) {
		sim_begin(strtoull(only, NULL, 0));
		one(current_seed);
		printf("%s: seed %s holds\n", name, only);
		return 0;
	}
	if (many != NULL)
		seeds = (unsigned)strtoul(many, NULL, 0);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		sim_begin(seed);
		one(seed);
	}
	printf("%s: %u seeds hold, %.1f s of CPU\n", name, seeds,
	        (double)clock() / CLOCKS_PER_SEC);
	return 0;
}
