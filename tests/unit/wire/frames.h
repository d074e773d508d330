/* SPDX-License-Identifier: BSD-3-Clause */
/* frames: frames made byte by byte, without help of the code under test.
 *
 * Ownership  frame_seg() copies a frame into an allocation of exactly its size,
 *            so that ASan sees every byte read behind it; seg_free() frees it.
 */
#ifndef TESTS_WIRE_FRAMES_H
#define TESTS_WIRE_FRAMES_H

#include <stdlib.h>
#include <string.h>

#include "wire/parse.h"
#include "wire/rubbish.h"

#define PEER_IP             \
	{                   \
		10, 0, 0, 1 \
	}
#define OUR_IP              \
	{                   \
		10, 0, 0, 2 \
	}
#define PEER_PORT 40000
#define OUR_PORT  80

static const uint8_t PEER_MAC[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t OUR_MAC[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t PEER_ADDR[4] = PEER_IP;
static const uint8_t OUR_ADDR[4] = OUR_IP;

struct frame {
	unsigned len;
	unsigned l4;
	uint8_t b[2048];
};

/* The parts of a TCP frame. A part that is left out is 0 or empty. */
struct tcp_parts {
	uint32_t seq, ack;
	uint16_t wnd;
	uint8_t flags;
	const uint8_t *opts, *ip_opts, *text;
	unsigned opts_len, ip_opts_len, text_len;
	unsigned padding; /* bytes behind the datagram */
};

/* RFC 1071 1, word by word: the model for all that is summed faster. */
static inline uint32_t
naive_sum(uint32_t sum, const uint8_t *p, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static inline uint32_t
naive_pseudo(const uint8_t *ip, unsigned l4_len)
{
	return naive_sum(ip[9] + l4_len, ip + 12, 8);
}

static inline void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static inline unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* Make both checksums right after a frame was tampered with. */
static inline void
frame_fix(struct frame *f)
{
	uint8_t *ip = f->b + 14, *l4 = f->b + f->l4;
	unsigned len = get16(ip + 2) - (f->l4 - 14);

	put16(ip + 10, 0);
	put16(ip + 10, ~naive_sum(0, ip, f->l4 - 14));
	if (ip[9] == 6) {
		put16(l4 + 16, 0);
		put16(l4 + 16, ~naive_sum(naive_pseudo(ip, len), l4, len));
	} else if (ip[9] == 1) {
		put16(l4 + 2, 0);
		put16(l4 + 2, ~naive_sum(0, l4, len));
	}
}

static inline void
frame_ipv4(struct frame *f, unsigned protocol, const uint8_t *opts, unsigned opts_len,
        unsigned len)
{
	uint8_t *ip = f->b + 14;

	memcpy(f->b, OUR_MAC, 6);
	memcpy(f->b + 6, PEER_MAC, 6);
	put16(f->b + 12, 0x0800);
	ip[0] = (uint8_t)(0x45 + opts_len / 4);
	put16(ip + 2, 20 + opts_len + len);
	put16(ip + 4, 0x1234);
	put16(ip + 6, 0x4000);
	ip[8] = 63;
	ip[9] = (uint8_t)protocol;
	memcpy(ip + 12, PEER_ADDR, 4);
	memcpy(ip + 16, OUR_ADDR, 4);
	if (opts_len > 0)
		memcpy(ip + 20, opts, opts_len);
	f->l4 = 34 + opts_len;
	f->len = f->l4 + len;
}

static inline struct frame
frame_tcp_parts(struct tcp_parts p)
{
	struct frame f = {0};
	uint8_t *tcp;

	frame_ipv4(&f, 6, p.ip_opts, p.ip_opts_len, 20 + p.opts_len + p.text_len);
	tcp = f.b + f.l4;
	put16(tcp, PEER_PORT);
	put16(tcp + 2, OUR_PORT);
	put32(tcp + 4, p.seq);
	put32(tcp + 8, p.ack);
	tcp[12] = (uint8_t)((20 + p.opts_len) / 4 << 4);
	tcp[13] = p.flags;
	put16(tcp + 14, p.wnd);
	if (p.opts_len > 0)
		memcpy(tcp + 20, p.opts, p.opts_len);
	if (p.text_len > 0)
		memcpy(tcp + 20 + p.opts_len, p.text, p.text_len);
	frame_fix(&f);
	memset(f.b + f.len, 0xee, p.padding);
	f.len += p.padding;
	return f;
}

#define frame_tcp(...) frame_tcp_parts((struct tcp_parts) {__VA_ARGS__})

static inline struct frame
frame_echo(const uint8_t *ip_opts, unsigned ip_opts_len, const void *text, unsigned len)
{
	struct frame f = {0};

	frame_ipv4(&f, 1, ip_opts, ip_opts_len, 8 + len);
	f.b[f.l4] = 8;
	put16(f.b + f.l4 + 4, 0xbeef);
	put16(f.b + f.l4 + 6, 3);
	memcpy(f.b + f.l4 + 8, text, len);
	frame_fix(&f);
	return f;
}

static inline struct frame
frame_arp(unsigned oper)
{
	struct frame f = {.len = 42, .l4 = 42};

	memset(f.b, 0xff, 6);
	memcpy(f.b + 6, PEER_MAC, 6);
	put16(f.b + 12, 0x0806);
	put16(f.b + 14, 1);
	put16(f.b + 16, 0x0800);
	f.b[18] = 6;
	f.b[19] = 4;
	put16(f.b + 20, oper);
	memcpy(f.b + 22, PEER_MAC, 6);
	memcpy(f.b + 28, PEER_ADDR, 4);
	memcpy(f.b + 38, OUR_ADDR, 4);
	return f;
}

/* Members that the parser must write are filled with rubbish. */
static inline struct seg
frame_seg(const struct frame *f)
{
	struct seg s = seg_rubbish();

	s.frame = malloc(f->len > 0 ? f->len : 1);
	if (f->len > 0)
		memcpy(s.frame, f->b, f->len);
	s.frame_len = (uint16_t)f->len;
	s.csum_ok = 0;
	return s;
}

static inline void
seg_free(struct seg *s)
{
	free(s->frame);
}

#endif
