/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser against a model of it that reads byte by byte and sums word by
 * word: the same reason for every frame, and the same fields. */
#include <criterion/criterion.h>

#include "frames.h"
#include "wire/options.h"

struct rng {
	uint64_t s;
};

static uint32_t
next(struct rng *r)
{
	r->s ^= r->s << 13;
	r->s ^= r->s >> 7;
	r->s ^= r->s << 17;
	return (uint32_t)(r->s >> 16);
}

static unsigned
below(struct rng *r, unsigned n)
{
	return next(r) % n;
}

struct model {
	enum seg_kind kind;
	unsigned l4, end, text;
	struct tcp_opts opts;
};

static void
model_option(struct model *m, const uint8_t *p, unsigned kind, bool syn)
{
	switch (kind) {
	case 2:
		if (syn) {
			m->opts.mss = (uint16_t)get16(p + 2);
			m->opts.present |= SEG_OPT_MSS;
		}
		break;
	case 3:
		if (syn) {
			m->opts.wscale = p[2];
			m->opts.present |= SEG_OPT_WSCALE;
		}
		break;
	case 4:
		if (syn)
			m->opts.present |= SEG_OPT_SACK_OK;
		break;
	case 5:
		m->opts.nsack = (uint8_t)(p[1] / 8);
		for (unsigned i = 0; i < m->opts.nsack; i++)
			m->opts.sack[i] = (struct sack_block) {
			        get32(p + 2 + 8 * i), get32(p + 6 + 8 * i)};
		m->opts.present |= SEG_OPT_SACK;
		break;
	case 8:
		m->opts.tsval = get32(p + 2);
		m->opts.tsecr = get32(p + 6);
		m->opts.present |= SEG_OPT_TS;
		break;
	}
}

static bool
model_length_ok(unsigned kind, unsigned len)
{
	static const uint8_t fixed[] = {[2] = 4, [3] = 3, [4] = 2, [8] = 10};

	if (kind == 5)
		return len == 10 || len == 18 || len == 26 || len == 34;
	if (kind < sizeof(fixed) && fixed[kind] != 0)
		return len == fixed[kind];
	return len >= 2;
}

static void
model_options(struct model *m, const uint8_t *p, unsigned len, bool syn)
{
	unsigned at = 0;

	while (at < len && p[at] != 0) {
		if (p[at] == 1) {
			at++;
			continue;
		}
		if (at + 1 >= len || at + p[at + 1] > len || !model_length_ok(p[at], p[at + 1]))
			return;
		model_option(m, p + at, p[at], syn);
		at += p[at + 1];
	}
}

static enum drop
model_tcp(struct model *m, const uint8_t *f, bool check)
{
	const uint8_t *t = f + m->l4;
	unsigned len = m->end - m->l4, header;

	if (len < 20)
		return DROP_TCP_SHORT;
	header = t[12] / 16 * 4u;
	if (header < 20 || header > len)
		return DROP_TCP_OFFSET;
	if (check && naive_sum(naive_pseudo(f + 14, len), t, len) != 0xffff)
		return DROP_TCP_CHECKSUM;
	if (get16(t) == 0 || get16(t + 2) == 0)
		return DROP_TCP_PORT_ZERO;
	m->kind = SEG_TCP;
	m->text = m->l4 + header;
	model_options(m, t + 20, header - 20, t[13] & TCP_SYN);
	return DROP_NONE;
}

static enum drop
model_ipv4(struct model *m, const uint8_t *f, unsigned len, uint8_t csum_ok)
{
	const uint8_t *ip = f + 14;
	unsigned header, total;

	if (len < 34)
		return DROP_IP_SHORT;
	if (ip[0] / 16 != 4)
		return DROP_IP_VERSION;
	header = ip[0] % 16 * 4u;
	if (header < 20 || header + 14 > len)
		return DROP_IP_HEADER_LENGTH;
	total = get16(ip + 2);
	if (total < header || total + 14 > len)
		return DROP_IP_TOTAL_LENGTH;
	if (!(csum_ok & SEG_CSUM_IP) && naive_sum(0, ip, header) != 0xffff)
		return DROP_IP_CHECKSUM;
	if ((get16(ip + 6) & 0x3fff) != 0)
		return DROP_IP_FRAGMENT;
	m->l4 = 14 + header;
	m->end = 14 + total;
	if (ip[9] == 6)
		return model_tcp(m, f, !(csum_ok & SEG_CSUM_L4));
	if (ip[9] != 1)
		return DROP_IP_PROTOCOL;
	if (total - header < 8)
		return DROP_ICMP_SHORT;
	if (naive_sum(0, f + m->l4, total - header) != 0xffff)
		return DROP_ICMP_CHECKSUM;
	m->kind = SEG_ICMP;
	m->text = m->l4 + 8;
	return DROP_NONE;
}

static enum drop
model_parse(struct model *m, const uint8_t *f, unsigned len, uint8_t csum_ok)
{
	static const uint8_t shape[] = {0, 1, 8, 0, 6, 4, 0};

	*m = (struct model) {.kind = SEG_NONE};
	if (len < 14)
		return DROP_ETH_SHORT;
	if (get16(f + 12) == 0x0800)
		return model_ipv4(m, f, len, csum_ok);
	if (get16(f + 12) != 0x0806)
		return DROP_ETH_TYPE;
	if (len < 42 || memcmp(f + 14, shape, 7) != 0 || (f[21] != 1 && f[21] != 2))
		return DROP_ARP_MALFORMED;
	m->kind = SEG_ARP;
	m->l4 = m->end = m->text = 42;
	return DROP_NONE;
}

static void
expect_model(const struct seg *s, const struct model *m)
{
	unsigned addrs = m->kind == SEG_ARP ? 28 : 26;

	cr_assert_eq(s->l4, m->l4);
	cr_assert_eq(s->l3, 14);
	cr_assert_eq(s->frame_len, m->end);
	cr_assert_eq(s->text, s->frame + m->text);
	cr_assert_eq(s->len, m->end - m->text);
	cr_assert_eq(be32_to_cpu(s->key.raddr), get32(s->frame + addrs));
	cr_assert_eq(
	        be32_to_cpu(s->key.laddr), get32(s->frame + addrs + (addrs == 28 ? 10 : 4)));
	cr_assert(s->opts == m->opts.present && s->mss == m->opts.mss &&
	          s->wscale == m->opts.wscale && s->tsval == m->opts.tsval &&
	          s->tsecr == m->opts.tsecr && s->nsack == m->opts.nsack);
	for (unsigned i = 0; i < s->nsack; i++) {
		cr_assert_eq(seg_sack_block(s, i).left, m->opts.sack[i].left);
		cr_assert_eq(seg_sack_block(s, i).right, m->opts.sack[i].right);
	}
	if (m->kind == SEG_TCP) {
		const uint8_t *t = s->frame + m->l4;

		cr_assert_eq(be16_to_cpu(s->key.rport), get16(t));
		cr_assert_eq(be16_to_cpu(s->key.lport), get16(t + 2));
		cr_assert(s->seq == get32(t + 4) && s->ack == get32(t + 8));
		cr_assert(s->flags == t[13] && s->wnd == get16(t + 14));
	}
}

/* Options as peers and attackers make them: known kinds, mostly of their
 * right length, and rubbish. */
static unsigned
random_options(struct rng *r, uint8_t *p)
{
	static const uint8_t usual[] = {[2] = 4, [3] = 3, [4] = 2, [5] = 10, [8] = 10};
	unsigned len = below(r, 11) * 4, at = 0;

	for (unsigned i = 0; i < len; i++)
		p[i] = (uint8_t)next(r);
	while (at < len) {
		p[at] = (uint8_t)below(r, 10);
		if (p[at] <= 1) {
			at++;
			continue;
		}
		if (at + 1 < len && below(r, 8) != 0)
			p[at + 1] = p[at] < sizeof(usual) && usual[p[at]] != 0 ? usual[p[at]]
			                                                       : 4;
		at += at + 1 < len && p[at + 1] != 0 ? p[at + 1] : 1;
	}
	return len;
}

static struct frame
random_frame(struct rng *r)
{
	uint8_t opts[40], ip_opts[40] = {1, 1, 1, 1}, text[300];
	unsigned len = below(r, 3) == 0 ? below(r, sizeof(text)) : 0;
	unsigned ip_len = below(r, 8) == 0 ? below(r, 11) * 4 : 0;

	for (unsigned i = 0; i < len; i++)
		text[i] = (uint8_t)next(r);
	switch (below(r, 8)) {
	case 0:
		return frame_arp(below(r, 3));
	case 1:
		return frame_echo(ip_opts, ip_len, text, len);
	}
	return frame_tcp(.seq = next(r), .ack = next(r), .wnd = (uint16_t)next(r),
	        .flags = (uint8_t)next(r), .opts = opts, .opts_len = random_options(r, opts),
	        .ip_opts = ip_opts, .ip_opts_len = ip_len, .text = text, .text_len = len,
	        .padding = below(r, 4) == 0 ? below(r, 20) : 0);
}

/* Bytes of the headers, for the lengths stand there; and the end. */
static void
mutate(struct rng *r, struct frame *f)
{
	for (unsigned n = below(r, 4); n > 0; n--)
		f->b[12 + below(r, f->len - 12)] = (uint8_t)next(r);
	for (unsigned n = below(r, 3); n > 0; n--)
		f->b[12 + below(r, 36)] ^= (uint8_t)(1 << below(r, 8));
	if (below(r, 4) == 0)
		f->len = below(r, f->len + 1);
}

static void
check(const struct frame *f, uint8_t csum_ok, unsigned seen[DROP_COUNT])
{
	struct seg s = frame_seg(f);
	struct model m;
	enum drop why, want = model_parse(&m, f->b, f->len, csum_ok);

	s.csum_ok = csum_ok;
	why = parse_frame(&s);
	seen[why]++;
	cr_assert_eq(why, want, "%s, not %s", drop_name(why), drop_name(want));
	cr_assert_eq(s.kind, m.kind);
	cr_assert_eq(memcmp(s.frame, f->b, f->len), 0);
	if (why == DROP_NONE)
		expect_model(&s, &m);
	seg_free(&s);
}

Test(parse_fuzz, mutated_frames_are_read_as_the_model_reads_them)
{
	struct rng r = {0x68616e6466617374};
	unsigned seen[DROP_COUNT] = {0};

	for (unsigned i = 0; i < 100000; i++) {
		struct frame f = random_frame(&r);

		if (i % 4 != 0)
			mutate(&r, &f);
		check(&f, (uint8_t)(i & 2 ? 3 : below(&r, 4)), seen);
	}
	/* The loop is worth nothing if it does not come everywhere. */
	cr_expect_gt(seen[DROP_NONE], 20000u);
	for (unsigned why = 1; why < DROP_COUNT; why++) {
		switch (why) {
		case DROP_ETH_SHORT:
		case DROP_ETH_TYPE:
		case DROP_ARP_MALFORMED:
		case DROP_IP_SHORT:
		case DROP_IP_VERSION:
		case DROP_IP_HEADER_LENGTH:
		case DROP_IP_TOTAL_LENGTH:
		case DROP_IP_CHECKSUM:
		case DROP_IP_FRAGMENT:
		case DROP_IP_PROTOCOL:
		case DROP_ICMP_SHORT:
		case DROP_ICMP_CHECKSUM:
		case DROP_TCP_SHORT:
		case DROP_TCP_OFFSET:
		case DROP_TCP_CHECKSUM:
			cr_expect_gt(seen[why], 20u, "%s", drop_name((enum drop)why));
		}
	}
}

Test(parse_fuzz, random_bytes_are_read_as_the_model_reads_them)
{
	struct rng r = {0x706f6c6c6d6f6465};
	unsigned seen[DROP_COUNT] = {0};
	struct frame f;

	for (unsigned i = 0; i < 100000; i++) {
		f.len = below(&r, 100);
		for (unsigned k = 0; k < f.len; k++)
			f.b[k] = (uint8_t)next(&r);
		if (below(&r, 8) != 0)
			memcpy(f.b + 12, below(&r, 8) != 0 ? "\x08\0\x45" : "\x08\x06", 3);
		check(&f, (uint8_t)below(&r, 4), seen);
	}
}
