/* SPDX-License-Identifier: BSD-3-Clause */
/* cps_rig: a server core and a client core, two rings between them.
 *
 * The server is a whole engine with one worker on a net_ring port; the client
 * runs on the main core, which also takes the measurements.
 */
#ifndef BENCH_CPS_RIG_H
#define BENCH_CPS_RIG_H

#include <stdbool.h>
#include <stdint.h>

struct rig;

struct rig_conf {
	unsigned server_lcore;
	unsigned max_conns;   /* of all measurements */
	uint32_t time_wait;   /* records for TIME-WAIT; the oldest leaves when they are full */
	uint32_t body;        /* bytes of the response's body */
	bool offload;         /* nobody makes or verifies checksums */
	int syn_cookie;       /* enum syn_cookie */
	uint32_t stack_conns; /* of the stack, and a quarter of them half-open; 0: twice
	                         max_conns, both */
};

/* What the client does in a measurement. */
struct rig_load {
	unsigned conns;
	bool linux_options;
	bool scattered;
	double spoofed_per_s; /* SYNs from nowhere beside them */
	unsigned give_up_ms;  /* an attempt that takes longer has failed; 0: as in client.h */
	bool lossy;           /* a full ring loses packets, the client's as well */
};

struct rig_result {
	double per_s;      /* connections, or packets of the baseline */
	double cycles;     /* of the server core's busy time, for each of them */
	double busy;       /* share of the server core's time */
	double packets_in; /* of the server, per connection */
	double packets_out;
	uint64_t done;
	uint64_t retransmits; /* by the client */
	uint64_t resets;
	uint64_t given_up;     /* all the time, warm-up included, as are these: */
	uint64_t lost;         /* segments of the client that the ring did not take */
	uint64_t spoofed;      /* SYNs that it took */
	uint64_t spoofed_lost; /* ... and did not */
	double spoofed_per_s;  /* that it took */
	double longest_ms;     /* attempt, whether it ended or not */
	uint64_t wrong;        /* found by the client's checks */
	uint64_t server_drops; /* of all reasons */
	uint32_t time_wait;    /* records at the end */
	const char *first_wrong;
};

/* NULL on failure, with a message. EAL is running. */
struct rig *rig_create(const struct rig_conf *conf);
void rig_destroy(struct rig *r);

/* Warm up, then measure for so long. False: it could not start. */
bool rig_measure(
        struct rig *r, const struct rig_load *load, double seconds, struct rig_result *out);
/* The same rings and buffers, and a server that swaps addresses; a window of
 * so many packets on the way. */
bool rig_baseline(struct rig *r, unsigned packets, double seconds, struct rig_result *out);

#endif
