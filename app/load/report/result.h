/* SPDX-License-Identifier: BSD-3-Clause */
/* result: a load from its beginning to its end, as the reports need it.
 *
 * Ownership  the caller's struct; the timeline is on the heap.
 */
#ifndef APP_LOAD_RESULT_H
#define APP_LOAD_RESULT_H

#include "load/client/tally.h"
#include "load/report/report_id.h"
#include "load/spec/spec.h"

#define LOAD_CORES   64
#define LOAD_UNKNOWN UINT64_MAX

/* A second of it, or less: at the end, and where our cores did not run for long. */
struct load_second {
	double at_s;                           /* its end, since the beginning of the warm-up */
	double for_s;                          /* its length */
	uint64_t attempted, completed, errors; /* in it */
	uint64_t open;                         /* at its end */
	uint64_t p50_us, p99_us; /* of whole connections that ended in it; LOAD_UNKNOWN */
	double away_s;           /* a core of ours did not run: the one with the most of it */
	float busy[LOAD_CORES];  /* share of the second, 0 to 1 */
};

/* Of a core, over the steady window. */
struct load_core {
	unsigned lcore;
	double busy; /* share, 0 to 1 */
	double away; /* share in which it did not run: others had it, or we were stopped */
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

/* Whose the latencies are. */
enum load_latency_side {
	LOAD_LATENCY_NONE,  /* none was measured */
	LOAD_LATENCY_PEER,  /* the peer's, or the way's */
	LOAD_LATENCY_MIXED, /* ours to a part that shows */
	LOAD_LATENCY_OWN,   /* half of it or more may be ours */
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
	bool port_gone; /* the network device of the port that leads to the peer was removed */
	uint64_t handed_over; /* segments that came to another core's queue */
	uint64_t sources;     /* addresses x ports */
	uint32_t max_conns;   /* of all cores */
	enum load_side limit;
	char limit_text[512]; /* a sentence or two: what, and what to do about it */
	enum load_latency_side latency;
	char latency_text[512];

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

const char *load_side_name(enum load_side s);                 /* "cores" */
const char *load_latency_side_name(enum load_latency_side s); /* "peer" */

/* A second in the steady window: connections completed, and requests answered. In the open
 * loop of what was due in it, whenever that ended, if the peer kept up. */
double load_cps(const struct load_result *r);
double load_rps(const struct load_result *r);
/* Open loop: what was due took longer and longer. */
bool load_falls_behind(const struct load_result *r);

/* Of the latencies so much may be our own: how late we began, and how long what came may
 * have waited for our core. */
uint64_t load_own_us(const struct load_tally *t, double quantile);

/* Fills limit and latency, and their texts, from the rest. */
void load_judge(struct load_result *r);
void load_judge_latency(struct load_result *r); /* the second half of it */

#endif
