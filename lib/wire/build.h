/* SPDX-License-Identifier: BSD-3-Clause */
/* build: from a segment that TCP sends to the bytes of a frame.
 *
 * struct tcp_out is a segment to be sent, in terms of the protocol. The function that sends
 * it keeps it on its stack frame and writes it out at once. There is no array of them.
 *
 * Threads    the functions have no state.
 * Ownership  pointers in struct tcp_out are borrowed until build_tcp() returns.
 * Memory     nothing is allocated. The caller provides build_tcp_size() bytes.
 * Errors     none.
 * Bounds     TCP_OUT_PIECES pieces of payload in a segment.
 */
#ifndef WIRE_BUILD_H
#define WIRE_BUILD_H

#include "wire/options.h"

#define TCP_OUT_PIECES 256 /* an unused piece is not written, and costs nothing */

struct tcp_text {
	const uint8_t *data;
	uint32_t len;
};

struct tcp_out {
	struct flow_key key;
	uint32_t seq;
	uint32_t ack;
	uint16_t wnd; /* as in the header: already scaled */
	uint8_t flags;
	uint16_t npieces;
	uint8_t port;
	uint8_t tos;          /* DSCP and ECN, as in the header */
	uint8_t ttl;          /* 0: IPV4_TTL */
	uint16_t *neigh;      /* the connection's hint of its next hop, or NULL */
	uint8_t *way_back;    /* in the handshake: the 6 bytes of the connection that keep
	                         the MAC from which the SYN came; else NULL */
	struct seg *asked_by; /* the segment that this one answers, or NULL. Its buffer may
	                        be reused, and its MAC is the way back. */
	struct tcp_opts opts;
	uint32_t len; /* bytes of all pieces */
	struct tcp_text piece[TCP_OUT_PIECES];
};

/* The MACs of a frame, and the checksums that the port makes. */
struct build_l2 {
	const uint8_t *src; /* ETH_ALEN bytes */
	const uint8_t *dst; /* ETH_ALEN bytes */
	bool offload_ip;    /* the port makes the IPv4 checksum */
	bool offload_tcp;   /* the port makes the TCP checksum from the pseudo-header's
	                       sum that we write */
};

/* The bytes of a frame for o. */
unsigned build_tcp_size(const struct tcp_out *o);

/* Write Ethernet, IPv4 (DF, ID 0: RFC 6864) and TCP headers, options and payload at frame;
 * returns the length of the frame. The payload must not overlap the frame. */
unsigned build_tcp(uint8_t *frame, const struct tcp_out *o, const struct build_l2 *l2);

/* Turn an ICMP echo request into its reply, in place: addresses, type,
 * checksums (RFC 1122 3.2.2.6). */
void build_echo_reply(struct seg *s, const uint8_t our_mac[ETH_ALEN]);

/* Turn an ARP request into our reply, in place. */
void build_arp_reply(struct seg *s, const uint8_t our_mac[ETH_ALEN]);

/* Write an ARP request; returns its length, 42. dst NULL: broadcast. */
unsigned build_arp_request(uint8_t *frame, const uint8_t our_mac[ETH_ALEN], be32 our_ip,
        be32 target, const uint8_t dst[ETH_ALEN]);

#endif
