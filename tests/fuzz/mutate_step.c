/* SPDX-License-Identifier: BSD-3-Clause */
/* The changes of one step of a script. */
#include "mutate_step.h"

#include <string.h>

#include "target.h"
#include "wire/options.h"

#define IP      (sizeof(struct eth_hdr))
#define TCP     (IP + sizeof(struct ipv4_hdr))
#define OPTIONS (TCP + sizeof(struct tcp_hdr))

/* The frames of the templates, without IPv4 options. */
static bool
is_tcp(const struct draft_step *s)
{
	return s->len >= OPTIONS && be16_load(s->frame + 12) == ETH_TYPE_IPV4 &&
	       s->frame[IP] == 0x45 && s->frame[IP + 9] == IPPROTO_TCP_;
}

static unsigned
text_at(const struct draft_step *s)
{
	unsigned at = TCP + (s->frame[TCP + 12] >> 4) * 4u;

	return at < OPTIONS ? OPTIONS : at < s->len ? at : s->len;
}

static void
set_len(struct draft_step *s, unsigned len)
{
	s->len = (uint16_t)len;
	be16_store(s->frame + IP + 2, (uint16_t)(len - IP));
}

/* Distances at which something happens. */
static uint32_t
interesting(struct rng *r)
{
	static const uint32_t n[] = {0, 1, 2, 10, 64, 100, 500, 536, 1000, 1024, 1400, 1448,
	        1460, 2920, 16000, 20000, 64000, 65535, 65536, 99999, 100000, 1u << 30,
	        0x7fffffff, 0x80000000u};
	uint32_t v = n[rng_below(r, sizeof(n) / sizeof(*n))];

	return rng_below(r, 2) ? v : 0u - v;
}

static void
change_number(struct draft_step *s, struct rng *r)
{
	uint8_t *at = s->frame + TCP + (rng_below(r, 2) ? 4 : 8);

	if (rng_below(r, 4) == 0)
		be32_store(at, 0);
	else
		be32_store(
		        at, rng_below(r, 2) ? interesting(r) : be32_load(at) + interesting(r));
}

static void
change_flags(struct draft_step *s, struct rng *r)
{
	if (rng_below(r, 4) == 0)
		s->frame[TCP + 13] = (uint8_t)rng_next(r);
	else
		s->frame[TCP + 13] ^= (uint8_t)(1u << rng_below(r, 6));
}

/* Replace the options by others. */
static void
change_options(struct draft_step *s, struct rng *r)
{
	uint8_t list[TCP_OPTS_MAX];
	struct tcp_opts o = {.present = (uint8_t)(rng_next(r) & 0x1f),
	        .mss = (uint16_t)(rng_below(r, 2) ? rng_next(r) : rng_below(r, 100)),
	        .wscale = (uint8_t)rng_below(r, 20),
	        .nsack = (uint8_t)rng_below(r, 5)};
	unsigned at = text_at(s), text = s->len - at, len;

	if (rng_below(r, 2)) /* options that the connection has probably agreed on */
		o.present = SEG_OPT_TS;
	o.tsval = rng_below(r, 2) ? 0 : interesting(r);
	o.tsecr = rng_below(r, 2) ? 0 : interesting(r);
	for (unsigned i = 0; i < o.nsack; i++)
		o.sack[i] = (struct sack_block) {interesting(r), interesting(r)};
	len = options_write(list, &o);
	if (rng_below(r, 4) == 0 && len != 0)
		list[rng_below(r, len)] = (uint8_t)rng_below(r, 12);
	if (OPTIONS + len + text > SCRIPT_FRAME_MAX)
		return;
	memmove(s->frame + OPTIONS + len, s->frame + at, text);
	memcpy(s->frame + OPTIONS, list, len);
	s->frame[TCP + 12] = (uint8_t)((sizeof(struct tcp_hdr) + len) / 4 << 4);
	set_len(s, (unsigned)OPTIONS + len + text);
}

static void
change_text(struct draft_step *s, struct rng *r)
{
	static const uint16_t lens[] = {0, 1, 2, 10, 100, 536, 1000, 1024, 1025, 1400};
	unsigned at = text_at(s), len = lens[rng_below(r, 10)];

	if (rng_below(r, 2) && s->len > at) { /* the puppet's command, and its argument */
		s->frame[at] = (uint8_t)rng_next(r);
		s->frame[s->len - 1] = (uint8_t)rng_next(r);
		return;
	}
	if (at + len > SCRIPT_FRAME_MAX)
		return;
	memset(s->frame + at, (int)rng_next(r), len);
	set_len(s, at + len);
}

static void
change_window(struct draft_step *s, struct rng *r)
{
	be16_store(s->frame + TCP + 14, (uint16_t)(rng_below(r, 3) ? interesting(r) : 0));
}

/* Change the flow, or its addresses. */
static void
change_flow(struct draft_step *s, struct rng *r)
{
	static const uint8_t others[][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}, {10, 0, 0, 255},
	        {192, 0, 2, 1}, {127, 0, 0, 1}, {224, 0, 0, 1}, {0, 0, 0, 0}, {10, 0, 0, 101}};

	switch (rng_below(r, 4)) {
	case 0:
		memcpy(s->frame + IP + 12, others[rng_below(r, 8)], 4);
		break;
	case 1:
		memcpy(s->frame + IP + 16, others[rng_below(r, 8)], 4);
		break;
	case 2:
		be16_store(s->frame + TCP, (uint16_t)(40000 + rng_below(r, 4)));
		break;
	case 3:
		be16_store(s->frame + TCP + 2, (uint16_t)(80 + rng_below(r, 2)));
		break;
	}
}

static void
change_tcp(struct draft_step *s, struct rng *r)
{
	switch (rng_below(r, 12)) {
	case 0:
	case 1:
	case 2:
		change_number(s, r);
		break;
	case 3:
	case 4:
		change_flags(s, r);
		break;
	case 5:
	case 6:
		change_options(s, r);
		break;
	case 7:
	case 8:
		change_text(s, r);
		break;
	case 9:
		change_window(s, r);
		break;
	case 10:
		change_flow(s, r);
		break;
	case 11:
		s->frame[TCP + 12] = (uint8_t)(rng_next(r) & 0xf0);
		break;
	}
}

static void
change_bytes(struct draft_step *s)
{
	uint8_t copy[SCRIPT_FRAME_MAX];

	memcpy(copy, s->frame, s->len);
	s->len = (uint16_t)LLVMFuzzerMutate(copy, s->len, SCRIPT_FRAME_MAX);
	memcpy(s->frame, copy, s->len);
}

void
mutate_step(struct draft_step *s, struct rng *r)
{
	unsigned what = rng_below(r, 10);

	if (what == 0)
		s->delay = (uint8_t)rng_next(r);
	else if (what == 1)
		s->how ^= (uint8_t)(1u << rng_below(r, 8));
	else if (what == 2 && s->len != 0)
		change_bytes(s);
	else if (is_tcp(s))
		change_tcp(s, r);
	else if (s->len != 0)
		change_bytes(s);
	else
		s->how = (uint8_t)rng_next(r);
}

bool
mutate_split(struct draft_step *s, struct draft_step *second, struct rng *r)
{
	unsigned at, text, cut;

	if (!is_tcp(s) || s->len < (at = text_at(s)) + 2)
		return false;
	text = s->len - at;
	cut = 1 + rng_below(r, text - 1);
	*second = *s;
	memmove(second->frame + at, s->frame + at + cut, text - cut);
	set_len(second, at + text - cut);
	be32_store(second->frame + TCP + 4, be32_load(s->frame + TCP + 4) + cut);
	second->delay = 0;
	set_len(s, at + cut);
	s->frame[TCP + 13] &= (uint8_t)~TCP_FIN;
	return true;
}

void
mutate_shift(struct draft_step *s, uint32_t n)
{
	if (is_tcp(s))
		be32_store(s->frame + TCP + 4, be32_load(s->frame + TCP + 4) + n);
}
