/* SPDX-License-Identifier: BSD-3-Clause */
/* load_rig: two whole engines with a worker each, a client and a server, on
 * net_ring ports that are wired to each other. The main core measures, and sleeps
 * meanwhile.
 */
#ifndef BENCH_LOAD_RIG_H
#define BENCH_LOAD_RIG_H

#include <stdbool.h>
#include <stdint.h>

struct load_rig;

struct load_rig_conf {
	unsigned client_lcore, server_lcore;
	uint32_t max_conns; /* of all measurements */
	uint32_t body;      /* bytes of the page */
	uint32_t sources;   /* addresses that the client has */
	bool offload;       /* nobody makes or verifies checksums */
	bool mss_only;      /* no timestamps, SACK, window scale */
};

struct load_rig_load {
	uint32_t conns; /* open at the same time */
	bool scattered; /* source addresses at random */
	bool we_close;  /* the client closes first, and has the TIME-WAITs */
};

struct load_rig_side {
	double cycles; /* TSC cycles of its core's busy time for a connection, or packet */
	double busy;   /* share of its core's time */
	double packets_in, packets_out; /* per connection */
};

struct load_rig_result {
	double per_s;
	struct load_rig_side client, server;
	uint64_t completed, errors, retransmits, drops;
	uint64_t p50_us, p99_us; /* of whole connections */
};

/* NULL on failure, with a message. EAL is running. */
struct load_rig *load_rig_create(const struct load_rig_conf *conf);
void load_rig_destroy(struct load_rig *r);

/* Warm up, then measure for so long. */
bool load_rig_measure(struct load_rig *r, const struct load_rig_load *load, double seconds,
        struct load_rig_result *out);
/* Both cores swap addresses and send back; so many packets on the way. per_s and
 * cycles are of packets. */
bool load_rig_baseline(
        struct load_rig *r, unsigned packets, double seconds, struct load_rig_result *out);

#endif
