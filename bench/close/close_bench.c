/* SPDX-License-Identifier: BSD-3-Clause */
/* close_bench: cycles for each step of a connection's end with a million of them
 * open, and how long others wait when a hundred thousand end in one instant.
 */
#include <getopt.h>
#include <stdio.h>

#include <rte_cycles.h>

#include "bench/kit/args.h"
#include "bench/kit/eal.h"
#include "close_steps.h"
#include "close_storm.h"

#define MEMORY_MB  448
#define RING_SLOTS 1024      /* of a usual receive queue */
#define DEEP_SLOTS (1 << 17) /* that takes a whole storm at once */

struct options {
	unsigned open;
	unsigned storm;
	unsigned ask_us;
	bool offload;
	bool timestamps;
	bool steps_only, storms_only;
	bool huge;
};

static const char usage[] =
        "usage: close_bench [--open N] [--storm N] [--ask-us US] [--timestamps]\n"
        "                   [--csum-offload] [--steps-only | --storms-only] [--huge]\n"
        "  --open N        connections [1048576]; rounded down to 16,384\n"
        "  --storm N       of these, end in one instant [100000]\n"
        "  --ask-us US     the others ask something, one of them every so often [20]\n"
        "  --timestamps    the peers offer Linux's options\n"
        "  --csum-offload  nobody makes or verifies checksums (as with a NIC that does)\n"
        "  --huge          memory on hugepages\n";

static bool
take_option(struct options *o, int which, const char *arg)
{
	switch (which) {
	case 'o':
		return args_count(arg, 1 << 14, CROWD_MOST, &o->open);
	case 's':
		return args_count(arg, 1, 130000, &o->storm);
	case 'a':
		return args_count(arg, 1, 1e6, &o->ask_us);
	case 't':
		o->timestamps = true;
		return true;
	case 'O':
		o->offload = true;
		return true;
	case 'p':
		o->steps_only = true;
		return true;
	case 'P':
		o->storms_only = true;
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
	        {"storm", required_argument, NULL, 's'},
	        {"ask-us", required_argument, NULL, 'a'},
	        {"timestamps", no_argument, NULL, 't'},
	        {"csum-offload", no_argument, NULL, 'O'},
	        {"steps-only", no_argument, NULL, 'p'}, {"storms-only", no_argument, NULL, 'P'},
	        {"huge", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int which;

	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (!take_option(o, which, optarg))
			return false;
	}
	o->open &= ~((1u << 14) - 1);
	if (optind == argc)
		return true;
	fputs(usage, stderr);
	return false;
}

static void
print_steps(const struct close_steps *s)
{
	printf("  the peer closes first\n");
	bench_print("    FIN, answered with FIN and ACK", s->fin, "cycles");
	bench_print("    the last ACK, all memory back", s->last_ack, "cycles");
	bench_print("    both", s->passive, "cycles");
	bench_print("  RST at RCV.NXT, all memory back", s->rst, "cycles");
	printf("  we close first\n");
	bench_print("    hf_close(), FIN sent", s->our_fin, "cycles");
	bench_print("    FIN and ACK, to TIME-WAIT", s->their_fin, "cycles");
	bench_print("    both", s->active, "cycles");
	printf("    TIME-WAIT ends, all at once: %.1f cycles each; the longest turn %.2f ms\n",
	        s->expiry, (double)s->expiry_turn_ns / 1e6);
	printf("  segments sent again: %lu; opening took %.0f cycles each\n",
	        (unsigned long)s->retransmitted, s->open_cycles);
	fflush(stdout);
}

static bool
measure_steps(const struct options *o)
{
	struct close_steps s;

	printf("steps, in 16 slices of random order: median [least .. most], for each "
	       "connection\n");
	if (!close_steps_measure(o->open, o->offload, o->timestamps, &s))
		return false;
	print_steps(&s);
	return true;
}

static void
print_storm(const struct close_storm_conf *conf, const struct close_storm *s)
{
	printf("  %-26s %6u slots: delay %.3f ms, at most %.3f ms (%lu asked, %lu not "
	       "answered)\n",
	        close_storm_names[conf->kind], conf->slots, s->median_ms, s->max_ms,
	        (unsigned long)s->asked, (unsigned long)s->unanswered);
	if (conf->kind != STORM_NONE)
		printf("    all gone after %.1f ms; longest turn %.3f ms; %u left; sent again "
		       "%lu, "
		       "transmit queue full %lu\n",
		        s->end_ms, s->turn_ms, s->left, (unsigned long)s->retransmitted,
		        (unsigned long)s->tx_full);
	fflush(stdout);
}

static bool
measure_storms(const struct options *o)
{
	struct close_storm s;

	printf("storms: %u of %u connections end in one instant; others ask every %u us\n",
	        o->storm, o->open, o->ask_us);
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
	args_two_cpus(&first, &second);
	snprintf(cores, sizeof(cores), "%u", first);
	if (!eal_start("close_bench", cores, o.huge, MEMORY_MB))
		return 1;
	printf("close_bench: one core, a port in memory; TSC %.0f MHz; %u connections open, "
	       "checksums %s\n",
	        (double)rte_get_tsc_hz() / 1e6, o.open,
	        o.offload ? "offloaded" : "in software");
	if (!o.storms_only)
		ok = measure_steps(&o);
	if (!o.steps_only)
		ok &= measure_storms(&o);
	rte_eal_cleanup();
	return ok ? 0 : 1;
}
