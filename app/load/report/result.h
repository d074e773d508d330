/* SPDX-License-Identifier: BSD-3-Clause */
/* result: the figures of one load, as the reports need them.
 *
 * Threads    the main core's.
 * Ownership  the caller's struct; the rows of seconds are on the heap.
 * Memory     about 95 KB, most of it the tally.
 * Errors     none.
 * Bounds     LOAD_CORES cores; texts are cut at their members' sizes.
 */
#ifndef APP_LOAD_RESULT_H
#define APP_LOAD_RESULT_H

#include "load/client/tally.h"
#include "load/report/report_id.h"
#include "load/spec/spec.h"

#define LOAD_CORES   64
#define LOAD_UNKNOWN UINT64_MAX

/* One row. It is shorter than a second at the end, and around a time without running. */
struct load_second {
	double at_s;            /* end of the row, since the beginning of the warm-up */
	double for_s;           /* length of the row */
	uint64_t attempted;     /* connections attempted in it */
	uint64_t completed;     /* connections completed in it */
	uint64_t errors;        /* connections failed in it */
	uint64_t open;          /* connections open at its end */
	uint64_t p50_us;        /* of whole connections that ended in it; LOAD_UNKNOWN */
	uint64_t p99_us;        /* of whole connections that ended in it; LOAD_UNKNOWN */
	double away_s;          /* time in which the core that ran least did not run */
	float busy[LOAD_CORES]; /* share of the row, 0 to 1 */
};

/* One core over the steady window. */
struct load_core {
	unsigned lcore;
	double busy;                  /* share of the window, 0 to 1 */
	double away;                  /* share of the window in which it did not run */
	uint64_t completed;           /* connections completed */
	double cycles_per_connection; /* TSC cycles of busy turns; 0: none was completed */
};

/* The side that was the limit. */
enum load_side {
	LOAD_SIDE_NONE,    /* the rate was reached, or nothing was measured */
	LOAD_SIDE_CORES,   /* our cores were busy, or did not run */
	LOAD_SIDE_MBUFS,   /* packet buffers ran out */
	LOAD_SIDE_SOURCES, /* addresses x ports ran out */
	LOAD_SIDE_CONNS,   /* --max-conns was reached */
	LOAD_SIDE_PORT,    /* the transmit queue was full */
	LOAD_SIDE_PEER,    /* the peer or the network */
};

/* The side that caused the latencies. */
enum load_latency_side {
	LOAD_LATENCY_NONE,  /* no latency was measured */
	LOAD_LATENCY_PEER,  /* the peer or the network */
	LOAD_LATENCY_MIXED, /* a quarter or more may be our own */
	LOAD_LATENCY_OWN,   /* half or more may be our own */
};

struct load_result {
	struct load_spec spec;
	struct load_tally total; /* of all cores */
	double window_s; /* length of the steady window; less than in the spec if stopped */
	double ran_s;    /* from the beginning of the warm-up to the last close */
	bool stopped;    /* by `stop load` or a signal */
	unsigned nseconds;
	struct load_second *second;
	unsigned ncores;
	struct load_core core[LOAD_CORES];
	uint64_t retransmissions; /* segments of all cores, including SYNs */
	uint64_t no_mbuf;         /* packets of the window without a buffer */
	uint64_t tx_full;         /* packets of the window that a full queue has lost */
	uint64_t unresolved;      /* packets of the window without an ARP answer */
	uint64_t tx_packets;      /* packets sent in the window */
	uint64_t tx_waited;       /* of tx_packets, those that had to wait for the port */
	bool port_gone;           /* the network device of the peer's port was removed */
	uint64_t handed_over;     /* segments that came to another core's queue */
	uint64_t sources;         /* addresses x ports */
	uint32_t max_conns;       /* of all cores */
	enum load_side limit;
	char limit_text[512]; /* the cause and a way to fix it, in a sentence or two */
	enum load_latency_side latency;
	char latency_text[512];

	char id[REPORT_ID]; /* random, chosen when the load began */

	/* environment */
	char version[32];
	char dpdk[32];
	char cpu[96];
	char kernel[96];
	char host[64];
	char driver[32]; /* of the peer's port */
	uint64_t tsc_hz;
	bool hugepages;
	bool csum_offload;
	uint64_t started_unix; /* seconds */
};

const char *load_side_name(enum load_side s);                 /* "cores" */
const char *load_latency_side_name(enum load_latency_side s); /* "peer" */

/* Completed connections and answered requests a second, over the steady window. If the peer
 * keeps up with an open loop, they count what was due in the window, whenever it ended. */
double load_cps(const struct load_result *r);
double load_rps(const struct load_result *r);
/* Open loop: do connections take longer and longer? */
bool load_falls_behind(const struct load_result *r);

/* The part of a latency that may be our own: the delay of the opening, and the wait of packets
 * for our core. */
uint64_t load_own_us(const struct load_tally *t, double quantile);

/* Sets limit, latency and their texts from the other members. */
void load_judge(struct load_result *r);
/* The part of load_judge() for the latency. */
void load_judge_latency(struct load_result *r);

#endif
