/* SPDX-License-Identifier: BSD-3-Clause */
/* tally: what one core's client has done.
 *
 * Threads   the core writes, with counter_add() and histogram_add(); the main
 *           core reads with load_tally_add() at any time.
 * Balance   attempted = completed + all errors + open, between two events.
 * Latency   counted from the connection's intended start (the open loop's
 *           clock, not the moment at which a busy client came to it); of
 *           connections whose intended start lies in the steady window, whenever
 *           they end.
 * Own       what of a latency may be our own: how late we were to begin, and how long
 *           the core did not look at its port. By the clock that the latencies are of,
 *           so a core that something else had is seen, and so is a stopped program.
 */
#ifndef APP_LOAD_TALLY_H
#define APP_LOAD_TALLY_H

#include <stdbool.h>

#include "load/client/histogram.h"
#include "load/client/trend.h"
#include "load/spec/status_set.h"

/* No turn takes this long: a core that is not back by then did not run. */
#define LOAD_AWAY_US 10000u

/* clang-format off */
#define LOAD_ERRORS(X)                                                                     \
	X(timeout, "not done in time")                                                     \
	X(refused, "refused by the peer")                                                  \
	X(reset, "reset by the peer")                                                      \
	X(unreachable, "no way to the peer")                                               \
	X(short_answer, "closed before the answer was whole")                              \
	X(redirect, "a redirect, not followed; `accept-status 2xx,3xx` takes it")         \
	X(bad_status, "a status that is not accepted")                                     \
	X(bad_answer, "an answer that is none")                                            \
	X(no_source, "no source port was free")                                            \
	X(stopped, "cut off at the end")
/* clang-format on */

enum load_error {
#define X(name, text) LOAD_ERROR_##name,
	LOAD_ERRORS(X)
#undef X
	        LOAD_ERROR_COUNT
};

extern const char *const load_error_names[LOAD_ERROR_COUNT];
extern const char *const load_error_texts[LOAD_ERROR_COUNT];

/* The last time that a core did not run for long, and what it had done before. */
struct load_halt {
	uint64_t version; /* odd: it is being written */
	uint64_t from_us, to_us;
	uint64_t attempted, completed, open; /* at from_us */
};

struct load_tally {
	uint64_t intended;  /* connections that were due; in the closed loop: attempted */
	uint64_t attempted; /* opened, or given up for want of a port */
	uint64_t connected; /* handshakes */
	uint64_t completed; /* handshake, exchange and close, all in order */
	uint64_t requests;  /* answered, whole */
	uint64_t text_in;   /* payload bytes of answers */
	uint64_t window_completed; /* ended in the steady window */
	uint64_t window_requests;
	uint64_t window_due;           /* intended starts that lie in the steady window */
	uint64_t window_due_attempted; /* of these, as `attempted` */
	uint64_t window_due_completed; /* of these, whenever they ended */
	uint64_t window_due_failed;    /* ... with an error, but for those that were cut off */
	uint64_t window_due_no_source; /* of the failed: no SYN ever left */
	uint64_t window_due_requests;  /* answered on these */
	uint64_t put_off;      /* found no room at first; opened as soon as there was some */
	uint64_t closed_by_us; /* the server was to close, and did not */
	uint64_t closed_idle;  /* ended by the server between two requests; no error */
	uint64_t away_us;      /* the core did not run, LOAD_AWAY_US or more at a time */
	uint64_t error[LOAD_ERROR_COUNT];
	uint64_t open;                 /* now */
	uint64_t status[STATUS_CODES]; /* http: answers by status, from STATUS_FIRST on */

	struct histogram connect;    /* to the handshake's end */
	struct histogram first_byte; /* to the first byte of the first answer */
	struct histogram whole;      /* to the end of the clean close */
	struct histogram request;    /* of each request: from its sending to its answer's end */
	struct histogram lateness;   /* from the intended start until the port had the SYN */
	/* Between two turns, in the steady window: each counts as often as it has
	 * microseconds, as what arrives falls into long ones more often. */
	struct histogram gaps;
	struct trend whole_trend; /* of `whole` by the intended start */
	struct load_halt halt;    /* load_tally_halt() reads it */
};

/* into += one, which its core may be writing. */
void load_tally_add(struct load_tally *into, const struct load_tally *one);
/* Its core: an attempt has ended so, and its intended start lies in the window or not. */
void load_tally_failed(struct load_tally *t, enum load_error error, bool due_in_window);
uint64_t load_tally_errors(const struct load_tally *t);

/* Its core: it did not run from from_us to to_us, and had done so much before. */
void load_tally_halted(struct load_tally *t, const struct load_halt *halt);
/* Any thread. False: it never was so, or it is being written just now. */
bool load_tally_halt(const struct load_tally *t, struct load_halt *halt);

#endif
