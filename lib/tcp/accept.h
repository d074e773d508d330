/* SPDX-License-Identifier: BSD-3-Clause */
/* accept: the handshake's last ACK has come, and a connection begins; whether a
 * half-open record remembers its SYN, or a cookie does. */
#ifndef TCP_ACCEPT_H
#define TCP_ACCEPT_H

#include "tcp/tcp.h"

struct accept {
	uint32_t iss;
	uint32_t irs;
	uint32_t ts_offset;
	struct syn_offer peer;
	uint32_t half_open; /* that ends: REF_HALF_OPEN and its index; FLOW_NONE: none */
	uint32_t syn_us;    /* when the SYN came; a cookie does not say */
	bool cookie;
	bool again; /* SYN or SYN-ACK went more than once (Karn) */
	uint8_t listener;
};

/* s is acceptable, and acknowledges our SYN. What else it carries is handled. If
 * there is no room for a connection, what there was stays: the peer will repeat what it
 * has to say; or it is reset, if so configured. If its address or its /24 has too many already
 * (pressure.h), it is reset. */
enum drop accept_connection(struct tcp *t, const struct accept *a, struct seg *s);

/* Does s acknowledge a cookie of ours? DROP_NONE: then *a says what is remembered so,
 * all but half_open and listener. DROP_TCP_LISTEN_FLAGS: it carries none, for none was
 * sent lately, it is a SYN, or we are draining. */
enum drop accept_cookie(const struct tcp *t, const struct seg *s, struct accept *a);

#endif
