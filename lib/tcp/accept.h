/* SPDX-License-Identifier: BSD-3-Clause */
/* accept: a connection begins with the last ACK of a passive handshake. A half-open record
 * remembers its SYN, or a cookie does.
 *
 * Threads    single writer.
 * Errors     enum drop: the reason for which there is no connection.
 * Bounds     one record for a call; pressure.h decides what happens when none is free.
 * Calls back? yes: opened(), then whatever the rest of the segment causes. May end the
 *            connection? yes, and another one to make room (pressure.h).
 */
#ifndef TCP_ACCEPT_H
#define TCP_ACCEPT_H

#include "tcp/tcp.h"

struct accept {
	uint32_t iss;
	uint32_t irs;
	uint32_t ts_offset;
	struct syn_offer peer;
	uint32_t half_open; /* the record to replace: REF_HALF_OPEN and its index; FLOW_NONE:
	                       none */
	uint32_t syn_us;    /* time of the SYN; unknown for a cookie */
	bool cookie;
	bool again; /* the SYN or the SYN-ACK was sent more than once (Karn) */
	uint8_t listener;
};

/* s is acceptable and acknowledges our SYN. Begin the connection, and handle what else s
 * carries. Without a free record the half-open record stays, and the peer repeats its text; or
 * the peer is reset, if so configured. A peer whose address or /24 holds its cap is reset
 * (pressure.h). */
enum drop accept_connection(struct tcp *t, const struct accept *a, struct seg *s);

/* Does s acknowledge a cookie of ours? DROP_NONE: yes; *a has what the cookie remembers, all
 * but half_open and listener. DROP_TCP_LISTEN_FLAGS: s carries no cookie: none was sent lately,
 * or s is a SYN, or the stack drains. */
enum drop accept_cookie(const struct tcp *t, const struct seg *s, struct accept *a);

#endif
