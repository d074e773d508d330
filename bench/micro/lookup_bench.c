/* SPDX-License-Identifier: BSD-3-Clause */
/* lookup_bench: the cost of the step from a packet's flow to the first line of its record.
 *
 * Two methods are measured in the same run. The first looks up bursts of 32, as the turn of
 * the loop does: it prefetches all buckets, then the records of all candidates, and then
 * compares the keys. The second is the baseline: one lookup after the other without a
 * prefetch. The hash is the same work for both, so it is not part of them and has a line of
 * its own.
 */
#include <string.h>

#include "bench/kit/bench.h"
#include "bench/kit/table.h"
#include "conn/flow_table.h"
#include "conn/pool.h"
#include "wire/flow.h"

#define BURST   32
#define ROUNDS  15
#define LOOKUPS 65536 /* in a round */

/* A record is as large as a connection, and has its key on the first line. */
struct record {
	struct flow_key key;
	uint8_t rest[116];
} __attribute__((aligned(128)));

_Static_assert(sizeof(struct record) == 128, "two lines");

struct probe {
	struct flow_key key;
	uint32_t hash;
};

struct lookup {
	struct flow_table table;
	struct pool records;
	struct prf prf;
	struct probe *probe; /* all entries in random order */
	uint32_t entries;
	uint32_t errors;
};

static inline uint32_t
find_record(const struct lookup *l, const struct probe *p, struct flow_cursor *at, uint32_t ref)
{
	while (ref != FLOW_NONE) {
		const struct record *r = pool_at(&l->records, ref);

		if (flow_equal(&r->key, &p->key))
			break;
		ref = flow_table_next(&l->table, at);
	}
	return ref;
}

/* Rounds walk through the permutation, so that a large table's lines are cold. */
static const struct probe *
probes_of(const struct lookup *l, unsigned round)
{
	return &l->probe[(size_t)round * LOOKUPS % l->entries];
}

static double
lookup_serial(void *ctx, unsigned round)
{
	struct lookup *l = ctx;
	const struct probe *p = probes_of(l, round);
	uint64_t start = bench_start();

	for (uint32_t i = 0; i < LOOKUPS; i++) {
		struct flow_cursor at;
		uint32_t ref = flow_table_first(&l->table, p[i].hash, &at);

		l->errors += find_record(l, &p[i], &at, ref) == FLOW_NONE;
		/* the next lookup waits for the result of this one */
		cycles_fence();
	}
	return (double)(bench_stop() - start) / LOOKUPS;
}

static double
lookup_burst(void *ctx, unsigned round)
{
	struct lookup *l = ctx;
	const struct probe *p = probes_of(l, round);
	uint64_t start = bench_start();

	for (uint32_t i = 0; i < LOOKUPS; i += BURST, p += BURST) {
		struct flow_cursor at[BURST];
		uint32_t ref[BURST];

		for (unsigned k = 0; k < BURST; k++)
			flow_table_prefetch(&l->table, p[k].hash);
		for (unsigned k = 0; k < BURST; k++) {
			ref[k] = flow_table_first(&l->table, p[k].hash, &at[k]);
			if (ref[k] != FLOW_NONE)
				__builtin_prefetch(pool_at(&l->records, ref[k]));
		}
		for (unsigned k = 0; k < BURST; k++)
			l->errors += find_record(l, &p[k], &at[k], ref[k]) == FLOW_NONE;
	}
	return (double)(bench_stop() - start) / LOOKUPS;
}

/* Looks up flows that are not in the table, as for a SYN. */
static double
lookup_miss(void *ctx, unsigned round)
{
	struct lookup *l = ctx;
	const struct probe *p = probes_of(l, round);
	uint64_t start = bench_start();

	for (uint32_t i = 0; i < LOOKUPS; i += BURST, p += BURST) {
		struct flow_cursor at;

		for (unsigned k = 0; k < BURST; k++)
			flow_table_prefetch(&l->table, ~p[k].hash);
		for (unsigned k = 0; k < BURST; k++) {
			uint32_t h = ~p[k].hash;

			l->errors += find_record(l, &p[k], &at,
			                     flow_table_first(&l->table, h, &at)) != FLOW_NONE;
		}
	}
	return (double)(bench_stop() - start) / LOOKUPS;
}

/* Computes the keyed hashes of bursts of flows. */
static double
hash_burst(void *ctx, unsigned round)
{
	struct lookup *l = ctx;
	const struct probe *p = probes_of(l, round);
	uint64_t start = bench_start();

	for (uint32_t i = 0; i < LOOKUPS; i += BURST, p += BURST) {
		struct prf_block b[BURST];

		for (unsigned k = 0; k < BURST; k++)
			b[k] = flow_block(&p[k].key);
		prf_burst(&l->prf, b, b, BURST);
		for (unsigned k = 0; k < BURST; k++)
			l->errors += (uint32_t)b[k].lo != p[k].hash;
	}
	return (double)(bench_stop() - start) / LOOKUPS;
}

static int
fill_table(struct lookup *l, uint32_t entries)
{
	uint64_t seed = entries;
	uint32_t *order = bench_permutation(entries, &seed);

	l->entries = entries;
	l->probe = malloc((size_t)entries * sizeof(*l->probe));
	if (order == NULL || l->probe == NULL ||
	        flow_table_create(&l->table, entries, -1) != 0 ||
	        pool_create(&l->records, entries, sizeof(struct record), -1) != 0)
		return -1;
	for (uint32_t i = 0; i < entries; i++) {
		uint32_t ref = pool_take(&l->records);
		struct record *r = pool_at(&l->records, ref);
		struct probe *p = &l->probe[order[i]];

		/* clients with random ports; i makes each address unique */
		r->key = (struct flow_key) {
		        .raddr = cpu_to_be32(0x0a000000 + i),
		        .laddr = cpu_to_be32(0xc0a80001),
		        .rport = (be16)bench_random(&seed),
		        .lport = cpu_to_be16(80),
		};
		p->key = r->key;
		p->hash = (uint32_t)prf_one(&l->prf, flow_block(&r->key)).lo;
		if (flow_table_insert(&l->table, p->hash, ref) != 0)
			return -1;
	}
	free(order);
	return 0;
}

static int
measure_table(uint32_t entries)
{
	static const bench_fn fn[] = {lookup_serial, lookup_burst, lookup_miss, hash_burst};
	static const uint8_t secret[16] = "a bench, no risk";
	struct bench_result r[4];
	struct lookup l = {0};

	prf_init(&l.prf, secret);
	if (fill_table(&l, entries) != 0) {
		fprintf(stderr, "no memory for %u entries\n", entries);
		return 1;
	}
	bench_run_together(fn, 4, &l, ROUNDS, r);
	table_group("%u entries", entries);
	table_row("one after the other, no prefetch (baseline)", r[0], "cycles/lookup");
	table_row("bursts of 32, prefetched", r[1], "cycles/lookup");
	table_row("bursts of 32, flow not in the table", r[2], "cycles/lookup");
	table_row("keyed hash of the flow, bursts of 32", r[3], "cycles/hash");
	table_note("%.1f bytes each in the table, %u of %u overflow buckets in use",
	        (double)l.table.bytes / entries, l.table.used_overflow, l.table.noverflow);
	flow_table_destroy(&l.table);
	pool_destroy(&l.records);
	free(l.probe);
	if (l.errors)
		fprintf(stderr, "%u lookups went wrong\n", l.errors);
	return l.errors != 0;
}

int
main(void)
{
	table_head("lookup_bench: the flow table; TSC %.0f MHz; %u rounds of %u lookups",
	        bench_tsc_hz() / 1e6, ROUNDS, LOOKUPS);
	return measure_table(64 << 10) || measure_table(1 << 20) || measure_table(4 << 20);
}
