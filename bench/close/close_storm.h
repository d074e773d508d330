/* SPDX-License-Identifier: BSD-3-Clause */
/* close_storm: a hundred thousand connections end in one instant. How long do the
 * others wait for their answers?
 *
 * Time    is the attacked core's own: it stands still while the wire is written
 *         and read, and while the kernel gives the CPU to others. So the wire has
 *         no delay and no limit but its slots.
 * Probes  others ask for a byte, one every so many microseconds, in turn; a delay
 *         is from the moment when a question was due to the end of the turn that
 *         answered it.
 * Order   a question goes onto the wire before what is left of the storm, and
 *         behind what is in the slots already.
 */
#ifndef BENCH_CLOSE_STORM_H
#define BENCH_CLOSE_STORM_H

#include <stdbool.h>
#include <stdint.h>

enum close_storm_kind {
	STORM_NONE, /* for comparison */
	STORM_FIN,  /* the peers close; each says the last ACK, too */
	STORM_RST,
	STORM_OURS, /* we close, all in one turn; they answer with FIN */
	STORM_KINDS
};

extern const char *const close_storm_names[STORM_KINDS];

struct close_storm_conf {
	enum close_storm_kind kind;
	uint32_t open;   /* connections, the ending ones among them */
	uint32_t ending; /* of these */
	unsigned slots;  /* of the receive queue; a power of two */
	unsigned ask_us; /* from one question to the next */
	bool offload;
};

struct close_storm {
	double median_ms; /* delays */
	double max_ms;
	double turn_ms; /* the longest turn */
	double end_ms;  /* until the last of the ending was gone */
	uint64_t asked;
	uint64_t unanswered; /* at the end */
	uint64_t tx_full;    /* frames that found no room */
	uint64_t retransmitted;
	uint32_t left; /* of those that ended */
};

/* False: it has been said on stderr why not. */
bool close_storm_measure(const struct close_storm_conf *conf, struct close_storm *out);

#endif
