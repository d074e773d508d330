/* SPDX-License-Identifier: BSD-3-Clause */
/* served_bench: who is served while spoofed SYNs come in beside him, on the same
 * core? The connections of cps_bench, from the client's side: how many a second,
 * how many attempts failed, and which took longest.
 *
 * A ring that is full loses what comes, real or spoofed, as a NIC does. The client
 * says again after 200 ms what was not answered, and gives up after 3 s. Rates are
 * measured in turn, run by run.
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
#include "syn/mode.h"

#define RATES_MAX   8
#define SKIPPED     77 /* what meson takes for "could not run here" */
#define GIVE_UP_MS  3000
#define STACK_CONNS 262144
#define MEMORY_MB   768

struct options {
	double seconds;
	unsigned runs;
	unsigned conns;
	unsigned nrates;
	double rate[RATES_MAX]; /* spoofed SYNs per second */
	enum syn_cookie syn_cookie;
	bool linux_options;
	bool offload;
	bool huge;
};

/* Of one rate, all runs. */
struct served {
	double per_s[BENCH_ROUNDS_MAX];
	double share[BENCH_ROUNDS_MAX]; /* of the unflooded run beside it */
	double busy[BENCH_ROUNDS_MAX];
	double spoofed_per_s[BENCH_ROUNDS_MAX];
	double longest_ms;
	uint64_t done, given_up, resets, retransmits, lost, spoofed_lost, wrong;
	const char *first_wrong;
};

static const char usage[] =
        "usage: served_bench [--seconds S] [--runs N] [--conns N] [--rates R,R,...]\n"
        "                    [--syn-cookie auto|always|off] [--linux] [--csum-offload]\n"
        "                    [--huge]\n"
        "  --seconds S      of each run [1]\n"
        "  --runs N         medians of so many [5]\n"
        "  --conns N        at the same time [1024]\n"
        "  --rates R,...    spoofed SYNs, millions a second; 0 comes first [0,0.3,1,3]\n"
        "  --syn-cookie M   as of `set syn-cookie` [auto]\n"
        "  --linux          all SYNs have Linux's options, not MSS alone\n"
        "  --csum-offload   nobody makes or verifies checksums (as with a NIC that does)\n"
        "  --huge           memory on hugepages\n";

static bool
take_rates(struct options *o, const char *text)
{
	char copy[128], *word, *rest = NULL;
	double v;

	snprintf(copy, sizeof(copy), "%s", text);
	o->nrates = 1;
	o->rate[0] = 0;
	for (word = strtok_r(copy, ",", &rest); word != NULL;
	        word = strtok_r(NULL, ",", &rest)) {
		if (!args_number(word, 0, 100, &v))
			return false;
		if (v > 0 && o->nrates < RATES_MAX)
			o->rate[o->nrates++] = v * 1e6;
	}
	return true;
}

static bool
take_mode(struct options *o, const char *text)
{
	static const char *const name[] = {"auto", "always", "off"};

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(text, name[i]) == 0) {
			o->syn_cookie = i;
			return true;
		}
	}
	fprintf(stderr, "'%s': expected auto, always or off\n", text);
	return false;
}

static bool
take_option(struct options *o, int which, const char *arg)
{
	double v = 0;

	switch (which) {
	case 's':
		return args_number(arg, 0.05, 3600, &o->seconds);
	case 'r':
		if (!args_number(arg, 1, BENCH_ROUNDS_MAX, &v))
			return false;
		o->runs = (unsigned)v;
		return true;
	case 'c':
		if (!args_number(arg, 1, 65536, &v))
			return false;
		o->conns = (unsigned)v;
		return true;
	case 'R':
		return take_rates(o, arg);
	case 'm':
		return take_mode(o, arg);
	case 'l':
		o->linux_options = true;
		return true;
	case 'o':
		o->offload = true;
		return true;
	case 'h':
		o->huge = true;
		return true;
	default:
		fputs(usage, stderr);
		return false;
	}
}

static bool
take_options(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {{"seconds", required_argument, NULL, 's'},
	        {"runs", required_argument, NULL, 'r'}, {"conns", required_argument, NULL, 'c'},
	        {"rates", required_argument, NULL, 'R'},
	        {"syn-cookie", required_argument, NULL, 'm'}, {"linux", no_argument, NULL, 'l'},
	        {"csum-offload", no_argument, NULL, 'o'}, {"huge", no_argument, NULL, 'h'},
	        {NULL, 0, NULL, 0}};
	int which;

	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (!take_option(o, which, optarg))
			return false;
	}
	if (optind == argc)
		return true;
	fputs(usage, stderr);
	return false;
}

static void
add_run(struct served *s, unsigned run, const struct rig_result *r, double unflooded)
{
	s->per_s[run] = r->per_s;
	s->share[run] = unflooded > 0 ? 100 * r->per_s / unflooded : 0;
	s->busy[run] = 100 * r->busy;
	s->spoofed_per_s[run] = r->spoofed_per_s / 1e6;
	s->longest_ms = s->longest_ms > r->longest_ms ? s->longest_ms : r->longest_ms;
	s->done += r->done;
	s->given_up += r->given_up;
	s->resets += r->resets;
	s->retransmits += r->retransmits;
	s->lost += r->lost;
	s->spoofed_lost += r->spoofed_lost;
	s->wrong += r->wrong;
	if (s->first_wrong == NULL)
		s->first_wrong = r->first_wrong;
}

static bool
measure(struct rig *rig, const struct options *o, struct served *served)
{
	struct rig_load load = {.conns = o->conns,
	        .linux_options = o->linux_options,
	        .scattered = true,
	        .give_up_ms = GIVE_UP_MS,
	        .lossy = true};
	double unflooded = 0;
	struct rig_result r;

	for (unsigned run = 0; run < o->runs; run++) {
		for (unsigned i = 0; i < o->nrates; i++) {
			load.spoofed_per_s = o->rate[i];
			if (!rig_measure(rig, &load, o->seconds, &r))
				return false;
			if (i == 0)
				unflooded = r.per_s;
			add_run(&served[i], run, &r, unflooded);
		}
	}
	return true;
}

static void
print_row(struct served *s, const struct options *o, double rate)
{
	struct bench_result per_s = bench_summary(s->per_s, o->runs);
	struct bench_result share = bench_summary(s->share, o->runs);
	struct bench_result busy = bench_summary(s->busy, o->runs);
	struct bench_result spoofed = bench_summary(s->spoofed_per_s, o->runs);
	uint64_t failed = s->given_up + s->resets, all = s->done + failed;

	printf("  %.1f M SYN/s beside it (%.2f arrived): %.3f (%.3f-%.3f) M connections/s, "
	       "%.1f%% (%.1f-%.1f) of unflooded; core busy %.0f%%\n",
	        rate / 1e6, spoofed.median, per_s.median / 1e6, per_s.min / 1e6,
	        per_s.max / 1e6, share.median, share.min, share.max, busy.median);
	printf("    %lu attempts, %.3f%% failed (%lu timed out, %lu reset); the longest took "
	       "%.1f ms; sent again %lu, the ring lost %lu of them and %lu SYNs\n",
	        (unsigned long)all, all > 0 ? 100.0 * (double)failed / (double)all : 0,
	        (unsigned long)s->given_up, (unsigned long)s->resets, s->longest_ms,
	        (unsigned long)s->retransmits, (unsigned long)s->lost,
	        (unsigned long)s->spoofed_lost);
	if (s->wrong != 0)
		fprintf(stderr, "served_bench: the server got %s wrong\n", s->first_wrong);
	fflush(stdout);
}

static bool
run(const struct options *o, unsigned client_cpu, unsigned server_cpu)
{
	static struct served served[RATES_MAX];
	const struct rig_conf conf = {
	        .server_lcore = rte_get_next_lcore(-1, 1, 0),
	        .max_conns = o->conns,
	        .time_wait = 65536,
	        .body = 64,
	        .offload = o->offload,
	        .syn_cookie = (int)o->syn_cookie,
	        .stack_conns = STACK_CONNS,
	};
	struct rig *rig = rig_create(&conf);
	bool ok;

	if (rig == NULL)
		return false;
	printf("served_bench: one server core (CPU %u), one client core (CPU %u) that sends "
	       "the "
	       "flood, too; net_ring; TSC %.0f MHz\n  %u connections at a time, %s, checksums "
	       "%s; %u runs of %.2g s: median (least-most)\n",
	        server_cpu, client_cpu, (double)rte_get_tsc_hz() / 1e6, o->conns,
	        o->linux_options ? "Linux options" : "MSS only",
	        o->offload ? "left out on both sides" : "in software", o->runs, o->seconds);
	ok = measure(rig, o, served);
	for (unsigned i = 0; ok && i < o->nrates; i++) {
		print_row(&served[i], o, o->rate[i]);
		ok = served[i].wrong == 0;
	}
	rig_destroy(rig);
	return ok;
}

int
main(int argc, char **argv)
{
	struct options o = {.seconds = 1,
	        .runs = 5,
	        .conns = 1024,
	        .nrates = 4,
	        .rate = {0, 0.3e6, 1e6, 3e6}};
	unsigned client_cpu = 0, server_cpu = 0;
	char cores[32];
	bool ok;

	if (!take_options(&o, argc, argv))
		return 2;
	if (!args_two_cpus(&client_cpu, &server_cpu)) {
		printf("served_bench needs two CPUs, one for the server and one for the "
		       "client; "
		       "this machine, or this process' share of it, has one\n");
		return SKIPPED;
	}
	snprintf(cores, sizeof(cores), "%u,%u", client_cpu, server_cpu);
	if (!eal_start("served_bench", cores, o.huge, MEMORY_MB))
		return 1;
	ok = run(&o, client_cpu, server_cpu);
	rte_eal_cleanup();
	return ok ? 0 : 1;
}
