/* SPDX-License-Identifier: BSD-3-Clause */
/* tally: the counts and latencies of one core's client.
 *
 * A latency counts from the intended start of the connection, not from the moment at which a
 * busy client opened it. It is counted if the intended start lies in the steady window,
 * whenever the connection ends.
 *
 * `lateness` and `gaps` say how much of a latency may be our own: the delay of the opening,
 * and the time in which the core did not read its port. They use the clock of the latencies,
 * so they also show a core that ran other threads and a program that was stopped.
 *
 * Between two events, attempted = completed + all errors + open.
 *
 * Threads    the core writes, with counter_add() and histogram_add(). The main core reads with
 *            load_tally_add() at any time.
 * Memory     about 90 KB in the caller's struct; a struct of zeros is an empty tally.
 * Errors     none.
 */
#ifndef APP_LOAD_TALLY_H
#define APP_LOAD_TALLY_H

#include <stdbool.h>

#include "load/client/histogram.h"
#include "load/client/trend.h"
#include "load/spec/status_set.h"

/* No turn takes this long: a core with a longer gap did not run. */
#define LOAD_AWAY_US 10000u

/* clang-format off */
#define LOAD_ERRORS(X)                                                                     \
	X(timeout, "no complete answer within `timeout`")                                  \
	X(refused, "refused by the peer")                                                  \
	X(reset, "reset by the peer")                                                      \
	X(unreachable, "no route, an ICMP error, or no answer to ARP")                     \
	X(short_answer, "the peer closed before its answer was complete")                  \
	X(redirect, "redirects are not followed; `accept-status 2xx,3xx` accepts them")    \
	X(bad_status, "a status that `accept-status` does not accept")                     \
	X(bad_answer, "the answer breaks the protocol")                                    \
	X(no_source, "no source port was free")                                            \
	X(stopped, "cut off at the end of the load")
/* clang-format on */

enum load_error {
#define X(name, text) LOAD_ERROR_##name,
	LOAD_ERRORS(X)
#undef X
	        LOAD_ERROR_COUNT
};

extern const char *const load_error_names[LOAD_ERROR_COUNT];
extern const char *const load_error_texts[LOAD_ERROR_COUNT];

/* The last long time in which a core did not run, and the counts at its beginning. */
struct load_halt {
	uint64_t version; /* odd while the core writes; 0: there was no halt */
	uint64_t from_us;
	uint64_t to_us;
	uint64_t attempted;
	uint64_t completed;
	uint64_t open;
};

struct load_tally {
	uint64_t intended;  /* connections that were due; in the closed loop: attempted */
	uint64_t attempted; /* connections opened, or given up because no port was free */
	uint64_t connected; /* complete handshakes */
	uint64_t completed; /* connections with handshake, exchange and close in order */
	uint64_t requests;  /* whole answers */
	uint64_t text_in;   /* payload bytes of answers */

	uint64_t window_completed;     /* connections completed in the steady window */
	uint64_t window_requests;      /* whole answers in the steady window */
	uint64_t window_due;           /* connections due in the steady window */
	uint64_t window_due_attempted; /* of window_due, attempted at any time */
	uint64_t window_due_completed; /* of window_due, completed at any time */
	uint64_t window_due_failed;    /* of window_due, failed and not cut off */
	uint64_t window_due_no_source; /* of window_due_failed, those without a SYN */
	uint64_t window_due_requests;  /* whole answers on connections of window_due */

	uint64_t put_off;      /* connections that had to wait for room */
	uint64_t closed_by_us; /* connections that the server should have closed */
	uint64_t closed_idle;  /* connections that the server ended between two requests */
	uint64_t away_us;      /* time in gaps of LOAD_AWAY_US or more */
	uint64_t error[LOAD_ERROR_COUNT];
	uint64_t open;                 /* connections that are open now */
	uint64_t status[STATUS_CODES]; /* http: answers by status, from STATUS_FIRST on */

	struct histogram connect;    /* to the end of the handshake */
	struct histogram first_byte; /* to the first byte of the first answer */
	struct histogram whole;      /* to the end of the clean close */
	struct histogram request;    /* from the sending of a request to its answer's end */
	struct histogram lateness;   /* from the intended start until the port got the SYN */
	/* Time between two turns of the steady window. Each gap is counted once for each of its
	 * microseconds, since a packet is more likely to arrive in a long gap. */
	struct histogram gaps;
	struct trend whole_trend; /* of `whole`, by the intended start */
	struct load_halt halt;    /* load_tally_halt() reads it */
};

/* into += one; the core of `one` may write meanwhile. */
void load_tally_add(struct load_tally *into, const struct load_tally *one);
/* Its core: counts an attempt that failed. */
void load_tally_failed(struct load_tally *t, enum load_error error, bool due_in_window);
uint64_t load_tally_errors(const struct load_tally *t);

/* Its core: publishes the last halt. */
void load_tally_halted(struct load_tally *t, const struct load_halt *halt);
/* Any thread: reads the last halt. False: there was none, or the core is writing it. */
bool load_tally_halt(const struct load_tally *t, struct load_halt *halt);

#endif
