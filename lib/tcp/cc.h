/* SPDX-License-Identifier: BSD-3-Clause */
/* cc: congestion control (RFC 5681) as a table of functions per algorithm. Windows are in
 * bytes.
 *
 * Choice     one algorithm per core, by its name in the configuration. A new algorithm is a
 *            file cc_*.c with a constant table, and a row in cc.c.
 * State      cwnd and ssthresh of the connection. The sender reads both. An algorithm writes
 *            nothing else of the connection.
 * Events     the protocol says what happened. The algorithm says how much may be in flight.
 *            The protocol decides when a loss is repaired and what is sent again (ack.c,
 *            expire.c).
 * Threads    the connection's core.
 * Memory     none.
 * Errors     none.
 * Calls back? no: a function of a table calls nothing of the protocol. May end the
 *            connection? no.
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
	/* Another duplicate ACK came in recovery (RFC 5681 3.2 (4)). `old` bytes were in flight
	 * at the loss; `fresh` bytes were sent since. */
	void (*duplicate)(struct tcp_conn *c, uint32_t old, uint32_t fresh);
	/* An ACK covered `bytes`, but not all that recovery repairs (RFC 6582 3.2 (3)). */
	void (*partial)(struct tcp_conn *c, uint32_t bytes);
	/* Recovery is complete with `flight` bytes in flight (RFC 6582 3.2 (3), full). */
	void (*recovered)(struct tcp_conn *c, uint32_t flight);
	/* The retransmission timer fired (RFC 5681 3.1). */
	void (*timeout)(struct tcp_conn *c, uint32_t flight);
	/* The segments in flight did not fit the path and are sent again. No more may leave at
	 * once than at the beginning (RFC 1191 6.4). */
	void (*smaller_segments)(struct tcp_conn *c);
};

extern const struct cc cc_newreno;

/* The algorithm of this name; of NULL: the default. Returns NULL if no algorithm has the
 * name. */
const struct cc *cc_find(const char *name);

#endif
