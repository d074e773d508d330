/* SPDX-License-Identifier: BSD-3-Clause */
/* sum: the arithmetic of checksum.h, inline for the hot loops of lib/wire.
 *
 * The Internet checksum is arithmetic modulo 2^16 - 1. This divides 2^64 - 1, so words of
 * 64 bits may be added with an end-around carry and folded at the end (RFC 1071 2).
 * Eight bytes are summed as they lie in memory: the order of bytes does not matter if it
 * is the same everywhere (RFC 1071 1.(B)).
 *
 * Threads  the functions have no state.
 */
#ifndef WIRE_SUM_H
#define WIRE_SUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t
load64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t
load32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint16_t
load16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void
store64(void *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void
store32(void *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static inline uint64_t
sum_plus(uint64_t a, uint64_t b)
{
	a += b;
	return a + (a < b);
}

/* Long additions collect their carries in the upper half of 128 bits. An end-around carry
 * after each addition would cost a cycle more. */
static inline uint64_t
sum_narrow(unsigned __int128 acc)
{
	return sum_plus((uint64_t)acc, (uint64_t)(acc >> 64));
}

/* A number plus itself with its halves swapped has the end-around sum of the halves in its
 * upper half. */
static inline uint16_t
sum_fold(uint64_t sum)
{
	uint32_t s;

	sum += sum << 32 | sum >> 32;
	s = (uint32_t)(sum >> 32);
	s += s << 16 | s >> 16;
	return (uint16_t)(s >> 16);
}

/* The sum of the same bytes one place further, for a piece at an odd offset. */
static inline uint64_t
sum_odd(uint64_t sum)
{
	return sum << 8 | sum >> 56;
}

/* n < 8 bytes, as the first bytes of a word; its other bytes are zero. */
static inline uint64_t
sum_tail(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	unsigned at = 0;

	if (n & 4) {
		v = load32(p);
		at = 4;
	}
	if (n & 2) {
		v |= (uint64_t)load16(p + at) << (8 * at);
		at += 2;
	}
	if (n & 1)
		v |= (uint64_t)p[at] << (8 * at);
	return v;
}

#endif
