/* SPDX-License-Identifier: BSD-3-Clause */
/* build: from what TCP wants to say to the bytes of a frame.
 *
 * tcp_out is a segment to be sent, as the protocol says it. It is made on the
 * stack frame of the function that sends it and written out at once: there is
 * no array of them.
 */
#ifndef WIRE_BUILD_H
#define WIRE_BUILD_H

#include "wire/options.h"

#define TCP_OUT_PIECES 256 /* what is not filled in costs nothing */

struct tcp_text {
	const uint8_t *data;
	uint32_t len;
};

struct tcp_out {
	struct flow_key key;
	uint32_t seq;
	uint32_t ack;
	uint16_t wnd; /* scaled already */
	uint8_t flags;
	uint16_t npieces;
	uint8_t port;
	uint8_t tos;          /* DSCP and ECN, as the header has them */
	uint8_t ttl;          /* 0: IPV4_TTL */
	uint16_t *neigh;      /* the connection's hint where its next hop stands;
	                         NULL: it has none, or not yet */
	uint8_t *way_back;    /* in the handshake: 6 bytes of the connection for the
	                         MAC that the SYN came from; else NULL */
	struct seg *asked_by; /* the segment that this one answers, or NULL: its
	                        buffer may be reused, its MAC is the way back */
	struct tcp_opts opts;
	uint32_t len; /* sum of the pieces */
	struct tcp_text piece[TCP_OUT_PIECES];
};

/* Who sends, and what its port does in hardware. */
struct build_l2 {
	const uint8_t *src; /* ETH_ALEN bytes each */
	const uint8_t *dst;
	bool offload_ip;  /* the port makes the IPv4 checksum */
	bool offload_tcp; /* the port makes the TCP checksum: we leave the
	                     pseudo-header's sum in its place */
};

/* Bytes that a frame for o takes. */
unsigned build_tcp_size(const struct tcp_out *o);

/* Write Ethernet, IPv4 (DF, ID 0: RFC 6864) and TCP headers, options and
 * payload at frame; returns the frame's length. The payload may not overlap
 * the frame. */
unsigned build_tcp(uint8_t *frame, const struct tcp_out *o, const struct build_l2 *l2);

/* Turn an ICMP echo request into its reply, in place: addresses, type,
 * checksums (RFC 1122 3.2.2.6). */
void build_echo_reply(struct seg *s, const uint8_t our_mac[ETH_ALEN]);

/* Turn an ARP request into our reply, in place. */
void build_arp_reply(struct seg *s, const uint8_t our_mac[ETH_ALEN]);

/* An ARP request, 42 bytes; dst NULL: broadcast. */
unsigned build_arp_request(uint8_t *frame, const uint8_t our_mac[ETH_ALEN], be32 our_ip,
        be32 target, const uint8_t dst[ETH_ALEN]);

#endif
