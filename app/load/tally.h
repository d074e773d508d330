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
 */
#ifndef APP_LOAD_TALLY_H
#define APP_LOAD_TALLY_H

#include "load/histogram.h"
#include "load/status_set.h"

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

struct load_tally {
	uint64_t intended;  /* connections that were due; in the closed loop: attempted */
	uint64_t attempted; /* opened, or given up for want of a port */
	uint64_t connected; /* handshakes */
	uint64_t completed; /* handshake, exchange and close, all in order */
	uint64_t requests;  /* answered, whole */
	uint64_t text_in;   /* payload bytes of answers */
	uint64_t window_completed; /* ended in the steady window */
	uint64_t window_requests;
	uint64_t put_off; /* found no room at first; opened as soon as there was some */
	uint64_t error[LOAD_ERROR_COUNT];
	uint64_t open;                 /* now */
	uint64_t status[STATUS_CODES]; /* http: answers by status, from STATUS_FIRST on */

	struct histogram connect;    /* to the handshake's end */
	struct histogram first_byte; /* to the first byte of the first answer */
	struct histogram whole;      /* to the end of the clean close */
	struct histogram request;    /* of each request: from its sending to its answer's end */
};

/* into += one, which its core may be writing. */
void load_tally_add(struct load_tally *into, const struct load_tally *one);
uint64_t load_tally_errors(const struct load_tally *t);

#endif
