/* SPDX-License-Identifier: BSD-3-Clause */
/* flood_bench: cycles for each packet of an attack, by kind: with nothing and with
 * a million connections open, checksums in software and offloaded, beside
 * testpmd-like macswap on the same port in the same run.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "bench/kit/args.h"
#include "bench/kit/eal.h"
#include "flood.h"
#include "flood_cell.h"

#define SKIPPED   77 /* what meson takes for "could not run here" */
#define MEMORY_MB 256
#define CELLS     4

struct options {
	unsigned open;
	unsigned rounds;
	unsigned batches;
	const char *kinds;
	bool software, offload; /* leave the other out */
	bool rings;
	bool huge;
};

static const char usage[] =
        "usage: flood_bench [--open N] [--rounds N] [--batches N] [--kinds TEXT] [--rings]\n"
        "                   [--csum-software | --csum-offload] [--huge]\n"
        "  --open N         connections open, beside none [1048576]; 0: none only\n"
        "  --rounds N       medians of so many [21]\n"
        "  --batches N      of 1,024 packets, in each round of a kind [16]\n"
        "  --kinds TEXT     only kinds with this in their name\n"
        "  --rings          another core writes the packets, over net_ring\n"
        "  --csum-software, --csum-offload   only with these checksums\n"
        "  --huge           memory on hugepages\n";

static bool
take_option(struct options *o, int which, const char *arg)
{
	switch (which) {
	case 'o':
		return args_count(arg, 0, 1u << 24, &o->open);
	case 'r':
		return args_count(arg, 1, BENCH_ROUNDS_MAX, &o->rounds);
	case 'b':
		return args_count(arg, 1, 1e6, &o->batches);
	case 'k':
		o->kinds = arg;
		return true;
	case 'R':
		o->rings = true;
		return true;
	case 'S':
		o->software = true;
		return true;
	case 'O':
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
	static const struct option known[] = {{"open", required_argument, NULL, 'o'},
	        {"rounds", required_argument, NULL, 'r'},
	        {"batches", required_argument, NULL, 'b'},
	        {"kinds", required_argument, NULL, 'k'}, {"rings", no_argument, NULL, 'R'},
	        {"csum-software", no_argument, NULL, 'S'},
	        {"csum-offload", no_argument, NULL, 'O'}, {"huge", no_argument, NULL, 'h'},
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
print_figure(const char *name, const struct flood_figure *f, double over)
{
	double mpps = (double)rte_get_tsc_hz() / f->cycles.median / 1e6;

	printf("    %-28s %6.0f (%.0f-%.0f) %+6.0f  %6.2f Mpps", name, f->cycles.median,
	        f->cycles.min, f->cycles.max, f->cycles.median - over, mpps);
	if (over > 0)
		printf("  answered %5.1f%%", 100 * f->answered);
	if (f->drop != NULL)
		printf("  dropped %5.1f%% %s", 100 * f->dropped, f->drop);
	printf("\n");
}

static void
print_cell(const struct flood_cell_conf *conf, const struct flood_cell *cell)
{
	printf("  %u connections open, checksums %s", conf->open,
	        conf->offload ? "offloaded" : "in software");
	if (conf->open > 0)
		printf(" (opening and a question took %.0f cycles; the stack has %.0f MB)",
		        cell->open_cycles, cell->stack_mb);
	printf("\n");
	print_figure("macswap", &cell->macswap, 0);
	for (unsigned i = 0; flood_kinds[i].name != NULL; i++) {
		if (cell->kind[i].measured)
			print_figure(flood_kinds[i].name, &cell->kind[i],
			        cell->macswap.cycles.median);
	}
	fflush(stdout);
}

static void
print_median(const struct flood_figure *f)
{
	if (f->measured)
		printf(" %11.0f", f->cycles.median);
	else
		printf(" %11s", "-");
}

static void
print_table(const struct flood_cell_conf *conf, const struct flood_cell *cell, unsigned n)
{
	printf("  medians in cycles per packet\n  %-28s", "open:");
	for (unsigned c = 0; c < n; c++)
		printf(" %11u", conf[c].open);
	printf("\n  %-28s", "checksums:");
	for (unsigned c = 0; c < n; c++)
		printf(" %11s", conf[c].offload ? "offloaded" : "software");
	printf("\n  %-28s", "macswap");
	for (unsigned c = 0; c < n; c++)
		print_median(&cell[c].macswap);
	for (unsigned i = 0; flood_kinds[i].name != NULL; i++) {
		printf("\n  %-28s", flood_kinds[i].name);
		for (unsigned c = 0; c < n; c++)
			print_median(&cell[c].kind[i]);
	}
	printf("\n");
}

static unsigned
choose_cells(const struct options *o, unsigned lcore, struct flood_cell_conf *cell)
{
	unsigned n = 0;

	for (unsigned open = 0; open <= (o->open > 0 ? 1 : 0); open++) {
		for (unsigned offload = 0; offload <= 1; offload++) {
			if ((offload ? o->software : o->offload) && o->software != o->offload)
				continue;
			cell[n++] = (struct flood_cell_conf) {
			        .open = open ? o->open : 0,
			        .offload = offload,
			        .rings = o->rings,
			        .lcore = lcore,
			        .rounds = o->rounds,
			        .batches = o->batches,
			        .kinds = o->kinds,
			};
		}
	}
	return n;
}

static bool
measure_all(const struct options *o, unsigned lcore)
{
	static struct flood_cell cell[CELLS];
	struct flood_cell_conf conf[CELLS];
	unsigned n = choose_cells(o, lcore, conf);

	printf("flood_bench: %s; TSC %.0f MHz; %u rounds of %u packets: median (least-most) "
	       "cycles per packet, and over macswap\n",
	        o->rings ? "one core attacked, another feeds it over net_ring"
	                 : "one core, a port in memory",
	        (double)rte_get_tsc_hz() / 1e6, o->rounds, o->batches * 1024);
	for (unsigned i = 0; i < n; i++) {
		if (!flood_cell_measure(&conf[i], &cell[i]))
			return false;
		print_cell(&conf[i], &cell[i]);
	}
	print_table(conf, cell, n);
	return true;
}

int
main(int argc, char **argv)
{
	struct options o = {.open = 1u << 20, .rounds = 21, .batches = 16};
	unsigned first = 0, second = 0;
	char cores[32];
	bool two, ok;

	if (!take_options(&o, argc, argv))
		return 2;
	two = args_two_cpus(&first, &second);
	if (o.rings && !two) {
		printf("flood_bench --rings needs two CPUs, and this machine, or this process' "
		       "share of it, has one\n");
		return SKIPPED;
	}
	snprintf(cores, sizeof(cores), o.rings ? "%u,%u" : "%u", first, second);
	if (!eal_start("flood_bench", cores, o.huge, MEMORY_MB))
		return 1;
	ok = measure_all(&o, second);
	rte_eal_cleanup();
	return ok ? 0 : 1;
}
