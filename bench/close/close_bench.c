/* SPDX-License-Identifier: BSD-3-Clause */
/* close_bench: cycles for each step of a connection's end while a million are open, and the
 * delay of other connections while a hundred thousand end in one instant.
 */
#include <stdio.h>

#include <rte_common.h>
#include <rte_cycles.h>

#include "bench/kit/cpus.h"
#include "bench/kit/eal.h"
#include "bench/kit/options.h"
#include "bench/kit/table.h"
#include "close_steps.h"
#include "close_storm.h"

#define MEMORY_MB  448
#define RING_SLOTS 1024      /* slots of a usual receive queue */
#define DEEP_SLOTS (1 << 17) /* slots of a queue that takes a whole storm at once */

struct options {
	unsigned open;
	unsigned storm;
	unsigned ask_us;
	bool offload;
	bool timestamps;
	bool steps_only, storms_only;
	bool huge;
};

static bool
take_options(struct options *o, int argc, char **argv)
{
	const struct option_row rows[] = {
	        OPTION_COUNT("open", "N", &o->open, 1 << 14, CROWD_MOST,
	                "connections [1048576]; rounded down to 16,384"),
	        OPTION_COUNT("storm", "N", &o->storm, 1, 130000,
	                "of these, end in one instant [100000]"),
	        OPTION_COUNT("ask-us", "US", &o->ask_us, 1, 1e6,
	                "one of the others asks something this often [20]"),
	        OPTION_FLAG("timestamps", &o->timestamps, "the peers offer Linux's options"),
	        OPTION_FLAG("csum-offload", &o->offload,
	                "no side makes or verifies checksums, as with a NIC that does"),
	        OPTION_FLAG("steps-only", &o->steps_only, "no storms"),
	        OPTION_FLAG("storms-only", &o->storms_only, "no steps"),
	        OPTION_FLAG("huge", &o->huge, "memory on hugepages"),
	};
	bool ok = options_read("close_bench", rows, RTE_DIM(rows), argc, argv);

	o->open &= ~((1u << 14) - 1);
	return ok;
}

static void
print_steps(const struct close_steps *s)
{
	table_group("the peer closes first");
	table_row("FIN, answered with FIN and ACK", s->fin, "cycles");
	table_row("the last ACK, all memory back", s->last_ack, "cycles");
	table_row("both", s->passive, "cycles");
	table_group("the peer resets");
	table_row("RST at RCV.NXT, all memory back", s->rst, "cycles");
	table_group("we close first");
	table_row("hf_close(), FIN sent", s->our_fin, "cycles");
	table_row("FIN and ACK, to TIME-WAIT", s->their_fin, "cycles");
	table_row("both", s->active, "cycles");
	table_figure("TIME-WAIT ends, all at once", s->expiry, "cycles");
	table_figure("the longest turn of these", (double)s->expiry_turn_ns / 1e6, "ms");
	table_note("segments sent again: %lu; opening took %.0f cycles each",
	        (unsigned long)s->retransmitted, s->open_cycles);
}

static bool
measure_steps(const struct options *o)
{
	struct close_steps s;

	if (!close_steps_measure(o->open, o->offload, o->timestamps, &s))
		return false;
	print_steps(&s);
	return true;
}

static void
print_storm(const struct close_storm_conf *conf, const struct close_storm *s)
{
	table_group("storm, %s, %u slots", close_storm_names[conf->kind], conf->slots);
	table_figure("delay of an answer, median", s->median_ms, "ms");
	table_figure("delay of an answer, longest", s->max_ms, "ms");
	if (conf->kind != STORM_NONE) {
		table_figure("all gone after", s->end_ms, "ms");
		table_figure("longest turn", s->turn_ms, "ms");
	}
	table_note(
	        "%lu asked, %lu not answered; %u left; sent again %lu, transmit queue full %lu",
	        (unsigned long)s->asked, (unsigned long)s->unanswered, s->left,
	        (unsigned long)s->retransmitted, (unsigned long)s->tx_full);
}

static bool
measure_storms(const struct options *o)
{
	struct close_storm s;

	for (enum close_storm_kind kind = 0; kind < STORM_KINDS; kind++) {
		for (unsigned deep = 0; deep <= 1; deep++) {
			const struct close_storm_conf conf = {
			        .kind = kind,
			        .open = o->open,
			        .ending = o->storm,
			        .slots = deep ? DEEP_SLOTS : RING_SLOTS,
			        .ask_us = o->ask_us,
			        .offload = o->offload,
			};

			if (!close_storm_measure(&conf, &s))
				return false;
			print_storm(&conf, &s);
		}
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct options o = {.open = 1u << 20, .storm = 100000, .ask_us = 20};
	unsigned first = 0, second;
	char cores[16];
	bool ok = true;

	if (!take_options(&o, argc, argv))
		return 2;
	cpus_two(&first, &second);
	snprintf(cores, sizeof(cores), "%u", first);
	if (!eal_start("close_bench", cores, o.huge, MEMORY_MB))
		return 1;
	table_head(
	        "close_bench: one core, a port in memory; TSC %.0f MHz; %u connections open, "
	        "checksums %s\n"
	        "steps in %u slices of random order, for each connection; storms of %u "
	        "connections while another one asks every %u us",
	        (double)rte_get_tsc_hz() / 1e6, o.open, o.offload ? "offloaded" : "in software",
	        CLOSE_SLICES, o.storm, o.ask_us);
	if (!o.storms_only)
		ok = measure_steps(&o);
	if (!o.steps_only)
		ok &= measure_storms(&o);
	rte_eal_cleanup();
	return ok ? 0 : 1;
}
