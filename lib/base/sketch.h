/* SPDX-License-Identifier: BSD-3-Clause */
/* sketch: the number of records of one kind that each address, and each /24, holds.
 *
 * Threads    single writer.
 * Memory     32 KB, in the struct: two rows of counters for addresses and two for prefixes
 *            (count-min sketches). A count is never too low. It is too high for an address
 *            that shares its places in both rows with others.
 * Errors     none.
 * Bounds     cap[]: an address, or a prefix, with that many records is full. The caller decides
 *            what follows.
 * Secrets    a secret multiplier picks the places, so no peer can choose an address that shares
 *            the places of another one.
 */
#ifndef BASE_SKETCH_H
#define BASE_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/be.h"
#include "base/prf.h"

#define SKETCH_BITS   11
#define SKETCH_PLACES (1u << SKETCH_BITS)

/* Records of one scope are counted together. */
enum sketch_scope { SKETCH_ADDR, SKETCH_PREFIX, SKETCH_SCOPES };

struct sketch {
	uint32_t cap[SKETCH_SCOPES];
	uint64_t multiplier[2];
	uint32_t held[SKETCH_SCOPES][2][SKETCH_PLACES];
};

/* An empty sketch. The multipliers come from prf, so each sketch needs a key of its own. An
 * address may hold capacity / addr_part, a prefix capacity / prefix_part, and each of them at
 * least `least`. */
void sketch_init(struct sketch *k, const struct prf *prf, uint32_t capacity, uint32_t addr_part,
        uint32_t prefix_part, uint32_t least);

/* The address holds one record more. */
void sketch_add(struct sketch *k, be32 addr);
/* The address holds one record less. It was added before. */
void sketch_remove(struct sketch *k, be32 addr);

/* Does the address, or its prefix, hold at least n? */
bool sketch_holds(const struct sketch *k, enum sketch_scope scope, be32 addr, uint32_t n);

/* Does the address, or its prefix, hold its cap? */
static inline bool
sketch_is_full(const struct sketch *k, enum sketch_scope scope, be32 addr)
{
	return sketch_holds(k, scope, addr, k->cap[scope]);
}

/* Are both the same address, or of the same prefix? */
bool sketch_is_same(enum sketch_scope scope, be32 a, be32 b);

#endif
