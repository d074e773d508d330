/* SPDX-License-Identifier: BSD-3-Clause */
/* vec: sixteen bytes at once, on every CPU that the compiler knows.
 *
 * Types    the compiler's own vectors: + ^ & == and indices work lane by lane, and a
 *          comparison's lane is all ones or zero. x86-64 and arm64 have registers of
 *          this size in every CPU; elsewhere the compiler takes the lanes apart.
 * Order    lane 0 lies at the lowest address. Both CPUs are little-endian.
 * Threads  pure functions.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdint.h>
#include <string.h>

typedef uint16_t vec_u16x8 __attribute__((vector_size(16)));
typedef uint32_t vec_u32x4 __attribute__((vector_size(16)));
typedef uint64_t vec_u64x2 __attribute__((vector_size(16)));

/* From 16 bytes that are aligned to 16. */
static inline vec_u16x8
vec_load_u16x8(const uint16_t *from)
{
	vec_u16x8 v;

	memcpy(&v, __builtin_assume_aligned(from, 16), sizeof(v));
	return v;
}

/* Two lanes from memory, the others are zero. */
static inline vec_u16x8
vec_load_two_u16(const uint16_t *from)
{
	uint32_t two;

	memcpy(&two, from, sizeof(two));
	return (vec_u16x8)(vec_u32x4) {two};
}

/* Where the two vectors are alike: lane i is bit 2 * i; the odd bits mean nothing. */
static inline uint32_t
vec_same_u16x8(vec_u16x8 a, vec_u16x8 b)
{
	vec_u16x8 same = (vec_u16x8)(a == b);
#ifdef __SSE2__
	/* One instruction, which no compiler finds in what stands below: with that, a flow
	 * that is not in the table costs 23 cycles instead of 13 (bench/micro/lookup_bench.c).
	 */
	typedef char vec_char __attribute__((vector_size(16)));

	return (uint32_t)__builtin_ia32_pmovmskb128((vec_char)same);
#else
	const vec_u16x8 bit = {
	        1 << 0, 1 << 2, 1 << 4, 1 << 6, 1 << 8, 1 << 10, 1 << 12, 1 << 14};
	uint16_t sum = 0;

	same &= bit;
	for (unsigned i = 0; i < 8; i++) /* arm64: one addition across the lanes */
		sum = (uint16_t)(sum + same[i]);
	return sum;
#endif
}

#endif
