/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/options.h"

#include "wire/sum.h"

#define MSS_LEN     4
#define WSCALE_LEN  3
#define SACK_OK_LEN 2
#define TS_LEN      10
#define SACK_BLOCK  8

/* Take the option at p, len bytes long and all of them there; false if that
 * is not a length that its kind can have. Unknown kinds have any length
 * (RFC 9293 3.2, MUST-6). */
static bool
take(const uint8_t *p, unsigned len, struct seg *s)
{
	bool syn = s->flags & TCP_SYN;

	switch (p[0]) {
	case TCP_OPT_MSS:
		if (len != MSS_LEN)
			return false;
		if (syn) {
			s->mss = be16_load(p + 2);
			s->opts |= SEG_OPT_MSS;
		}
		return true;
	case TCP_OPT_WSCALE:
		if (len != WSCALE_LEN)
			return false;
		if (syn) {
			s->wscale = p[2];
			s->opts |= SEG_OPT_WSCALE;
		}
		return true;
	case TCP_OPT_SACK_OK:
		if (len != SACK_OK_LEN)
			return false;
		if (syn)
			s->opts |= SEG_OPT_SACK_OK;
		return true;
	case TCP_OPT_SACK:
		if (len < 2 + SACK_BLOCK || (len - 2) % SACK_BLOCK != 0)
			return false;
		s->sack = p + 2;
		s->nsack = (uint8_t)((len - 2) / SACK_BLOCK);
		s->opts |= SEG_OPT_SACK;
		return true;
	case TCP_OPT_TS:
		if (len != TS_LEN)
			return false;
		s->tsval = be32_load(p + 2);
		s->tsecr = be32_load(p + 6);
		s->opts |= SEG_OPT_TS;
		return true;
	}
	return true;
}

void
options_parse(const uint8_t *p, unsigned len, struct seg *s)
{
	const uint8_t *end = p + len;

	s->opts = 0;
	s->mss = 0;
	s->wscale = 0;
	s->tsval = 0;
	s->tsecr = 0;
	s->sack = NULL;
	s->nsack = 0;

	while (p < end && *p != TCP_OPT_EOL) {
		if (*p == TCP_OPT_NOP) {
			p++;
			continue;
		}
		/* An impossible length (RFC 9293 3.2, MUST-7): where the next
		 * option starts is anyone's guess, so it ends here. */
		if (end - p < 2 || p[1] < 2 || p[1] > end - p || !take(p, p[1], s))
			return;
		p += p[1];
	}
}

/* Blocks that have room behind what stands already. */
static inline unsigned
sack_blocks(const struct tcp_opts *o, unsigned before)
{
	unsigned room = (TCP_OPTS_MAX - before - 4) / SACK_BLOCK;
	unsigned n = o->nsack < TCP_SACK_MAX ? o->nsack : TCP_SACK_MAX;

	if (!(o->present & SEG_OPT_SACK))
		return 0;
	return n < room ? n : room;
}

/* All but the SACK blocks; each is padded to 4 bytes. At most 20. */
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
put(uint8_t *p, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
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
		p = put(p, TCP_OPT_MSS, MSS_LEN, (uint8_t)(o->mss >> 8), (uint8_t)o->mss);
	if (o->present & SEG_OPT_TS) {
		p = put(p, a, b, TCP_OPT_TS, TS_LEN);
		be32_store(p, o->tsval);
		be32_store(p + 4, o->tsecr);
		p += 8;
	} else if (sack_ok) {
		p = put(p, TCP_OPT_NOP, TCP_OPT_NOP, a, b);
	}
	if (o->present & SEG_OPT_WSCALE)
		p = put(p, TCP_OPT_NOP, TCP_OPT_WSCALE, WSCALE_LEN, o->wscale);
	return p;
}

unsigned
options_write(uint8_t *p, const struct tcp_opts *o)
{
	uint8_t *at = put_fixed(p, o);
	unsigned blocks = sack_blocks(o, (unsigned)(at - p));

	if (blocks > 0)
		at = put(at, TCP_OPT_NOP, TCP_OPT_NOP, TCP_OPT_SACK,
		        (uint8_t)(2 + blocks * SACK_BLOCK));
	for (unsigned i = 0; i < blocks; i++, at += SACK_BLOCK) {
		be32_store(at, o->sack[i].left);
		be32_store(at + 4, o->sack[i].right);
	}
	return (unsigned)(at - p);
}
