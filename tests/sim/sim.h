/* SPDX-License-Identifier: BSD-3-Clause */
/* sim: the parts that all simulations share: chance, streams, and the end of a failed run. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

/* SplitMix64: the same numbers for the same seed, everywhere. */
struct rng {
	uint64_t state;
};

uint64_t rng_next(struct rng *r);
/* 0 to n - 1; n > 0. */
uint32_t rng_below(struct rng *r, uint32_t n);
/* True N times in a thousand. */
bool rng_permille(struct rng *r, uint32_t permille);

/* Streams are pieces of one pool of random bytes: byte i of the stream at `at`
 * is sim_stream(at)[i]. */
#define STREAM_MAX  (256u << 10)
#define STREAM_POOL (2u << 20)

const uint8_t *sim_stream(uint32_t at);

/* The seed that sim_fail() names, and with which a run can be repeated. */
void sim_begin(uint64_t seed);
/* Print the failure and the seed, and end the program. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Runs one(seed) for seeds 1 to `seeds`, or for that in the environment's SEED
 * alone (SEEDS: other than `seeds` of them), and says how it was. */
int sim_main(const char *name, unsigned seeds, void (*one)(uint64_t seed));
/* SEED is set: one() may tell more. */
bool sim_verbose(void);
/* SEED and TRACE are set: each segment that the server hears and says. */
bool sim_traces(void);

#endif
