/* SPDX-License-Identifier: BSD-3-Clause */
/* aes: a round of AES (FIPS 197), where the CPU has instructions for it.
 *
 * This file holds only the differences between CPUs. aes_round() and aes_last_round() add the
 * key of the round at the end, as x86 does. The instructions of arm64 add it at the beginning,
 * and are given zero. So all hosts with AES give the same result, and the cookies of one host
 * are valid at another (syn/keys.h).
 *
 * Threads  pure functions.
 * Calls    from functions that are WITH_AES, and only if aes_is_there().
 */
#ifndef BASE_AES_H
#define BASE_AES_H

#include <stdbool.h>

#include "base/vec.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WITH_AES __attribute__((target("aes,sse4.1")))

static inline bool
aes_is_there(void)
{
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.1");
}

WITH_AES static inline vec_u64x2
aes_round(vec_u64x2 x, vec_u64x2 key)
{
	return (vec_u64x2)_mm_aesenc_si128((__m128i)x, (__m128i)key);
}

WITH_AES static inline vec_u64x2
aes_last_round(vec_u64x2 x, vec_u64x2 key)
{
	return (vec_u64x2)_mm_aesenclast_si128((__m128i)x, (__m128i)key);
}

/* SubWord(RotWord(w)) of the key schedule (FIPS 197 5.2), w being the last word. */
WITH_AES static inline uint32_t
aes_turned_word(vec_u64x2 key)
{
	return ((vec_u32x4)_mm_aeskeygenassist_si128((__m128i)key, 0))[3];
}

/* Older clangs have these only where all of the program is made for them. */
#elif defined(__aarch64__) && (!defined(__clang__) || __clang_major__ >= 17)

#include <arm_neon.h>
#include <sys/auxv.h>

#define WITH_AES __attribute__((target("+crypto")))

static inline bool
aes_is_there(void)
{
	return (getauxval(AT_HWCAP) & HWCAP_AES) != 0;
}

WITH_AES static inline vec_u64x2
aes_round(vec_u64x2 x, vec_u64x2 key)
{
	return (vec_u64x2)vaesmcq_u8(vaeseq_u8((uint8x16_t)x, vdupq_n_u8(0))) ^ key;
}

WITH_AES static inline vec_u64x2
aes_last_round(vec_u64x2 x, vec_u64x2 key)
{
	return (vec_u64x2)vaeseq_u8((uint8x16_t)x, vdupq_n_u8(0)) ^ key;
}

/* With four columns alike, ShiftRows changes nothing. */
WITH_AES static inline uint32_t
aes_turned_word(vec_u64x2 key)
{
	vec_u32x4 w = (vec_u32x4) {} + ((vec_u32x4)key)[3];
	uint32_t sub = ((vec_u32x4)vaeseq_u8((uint8x16_t)w, vdupq_n_u8(0)))[0];

	return sub >> 8 | sub << 24;
}

#else /* none of these is called but the first */

#define WITH_AES

static inline bool
aes_is_there(void)
{
	return false;
}

static inline vec_u64x2
aes_round(vec_u64x2 x, vec_u64x2 key)
{
	return x ^ key;
}

static inline vec_u64x2
aes_last_round(vec_u64x2 x, vec_u64x2 key)
{
	return x ^ key;
}

static inline uint32_t
aes_turned_word(vec_u64x2 key)
{
	return (uint32_t)key[0];
}

#endif

#endif
