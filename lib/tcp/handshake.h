/* SPDX-License-Identifier: BSD-3-Clause */
/* handshake: the parts that a passive and an active opening share (RFC 9293 3.5): the initial
 * sequence number, the options, and the moment at which the connection is established.
 *
 * Threads    single writer.
 * Memory     none.
 * Errors     none.
 * Bounds     none: each function does a fixed amount of work.
 * Calls back? handshake_done(): opened(), and draining() while the stack drains. May end the
 *            connection? no.
 */
#ifndef TCP_HANDSHAKE_H
#define TCP_HANDSHAKE_H

#include "tcp/tcp.h"

#define HANDSHAKE_OPTIONS (SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS)

/* RFC 6528; above `floor` if that is not 0. f: isn_prf of the flow. */
uint32_t handshake_iss(const struct tcp *t, struct prf_block f, uint32_t floor);
/* Let c start from iss. */
void handshake_start(struct tcp_conn *c, uint32_t iss, uint32_t ts_offset);
/* Does the SYN s leave room for text? We never send more than its MSS (RFC 9293 3.7.1 MUST-16).
 * An MSS that leaves hardly any room beside the options would cost a packet for each few octets
 * of queued data (CVE-2019-11479). No real peer needs one (an MTU of 104; IPv4 knows none below
 * 68). */
static inline bool
handshake_takes_text(const struct seg *s)
{
	return !(s->opts & SEG_OPT_MSS) || s->mss >= TCP_MSS_MIN;
}

/* Agree on options with the peer's SYN, which handshake_takes_text() accepts. ours: the options
 * of our SYN or SYN-ACK. */
void handshake_agree(
        struct tcp *t, struct tcp_conn *c, const struct syn_offer *peer, uint8_t ours);
/* s acknowledges our SYN: establish c and tell its user. wnd: the offered window in bytes.
 * timed: the time of our SYN is known. */
void handshake_done(
        struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t wnd, bool timed);

/* <SEQ=ISS><ACK=IRS+1><CTL=SYN,ACK> to a SYN that opens no connection yet. */
struct syn_ack {
	const struct flow_key *key;
	uint32_t iss;
	uint32_t irs;
	uint32_t tsval;
	const struct syn_offer *peer;
	uint8_t port;
	uint8_t *way_back; /* as in struct tcp_out; may be NULL beside `asked_by` */
	struct seg *asked_by;
};
void handshake_send_syn_ack(struct tcp *t, const struct syn_ack *a);
/* Send the SYN-ACK of h. asked_by: the segment that asks for it. NULL: none does, and h->mac is
 * the route. */
void handshake_answer(struct tcp *t, struct half_open *h, struct seg *asked_by);

#endif
