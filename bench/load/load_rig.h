/* SPDX-License-Identifier: BSD-3-Clause */
/* load_rig: a client and a server, each a whole engine with one worker, on net_ring ports
 * that are wired to each other.
 *
 * Threads    the main thread, after EAL has started. It sleeps while the workers run.
 * Ownership  the caller owns the rig.
 * Memory     engines, rings and packets at creation; the client for each measurement.
 * Errors     NULL or false. load_rig_create() prints a message on stderr.
 * Bounds     max_conns connections in any measurement.
 */
#ifndef BENCH_LOAD_RIG_H
#define BENCH_LOAD_RIG_H

#include <stdbool.h>
#include <stdint.h>

struct load_rig;

struct load_rig_conf {
	unsigned client_lcore, server_lcore;
	uint32_t max_conns; /* the most of all measurements */
	uint32_t body;      /* bytes of the page */
	uint32_t sources;   /* addresses of the client */
	bool offload;       /* no side makes or verifies checksums */
	bool mss_only;      /* no timestamps, SACK, window scale */
};

struct load_rig_load {
	uint32_t conns; /* open at the same time */
	bool scattered; /* source addresses at random */
	bool we_close;  /* the client closes first, and has the TIME-WAITs */
};

struct load_rig_side {
	double cycles; /* TSC cycles of its core's busy time for a connection, or a packet */
	double busy;   /* busy share of its core's time */
	double packets_in, packets_out; /* per connection */
};

struct load_rig_result {
	double per_s; /* connections, or packets of the baseline */
	struct load_rig_side client, server;
	uint64_t completed, errors, retransmits, drops;
	uint64_t p50_us, p99_us; /* of whole connections */
};

struct load_rig *load_rig_create(const struct load_rig_conf *conf);
void load_rig_destroy(struct load_rig *r);

/* Warms up, then measures for `seconds`. False: the load did not start, or did not end. */
bool load_rig_measure(struct load_rig *r, const struct load_rig_load *load, double seconds,
        struct load_rig_result *out);
/* Measures both cores while they swap addresses and send packets back, with `packets` packets
 * on their way. per_s and cycles count packets. */
bool load_rig_baseline(
        struct load_rig *r, unsigned packets, double seconds, struct load_rig_result *out);

#endif
