/* SPDX-License-Identifier: BSD-3-Clause */
/* cps_bench: connections per second of one core, and the core's cycles for each.
 *
 * A client and the whole server run in one process, with a ring each way between them. Of a
 * connection the server receives SYN, ACK+request and ACK+FIN, and sends SYN-ACK,
 * response+FIN and ACK. A connection counts if the client saw its end and found no fault.
 * Cycles are the server core's TSC in turns that did something, divided by that count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_lcore.h>

#include "bench/kit/bench.h"
#include "bench/kit/client.h"
#include "bench/kit/cpus.h"
#include "bench/kit/eal.h"
#include "bench/kit/options.h"
#include "bench/kit/table.h"
#include "cps_rig.h"

#define RUNS_MAX         BENCH_ROUNDS_MAX
#define PACKETS_EACH_WAY 3
#define MEMORY_MB        768

struct options {
	double seconds;
	unsigned runs;
	unsigned conns; /* 0: the usual set */
	uint32_t body;
	uint32_t time_wait;
	bool scattered;
	bool linux_options;
	bool offload;
	bool baseline_only;
	bool huge;
	unsigned client_cpu;
	unsigned server_cpu;
};

struct outcome {
	struct bench_result per_s;
	struct bench_result cycles;
	struct bench_result busy;
	struct rig_result last;
	uint64_t done;
	uint64_t wrong;
	uint64_t resets;
	uint64_t retransmits;
	uint64_t drops;
	const char *first_wrong;
};

static bool
take_options(struct options *o, int argc, char **argv)
{
	const struct option_row rows[] = {
	        OPTION_NUMBER("seconds", "S", &o->seconds, 0.05, 3600, "of each run [1]"),
	        OPTION_COUNT("runs", "N", &o->runs, 1, RUNS_MAX, "whose median is printed [5]"),
	        OPTION_COUNT("conns", "N", &o->conns, 1, CLIENT_CONNS_MAX,
	                "open at the same time [64, 1024 and 65536 in turn]"),
	        OPTION_FLAG("linux", &o->linux_options,
	                "the client offers timestamps, SACK and window scale, too"),
	        OPTION_FLAG("scattered", &o->scattered,
	                "client addresses at random instead of in sequence"),
	        OPTION_COUNT("body", "BYTES", &o->body, 0, 1e6, "of the response [64]"),
	        OPTION_COUNT("time-wait", "N", &o->time_wait, 1, 1e8,
	                "records; the oldest leaves when they are full [65536]"),
	        OPTION_FLAG("csum-offload", &o->offload,
	                "no side makes or verifies checksums, as with a NIC that does"),
	        OPTION_FLAG("baseline-only", &o->baseline_only, "only packets sent back"),
	        OPTION_FLAG("huge", &o->huge, "memory on hugepages"),
	};

	return options_read("cps_bench", rows, RTE_DIM(rows), argc, argv);
}

static bool
start_eal(const struct options *o)
{
	char cores[32];

	snprintf(cores, sizeof(cores), "%u,%u", o->client_cpu, o->server_cpu);
	return eal_start("cps_bench", cores, o->huge, MEMORY_MB);
}

static void
add_run(struct outcome *sum, const struct rig_result *r)
{
	sum->last = *r;
	sum->done += r->done;
	sum->wrong += r->wrong;
	sum->resets += r->resets;
	sum->retransmits += r->retransmits;
	sum->drops += r->server_drops;
	if (sum->first_wrong == NULL)
		sum->first_wrong = r->first_wrong;
}

/* Measures all runs of a load. NULL: the baseline. */
static bool
measure_runs(struct rig *rig, const struct options *o, const struct rig_load *load,
        struct outcome *out)
{
	double per_s[RUNS_MAX], cycles[RUNS_MAX], busy[RUNS_MAX];
	struct rig_result r;

	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < o->runs; i++) {
		bool ok = load != NULL ? rig_measure(rig, load, o->seconds, &r)
		                       : rig_baseline(rig, 1024, o->seconds, &r);

		if (!ok)
			return false;
		add_run(out, &r);
		per_s[i] = r.per_s;
		cycles[i] = r.cycles;
		busy[i] = r.busy;
	}
	out->per_s = bench_summary(per_s, o->runs);
	out->cycles = bench_summary(cycles, o->runs);
	out->busy = bench_summary(busy, o->runs);
	return true;
}

static void
print_head(const struct options *o)
{
	table_head("cps_bench: one server core (CPU %u), one client core (CPU %u), net_ring; "
	           "TSC %.0f MHz\n"
	           "response body %u bytes; checksums %s; %u runs of %.2g s",
	        o->server_cpu, o->client_cpu, (double)rte_get_tsc_hz() / 1e6, o->body,
	        o->offload ? "left out on both sides" : "made and verified in software",
	        o->runs, o->seconds);
}

static const char *
limit_of(const struct outcome *r)
{
	return r->busy.median >= 0.95 ? "the server core was saturated"
	                              : "the client was the limit, not the server core";
}

static struct bench_result
result_in_millions(struct bench_result r)
{
	r.median /= 1e6;
	r.min /= 1e6;
	r.max /= 1e6;
	return r;
}

static void
print_baseline(const struct outcome *b)
{
	table_group("baseline: packets sent back");
	table_row("packets", result_in_millions(b->per_s), "M/s");
	table_row("server core", b->cycles, "cycles/packet");
	table_note("core busy %.0f%%; as many as a connection has (%u in, %u out): %.0f cycles",
	        100 * b->busy.median, PACKETS_EACH_WAY, PACKETS_EACH_WAY,
	        PACKETS_EACH_WAY * b->cycles.median);
}

static void
print_row(const struct rig_load *load, const struct outcome *r)
{
	table_group("%u conns, %s%s", load->conns,
	        load->linux_options ? "Linux options" : "MSS only",
	        load->scattered ? ", scattered" : "");
	table_row("connections", result_in_millions(r->per_s), "M/s");
	table_row("server core", r->cycles, "cycles/connection");
	table_note("core busy %.0f%%: %s; packets per connection %.2f in, %.2f out; TIME-WAIT "
	           "held %u; retransmitted %lu, reset %lu, dropped %lu, wrong %lu",
	        100 * r->busy.median, limit_of(r), r->last.packets_in, r->last.packets_out,
	        r->last.time_wait, (unsigned long)r->retransmits, (unsigned long)r->resets,
	        (unsigned long)r->drops, (unsigned long)r->wrong);
}

static bool
measure_row(struct rig *rig, const struct options *o, const struct rig_load *load)
{
	struct outcome r;

	if (!measure_runs(rig, o, load, &r))
		return false;
	print_row(load, &r);
	if (r.wrong != 0)
		fprintf(stderr, "cps_bench: the server got %s wrong\n", r.first_wrong);
	if (r.done == 0)
		fprintf(stderr, "cps_bench: no connection was completed\n");
	return r.wrong == 0 && r.done != 0;
}

static bool
measure_all(struct rig *rig, const struct options *o)
{
	static const unsigned usual[] = {64, 1024, 65536};
	struct rig_load load = {.conns = o->conns,
	        .linux_options = o->linux_options,
	        .scattered = o->scattered};
	struct outcome baseline;
	bool ok = true;

	print_head(o);
	if (!measure_runs(rig, o, NULL, &baseline))
		return false;
	print_baseline(&baseline);
	if (o->baseline_only)
		return true;
	if (o->conns != 0)
		return measure_row(rig, o, &load);
	for (unsigned i = 0; i < 3; i++) {
		load.conns = usual[i];
		ok &= measure_row(rig, o, &load);
	}
	load.conns = 1024;
	load.linux_options = !o->linux_options;
	return ok & measure_row(rig, o, &load);
}

int
main(int argc, char **argv)
{
	struct options o = {.seconds = 1, .runs = 5, .body = 64, .time_wait = 65536};
	struct rig_conf conf;
	struct rig *rig;
	bool ok;

	if (!take_options(&o, argc, argv))
		return 2;
	if (!cpus_need_two("cps_bench", &o.client_cpu, &o.server_cpu))
		return BENCH_SKIPPED;
	if (!start_eal(&o))
		return 1;
	conf = (struct rig_conf) {
	        .server_lcore = rte_get_next_lcore(-1, 1, 0),
	        .max_conns = o.conns != 0 ? o.conns : 65536,
	        .body = o.body,
	        .time_wait = o.time_wait,
	        .offload = o.offload,
	};
	rig = rig_create(&conf);
	if (rig == NULL)
		return 1;
	ok = measure_all(rig, &o);
	rig_destroy(rig);
	rte_eal_cleanup();
	return ok ? 0 : 1;
}
