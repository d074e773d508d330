/* SPDX-License-Identifier: BSD-3-Clause */
/* end: all connections when the stack is going to end. Their applications are told, the caller
 * asks whether a peer is still owed anything, and the remaining connections are reset.
 *
 * Threads    single writer, like all of a core's TCP.
 * Memory     none of its own.
 * Errors     none.
 * Bounds     a call examines a fixed number of records, and tells or resets a fixed number, so
 *            that it takes less than 100 us. The next call continues.
 * Calls back? tcp_drain_some(): draining(); the functions that abort: closed(). May end the
 *            connection? the functions that abort.
 */
#ifndef TCP_END_H
#define TCP_END_H

#include <stdbool.h>
#include <stdint.h>

#include "handfast/handfast.h"

struct tcp;

/* Accept and open no new connections. The applications of the present ones hear draining().
 * Draining ends in `ms`; 0: it ends now. Call it outside a turn. */
void tcp_drain(struct tcp *t, uint32_t ms);
/* Tell some applications. Call it in each turn while t->drain_at is not POOL_NONE. */
void tcp_drain_some(struct tcp *t);

/* A search for a connection that is owed something. All zero at first. */
struct tcp_owed {
	uint32_t at; /* next record to examine */
	bool any;
};

/* Search on. True: the answer is not known yet; call again. Then `any` says whether there is a
 * connection whose application is not done, or whose peer has not acknowledged all. The next
 * search begins with the connection that was found. A peer in FIN-WAIT-2, which was told
 * everything and has only not closed its own half, is owed nothing. */
bool tcp_owed_some(const struct tcp *t, struct tcp_owed *x);

/* The progress of the end. All zero at first. */
struct tcp_end {
	uint32_t half_open; /* private: next half-open record */
	uint32_t conns;     /* private: next connection */
	uint32_t cut;       /* connections that were reset while something was owed */
};

/* Forget half-open records: their peers have proved nothing, and are sent nothing. Then reset
 * connections (RFC 9293 3.9.1.6); closed() gets `why`. From the first call on there are no new
 * connections. True: there is more to do. */
bool tcp_abort_some(struct tcp *t, struct tcp_end *x, enum hf_reason why);
/* Do all of it at once, outside a turn, even for connections that waited for a port. */
void tcp_abort_all(struct tcp *t, enum hf_reason why);

#endif
