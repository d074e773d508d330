/* SPDX-License-Identifier: BSD-3-Clause */
/* flood_bench: cycles for each packet of an attack, by kind.
 *
 * Each kind is measured with no connection and with a million connections open, and with
 * checksums in software and offloaded. macswap, as in testpmd, runs beside the kinds on the
 * same port.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>

#include "bench/kit/cpus.h"
#include "bench/kit/eal.h"
#include "bench/kit/options.h"
#include "bench/kit/table.h"
#include "flood.h"
#include "flood_cell.h"

#define MEMORY_MB 256
#define CELLS     4

struct options {
	unsigned open;
	unsigned rounds;
	unsigned batches;
	const char *kinds;
	bool software, offload; /* one alone leaves the other out */
	bool rings;
	bool huge;
};

static bool
take_options(struct options *o, int argc, char **argv)
{
	const struct option_row rows[] = {
	        OPTION_COUNT("open", "N", &o->open, 0, 1u << 24,
	                "connections open, beside none [1048576]; 0: none only"),
	        OPTION_COUNT("rounds", "N", &o->rounds, 1, BENCH_ROUNDS_MAX,
	                "whose median is printed [21]"),
	        OPTION_COUNT("batches", "N", &o->batches, 1, 1e6,
	                "of 1,024 packets, in each round of a kind [16]"),
	        OPTION_TEXT("kinds", "TEXT", &o->kinds, "only kinds with this in their name"),
	        OPTION_FLAG(
	                "rings", &o->rings, "another core writes the packets, over net_ring"),
	        OPTION_FLAG("csum-software", &o->software, "only checksums in software"),
	        OPTION_FLAG("csum-offload", &o->offload, "only offloaded checksums"),
	        OPTION_FLAG("huge", &o->huge, "memory on hugepages"),
	};

	return options_read("flood_bench", rows, RTE_DIM(rows), argc, argv);
}

static void
print_figure(const char *name, const struct flood_figure *f, double over)
{
	double mpps = (double)rte_get_tsc_hz() / f->cycles.median / 1e6;

	if (over == 0)
		table_row_and(name, f->cycles, "cycles/packet", "%.2f Mpps", mpps);
	else if (f->drop == NULL)
		table_row_and(name, f->cycles, "cycles/packet",
		        "%+.0f over macswap, %.2f Mpps, answered %.1f%%",
		        f->cycles.median - over, mpps, 100 * f->answered);
	else
		table_row_and(name, f->cycles, "cycles/packet",
		        "%+.0f over macswap, %.2f Mpps, answered %.1f%%, dropped %.1f%% %s",
		        f->cycles.median - over, mpps, 100 * f->answered, 100 * f->dropped,
		        f->drop);
}

static void
print_cell(const struct flood_cell_conf *conf, const struct flood_cell *cell)
{
	table_group("%u connections open, checksums %s", conf->open,
	        conf->offload ? "offloaded" : "in software");
	print_figure("macswap", &cell->macswap, 0);
	for (unsigned i = 0; flood_kinds[i].name != NULL; i++) {
		if (cell->kind[i].measured)
			print_figure(flood_kinds[i].name, &cell->kind[i],
			        cell->macswap.cycles.median);
	}
	if (conf->open > 0)
		table_note("opening and a question took %.0f cycles; the stack has %.0f MB",
		        cell->open_cycles, cell->stack_mb);
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
	static struct flood_cell cell;
	struct flood_cell_conf conf[CELLS];
	unsigned n = choose_cells(o, lcore, conf);

	table_head("flood_bench: %s; TSC %.0f MHz; %u rounds of %u packets",
	        o->rings ? "one core attacked, another feeds it over net_ring"
	                 : "one core, a port in memory",
	        (double)rte_get_tsc_hz() / 1e6, o->rounds, o->batches * 1024);
	for (unsigned i = 0; i < n; i++) {
		if (!flood_cell_measure(&conf[i], &cell))
			return false;
		print_cell(&conf[i], &cell);
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct options o = {.open = 1u << 20, .rounds = 21, .batches = 16};
	unsigned first = 0, second = 0;
	char cores[32];
	bool ok;

	if (!take_options(&o, argc, argv))
		return 2;
	if (o.rings && !cpus_need_two("flood_bench --rings", &first, &second))
		return BENCH_SKIPPED;
	if (!o.rings)
		cpus_two(&first, &second);
	snprintf(cores, sizeof(cores), o.rings ? "%u,%u" : "%u", first, second);
	if (!eal_start("flood_bench", cores, o.huge, MEMORY_MB))
		return 1;
	ok = measure_all(&o, second);
	rte_eal_cleanup();
	return ok ? 0 : 1;
}
