/* SPDX-License-Identifier: BSD-3-Clause */
/* headers: the formats of headers on the wire (IEEE 802.3, RFC 826, 791, 792, 9293).
 *
 * Units    members of type be16 and be32 are in network byte order.
 * Bounds   the caller has checked that the buffer holds the whole header.
 * Memory   the caller's buffer; alignment of 2 is enough.
 */
#ifndef WIRE_HEADERS_H
#define WIRE_HEADERS_H

#include "base/be.h"

/* Headers lie in buffers that other code accesses as bytes. Without may_alias the compiler
 * may move a copy of the buffer past a read of its header. */
#define ON_WIRE __attribute__((packed, aligned(2), may_alias))

#define ETH_ALEN      6
#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_ARP  0x0806

struct eth_hdr {
	uint8_t dst[ETH_ALEN];
	uint8_t src[ETH_ALEN];
	be16 type;
} ON_WIRE;

#define ARP_HTYPE_ETHER 1
#define ARP_REQUEST     1
#define ARP_REPLY       2

struct arp_hdr {
	be16 htype;
	be16 ptype;
	uint8_t hlen;
	uint8_t plen;
	be16 oper;
	uint8_t sha[ETH_ALEN];
	uint8_t spa[4];
	uint8_t tha[ETH_ALEN];
	uint8_t tpa[4];
} ON_WIRE;

#define IPPROTO_ICMP_ 1
#define IPPROTO_TCP_  6
#define IPV4_DF       0x4000
#define IPV4_MF       0x2000
#define IPV4_OFFSET   0x1fff
#define IPV4_TTL      64
#define IPV4_MTU_MIN  576 /* bytes that any host can receive (RFC 1122 3.3.2) */

struct ipv4_hdr {
	uint8_t version_ihl;
	uint8_t tos;
	be16 total_length;
	be16 id;
	be16 fragment; /* flags and offset */
	uint8_t ttl;
	uint8_t protocol;
	be16 checksum;
	be32 src;
	be32 dst;
} ON_WIRE;

#define ICMP_ECHO_REPLY       0
#define ICMP_UNREACHABLE      3
#define ICMP_UNREACH_NET      0
#define ICMP_UNREACH_HOST     1
#define ICMP_UNREACH_PROTOCOL 2
#define ICMP_UNREACH_PORT     3
#define ICMP_UNREACH_FRAG     4
#define ICMP_UNREACH_ROUTE    5  /* a source route failed */
#define ICMP_UNREACH_NO_NET   6  /* the network is unknown */
#define ICMP_UNREACH_NET_BAR  9  /* administratively prohibited (RFC 1122 3.2.2.1) */
#define ICMP_UNREACH_HOST_BAR 10 /* administratively prohibited (RFC 1122 3.2.2.1) */
#define ICMP_UNREACH_NET_TOS  11 /* for this type of service */
#define ICMP_UNREACH_FILTER   13 /* administratively prohibited (RFC 1812 5.2.7.1) */
#define ICMP_UNREACH_CUTOFF   15 /* precedence is too low */
#define ICMP_SOURCE_QUENCH    4
#define ICMP_ECHO             8
#define ICMP_TIME_EXCEEDED    11
#define ICMP_EXCEEDED_TTL     0
#define ICMP_PARAMETER        12

struct icmp_hdr {
	uint8_t type;
	uint8_t code;
	be16 checksum;
	be16 id;       /* unused in errors */
	be16 sequence; /* next-hop MTU in ICMP_UNREACH_FRAG (RFC 1191) */
} ON_WIRE;

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_URG 0x20
#define TCP_ECE 0x40
#define TCP_CWR 0x80

struct tcp_hdr {
	be16 sport;
	be16 dport;
	be32 seq;
	be32 ack;
	uint8_t data_offset; /* upper four bits, in 32-bit words */
	uint8_t flags;
	be16 wnd;
	be16 checksum;
	be16 urgent;
} ON_WIRE;

_Static_assert(sizeof(struct eth_hdr) == 14, "Ethernet");
_Static_assert(sizeof(struct arp_hdr) == 28, "ARP");
_Static_assert(sizeof(struct ipv4_hdr) == 20, "IPv4");
_Static_assert(sizeof(struct icmp_hdr) == 8, "ICMP");
_Static_assert(sizeof(struct tcp_hdr) == 20, "TCP");

/* The text of a full segment without options on a path of this MTU (RFC 6691 2). */
static inline uint16_t
mss_of_mtu(uint32_t mtu)
{
	return (uint16_t)(mtu - sizeof(struct ipv4_hdr) - sizeof(struct tcp_hdr));
}

#endif
