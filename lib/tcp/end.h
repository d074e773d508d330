/* SPDX-License-Identifier: BSD-3-Clause */
/* end: what concerns all connections when the stack is going to end: their
 * applications hear of it, somebody asks whether anything is left to wait for, and what
 * is left is reset.
 *
 * Threads    single writer, like all of a core's TCP.
 * Memory     none of its own.
 * Time       a call looks at so many records, and tells or resets so many, that it takes
 *            less than 100 us; each goes on from where the one before stood.
 */
#ifndef TCP_END_H
#define TCP_END_H

#include <stdbool.h>
#include <stdint.h>

#include "handfast/handfast.h"

struct tcp;

/* No new connections; the applications of those that are there hear draining(). It is over
 * in `ms`; 0: it does not drain (any more). Outside a turn. */
void tcp_drain(struct tcp *t, uint32_t ms);
/* In each turn while t->drain_at is not POOL_NONE: some of them hear it. */
void tcp_drain_some(struct tcp *t);

/* Is anything owed to a peer? All zero at first. */
struct tcp_owed {
	uint32_t at; /* where it has looked */
	bool any;
};

/* Looks on; true: not known yet, call again. Then `any` says whether there is a connection
 * whose application is not done, or whose peer has not acknowledged all; asked again, it
 * begins with the one that it found. A peer that has been told everything, and has only not
 * closed its own half yet (FIN-WAIT-2), is owed nothing. */
bool tcp_owed_some(const struct tcp *t, struct tcp_owed *x);

/* How far the end has come; all zero at first. */
struct tcp_end {
	uint32_t half_open; /* private: half-open records, then ... */
	uint32_t conns;     /* ... connections that were looked at */
	uint32_t cut;       /* connections that were reset while something was owed */
};

/* Half-open records are forgotten: they have proved nothing, and get no word. Then
 * connections are reset (RFC 9293 3.9.1.6), and closed() says `why`. There are no new ones
 * from the first call on. True: there is more. */
bool tcp_abort_some(struct tcp *t, struct tcp_end *x, enum hf_reason why);
/* All of it, without a turn; also those that waited for a port, whatever it takes. */
void tcp_abort_all(struct tcp *t, enum hf_reason why);

#endif
