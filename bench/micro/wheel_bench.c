/* SPDX-License-Identifier: BSD-3-Clause */
/* wheel_bench: the cost of a timer.
 *
 * Nodes lie in records of 128 bytes, as in connections. Arm and disarm are measured on
 * records in the cache, since the packet that moves a timer has just used its connection, and
 * on random records among a million. The figure of expiry includes the cascades. The baseline
 * only reads and writes the nodes.
 */
#include "bench/kit/bench.h"
#include "bench/kit/table.h"
#include "conn/pool.h"
#include "timer/wheel.h"

#define ROUNDS  15
#define RECORDS (1 << 20)
#define WARM    1024  /* records that fit the first levels of cache */
#define OPS     65536 /* in a round */
#define PORTION 64

struct record {
	uint8_t before[64];
	struct wheel_node node;
	uint8_t after[52];
};

_Static_assert(sizeof(struct record) == 128, "two lines");

struct timers {
	struct pool records;
	struct wheel w;
	uint32_t *order;
	uint32_t *distance; /* 1 ms to a minute, for each operation of a round */
	uint32_t among;     /* the number of records in use, a power of two */
	uint32_t errors;
};

static const uint32_t *
order_of(const struct timers *t, unsigned round)
{
	return &t->order[(size_t)round * OPS % RECORDS];
}

static double
move_timer(void *ctx, unsigned round)
{
	struct timers *t = ctx;
	const uint32_t *order = order_of(t, round);
	uint64_t start = bench_start();

	for (uint32_t k = 0; k < OPS; k++) {
		uint32_t i = order[k] & (t->among - 1);

		wheel_disarm(&t->w, i);
		wheel_arm(&t->w, i, t->w.now + t->distance[k]);
	}
	return (double)(bench_stop() - start) / OPS;
}

static double
read_nodes(void *ctx, unsigned round)
{
	struct timers *t = ctx;
	const uint32_t *order = order_of(t, round);
	uint64_t start = bench_start();

	for (uint32_t k = 0; k < OPS; k++)
		wheel_node(&t->w, order[k] & (t->among - 1))->when++;
	return (double)(bench_stop() - start) / OPS;
}

/* Arms all timers, then lets a minute pass in steps of a millisecond. */
static double
expire_timers(void *ctx, unsigned round)
{
	struct timers *t = ctx;
	uint32_t due[PORTION], end = t->w.now + 60001, taken = 0;
	uint64_t start = bench_start();

	(void)round;
	for (uint32_t k = 0; k < OPS; k++)
		wheel_arm(&t->w, k, t->w.now + t->distance[k]);
	for (uint32_t now = t->w.now + 1; now != end; now++) {
		unsigned n;

		do {
			n = wheel_expire(&t->w, now, due, PORTION);
			taken += n;
		} while (n == PORTION);
	}
	t->errors += taken != OPS;
	return (double)(bench_stop() - start) / OPS;
}

/* Runs turns in which the clock has not moved. Nearly all turns of the loop are such. */
static double
expire_nothing(void *ctx, unsigned round)
{
	struct timers *t = ctx;
	uint32_t due[PORTION];
	uint64_t start = bench_start();

	(void)round;
	for (uint32_t k = 0; k < OPS; k++)
		t->errors += wheel_expire(&t->w, t->w.now, due, PORTION) != 0;
	return (double)(bench_stop() - start) / OPS;
}

/* Lets the clock jump by 2^20 ticks, with one timer far ahead. */
static double
jump_clock(void *ctx, unsigned round)
{
	struct timers *t = ctx;
	uint32_t due[PORTION], jumps = 1000;
	uint64_t start;

	(void)round;
	wheel_arm(&t->w, 0, t->w.now + (jumps << 20));
	start = bench_start();
	for (uint32_t k = 0; k < jumps; k++)
		wheel_expire(&t->w, t->w.now + (1 << 20), due, PORTION);
	start = bench_stop() - start;
	t->errors += t->w.armed != 0;
	return (double)start / jumps;
}

static void
arm_timers(struct timers *t, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (wheel_armed(wheel_node(&t->w, i)))
			wheel_disarm(&t->w, i);
		wheel_arm(&t->w, i, t->w.now + t->distance[i % OPS]);
	}
}

static void
disarm_timers(struct timers *t)
{
	for (uint32_t i = 0; i < RECORDS; i++)
		if (wheel_armed(wheel_node(&t->w, i)))
			wheel_disarm(&t->w, i);
}

static int
prepare_timers(struct timers *t)
{
	uint64_t seed = 1;

	t->order = bench_permutation(RECORDS, &seed);
	t->distance = malloc(OPS * sizeof(*t->distance));
	if (t->order == NULL || t->distance == NULL ||
	        pool_create(&t->records, RECORDS, sizeof(struct record), -1) != 0)
		return -1;
	for (uint32_t k = 0; k < OPS; k++)
		t->distance[k] = 1 + (uint32_t)(bench_random(&seed) % 60000);
	wheel_init(&t->w, t->records.base + offsetof(struct record, node),
	        sizeof(struct record), 0xffff0000);
	for (uint32_t i = 0; i < RECORDS; i++)
		wheel_node_init(wheel_node(&t->w, i));
	return 0;
}

static void
measure_moves(struct timers *t, uint32_t among, const char *text)
{
	static const bench_fn fn[] = {read_nodes, move_timer};
	struct bench_result r[2];

	t->among = among;
	arm_timers(t, among);
	bench_run_together(fn, 2, t, ROUNDS, r);
	table_group("%s", text);
	table_row("read the node (baseline)", r[0], "cycles/record");
	table_row("disarm and arm", r[1], "cycles/pair");
	disarm_timers(t);
}

int
main(void)
{
	struct timers t = {0};

	if (prepare_timers(&t) != 0) {
		fprintf(stderr, "no memory for %d records\n", RECORDS);
		return 1;
	}
	table_head("wheel_bench: the timing wheel; TSC %.0f MHz; %u rounds of %u",
	        bench_tsc_hz() / 1e6, ROUNDS, OPS);
	measure_moves(&t, WARM, "1,024 timers armed, all in the cache");
	measure_moves(&t, RECORDS, "1,048,576 timers armed, at random");
	table_group("65,536 timers of 1 ms to 1 min, taken tick by tick");
	table_row("arm, cascade, expire", bench_run(expire_timers, &t, ROUNDS), "cycles/timer");
	table_group("no timer due");
	table_row("clock unmoved", bench_run(expire_nothing, &t, ROUNDS), "cycles/call");
	table_row("jump of 1,048,576 ticks", bench_run(jump_clock, &t, ROUNDS), "cycles/call");
	table_note("memory: %zu bytes a node, %zu bytes the wheel", sizeof(struct wheel_node),
	        sizeof(struct wheel));
	pool_destroy(&t.records);
	free(t.order);
	free(t.distance);
	return t.errors != 0;
}
