/* SPDX-License-Identifier: BSD-3-Clause */
/* The keyed function: AES-128 and SipHash-2-4. */
#include "base/prf.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/aes.h"

#define ROUNDS 10
#define LANES  8

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 = rotl(s->v2, 32);
}

static inline struct sip
sip_start(const uint64_t key[2])
{
	return (struct sip) {
	        .v0 = key[0] ^ 0x736f6d6570736575, /* "somepseudorandomlygeneratedbytes" */
	        .v1 = key[1] ^ 0x646f72616e646f6d,
	        .v2 = key[0] ^ 0x6c7967656e657261,
	        .v3 = key[1] ^ 0x7465646279746573,
	};
}

static inline void
sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

static inline uint64_t
sip_finish(struct sip s)
{
	s.v2 ^= 0xff;
	for (unsigned i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t
siphash24(const uint64_t key[2], const void *msg, unsigned len)
{
	struct sip s = sip_start(key);
	const uint8_t *p = msg;
	uint64_t last = 0, m;
	unsigned left = len;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&m, p, 8);
		sip_word(&s, m);
	}
	memcpy(&last, p, left);
	sip_word(&s, last | (uint64_t)len << 56);
	return sip_finish(s);
}

/* The block, and the block with a byte 1 behind it, are different messages of
 * one key: two independent outputs, and all but the last word is shared. */
static struct prf_block
sip_block(const struct prf *p, struct prf_block in)
{
	struct sip a = sip_start(p->sip), b;

	sip_word(&a, in.lo);
	sip_word(&a, in.hi);
	b = a;
	sip_word(&a, UINT64_C(16) << 56);
	sip_word(&b, UINT64_C(17) << 56 | 1);
	return (struct prf_block) {.lo = sip_finish(a), .hi = sip_finish(b)};
}

/* One step of the key schedule (FIPS 197 5.2): each word adds what stands before it. */
WITH_AES static inline vec_u64x2
aes_next_key(vec_u64x2 key, uint8_t rcon)
{
	uint32_t turned = aes_turned_word(key) ^ rcon;
	vec_u32x4 k = (vec_u32x4)key;

	k[0] ^= turned;
	k[1] ^= k[0];
	k[2] ^= k[1];
	k[3] ^= k[2];
	return (vec_u64x2)k;
}

WITH_AES static void
aes_expand(struct prf *p, const uint8_t secret[16])
{
	static const uint8_t rcon[ROUNDS] = {
	        0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36};
	vec_u64x2 key;

	memcpy(&key, secret, sizeof(key));
	memcpy(p->round_key[0], &key, sizeof(key));
	for (unsigned r = 0; r < ROUNDS; r++) {
		key = aes_next_key(key, rcon[r]);
		memcpy(p->round_key[r + 1], &key, sizeof(key));
	}
}

static inline vec_u64x2
aes_key(const struct prf *p, unsigned round)
{
	return *(const vec_u64x2 *)(const void *)p->round_key[round];
}

static inline vec_u64x2
load_block(const struct prf_block *b)
{
	vec_u64x2 x;

	memcpy(&x, b, sizeof(x));
	return x;
}

static inline void
store_block(struct prf_block *b, vec_u64x2 x)
{
	memcpy(b, &x, sizeof(x));
}

WITH_AES static struct prf_block
aes_block(const struct prf *p, struct prf_block in)
{
	/* Word by word: gcc makes {lo, hi} two stores and one load, which cannot be
	 * forwarded. */
	vec_u64x2 x = {in.lo};

	x[1] = in.hi;
	x ^= aes_key(p, 0);
#pragma GCC unroll 9
	for (unsigned r = 1; r < ROUNDS; r++)
		x = aes_round(x, aes_key(p, r));
	x = aes_last_round(x, aes_key(p, ROUNDS));
	return (struct prf_block) {.lo = x[0], .hi = x[1]};
}

WITH_AES static void
aes_two(const struct prf *a, const struct prf *b, struct prf_block in, struct prf_block out[2])
{
	vec_u64x2 x = load_block(&in), y = x ^ aes_key(b, 0);

	x ^= aes_key(a, 0);
#pragma GCC unroll 10
	for (unsigned r = 1; r < ROUNDS; r++) {
		x = aes_round(x, aes_key(a, r));
		y = aes_round(y, aes_key(b, r));
	}
	store_block(&out[0], aes_last_round(x, aes_key(a, ROUNDS)));
	store_block(&out[1], aes_last_round(y, aes_key(b, ROUNDS)));
}

/* A round takes 4 cycles, but one or two start in each: eight blocks side by
 * side keep the unit busy. */
WITH_AES static void
aes_eight(const struct prf *p, const struct prf_block *in, struct prf_block *out)
{
	vec_u64x2 x[LANES], k = aes_key(p, 0);

#pragma GCC unroll 8
	for (unsigned i = 0; i < LANES; i++)
		x[i] = load_block(&in[i]) ^ k;
	for (unsigned r = 1; r < ROUNDS; r++) {
		k = aes_key(p, r);
#pragma GCC unroll 8
		for (unsigned i = 0; i < LANES; i++)
			x[i] = aes_round(x[i], k);
	}
	k = aes_key(p, ROUNDS);
#pragma GCC unroll 8
	for (unsigned i = 0; i < LANES; i++)
		store_block(&out[i], aes_last_round(x[i], k));
}

WITH_AES static void
aes_burst(const struct prf *p, const struct prf_block *in, struct prf_block *out, unsigned n)
{
	for (; n >= LANES; n -= LANES, in += LANES, out += LANES)
		aes_eight(p, in, out);
	for (unsigned i = 0; i < n; i++)
		out[i] = aes_block(p, in[i]);
}

void
prf_init_portable(struct prf *p, const uint8_t secret[16])
{
	memset(p, 0, sizeof(*p));
	memcpy(p->sip, secret, sizeof(p->sip));
}

void
prf_init(struct prf *p, const uint8_t secret[16])
{
	prf_init_portable(p, secret);
	p->aes = aes_is_there();
	if (p->aes)
		aes_expand(p, secret);
}

struct prf_block
prf_one(const struct prf *p, struct prf_block in)
{
	return p->aes ? aes_block(p, in) : sip_block(p, in);
}

void
prf_two(const struct prf *a, const struct prf *b, struct prf_block in, struct prf_block out[2])
{
	if (a->aes && b->aes) {
		aes_two(a, b, in, out);
		return;
	}
	out[0] = prf_one(a, in);
	out[1] = prf_one(b, in);
}

void
prf_burst(const struct prf *p, const struct prf_block *in, struct prf_block *out, unsigned n)
{
	if (p->aes) {
		aes_burst(p, in, out, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		out[i] = sip_block(p, in[i]);
}

int
secret_fill(void *p, unsigned n)
{
	uint8_t *at = p;
	ssize_t got;

	while (n > 0) {
		got = getrandom(at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		at += got;
		n -= (unsigned)got;
	}
	return 0;
}
