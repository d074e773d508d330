/* SPDX-License-Identifier: BSD-3-Clause */
/* served_bench: the service that clients get while spoofed SYNs arrive at the same core.
 *
 * The connections are those of cps_bench, seen from the client's side: how many a second
 * complete, how many attempts fail, and how long the longest takes.
 *
 * A full ring loses packets, real or spoofed, as a NIC does. The client repeats an unanswered
 * segment after 200 ms, and gives an attempt up after 3 s. Rates are measured in turn, run by
 * run.
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
#include "syn/mode.h"

#define RATES_MAX   8
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

/* The figures of one rate, for all runs. */
struct served {
	double per_s[BENCH_ROUNDS_MAX];
	double share[BENCH_ROUNDS_MAX]; /* of the rate in the unflooded run before it */
	double busy[BENCH_ROUNDS_MAX];
	double spoofed_per_s[BENCH_ROUNDS_MAX];
	double longest_ms;
	uint64_t done, given_up, resets, retransmits, lost, spoofed_lost, wrong;
	const char *first_wrong;
};

static bool
take_rates(const char *text, void *to)
{
	struct options *o = to;
	char copy[128], *word, *rest = NULL;
	double v;

	snprintf(copy, sizeof(copy), "%s", text);
	o->nrates = 1;
	o->rate[0] = 0;
	for (word = strtok_r(copy, ",", &rest); word != NULL;
	        word = strtok_r(NULL, ",", &rest)) {
		if (!options_number(word, 0, 100, &v))
			return false;
		if (v > 0 && o->nrates < RATES_MAX)
			o->rate[o->nrates++] = v * 1e6;
	}
	return true;
}

static bool
take_mode(const char *text, void *to)
{
	struct options *o = to;
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
take_options(struct options *o, int argc, char **argv)
{
	const struct option_row rows[] = {
	        OPTION_NUMBER("seconds", "S", &o->seconds, 0.05, 3600, "of each run [1]"),
	        OPTION_COUNT("runs", "N", &o->runs, 1, BENCH_ROUNDS_MAX,
	                "whose median is printed [5]"),
	        OPTION_COUNT("conns", "N", &o->conns, 1, 65536, "open at the same time [1024]"),
	        OPTION_READ("rates", "R,...", o, take_rates,
	                "spoofed SYNs, millions a second; 0 comes first [0,0.3,1,3]"),
	        OPTION_READ(
	                "syn-cookie", "MODE", o, take_mode, "as of `set syn-cookie` [auto]"),
	        OPTION_FLAG("linux", &o->linux_options,
	                "all SYNs have Linux's options, not MSS alone"),
	        OPTION_FLAG("csum-offload", &o->offload,
	                "no side makes or verifies checksums, as with a NIC that does"),
	        OPTION_FLAG("huge", &o->huge, "memory on hugepages"),
	};

	return options_read("served_bench", rows, RTE_DIM(rows), argc, argv);
}

static void
add_run(struct served *s, unsigned run, const struct rig_result *r, double unflooded)
{
	s->per_s[run] = r->per_s / 1e6;
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
measure_rates(struct rig *rig, const struct options *o, struct served *served)
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

	table_group("%.1f M SYN/s beside it (%.2f arrived)", rate / 1e6, spoofed.median);
	table_row("connections", per_s, "M/s");
	table_row("connections, of the run without a flood", share, "%");
	table_row("server core busy", busy, "%");
	table_note("%lu attempts, %.3f%% failed (%lu timed out, %lu reset); the longest took "
	           "%.1f ms; sent again %lu, the ring lost %lu of them and %lu SYNs",
	        (unsigned long)all, all > 0 ? 100.0 * (double)failed / (double)all : 0,
	        (unsigned long)s->given_up, (unsigned long)s->resets, s->longest_ms,
	        (unsigned long)s->retransmits, (unsigned long)s->lost,
	        (unsigned long)s->spoofed_lost);
	if (s->wrong != 0)
		fprintf(stderr, "served_bench: the server got %s wrong\n", s->first_wrong);
	fflush(stdout);
}

static bool
run_rates(const struct options *o, unsigned client_cpu, unsigned server_cpu)
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
	table_head(
	        "served_bench: one server core (CPU %u), one client core (CPU %u) that sends "
	        "the flood, too; net_ring; TSC %.0f MHz\n"
	        "%u connections at a time, %s, checksums %s; %u runs of %.2g s",
	        server_cpu, client_cpu, (double)rte_get_tsc_hz() / 1e6, o->conns,
	        o->linux_options ? "Linux options" : "MSS only",
	        o->offload ? "left out on both sides" : "in software", o->runs, o->seconds);
	ok = measure_rates(rig, o, served);
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
	if (!cpus_need_two("served_bench", &client_cpu, &server_cpu))
		return BENCH_SKIPPED;
	snprintf(cores, sizeof(cores), "%u,%u", client_cpu, server_cpu);
	if (!eal_start("served_bench", cores, o.huge, MEMORY_MB))
		return 1;
	ok = run_rates(&o, client_cpu, server_cpu);
	rte_eal_cleanup();
	return ok ? 0 : 1;
}
