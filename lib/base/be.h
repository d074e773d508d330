/* SPDX-License-Identifier: BSD-3-Clause */
/* be: integers as they stand on the wire, big-endian and of any alignment.
 *
 * Threads  pure functions.
 * Bounds   a load or a store uses exactly the bytes of its type; the caller has checked them.
 */
#ifndef BASE_BE_H
#define BASE_BE_H

#include <stdint.h>
#include <string.h>

typedef uint16_t be16;
typedef uint32_t be32;

static inline uint16_t
be16_to_cpu(be16 v)
{
	return __builtin_bswap16(v);
}

static inline uint32_t
be32_to_cpu(be32 v)
{
	return __builtin_bswap32(v);
}

static inline be16
cpu_to_be16(uint16_t v)
{
	return __builtin_bswap16(v);
}

static inline be32
cpu_to_be32(uint32_t v)
{
	return __builtin_bswap32(v);
}

static inline uint16_t
be16_load(const void *p)
{
	be16 v;

	memcpy(&v, p, sizeof(v));
	return be16_to_cpu(v);
}

static inline uint32_t
be32_load(const void *p)
{
	be32 v;

	memcpy(&v, p, sizeof(v));
	return be32_to_cpu(v);
}

static inline void
be16_store(void *p, uint16_t v)
{
	be16 b = cpu_to_be16(v);

	memcpy(p, &b, sizeof(b));
}

static inline void
be32_store(void *p, uint32_t v)
{
	be32 b = cpu_to_be32(v);

	memcpy(p, &b, sizeof(b));
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "big-endian hosts are not supported");

#endif
