/* SPDX-License-Identifier: BSD-3-Clause */
/* cc: congestion control, a table of functions per algorithm (RFC 5681); windows in bytes.
 *
 * Choice     one algorithm per core, by its name in the configuration. A new algorithm is a
 *            file cc_*.c with a constant table, and a row in cc.c.
 * State      cwnd and ssthresh of the connection, which the sender reads. An algorithm writes
 *            nothing else of the connection.
 * Events     the protocol says what happened, and in which order ACKs tell of it; the
 *            algorithm says how much may be in flight. When a loss is repaired, and what is
 *            sent again, the protocol decides (ack.c, timers.c).
 * Calls back? no function of a table calls the protocol. May end the connection? no.
 * Threads    the connection's core. Memory: none. Errors: none.
 */
#ifndef TCP_CC_H
#define TCP_CC_H

#include "tcp/conn.h"

struct cc {
	const char *name;
	/* The handshake is complete (RFC 6928). */
	void (*init)(struct tcp_conn *c);
	/* `bytes` of `flight` were acknowledged, outside recovery (RFC 5681 3.1). */
	void (*acked)(struct tcp_conn *c, uint32_t bytes, uint32_t flight);
	/* Recovery begins with `flight` bytes sent (RFC 5681 3.2 (2), (3)). */
	void (*lost)(struct tcp_conn *c, uint32_t flight);
	/* A further duplicate came in recovery (RFC 5681 3.2 (4)). `old` bytes were in flight
	 * when the loss was seen, `fresh` were sent since. */
	void (*duplicate)(struct tcp_conn *c, uint32_t old, uint32_t fresh);
	/* An ACK covered `bytes`, and not all of what recovery repairs (RFC 6582 3.2 (3)). */
	void (*partial)(struct tcp_conn *c, uint32_t bytes);
	/* Recovery is complete, `flight` bytes are out (RFC 6582 3.2 (3), full). */
	void (*recovered)(struct tcp_conn *c, uint32_t flight);
	/* The retransmission timer fired (RFC 5681 3.1). */
	void (*timeout)(struct tcp_conn *c, uint32_t flight);
	/* What was in flight did not fit the path and goes again: no more leaves at once than
	 * at the beginning (RFC 1191 6.4). */
	void (*smaller_segments)(struct tcp_conn *c);
};

extern const struct cc cc_newreno;

/* NULL as a name: the default. NULL as an answer: there is none of this name. */
const struct cc *cc_find(const char *name);

#endif
