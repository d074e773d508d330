/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames are written: TCP segments, echo replies, ARP packets. */
#include "wire/build.h"

#include <stddef.h>

#include "wire/checksum.h"
#include "wire/sum.h"

#define L3        (sizeof(struct eth_hdr))
#define L4        (L3 + sizeof(struct ipv4_hdr))
#define OPTIONS   (L4 + sizeof(struct tcp_hdr))
#define TS_PADDED 0x0a080101 /* NOP NOP TS 10, as stored (RFC 7323 appendix A) */

/* Constant fields, as they are stored. */
#define ETH_IPV4_WORD   UINT64_C(0x0008)                /* type */
#define IPV4_FIRST_WORD (0x45 | UINT64_C(0x0040) << 48) /* version, IHL; ID 0, DF */

unsigned
build_tcp_size(const struct tcp_out *o)
{
	return OPTIONS + options_size(&o->opts) + o->len;
}

/* Load the MAC in the pieces in which it was stored: one wide load would wait for both
 * stores. */
static inline uint64_t
load_mac(const uint8_t *mac)
{
	return load32(mac) | (uint64_t)load16(mac + 4) << 32;
}

static inline void
eth_write(uint8_t *frame, const struct build_l2 *l2)
{
	uint64_t dst = load_mac(l2->dst);
	uint64_t src = load_mac(l2->src);

	store64(frame, dst); /* its last two bytes are written again */
	store64(frame + ETH_ALEN, src | ETH_IPV4_WORD << 48);
}

/* addrs: both addresses, as they lie in the flow key. */
static inline void
ipv4_write(uint8_t *ip, const struct tcp_out *o, uint64_t addrs, unsigned len, bool offload)
{
	uint64_t wire_len = cpu_to_be16((uint16_t)len);
	uint64_t first = IPV4_FIRST_WORD | (uint64_t)o->tos << 8;
	uint64_t ttl = (uint64_t)IPPROTO_TCP_ << 8 | (o->ttl != 0 ? o->ttl : IPV4_TTL);
	uint64_t sum = sum_plus(addrs, (first >> 48) + (first & 0xffff) + ttl + wire_len);
	uint64_t checksum = offload ? 0 : (uint16_t)~sum_fold(sum);

	store64(ip, first | wire_len << 16);
	store64(ip + 8, ttl | checksum << 16 | (uint64_t)o->key.laddr << 32);
	store32(ip + 16, o->key.raddr);
}

/* Returns the number of bytes written; *sum is their sum. Nearly every segment has no
 * options, or timestamps alone: these two cases are fast. */
static inline unsigned
options_write_summed(uint8_t *p, const struct tcp_opts *o, uint64_t *sum)
{
	uint64_t values;
	unsigned len;

	*sum = 0;
	if (o->present == 0)
		return 0;
	if (o->present == SEG_OPT_TS) {
		values = cpu_to_be32(o->tsval) | (uint64_t)cpu_to_be32(o->tsecr) << 32;
		store32(p, TS_PADDED);
		store64(p + 4, values);
		*sum = sum_plus(values, TS_PADDED);
		return 12;
	}
	len = options_write(p, o);
	*sum = checksum_add(0, p, len);
	return len;
}

static inline void
text_copy(uint8_t *to, const struct tcp_out *o)
{
	for (unsigned i = 0; i < o->npieces; i++) {
		memcpy(to, o->piece[i].data, o->piece[i].len);
		to += o->piece[i].len;
	}
}

static inline uint64_t
text_copy_summed(uint8_t *to, const struct tcp_out *o)
{
	uint64_t sum = 0, one;
	unsigned at = 0;

	for (unsigned i = 0; i < o->npieces; i++) {
		one = checksum_copy(0, to + at, o->piece[i].data, o->piece[i].len);
		sum = sum_plus(sum, at & 1 ? sum_odd(one) : one);
		at += o->piece[i].len;
	}
	return sum;
}

unsigned
build_tcp(uint8_t *frame, const struct tcp_out *o, const struct build_l2 *l2)
{
	uint64_t addrs = load64(&o->key), numbers, rest, pseudo, sum;
	uint32_t ports = (uint32_t)o->key.lport | (uint32_t)o->key.rport << 16;
	unsigned opts = options_write_summed(frame + OPTIONS, &o->opts, &sum);
	unsigned header = sizeof(struct tcp_hdr) + opts, len = header + o->len;
	uint8_t *tcp = frame + L4;

	eth_write(frame, l2);
	ipv4_write(frame + L3, o, addrs, sizeof(struct ipv4_hdr) + len, l2->offload_ip);

	numbers = cpu_to_be32(o->seq) | (uint64_t)cpu_to_be32(o->ack) << 32;
	rest = header << 2 | (unsigned)o->flags << 8 | (uint32_t)cpu_to_be16(o->wnd) << 16;
	pseudo = sum_plus(addrs, (IPPROTO_TCP_ << 8) + cpu_to_be16((uint16_t)len));
	if (l2->offload_tcp) {
		text_copy(tcp + header, o);
		rest |= (uint64_t)sum_fold(pseudo) << 32;
	} else {
		sum = sum_plus(sum_plus(sum, pseudo), sum_plus(numbers, rest + ports));
		if (o->len > 0)
			sum = sum_plus(sum, text_copy_summed(tcp + header, o));
		rest |= (uint64_t)(uint16_t)~sum_fold(sum) << 32;
	}
	store32(tcp, ports);
	store64(tcp + 4, numbers);
	store64(tcp + 12, rest);
	return OPTIONS + opts + o->len;
}

/* The options of the request are not sent back. Routers do not follow source routes (RFC
 * 7126 4.3), and a recorded route tells us nothing. */
static void
drop_ip_options(struct seg *s, struct ipv4_hdr *ip)
{
	unsigned l4 = s->l3 + sizeof(*ip), more = s->l4 - l4;

	if (more == 0)
		return;
	memmove(s->frame + l4, s->frame + s->l4, s->frame_len - s->l4);
	ip->version_ihl = 0x45;
	ip->total_length = cpu_to_be16((uint16_t)(be16_to_cpu(ip->total_length) - more));
	s->l4 = (uint16_t)l4;
	s->frame_len = (uint16_t)(s->frame_len - more);
	s->text -= more;
}

void
build_echo_reply(struct seg *s, const uint8_t our_mac[ETH_ALEN])
{
	struct eth_hdr *eth = (struct eth_hdr *)s->frame;
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(s->frame + s->l3);
	struct icmp_hdr *icmp;
	be32 src = ip->src;
	be16 was, is;

	memcpy(eth->dst, eth->src, ETH_ALEN);
	memcpy(eth->src, our_mac, ETH_ALEN);

	/* The reply has the ID and DF of the request: they are as unique in the reply as
	 * they were in the request (RFC 6864 4.3). */
	drop_ip_options(s, ip);
	ip->src = ip->dst;
	ip->dst = src;
	ip->ttl = IPV4_TTL;
	ip->fragment &= cpu_to_be16(IPV4_DF);
	ip->checksum = checksum_ipv4(ip);

	/* The checksum is updated, not computed again: an error in our memory stays
	 * visible (RFC 1624 3, equation 3). ffff is written for zero, since it also holds
	 * for a message of zeros only (ID 0, sequence number 0). */
	icmp = (struct icmp_hdr *)(s->frame + s->l4);
	was = load16(icmp);
	icmp->type = ICMP_ECHO_REPLY;
	is = load16(icmp);
	is = (be16)~sum_fold((uint64_t)(be16)~icmp->checksum + (be16)~was + is);
	icmp->checksum = is != 0 ? is : 0xffff;
}

void
build_arp_reply(struct seg *s, const uint8_t our_mac[ETH_ALEN])
{
	struct eth_hdr *eth = (struct eth_hdr *)s->frame;
	struct arp_hdr *arp = (struct arp_hdr *)(s->frame + s->l3);
	uint32_t ours = load32(arp->tpa);

	arp->oper = cpu_to_be16(ARP_REPLY);
	memcpy(arp->tha, arp->sha, ETH_ALEN);
	memcpy(arp->tpa, arp->spa, sizeof(arp->tpa));
	memcpy(arp->sha, our_mac, ETH_ALEN);
	store32(arp->spa, ours);
	memcpy(eth->dst, arp->tha, ETH_ALEN);
	memcpy(eth->src, our_mac, ETH_ALEN);
}

unsigned
build_arp_request(uint8_t *frame, const uint8_t our_mac[ETH_ALEN], be32 our_ip, be32 target,
        const uint8_t dst[ETH_ALEN])
{
	struct eth_hdr *eth = (struct eth_hdr *)frame;
	struct arp_hdr *arp = (struct arp_hdr *)(frame + L3);

	if (dst != NULL)
		memcpy(eth->dst, dst, ETH_ALEN);
	else
		memset(eth->dst, 0xff, ETH_ALEN);
	memcpy(eth->src, our_mac, ETH_ALEN);
	eth->type = cpu_to_be16(ETH_TYPE_ARP);

	arp->htype = cpu_to_be16(ARP_HTYPE_ETHER);
	arp->ptype = cpu_to_be16(ETH_TYPE_IPV4);
	arp->hlen = ETH_ALEN;
	arp->plen = 4;
	arp->oper = cpu_to_be16(ARP_REQUEST);
	memcpy(arp->sha, our_mac, ETH_ALEN);
	store32(arp->spa, our_ip);
	memset(arp->tha, 0, ETH_ALEN);
	store32(arp->tpa, target);
	return L3 + sizeof(*arp);
}
