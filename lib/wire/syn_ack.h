/* SPDX-License-Identifier: BSD-3-Clause */
/* syn_ack: a SYN becomes its SYN-ACK in place. A flood is answered this way.
 *
 * The bytes are those that build_tcp() would write. Words that are the same in all answers
 * of a port are prepared once.
 *
 * Threads  a template has one writer; syn_ack_build() only reads it.
 * Memory   nothing is allocated: the answer takes the buffer of the SYN.
 * Errors   syn_ack_build() returns false and changes nothing if the SYN has IPv4 options
 *          or its buffer no room.
 */
#ifndef WIRE_SYN_ACK_H
#define WIRE_SYN_ACK_H

#include "wire/seg.h"

/* The prepared words of one port, in the byte order in which they are stored. */
struct syn_ack_template {
	uint64_t src_type;  /* our MAC and the type of IPv4 */
	uint32_t mss;       /* the MSS option */
	uint32_t wscale;    /* the window scale option */
	uint64_t wnd_flags; /* flags and window, as they follow the ACK number */
	uint64_t ip_word;   /* IPv4 from version to offset, without the length */
	uint64_t ttl_word;  /* TTL and protocol */
	bool offload_ip;    /* as in struct build_l2 */
	bool offload_tcp;
};

void syn_ack_prepare(struct syn_ack_template *t, const uint8_t our_mac[ETH_ALEN], uint16_t mss,
        uint8_t wscale, uint16_t wnd);
/* TOS and TTL are as in struct tcp_out. syn_ack_prepare() sets both to 0. */
void syn_ack_mark(struct syn_ack_template *t, uint8_t tos, uint8_t ttl);

/* On true, s->frame and s->frame_len are the answer, to the MAC from which the SYN came. The
 * answer has an MSS, and window scale, SACK-permitted and timestamps if the SYN has them. */
bool syn_ack_build(
        struct seg *s, const struct syn_ack_template *t, uint32_t iss, uint32_t tsval);

#endif
