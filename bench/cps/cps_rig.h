/* SPDX-License-Identifier: BSD-3-Clause */
/* cps_rig: a server core and a client core with two rings between them.
 *
 * The server is a whole engine with one worker on a net_ring port. The client runs on the
 * main core, which also takes the measurements.
 *
 * Threads    the main thread, after EAL has started. The server's worker is another lcore.
 * Ownership  the caller owns the rig. A text in struct rig_result is constant.
 * Memory     engine, rings and packets at creation; the client for each measurement.
 * Errors     NULL or false. rig_create() prints a message on stderr.
 * Bounds     max_conns connections in any measurement.
 */
#ifndef BENCH_CPS_RIG_H
#define BENCH_CPS_RIG_H

#include <stdbool.h>
#include <stdint.h>

struct rig;

struct rig_conf {
	unsigned server_lcore;
	unsigned max_conns;   /* the most of all measurements */
	uint32_t time_wait;   /* records for TIME-WAIT; the oldest leaves when they are full */
	uint32_t body;        /* bytes of the response's body */
	bool offload;         /* no side makes or verifies checksums */
	int syn_cookie;       /* enum syn_cookie */
	uint32_t stack_conns; /* the stack's connections, with a quarter as many half-open ones;
	                         0: twice max_conns of each */
};

/* The client's work in a measurement. */
struct rig_load {
	unsigned conns;       /* open at the same time */
	bool linux_options;   /* timestamps, SACK and window scale; else MSS alone */
	bool scattered;       /* addresses and ports at random */
	double spoofed_per_s; /* SYNs with forged sources, beside the connections */
	unsigned give_up_ms;  /* as in struct client_conf */
	bool lossy;           /* a full ring loses packets, the client's included */
};

struct rig_result {
	double per_s;          /* connections, or packets of the baseline */
	double cycles;         /* of the server core's busy time, for each of them */
	double busy;           /* share of the server core's time */
	double packets_in;     /* received by the server, per connection */
	double packets_out;    /* sent by the server, per connection */
	uint64_t done;         /* connections */
	uint64_t server_drops; /* packets, for all reasons */
	uint32_t time_wait;    /* records at the end */
	/* These include the warm-up. */
	uint64_t retransmits;  /* segments that the client sent again */
	uint64_t resets;       /* connections that the server reset */
	uint64_t given_up;     /* attempts */
	uint64_t lost;         /* segments of the client that the ring did not take */
	uint64_t spoofed;      /* SYNs that the ring took */
	uint64_t spoofed_lost; /* SYNs that the ring did not take */
	double spoofed_per_s;  /* SYNs that the ring took */
	double longest_ms;     /* the longest attempt, whether it ended or not */
	uint64_t wrong;        /* faults that the client's checks found */
	const char *first_wrong;
};

struct rig *rig_create(const struct rig_conf *conf);
void rig_destroy(struct rig *r);

/* Warms up, then measures for `seconds`. False: the engine or the client did not start. */
bool rig_measure(
        struct rig *r, const struct rig_load *load, double seconds, struct rig_result *out);
/* Measures the same rings and buffers with a server that only swaps addresses, while `packets`
 * packets are on their way. */
bool rig_baseline(struct rig *r, unsigned packets, double seconds, struct rig_result *out);

#endif
