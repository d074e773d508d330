/* SPDX-License-Identifier: BSD-3-Clause */
/* handshake: what both openings share (RFC 9293 3.5): the initial sequence
 * number, the options, the moment at which the connection is established. */
#ifndef TCP_HANDSHAKE_H
#define TCP_HANDSHAKE_H

#include "tcp/tcp.h"

#define HANDSHAKE_OPTIONS (SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS)

/* RFC 6528; above `floor` if that is not 0. f: isn_prf of the flow. */
uint32_t handshake_iss(const struct tcp *t, struct prf_block f, uint32_t floor);
/* ... and c starts from there. */
void handshake_start(struct tcp_conn *c, uint32_t iss, uint32_t ts_offset);
/* Can s, a SYN, be a peer's? Never is more sent than its MSS says (RFC 9293 3.7.1
 * MUST-16), so one that leaves hardly any room for text beside the options, for which
 * nobody who lives has a use (an MTU of 104; IPv4 knows none below 68), would make us
 * send a packet for each few octets of what is queued (CVE-2019-11479). */
static inline bool
handshake_takes_text(const struct seg *s)
{
	return !(s->opts & SEG_OPT_MSS) || s->mss >= TCP_MSS_MIN;
}

/* The peer's SYN, with which handshake_takes_text() agrees, and which options ours has or will
 * have. */
void handshake_agree(
        struct tcp *t, struct tcp_conn *c, const struct syn_offer *peer, uint8_t ours);
/* s acknowledges our SYN; wnd: what it offers, in bytes. Tells the user. timed: it
 * is known when the SYN was sent. */
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
	uint8_t *way_back; /* as in struct tcp_out; may be NULL beside `answers` */
	struct seg *answers;
};
void handshake_send_syn_ack(struct tcp *t, const struct syn_ack *a);
/* The one of h; answers: what asks for it, NULL: nothing does, and h->mac is the way. */
void handshake_answer(struct tcp *t, struct half_open *h, struct seg *answers);

#endif
