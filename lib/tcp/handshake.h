/* SPDX-License-Identifier: BSD-3-Clause */
/* handshake: what both openings share (RFC 9293 3.5): the initial sequence
 * number, the options, the moment at which the connection is established. */
#ifndef TCP_HANDSHAKE_H
#define TCP_HANDSHAKE_H

#include "tcp/tcp.h"

#define HANDSHAKE_OPTIONS (SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS)

/* RFC 6528; above `floor` if that is not 0. f: isn_prf of the flow. */
void handshake_iss(const struct tcp *t, struct tcp_conn *c, struct prf_block f, uint32_t floor);
/* The peer's SYN, and which options ours has or will have. */
void handshake_agree(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint8_t ours);
/* s acknowledges our SYN; wnd: what it offers, in bytes. Tells the user. */
void handshake_done(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t wnd);

/* The window that a SYN offers (RFC 7323 2.2: not scaled). */
static inline uint16_t
handshake_window(const struct tcp *t)
{
	return t->conf.rcv_wnd < UINT16_MAX ? (uint16_t)t->conf.rcv_wnd : UINT16_MAX;
}

#endif
