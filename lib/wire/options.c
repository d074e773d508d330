/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP options are read from a segment, and written into one (RFC 9293 3.2). */
#include "wire/options.h"

#include "wire/sum.h"

#define MSS_LEN     4
#define WSCALE_LEN  3
#define SACK_OK_LEN 2
#define TS_LEN      10
#define SACK_BLOCK  8

_Static_assert((TCP_OPTS_MAX - 4) / SACK_BLOCK <= TCP_SACK_MAX, "room is the only bound");

/* True: an option of this kind can have this length. An unknown kind can have any (RFC 9293
 * 3.2, MUST-6). */
static inline bool
option_length_ok(unsigned kind, unsigned len)
{
	switch (kind) {
	case TCP_OPT_MSS:
		return len == MSS_LEN;
	case TCP_OPT_WSCALE:
		return len == WSCALE_LEN;
	case TCP_OPT_SACK_OK:
		return len == SACK_OK_LEN;
	case TCP_OPT_SACK:
		return len >= 2 + SACK_BLOCK && (len - 2) % SACK_BLOCK == 0;
	case TCP_OPT_TS:
		return len == TS_LEN;
	}
	return len >= 2;
}

/* Take an option that only a SYN may offer. */
static inline void
option_take_offer(const uint8_t *p, struct seg *s)
{
	switch (p[0]) {
	case TCP_OPT_MSS:
		/* An MSS of 0 counts as no offer, as in Linux. */
		if (be16_load(p + 2) == 0)
			break;
		s->mss = be16_load(p + 2);
		s->opts |= SEG_OPT_MSS;
		break;
	case TCP_OPT_WSCALE:
		s->wscale = p[2];
		s->opts |= SEG_OPT_WSCALE;
		break;
	case TCP_OPT_SACK_OK:
		s->opts |= SEG_OPT_SACK_OK;
		break;
	}
}

static inline void
option_take(const uint8_t *p, unsigned len, struct seg *s)
{
	if (p[0] == TCP_OPT_SACK) {
		s->sack = p + 2;
		s->nsack = (uint8_t)((len - 2) / SACK_BLOCK);
		s->opts |= SEG_OPT_SACK;
	} else if (p[0] == TCP_OPT_TS) {
		s->tsval = be32_load(p + 2);
		s->tsecr = be32_load(p + 6);
		s->opts |= SEG_OPT_TS;
	} else if (s->flags & TCP_SYN) {
		option_take_offer(p, s);
	}
}

void
options_parse(const uint8_t *p, unsigned len, struct seg *s)
{
	const uint8_t *end = p + len;

	options_none(s);
	while (p < end && *p != TCP_OPT_EOL) {
		if (*p == TCP_OPT_NOP) {
			p++;
			continue;
		}
		/* After an impossible length the start of the next option is unknown, so
		 * parsing ends (RFC 9293 3.2, MUST-7). */
		if (end - p < 2 || p[1] > end - p || !option_length_ok(p[0], p[1]))
			return;
		option_take(p, p[1], s);
		p += p[1];
	}
}

/* The number of SACK blocks that have room behind `before` bytes of options. */
static inline unsigned
sack_blocks(const struct tcp_opts *o, unsigned before)
{
	unsigned room = (TCP_OPTS_MAX - before - 4) / SACK_BLOCK;

	if (!(o->present & SEG_OPT_SACK))
		return 0;
	return o->nsack < room ? o->nsack : room;
}

/* Bytes of all options but SACK, each padded to 4 bytes: at most 20. */
static inline unsigned
fixed_size(const struct tcp_opts *o)
{
	unsigned n = 0;

	if (o->present & SEG_OPT_MSS)
		n += 4;
	if (o->present & SEG_OPT_TS)
		n += 12;
	else if (o->present & SEG_OPT_SACK_OK)
		n += 4;
	if (o->present & SEG_OPT_WSCALE)
		n += 4;
	return n;
}

unsigned
options_size(const struct tcp_opts *o)
{
	unsigned n = fixed_size(o), blocks = sack_blocks(o, n);

	return blocks > 0 ? n + 4 + blocks * SACK_BLOCK : n;
}

static inline uint8_t *
option_put(uint8_t *p, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	p[0] = a;
	p[1] = b;
	p[2] = c;
	p[3] = d;
	return p + 4;
}

/* SACK-permitted takes the place of the two NOPs that align the timestamps. */
static uint8_t *
put_fixed(uint8_t *p, const struct tcp_opts *o)
{
	bool sack_ok = o->present & SEG_OPT_SACK_OK;
	uint8_t a = sack_ok ? TCP_OPT_SACK_OK : TCP_OPT_NOP;
	uint8_t b = sack_ok ? SACK_OK_LEN : TCP_OPT_NOP;

	if (o->present & SEG_OPT_MSS)
		p = option_put(
		        p, TCP_OPT_MSS, MSS_LEN, (uint8_t)(o->mss >> 8), (uint8_t)o->mss);
	if (o->present & SEG_OPT_TS) {
		p = option_put(p, a, b, TCP_OPT_TS, TS_LEN);
		be32_store(p, o->tsval);
		be32_store(p + 4, o->tsecr);
		p += 8;
	} else if (sack_ok) {
		p = option_put(p, TCP_OPT_NOP, TCP_OPT_NOP, a, b);
	}
	if (o->present & SEG_OPT_WSCALE)
		p = option_put(p, TCP_OPT_NOP, TCP_OPT_WSCALE, WSCALE_LEN, o->wscale);
	return p;
}

unsigned
options_write(uint8_t *p, const struct tcp_opts *o)
{
	uint8_t *at = put_fixed(p, o);
	unsigned blocks = sack_blocks(o, (unsigned)(at - p));

	if (blocks > 0)
		at = option_put(at, TCP_OPT_NOP, TCP_OPT_NOP, TCP_OPT_SACK,
		        (uint8_t)(2 + blocks * SACK_BLOCK));
	for (unsigned i = 0; i < blocks; i++, at += SACK_BLOCK) {
		be32_store(at, o->sack[i].left);
		be32_store(at + 4, o->sack[i].right);
	}
	return (unsigned)(at - p);
}
