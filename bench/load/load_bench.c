/* SPDX-License-Identifier: BSD-3-Clause */
/* load_bench: connections per second of our client against our server, with a core each, and
 * the cycles of both cores.
 *
 * An exchange is a handshake, a request, a page, and the close by both sides: three packets
 * each way. The baseline of the same run is the cost, on both cores, of swapping the
 * addresses of a packet and sending it back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>

#include "base/limits.h"
#include "bench/kit/bench.h"
#include "bench/kit/cpus.h"
#include "bench/kit/options.h"
#include "bench/kit/table.h"
#include "load_rig.h"

#define RUNS_MAX         31
#define PACKETS_EACH_WAY 3
#define CLIENT_LCORE     1
#define SERVER_LCORE     2
#define CONNS_MAX        (1u << 20)

struct options {
	double seconds;
	unsigned runs;
	unsigned conns; /* 0: the usual rows */
	unsigned body;
	unsigned sources;
	bool scattered, mss_only, offload, we_close, huge;
	unsigned client_cpu, server_cpu;
};

static bool
take_options(struct options *o, int argc, char **argv)
{
	const struct option_row rows[] = {
	        OPTION_NUMBER("seconds", "S", &o->seconds, 0.05, 3600, "of each run [1]"),
	        OPTION_COUNT("runs", "N", &o->runs, 1, RUNS_MAX, "whose median is printed [5]"),
	        OPTION_COUNT("conns", "N", &o->conns, 1, CONNS_MAX,
	                "open at the same time [256 and 65536 in turn, in sequence and scattered]"),
	        OPTION_FLAG("scattered", &o->scattered,
	                "source addresses at random instead of in sequence"),
	        OPTION_FLAG("we-close", &o->we_close,
	                "the client closes first, and has the TIME-WAITs"),
	        OPTION_FLAG("mss-only", &o->mss_only,
	                "the client offers no timestamps, SACK, window scale"),
	        OPTION_COUNT("body", "BYTES", &o->body, 1, 1e6, "of the page [64]"),
	        OPTION_COUNT("sources", "N", &o->sources, 1, LIMIT_SOURCES,
	                "addresses of the client [4096]"),
	        OPTION_FLAG("csum-offload", &o->offload,
	                "no side makes or verifies checksums, as with a NIC that does"),
	        OPTION_FLAG("huge", &o->huge, "memory on hugepages"),
	};

	return options_read("load_bench", rows, RTE_DIM(rows), argc, argv);
}

/* The main thread shares the client's CPU, and sleeps most of the time. */
static bool
start_eal(const struct options *o)
{
	char lcores[64], prefix[64];
	char *plain[] = {"load_bench", "--lcores", lcores, "--no-pci", "--no-telemetry",
	        "--log-level=4", prefix, "--no-huge", "--no-shconf", "-m", "2048"};
	char *huge[] = {"load_bench", "--lcores", lcores, "--no-pci", "--no-telemetry",
	        "--log-level=4", prefix, "--in-memory"};

	snprintf(lcores, sizeof(lcores), "0@%u,%d@%u,%d@%u", o->client_cpu, CLIENT_LCORE,
	        o->client_cpu, SERVER_LCORE, o->server_cpu);
	snprintf(prefix, sizeof(prefix), "--file-prefix=handfast-load-bench-%d", getpid());
	if (rte_eal_init(o->huge ? 8 : 11, o->huge ? huge : plain) >= 0)
		return true;
	fprintf(stderr, "load_bench: EAL does not start; is there memory left, and with --huge "
	                "are there hugepages?\n");
	return false;
}

static void
print_head(const struct options *o)
{
	table_head(
	        "load_bench: client core (CPU %u) against server core (CPU %u), net_ring; "
	        "TSC %.0f MHz\n"
	        "page of %u bytes, %u source addresses, %s, the %s closes first; checksums %s; "
	        "%u runs of %.2g s",
	        o->client_cpu, o->server_cpu, (double)rte_get_tsc_hz() / 1e6, o->body,
	        o->sources, o->mss_only ? "MSS only" : "timestamps, SACK, window scale",
	        o->we_close ? "client" : "server",
	        o->offload ? "left out on both sides" : "made and verified in software",
	        o->runs, o->seconds);
}

static bool
print_baseline(struct load_rig *rig, const struct options *o)
{
	double client[RUNS_MAX], server[RUNS_MAX];
	struct bench_result c, s;
	struct load_rig_result r;

	for (unsigned i = 0; i < o->runs; i++) {
		if (!load_rig_baseline(rig, 1024, o->seconds, &r))
			return false;
		client[i] = r.client.cycles;
		server[i] = r.server.cycles;
	}
	c = bench_summary(client, o->runs);
	s = bench_summary(server, o->runs);
	table_group("baseline: packets sent back");
	table_row("client core", c, "cycles/packet");
	table_row("server core", s, "cycles/packet");
	table_note("as many as a connection has (%u in, %u out): %.0f and %.0f cycles",
	        PACKETS_EACH_WAY, PACKETS_EACH_WAY, PACKETS_EACH_WAY * c.median,
	        PACKETS_EACH_WAY * s.median);
	return true;
}

static void
print_row(const struct load_rig_load *load, const struct bench_result *per_s,
        const struct bench_result *client, const struct bench_result *server,
        const struct load_rig_result *last, uint64_t errors)
{
	table_group("%u conns, %s", load->conns, load->scattered ? "scattered" : "in sequence");
	table_row("connections", *per_s, "M/s");
	table_row("client core", *client, "cycles/connection");
	table_row("server core", *server, "cycles/connection");
	table_note(
	        "busy: client core %.0f%%, server core %.0f%%; client's packets per connection "
	        "%.2f in, %.2f out; p50 %lu us, p99 %lu us; retransmitted %lu, dropped %lu, "
	        "errors %lu",
	        100 * last->client.busy, 100 * last->server.busy, last->client.packets_in,
	        last->client.packets_out, (unsigned long)last->p50_us,
	        (unsigned long)last->p99_us, (unsigned long)last->retransmits,
	        (unsigned long)last->drops, (unsigned long)errors);
}

static bool
measure_row(struct load_rig *rig, const struct options *o, unsigned conns, bool scattered)
{
	const struct load_rig_load load = {
	        .conns = conns, .scattered = scattered, .we_close = o->we_close};
	double per_s[RUNS_MAX], client[RUNS_MAX], server[RUNS_MAX];
	struct bench_result ps, c, s;
	struct load_rig_result r;
	uint64_t errors = 0;

	for (unsigned i = 0; i < o->runs; i++) {
		if (!load_rig_measure(rig, &load, o->seconds, &r)) {
			fprintf(stderr, "load_bench: the load did not start, or did not end\n");
			return false;
		}
		per_s[i] = r.per_s / 1e6;
		client[i] = r.client.cycles;
		server[i] = r.server.cycles;
		errors += r.errors;
	}
	ps = bench_summary(per_s, o->runs);
	c = bench_summary(client, o->runs);
	s = bench_summary(server, o->runs);
	print_row(&load, &ps, &c, &s, &r, errors);
	return errors == 0 && r.completed != 0;
}

static bool
measure_all(struct load_rig *rig, const struct options *o)
{
	bool ok = print_baseline(rig, o);

	if (o->conns != 0)
		return ok && measure_row(rig, o, o->conns, o->scattered);
	for (unsigned i = 0; ok && i < 4; i++)
		ok = measure_row(rig, o, i < 2 ? 256 : 65536, i % 2 != 0);
	return ok;
}

int
main(int argc, char **argv)
{
	struct options o = {.seconds = 1, .runs = 5, .body = 64, .sources = 4096};
	struct load_rig_conf conf;
	struct load_rig *rig;
	bool ok;

	if (!take_options(&o, argc, argv))
		return 2;
	if (!cpus_need_two("load_bench", &o.client_cpu, &o.server_cpu))
		return BENCH_SKIPPED;
	if (!start_eal(&o))
		return 1;
	conf = (struct load_rig_conf) {
	        .client_lcore = CLIENT_LCORE,
	        .server_lcore = SERVER_LCORE,
	        .max_conns = o.conns != 0 ? o.conns : 65536,
	        .body = o.body,
	        .sources = o.sources,
	        .offload = o.offload,
	        .mss_only = o.mss_only,
	};
	rig = load_rig_create(&conf);
	if (rig == NULL)
		return 1;
	print_head(&o);
	ok = measure_all(rig, &o);
	load_rig_destroy(rig);
	rte_eal_cleanup();
	return ok ? 0 : 1;
}
