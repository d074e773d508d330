/* SPDX-License-Identifier: BSD-3-Clause */
/* result: a load from its beginning to its end, as the reports need it.
 *
 * Ownership  the caller's struct; the timeline is on the heap.
 */
#ifndef APP_LOAD_RESULT_H
#define APP_LOAD_RESULT_H

#include "load/report_id.h"
#include "load/spec.h"
#include "load/tally.h"

#define LOAD_CORES 64

/* A second of it, or less at the end. */
struct load_second {
	double at_s;                           /* its end, since the beginning of the warm-up */
	double for_s;                          /* its length */
	uint64_t attempted, completed, errors; /* in it */
	uint64_t open;                         /* at its end */
	uint64_t p50_us, p99_us;               /* of whole connections that ended in it */
	float busy[LOAD_CORES];                /* share of the second, 0 to 1 */
};

/* Of a core, over the steady window. */
struct load_core {
	unsigned lcore;
	double busy; /* share, 0 to 1 */
	double away; /* share in which something else ran on it */
	uint64_t completed;
	double cycles_per_connection; /* TSC cycles in turns that did something; 0: none */
};

/* Who was the limit. */
enum load_side {
	LOAD_SIDE_NONE,    /* the rate was reached, or nothing measured */
	LOAD_SIDE_CORES,   /* ours were busy */
	LOAD_SIDE_MBUFS,   /* packet buffers ran out */
	LOAD_SIDE_SOURCES, /* addresses x ports ran out */
	LOAD_SIDE_CONNS,   /* --max-conns */
	LOAD_SIDE_PORT,    /* its transmit queue was full */
	LOAD_SIDE_PEER,
};

struct load_result {
	struct load_spec spec;
	struct load_tally total; /* all cores */
	double window_s; /* how long the steady window was; less than asked for if stopped */
	double ran_s;    /* from the beginning of the warm-up to the last close */
	bool stopped;    /* by `stop load` or a signal */
	unsigned nseconds;
	struct load_second *second;
	unsigned ncores;
	struct load_core core[LOAD_CORES];
	uint64_t retransmissions; /* segments sent again, all cores, SYNs among them */
	uint64_t no_mbuf, tx_full, unresolved; /* drops, all cores, in the steady window */
	uint64_t tx_packets, tx_waited; /* in it: sent, and of these had to wait for the port */
	uint64_t handed_over;           /* segments that came to another core's queue */
	uint64_t sources;               /* addresses x ports */
	uint32_t max_conns;             /* of all cores */
	enum load_side limit;
	char limit_text[512]; /* a sentence or two: what, and what to do about it */

	char id[REPORT_ID]; /* drawn when it began */

	/* environment */
	char version[32];
	char dpdk[32];
	char cpu[96];
	char kernel[96];
	char host[64];
	char driver[32]; /* of the port that leads to the peer */
	uint64_t tsc_hz;
	bool hugepages;
	bool csum_offload;
	uint64_t started_unix; /* seconds */
};

const char *load_side_name(enum load_side s); /* "cores" */

/* Fills limit and limit_text from the rest. */
void load_judge(struct load_result *r);

#endif
