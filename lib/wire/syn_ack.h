/* SPDX-License-Identifier: BSD-3-Clause */
/* syn_ack: SYNs turned into their SYN-ACKs, in place; a flood is answered so.
 *
 * The bytes are those that build_tcp() makes of the same segment. What is the same
 * in all answers of a port is prepared once.
 */
#ifndef WIRE_SYN_ACK_H
#define WIRE_SYN_ACK_H

#include "wire/seg.h"

/* Of one port. */
struct syn_ack_template {
	uint64_t src_type; /* our MAC, and the type of IPv4, as they are stored */
	uint32_t mss;      /* options, as they are stored */
	uint32_t wscale;
	uint64_t wnd_flags; /* window and flags, as they stand behind ACK */
	uint64_t ip_word;   /* version to offset, as they are stored; no length */
	uint64_t ttl_word;  /* TTL and protocol */
	bool offload_ip;    /* as in struct build_l2 */
	bool offload_tcp;
};

void syn_ack_prepare(struct syn_ack_template *t, const uint8_t our_mac[ETH_ALEN], uint16_t mss,
        uint8_t wscale, uint16_t wnd);
/* TOS and TTL as in struct tcp_out; syn_ack_prepare() has made both 0. */
void syn_ack_mark(struct syn_ack_template *t, uint8_t tos, uint8_t ttl);

/* s->frame and s->frame_len are the answer then; it goes to the MAC that asked. Has
 * MSS, and those of window scale, SACK-permitted and timestamps that s has. False:
 * not this one (IPv4 options, no room), and nothing is changed. */
bool syn_ack_build(
        struct seg *s, const struct syn_ack_template *t, uint32_t iss, uint32_t tsval);

#endif
