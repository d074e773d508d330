/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames are checked and parsed: a fast path for plain TCP, and one for all else. */
#include "wire/parse.h"

#include "wire/checksum.h"
#include "wire/options.h"
#include "wire/sum.h"

#define likely(x) __builtin_expect(!!(x), 1)

#define L3         (sizeof(struct eth_hdr))
#define L4         (L3 + sizeof(struct ipv4_hdr)) /* without IPv4 options */
#define TCP_MIN    (sizeof(struct tcp_hdr))
#define ICMP_MIN   (sizeof(struct icmp_hdr))
#define TS_PADDED  0x0a080101 /* NOP NOP TS 10, as loaded (RFC 7323 appendix A) */
#define INLINE_SUM 64

/* MSS, SACK-permitted, timestamps, NOP, window scale, in the layout that Linux and most
 * other systems use in a SYN. */
static inline bool
is_usual_syn(const struct seg *s, const uint8_t *p, unsigned len)
{
	return len == 20 && (s->flags & TCP_SYN) &&
	       (load64(p) & 0xffffffff0000ffff) == 0x0a08020400000402 &&
	       (load32(p + 16) & 0x00ffffff) == 0x00030301;
}

/* Almost every segment has no option or only timestamps, and a flood consists of SYNs: these
 * cases are fast. */
static inline void
parse_options(struct seg *s, const uint8_t *p, unsigned len)
{
	options_none(s);
	if (len == 0)
		return;
	if (len == 12 && load32(p) == TS_PADDED) {
		s->opts = SEG_OPT_TS;
		s->tsval = be32_load(p + 4);
		s->tsecr = be32_load(p + 8);
	} else if (is_usual_syn(s, p, len)) {
		s->opts = SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS;
		s->mss = be16_load(p + 2);
		s->tsval = be32_load(p + 8);
		s->tsecr = be32_load(p + 12);
		s->wscale = p[19];
	} else {
		options_parse(p, len, s);
	}
}

/* Fill s from a TCP segment of len bytes at l4. The caller has checked it. */
static inline void
fill_tcp(struct seg *s, unsigned l4, unsigned len)
{
	uint8_t *tcp = s->frame + l4;
	unsigned header = (tcp[12] >> 4) * 4u;

	s->seq = be32_load(tcp + 4);
	s->ack = be32_load(tcp + 8);
	s->wnd = be16_load(tcp + 14);
	s->flags = tcp[13];
	s->kind = SEG_TCP;
	s->len = len - header;
	s->text = tcp + header;
	s->frame_len = (uint16_t)(l4 + len);
	s->l3 = L3;
	s->l4 = (uint16_t)l4;
	parse_options(s, tcp + TCP_MIN, header - TCP_MIN);
}

/* Fill s from a packet that is not TCP: the fields of TCP are zero. */
static void
fill_other(struct seg *s, enum seg_kind kind, unsigned l4, unsigned header, unsigned len)
{
	s->seq = 0;
	s->ack = 0;
	s->wnd = 0;
	s->flags = 0;
	s->kind = (uint8_t)kind;
	s->len = len - header;
	s->text = s->frame + l4 + header;
	s->frame_len = (uint16_t)(l4 + len);
	s->l3 = L3;
	s->l4 = (uint16_t)l4;
	s->key.rport = 0;
	s->key.lport = 0;
	options_none(s);
}

static enum drop
parse_arp(struct seg *s)
{
	const struct arp_hdr *arp = (const struct arp_hdr *)(s->frame + L3);

	if (s->frame_len < L3 + sizeof(*arp))
		return DROP_ARP_MALFORMED;
	if (arp->htype != cpu_to_be16(ARP_HTYPE_ETHER) ||
	        arp->ptype != cpu_to_be16(ETH_TYPE_IPV4) || arp->hlen != ETH_ALEN ||
	        arp->plen != 4)
		return DROP_ARP_MALFORMED;
	if (arp->oper != cpu_to_be16(ARP_REQUEST) && arp->oper != cpu_to_be16(ARP_REPLY))
		return DROP_ARP_MALFORMED;

	s->key.raddr = load32(arp->spa);
	s->key.laddr = load32(arp->tpa);
	fill_other(s, SEG_ARP, L3 + sizeof(*arp), 0, 0);
	return DROP_NONE;
}

static enum drop
parse_icmp(struct seg *s, unsigned l4, unsigned len)
{
	if (len < ICMP_MIN)
		return DROP_ICMP_SHORT;
	/* csum_ok is about the checksum of TCP. NICs do not verify the checksum of ICMP,
	 * and ICMP is rare. */
	if (!checksum_icmp_ok(s->frame + l4, (uint16_t)len))
		return DROP_ICMP_CHECKSUM;

	fill_other(s, SEG_ICMP, l4, ICMP_MIN, len);
	return DROP_NONE;
}

static enum drop
parse_tcp(struct seg *s, const struct ipv4_hdr *ip, unsigned l4, unsigned len)
{
	const struct tcp_hdr *tcp = (const struct tcp_hdr *)(s->frame + l4);
	unsigned header;

	if (len < TCP_MIN)
		return DROP_TCP_SHORT;
	header = (tcp->data_offset >> 4) * 4u;
	if (header < TCP_MIN || header > len)
		return DROP_TCP_OFFSET;
	if (!(s->csum_ok & SEG_CSUM_L4) && !checksum_tcp_ok(ip, tcp, (uint16_t)len))
		return DROP_TCP_CHECKSUM;
	if (tcp->sport == 0 || tcp->dport == 0)
		return DROP_TCP_PORT_ZERO;

	s->key.rport = tcp->sport;
	s->key.lport = tcp->dport;
	fill_tcp(s, l4, len);
	return DROP_NONE;
}

/* Check version and checksum (RFC 1122 3.2.1), the bounds of lengths, and fragmentation. */
static enum drop
parse_ipv4(struct seg *s)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)(s->frame + L3);
	unsigned room = s->frame_len - L3, header, total;

	if (room < sizeof(*ip))
		return DROP_IP_SHORT;
	if (ip->version_ihl >> 4 != 4)
		return DROP_IP_VERSION;
	header = (ip->version_ihl & 15) * 4u;
	if (header < sizeof(*ip) || header > room)
		return DROP_IP_HEADER_LENGTH;
	total = be16_to_cpu(ip->total_length);
	if (total < header || total > room)
		return DROP_IP_TOTAL_LENGTH;
	if (!(s->csum_ok & SEG_CSUM_IP) && sum_fold(checksum_add(0, ip, header)) != 0xffff)
		return DROP_IP_CHECKSUM;
	if (ip->fragment & cpu_to_be16(IPV4_MF | IPV4_OFFSET))
		return DROP_IP_FRAGMENT;

	s->key.raddr = ip->src;
	s->key.laddr = ip->dst;
	if (ip->protocol == IPPROTO_TCP_)
		return parse_tcp(s, ip, L3 + header, total - header);
	if (ip->protocol == IPPROTO_ICMP_)
		return parse_icmp(s, L3 + header, total - header);
	return DROP_IP_PROTOCOL;
}

/* Check everything in the order of the headers, and return the reason of a drop. */
static __attribute__((noinline)) enum drop
parse_any(struct seg *s)
{
	s->kind = SEG_NONE;
	if (s->frame_len < L3)
		return DROP_ETH_SHORT;
	switch (be16_load(s->frame + L3 - 2)) {
	case ETH_TYPE_IPV4:
		return parse_ipv4(s);
	case ETH_TYPE_ARP:
		return parse_arp(s);
	}
	return DROP_ETH_TYPE;
}

/* Nearly all packets are TCP in IPv4 without IP options or fragments. Two loads check type,
 * version and header length, then flags, offset and protocol. */
static inline bool
is_plain_tcp(const uint8_t *f)
{
	return (load32(f + L3 - 2) & 0x00ffffff) == 0x00450008 &&
	       (load32(f + L3 + 6) & 0xff00ff3f) == 0x06000000;
}

/* Verify both checksums of a plain packet; len: bytes of the TCP segment. Both sums contain
 * the addresses. */
static inline bool
plain_sums_ok(const uint8_t *f, unsigned len)
{
	const uint8_t *ip = f + L3, *p = f + L4;
	unsigned __int128 tcp = load64(ip + 12);
	unsigned __int128 header = load64(ip);
	unsigned rest = len;

	header += load64(ip + 8);
	header += load32(ip + 16);
	tcp += ((uint64_t)IPPROTO_TCP_ << 8) + cpu_to_be16((uint16_t)len);
	if (likely(len <= INLINE_SUM)) {
		for (; rest >= 8; rest -= 8, p += 8)
			tcp += load64(p);
		if (rest > 0) /* the header in front of p makes p - 8 readable */
			tcp += load64(p + rest - 8) >> (64 - 8 * rest);
	} else {
		tcp += checksum_add(0, p, len);
	}
	return (sum_fold(sum_narrow(header)) & sum_fold(sum_narrow(tcp))) == 0xffff;
}

enum drop
parse_frame(struct seg *s)
{
	const unsigned both = SEG_CSUM_IP | SEG_CSUM_L4;
	uint8_t *f = s->frame;
	unsigned total, header;

	/* parse_any() takes each frame that fails a check here: it finds the reason. */
	if (s->frame_len < L4 + TCP_MIN || !is_plain_tcp(f))
		return parse_any(s);
	total = be16_load(f + L3 + 2);
	header = (f[L4 + 12] >> 4) * 4u;
	if (total > s->frame_len - L3 || header < TCP_MIN || L4 - L3 + header > total)
		return parse_any(s);
	memcpy(&s->key, f + L3 + 12, sizeof(s->key));
	if (s->key.rport == 0 || s->key.lport == 0)
		return parse_any(s);
	if ((s->csum_ok & both) != both && !plain_sums_ok(f, total - (L4 - L3)))
		return parse_any(s);
	fill_tcp(s, L4, total - (L4 - L3));
	return DROP_NONE;
}
