/* SPDX-License-Identifier: BSD-3-Clause */
/* The Internet checksum over long runs of bytes, by vectors, and over headers. */
#include "wire/checksum.h"

#include "wire/sum.h"

/* From this length on the vectors pay for their set-up. */
#define LONG_BYTES 64
#define STRIDE     64
#define LANES      16

struct lanes {
	uint64_t v __attribute__((vector_size(16)));
};

static inline uint64_t
sum_add_short(uint64_t sum, const uint8_t *p, size_t len)
{
	unsigned __int128 acc = sum;

	for (; len >= 8; len -= 8, p += 8)
		acc += load64(p);
	if (len > 0)
		acc += sum_tail(p, len);
	return sum_narrow(acc);
}

static inline uint64_t
sum_copy_short(uint64_t sum, uint8_t *dst, const uint8_t *src, size_t len)
{
	unsigned __int128 acc = sum;
	uint64_t v;

	for (; len >= 8; len -= 8, src += 8, dst += 8) {
		v = load64(src);
		store64(dst, v);
		acc += v;
	}
	if (len > 0) {
		v = sum_tail(src, len);
		memcpy(dst, &v, len);
		acc += v;
	}
	return sum_narrow(acc);
}

static inline struct lanes
lanes_load(const uint8_t *p)
{
	struct lanes x;

	memcpy(&x.v, p, sizeof(x.v));
	return x;
}

static inline struct lanes
lanes_copy(uint8_t *dst, const uint8_t *src)
{
	struct lanes x = lanes_load(src);

	memcpy(dst, &x.v, sizeof(x.v));
	return x;
}

/* Each 64-bit lane has two sums. acc[0] sums the words and loses carries. acc[1] sums the
 * upper halves of the words, and cannot carry before 2^32 words. The sum of the lower
 * halves is acc[0] less acc[1] << 32, so no carry is missing in the end. */
static inline void
lanes_add(struct lanes acc[2], struct lanes x)
{
	acc[0].v += x.v;
	acc[1].v += x.v >> 32;
}

static inline uint64_t
lanes_sum(uint64_t sum, const struct lanes acc[2])
{
	struct lanes low = {acc[0].v - (acc[1].v << 32)};
	unsigned __int128 all = (unsigned __int128)(acc[1].v[0] + acc[1].v[1]) << 32;

	return sum_narrow(all + (low.v[0] + low.v[1]) + sum);
}

uint64_t
checksum_add(uint64_t sum, const void *p, size_t len)
{
	const uint8_t *at = p;
	struct lanes acc[2] = {{{0, 0}}, {{0, 0}}};

	if (len < LONG_BYTES)
		return sum_add_short(sum, at, len);
	for (; len >= STRIDE; len -= STRIDE, at += STRIDE)
#pragma GCC unroll 4
		for (unsigned i = 0; i < STRIDE; i += LANES)
			lanes_add(acc, lanes_load(at + i));
	for (; len >= LANES; len -= LANES, at += LANES)
		lanes_add(acc, lanes_load(at));
	return sum_add_short(lanes_sum(sum, acc), at, len);
}

uint64_t
checksum_copy(uint64_t sum, void *dst, const void *src, size_t len)
{
	const uint8_t *from = src;
	uint8_t *to = dst;
	struct lanes acc[2] = {{{0, 0}}, {{0, 0}}};

	if (len < LONG_BYTES)
		return sum_copy_short(sum, to, from, len);
	for (; len >= STRIDE; len -= STRIDE, from += STRIDE, to += STRIDE)
#pragma GCC unroll 4
		for (unsigned i = 0; i < STRIDE; i += LANES)
			lanes_add(acc, lanes_copy(to + i, from + i));
	for (; len >= LANES; len -= LANES, from += LANES, to += LANES)
		lanes_add(acc, lanes_copy(to, from));
	return sum_copy_short(lanes_sum(sum, acc), to, from, len);
}

uint16_t
checksum_fold(uint64_t sum)
{
	return sum_fold(sum);
}

uint64_t
checksum_pseudo(const void *addrs, uint8_t protocol, uint16_t len)
{
	return sum_plus(load64(addrs), (uint64_t)cpu_to_be16(protocol) + cpu_to_be16(len));
}

be16
checksum_ipv4(const struct ipv4_hdr *ip)
{
	uint64_t sum = checksum_add(0, ip, (size_t)(ip->version_ihl & 15) * 4);

	/* Subtract the field itself, by adding its complement. */
	return (be16)~sum_fold(sum_plus(sum, (uint16_t)~ip->checksum));
}

bool
checksum_tcp_ok(const struct ipv4_hdr *ip, const void *l4, uint16_t len)
{
	uint64_t sum = checksum_pseudo(&ip->src, IPPROTO_TCP_, len);

	return sum_fold(checksum_add(sum, l4, len)) == 0xffff;
}

bool
checksum_icmp_ok(const void *l4, uint16_t len)
{
	return sum_fold(checksum_add(0, l4, len)) == 0xffff;
}
