/* SPDX-License-Identifier: BSD-3-Clause */
/* close_storm: the delay of answers while a hundred thousand connections end in one instant.
 *
 * Threads  the main thread, after EAL has started.
 * Memory   the victim, its crowd and the queue of segments, for the call.
 * Errors   false, with a message on stderr.
 * Bounds   1,024 connections ask. A storm has 400 ms of the core's time.
 * Time     the attacked core's own. It stands still while the wire is written and read, and
 *          while the kernel gives the CPU to other threads. So the wire has no delay and no
 *          limit but its slots.
 * Probes   other connections ask for a byte in turn, one every `ask_us`. A delay lasts from
 *          the moment when a question was due to the end of the turn that answered it.
 * Order    a question goes onto the wire before the rest of the storm, and behind the
 *          packets that are in the slots already.
 */
#ifndef BENCH_CLOSE_STORM_H
#define BENCH_CLOSE_STORM_H

#include <stdbool.h>
#include <stdint.h>

enum close_storm_kind {
	STORM_NONE, /* for comparison */
	STORM_FIN,  /* the peers close, and send the last ACK, too */
	STORM_RST,  /* the peers reset */
	STORM_OURS, /* we close all connections in one turn; the peers answer with FIN */
	STORM_KINDS
};

extern const char *const close_storm_names[STORM_KINDS];

struct close_storm_conf {
	enum close_storm_kind kind;
	uint32_t open;   /* connections, including those that end */
	uint32_t ending; /* connections that end */
	unsigned slots;  /* of the receive queue; a power of two */
	unsigned ask_us; /* from one question to the next */
	bool offload;
};

struct close_storm {
	double median_ms;       /* the median delay */
	double max_ms;          /* the longest delay */
	double turn_ms;         /* the longest turn */
	double end_ms;          /* until the last of the ending connections was gone */
	uint64_t asked;         /* questions */
	uint64_t unanswered;    /* questions without an answer at the end */
	uint64_t tx_full;       /* frames that found the transmit queue full */
	uint64_t retransmitted; /* segments */
	uint32_t left;          /* connections that should have ended and have not */
};

/* Measures one storm. */
bool close_storm_measure(const struct close_storm_conf *conf, struct close_storm *out);

#endif
