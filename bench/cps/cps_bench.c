/* SPDX-License-Identifier: BSD-3-Clause */
/* cps_bench: connections per second on one core, and what each costs it.
 *
 * A client and the whole server in one process, a ring each way between them.
 * A connection is SYN, ACK+request, ACK+FIN in and SYN-ACK, response+FIN, ACK
 * out. Counted is what the client saw to its end and found right; cycles are
 * the server core's TSC in turns that did something, divided by that.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_lcore.h>

#include "bench/kit/args.h"
#include "bench/kit/bench.h"
#include "bench/kit/client.h"
#include "bench/kit/eal.h"
#include "cps_rig.h"

#define RUNS_MAX         BENCH_ROUNDS_MAX
#define SKIPPED          77 /* what meson takes for "could not run here" */
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

static const char usage[] =
        "usage: cps_bench [--seconds S] [--runs N] [--conns N] [--linux] [--scattered]\n"
        "                 [--body BYTES] [--csum-offload] [--baseline-only] [--huge]\n"
        "  --seconds S      of each run [1]\n"
        "  --runs N         medians of so many [5]\n"
        "  --conns N        at the same time [64, 1024 and 65536 in turn]\n"
        "  --linux          the client offers timestamps, SACK and window scale, too\n"
        "  --scattered      client addresses at random instead of in sequence\n"
        "  --body BYTES     of the response [64]\n"
        "  --time-wait N    records; the oldest leaves when they are full [65536]\n"
        "  --csum-offload   nobody makes or verifies checksums (as with a NIC that does)\n"
        "  --baseline-only  only the packets swapped back\n"
        "  --huge           memory on hugepages\n";

static double
least_of(int which)
{
	return which == 's' ? 0.05 : which == 'b' ? 0 : 1;
}

static double
most_of(int which)
{
	switch (which) {
	case 'r':
		return RUNS_MAX;
	case 'b':
		return 1e6;
	case 't':
		return 1e8;
	default:
		return CLIENT_CONNS_MAX;
	}
}

static bool
take_option(struct options *o, int which, const char *arg)
{
	double v = 0;

	if (strchr("srcbt", which) != NULL &&
	        !args_number(arg, least_of(which), most_of(which), &v))
		return false;
	switch (which) {
	case 's':
		o->seconds = v;
		break;
	case 'r':
		o->runs = (unsigned)v;
		break;
	case 'c':
		o->conns = (unsigned)v;
		break;
	case 'b':
		o->body = (uint32_t)v;
		break;
	case 't':
		o->time_wait = (uint32_t)v;
		break;
	case 'l':
		o->linux_options = true;
		break;
	case 'a':
		o->scattered = true;
		break;
	case 'o':
		o->offload = true;
		break;
	case 'B':
		o->baseline_only = true;
		break;
	case 'h':
		o->huge = true;
		break;
	default:
		fputs(usage, stderr);
		return false;
	}
	return true;
}

static bool
take_options(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {{"seconds", required_argument, NULL, 's'},
	        {"runs", required_argument, NULL, 'r'}, {"conns", required_argument, NULL, 'c'},
	        {"body", required_argument, NULL, 'b'},
	        {"time-wait", required_argument, NULL, 't'}, {"linux", no_argument, NULL, 'l'},
	        {"scattered", no_argument, NULL, 'a'}, {"csum-offload", no_argument, NULL, 'o'},
	        {"baseline-only", no_argument, NULL, 'B'}, {"huge", no_argument, NULL, 'h'},
	        {NULL, 0, NULL, 0}};
	int which;

	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (!take_option(o, which, optarg))
			return false;
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return false;
	}
	return true;
}

static bool
start_eal(const struct options *o)
{
	char cores[32];

	snprintf(cores, sizeof(cores), "%u,%u", o->client_cpu, o->server_cpu);
	return eal_start("cps_bench", cores, o->huge, MEMORY_MB);
}

static void
add_up(struct outcome *sum, const struct rig_result *r)
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

/* load NULL: the baseline. */
static bool
run(struct rig *rig, const struct options *o, const struct rig_load *load, struct outcome *out)
{
	double per_s[RUNS_MAX], cycles[RUNS_MAX], busy[RUNS_MAX];
	struct rig_result r;

	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < o->runs; i++) {
		bool ok = load != NULL ? rig_measure(rig, load, o->seconds, &r)
		                       : rig_baseline(rig, 1024, o->seconds, &r);

		if (!ok)
			return false;
		add_up(out, &r);
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
	printf("cps_bench: one server core (CPU %u), one client core (CPU %u), net_ring; "
	       "TSC %.0f MHz\n",
	        o->server_cpu, o->client_cpu, (double)rte_get_tsc_hz() / 1e6);
	printf("  response body %u bytes; checksums %s; %u runs of %.2g s: median "
	       "(least-most)\n",
	        o->body,
	        o->offload ? "left out on both sides" : "made and verified in software",
	        o->runs, o->seconds);
}

static const char *
limit_of(const struct outcome *r)
{
	return r->busy.median >= 0.95 ? "the server core was saturated"
	                              : "the client was the limit, not the server core";
}

static void
print_baseline(const struct outcome *b)
{
	printf("  baseline, packets swapped back: %.0f (%.0f-%.0f) cycles/packet, "
	       "%.2f M packets/s, core busy %.0f%%\n"
	       "    as many as a connection has (%u in, %u out): %.0f cycles\n",
	        b->cycles.median, b->cycles.min, b->cycles.max, b->per_s.median / 1e6,
	        100 * b->busy.median, PACKETS_EACH_WAY, PACKETS_EACH_WAY,
	        PACKETS_EACH_WAY * b->cycles.median);
}

static void
print_row(const struct rig_load *load, const struct outcome *r)
{
	printf("  %7u conns, %s%s: %.3f (%.3f-%.3f) M connections/s, "
	       "%.0f (%.0f-%.0f) cycles/connection, core busy %.0f%%\n",
	        load->conns, load->linux_options ? "Linux options" : "MSS only",
	        load->scattered ? ", scattered" : "", r->per_s.median / 1e6, r->per_s.min / 1e6,
	        r->per_s.max / 1e6, r->cycles.median, r->cycles.min, r->cycles.max,
	        100 * r->busy.median);
	printf("    %s; packets per connection %.2f in, %.2f out; TIME-WAIT held %u; "
	       "retransmitted %lu, reset %lu, dropped %lu, wrong %lu\n",
	        limit_of(r), r->last.packets_in, r->last.packets_out, r->last.time_wait,
	        (unsigned long)r->retransmits, (unsigned long)r->resets,
	        (unsigned long)r->drops, (unsigned long)r->wrong);
	fflush(stdout);
}

static bool
measure_row(struct rig *rig, const struct options *o, const struct rig_load *load)
{
	struct outcome r;

	if (!run(rig, o, load, &r))
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
	if (!run(rig, o, NULL, &baseline))
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
	if (!args_two_cpus(&o.client_cpu, &o.server_cpu)) {
		printf("cps_bench needs two CPUs, one for the server and one for the client; "
		       "this "
		       "machine, or this process' share of it, has one\n");
		return SKIPPED;
	}
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
