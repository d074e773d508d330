/* SPDX-License-Identifier: BSD-3-Clause */
/* A frame of any bytes goes through the parser, and the parsed segment through the builders.
 * The first byte: checksums are made right before; the port has verified them. */
#include <string.h>

#include "must.h"
#include "target.h"
#include "wire/build.h"
#include "wire/checksum.h"
#include "wire/parse.h"
#include "wire/rubbish.h"
#include "wire/steer.h"

#define FIX_SUMS 0x80
#define VERIFIED (SEG_CSUM_IP | SEG_CSUM_L4)

/* Bytes that a parser may see, and not one more. */
struct held {
	uint8_t *bytes;
	struct seg seg;
	enum drop why;
};

static struct held
parse(const uint8_t *frame, size_t len, uint8_t csum_ok)
{
	struct held h = {.bytes = malloc(len ? len : 1)};

	must(h.bytes != NULL);
	memcpy(h.bytes, frame, len);
	h.seg = seg_rubbish();
	h.seg.frame = h.bytes;
	h.seg.frame_len = (uint16_t)len;
	h.seg.csum_ok = csum_ok;
	h.why = parse_frame(&h.seg);
	must(memcmp(h.bytes, frame, len) == 0);
	return h;
}

static void
check_bounds(const struct seg *s, size_t len)
{
	const uint8_t *end = s->frame + s->frame_len;

	must(s->frame_len <= len && s->l3 == sizeof(struct eth_hdr));
	must(s->text >= s->frame + s->l3 && s->text + s->len == end);
	if (s->kind == SEG_ARP)
		return;
	must(s->l4 >= s->l3 + sizeof(struct ipv4_hdr) && s->frame + s->l4 < s->text);
	if (s->kind != SEG_TCP) {
		must(s->opts == 0 && s->flags == 0 && s->key.rport == 0 && s->key.lport == 0);
		return;
	}
	must(s->key.rport != 0 && s->key.lport != 0);
	must(s->frame + s->l4 + sizeof(struct tcp_hdr) <= s->text);
	if (s->nsack != 0)
		must(s->sack > s->frame + s->l4 + sizeof(struct tcp_hdr) &&
		        s->sack + 8u * s->nsack <= s->text);
}

static void
check_same(const struct seg *a, const struct seg *b)
{
	must(a->kind == b->kind && a->frame_len == b->frame_len && a->len == b->len);
	must(a->l3 == b->l3 && a->l4 == b->l4 && flow_equal(&a->key, &b->key));
	must(a->seq == b->seq && a->ack == b->ack && a->wnd == b->wnd);
	must(a->flags == b->flags && a->opts == b->opts && a->nsack == b->nsack);
	must(a->mss == b->mss && a->wscale == b->wscale);
	must(a->tsval == b->tsval && a->tsecr == b->tsecr);
}

static const uint8_t our_mac[ETH_ALEN] = {2, 0, 0, 0, 0, 2};

/* The same segment, as we would say it: read back, it says the same. */
static void
build_again(const struct seg *s)
{
	struct tcp_out o = {
	        .key = {s->key.laddr, s->key.raddr, s->key.lport, s->key.rport},
	        .seq = s->seq,
	        .ack = s->ack,
	        .wnd = s->wnd,
	        .flags = s->flags,
	        .npieces = 2,
	        .len = s->len,
	        .piece = {{s->text, s->len / 3}, {s->text + s->len / 3, s->len - s->len / 3}},
	        .opts = {.present = s->opts,
	                .mss = s->mss,
	                .wscale = s->wscale,
	                .nsack = s->nsack,
	                .tsval = s->tsval,
	                .tsecr = s->tsecr},
	};
	struct build_l2 l2 = {.src = our_mac, .dst = our_mac};
	uint8_t *frame = malloc(build_tcp_size(&o));
	struct held h;
	unsigned len;

	must(frame != NULL);
	for (unsigned i = 0; i < s->nsack; i++)
		o.opts.sack[i] = seg_sack_block(s, i);
	len = build_tcp(frame, &o, &l2);
	must(len == build_tcp_size(&o));
	h = parse(frame, len, 0);
	must(h.why == DROP_NONE && h.seg.kind == SEG_TCP);
	must(h.seg.seq == s->seq && h.seg.ack == s->ack && h.seg.flags == s->flags);
	must(flow_equal(&h.seg.key, &s->key));
	must(h.seg.len == s->len && memcmp(h.seg.text, s->text, s->len) == 0);
	free(h.bytes);
	l2.offload_tcp = l2.offload_ip = true;
	must(build_tcp(frame, &o, &l2) == len);
	free(frame);
}

/* Toeplitz as its definition has it: bit by bit. */
static void
check_steering(const struct flow_key *k, const uint8_t *bytes, size_t len)
{
	uint8_t key[STEER_KEY_MAX] = {0x6d, 0x5a};
	const uint8_t *input = (const uint8_t *)k;
	uint16_t reta[4] = {0, 1, 2, 1};
	uint32_t hash = 0;
	struct steer s;

	memcpy(key + 2, bytes, len < sizeof(key) - 2 ? len : sizeof(key) - 2);
	for (unsigned bit = 0; bit < 8 * sizeof(*k); bit++)
		for (unsigned i = 0; i < 32 && (input[bit / 8] >> (7 - bit % 8) & 1); i++)
			hash ^= (uint32_t)(key[(bit + i) / 8] >> (7 - (bit + i) % 8) & 1)
			        << (31 - i);
	steer_init_rss(&s, 3, key, reta, 4, true);
	must(steer_hash(&s, k) == hash);
	must(steer_core(&s, k) == reta[hash & 3]);
	steer_init_ports(&s, 2);
	must(steer_core(&s, k) == be16_to_cpu(k->lport) % 2);
	steer_init_ports(&s, 1);
	must(steer_core(&s, k) == 0);
}

/* Answers that are made in the frame itself. */
static void
answer_in_place(struct held *h)
{
	struct held again;

	if (h->seg.kind == SEG_ICMP) {
		if (h->bytes[h->seg.l4] != ICMP_ECHO)
			return;
		build_echo_reply(&h->seg, our_mac);
	} else {
		build_arp_reply(&h->seg, our_mac);
	}
	again = parse(h->bytes, h->seg.frame_len, 0);
	must(again.why == DROP_NONE && again.seg.kind == h->seg.kind);
	must(again.seg.key.laddr == h->seg.key.raddr || h->seg.kind == SEG_ARP);
	free(again.bytes);
}

/* With an IPv4 header and bytes behind it, make both sums right. */
static void
fix_sums(uint8_t *f, size_t len)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(f + sizeof(struct eth_hdr));
	size_t ihl, total, at;
	uint64_t sum;
	be16 folded;

	if (len < sizeof(struct eth_hdr) + sizeof(*ip))
		return;
	ihl = (ip->version_ihl & 15) * 4u;
	total = be16_to_cpu(ip->total_length);
	if (ihl < sizeof(*ip) || total < ihl || total > len - sizeof(struct eth_hdr))
		return;
	ip->checksum = checksum_ipv4(ip);
	at = ip->protocol == IPPROTO_TCP_ ? 16 : 2;
	if (total - ihl < at + 2 ||
	        (ip->protocol != IPPROTO_TCP_ && ip->protocol != IPPROTO_ICMP_))
		return;
	memset((uint8_t *)ip + ihl + at, 0, 2);
	sum = ip->protocol == IPPROTO_TCP_
	              ? checksum_pseudo(&ip->src, IPPROTO_TCP_, (uint16_t)(total - ihl))
	              : 0;
	folded = (be16)~checksum_fold(checksum_add(sum, (uint8_t *)ip + ihl, total - ihl));
	memcpy((uint8_t *)ip + ihl + at, &folded, 2);
}

/* The verified checksums, by the port or by us, are the only difference between the two
 * results. */
static void
check_frame(const uint8_t *frame, size_t len, uint8_t csum_ok)
{
	struct held trusted = parse(frame, len, VERIFIED);
	struct held h = parse(frame, len, csum_ok);

	must(h.why < DROP_COUNT);
	if (h.why != DROP_NONE) {
		must(h.seg.kind == SEG_NONE);
		must(h.why == trusted.why || h.why == DROP_IP_CHECKSUM ||
		        h.why == DROP_TCP_CHECKSUM);
	} else {
		check_bounds(&h.seg, len);
		must(trusted.why == DROP_NONE);
		check_same(&h.seg, &trusted.seg);
		if (h.seg.kind == SEG_TCP) {
			build_again(&h.seg);
			check_steering(&h.seg.key, h.seg.text, h.seg.len);
		} else {
			answer_in_place(&trusted);
		}
	}
	free(h.bytes);
	free(trusted.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *frame;

	if (size == 0 || size > 4096)
		return 0;
	frame = malloc(size);
	must(frame != NULL);
	memcpy(frame, data + 1, size - 1);
	if (data[0] & FIX_SUMS)
		fix_sums(frame, size - 1);
	check_frame(frame, size - 1, data[0] & VERIFIED);
	free(frame);
	return 0;
}
