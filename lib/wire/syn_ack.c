/* SPDX-License-Identifier: BSD-3-Clause */
/* A SYN-ACK is written over its SYN, from the prepared words of a port. */
#include "wire/syn_ack.h"

#include "wire/options.h"
#include "wire/sum.h"

#define L3      (sizeof(struct eth_hdr))
#define L4      (L3 + sizeof(struct ipv4_hdr))
#define OPTIONS (L4 + sizeof(struct tcp_hdr))

/* Constant fields, as they are stored. */
#define ETH_IPV4_WORD UINT64_C(0x0008)
#define IPV4_WORD     (0x45 | UINT64_C(0x0040) << 48) /* version, IHL; ID 0, DF */

/* Options and their lengths (RFC 9293 3.2, RFC 7323, RFC 2018 2). */
#define MSS_WORD     0x0402u
#define NOPS_WORD    0x0101u
#define SACK_OK_WORD 0x0204u
#define TS_WORD      0x0a080000u
#define WSCALE_WORD  0x030301u

void
syn_ack_mark(struct syn_ack_template *t, uint8_t tos, uint8_t ttl)
{
	t->ip_word = IPV4_WORD | (uint64_t)tos << 8;
	t->ttl_word = (uint64_t)IPPROTO_TCP_ << 8 | (ttl != 0 ? ttl : IPV4_TTL);
}

void
syn_ack_prepare(struct syn_ack_template *t, const uint8_t our_mac[ETH_ALEN], uint16_t mss,
        uint8_t wscale, uint16_t wnd)
{
	t->src_type = load32(our_mac) | (uint64_t)load16(our_mac + 4) << 32 |
	              ETH_IPV4_WORD << 48;
	t->mss = MSS_WORD | (uint32_t)cpu_to_be16(mss) << 16;
	t->wscale = WSCALE_WORD | (uint32_t)wscale << 24;
	syn_ack_mark(t, 0, 0);
	t->wnd_flags = (TCP_SYN | TCP_ACK) << 8 | (uint32_t)cpu_to_be16(wnd) << 16;
}

/* Write the bytes that options_write() would. Returns their number; *sum is their sum. */
static inline unsigned
answer_options_write(uint8_t *p, const struct syn_ack_template *t, const struct seg *s,
        uint32_t tsval, uint64_t *sum)
{
	uint32_t sack = (s->opts & SEG_OPT_SACK_OK) ? SACK_OK_WORD : NOPS_WORD;
	uint64_t values, all = t->mss;
	unsigned len = 4;

	store32(p, t->mss);
	if (s->opts & SEG_OPT_TS) {
		values = cpu_to_be32(tsval) | (uint64_t)cpu_to_be32(s->tsval) << 32;
		store32(p + 4, sack | TS_WORD);
		store64(p + 8, values);
		all = sum_plus(values, all + (sack | TS_WORD));
		len = 16;
	} else if (sack != NOPS_WORD) {
		store32(p + 4, NOPS_WORD | sack << 16);
		all += NOPS_WORD | sack << 16;
		len = 8;
	}
	if (s->opts & SEG_OPT_WSCALE) {
		store32(p + len, t->wscale);
		all = sum_plus(all, t->wscale);
		len += 4;
	}
	*sum = all;
	return len;
}

/* addrs: the addresses as they are in the SYN. */
static inline void
answer_ipv4_write(uint8_t *ip, const struct syn_ack_template *t, uint64_t addrs, unsigned len)
{
	uint64_t wire_len = cpu_to_be16((uint16_t)len);
	uint64_t fixed = (t->ip_word >> 48) + (t->ip_word & 0xffff) + t->ttl_word;
	uint64_t sum = sum_plus(addrs, fixed + wire_len);
	uint64_t checksum = t->offload_ip ? 0 : (uint16_t)~sum_fold(sum);

	store64(ip, t->ip_word | wire_len << 16);
	store64(ip + 8, t->ttl_word | checksum << 16 | (addrs >> 32) << 32);
	store32(ip + 16, (uint32_t)addrs);
}

bool
syn_ack_build(struct seg *s, const struct syn_ack_template *t, uint32_t iss, uint32_t tsval)
{
	uint8_t *f = s->frame, *tcp = f + L4;
	uint64_t addrs = load64(&s->key), numbers, rest, sum;
	uint32_t ports = load32((const uint8_t *)&s->key + 8);
	unsigned header;

	if (s->l4 != L4 || s->room < OPTIONS + TCP_OPTS_MAX)
		return false;
	store64(f, load64(f + ETH_ALEN)); /* its last two bytes are written again */
	store64(f + ETH_ALEN, t->src_type);
	header = sizeof(struct tcp_hdr) + answer_options_write(f + OPTIONS, t, s, tsval, &sum);
	answer_ipv4_write(f + L3, t, addrs, sizeof(struct ipv4_hdr) + header);

	numbers = cpu_to_be32(iss) | (uint64_t)cpu_to_be32(s->seq + 1) << 32;
	rest = header << 2 | t->wnd_flags;
	addrs = sum_plus(addrs, (IPPROTO_TCP_ << 8) + cpu_to_be16((uint16_t)header));
	if (t->offload_tcp)
		rest |= (uint64_t)sum_fold(addrs) << 32;
	else
		rest |= (uint64_t)(uint16_t)~sum_fold(
		                sum_plus(sum_plus(sum, rest + ports), sum_plus(addrs, numbers)))
		        << 32;
	store32(tcp, ports << 16 | ports >> 16);
	store64(tcp + 4, numbers);
	store64(tcp + 12, rest);
	s->frame_len = (uint16_t)(L4 + header);
	return true;
}
