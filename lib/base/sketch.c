/* SPDX-License-Identifier: BSD-3-Clause */
/* Count-min sketches of records, by the address and by the /24 of their peer. */
#include "base/sketch.h"

static uint32_t
part_of(be32 addr, enum sketch_scope scope)
{
	return be32_to_cpu(addr) >> (scope == SKETCH_PREFIX ? 8 : 0);
}

/* Multiply-shift with a secret multiplier. */
static uint32_t
place_of(const struct sketch *k, enum sketch_scope scope, unsigned row, be32 addr)
{
	uint64_t at = ((uint64_t)part_of(addr, scope) + 1) * k->multiplier[row];

	return (uint32_t)(at >> (64 - SKETCH_BITS));
}

static void
count_addr(struct sketch *k, be32 addr, int by)
{
	for (unsigned scope = 0; scope < SKETCH_SCOPES; scope++)
		for (unsigned row = 0; row < 2; row++)
			k->held[scope][row][place_of(k, scope, row, addr)] += (uint32_t)by;
}

void
sketch_add(struct sketch *k, be32 addr)
{
	count_addr(k, addr, 1);
}

void
sketch_remove(struct sketch *k, be32 addr)
{
	count_addr(k, addr, -1);
}

bool
sketch_holds(const struct sketch *k, enum sketch_scope scope, be32 addr, uint32_t n)
{
	return k->held[scope][0][place_of(k, scope, 0, addr)] >= n &&
	       k->held[scope][1][place_of(k, scope, 1, addr)] >= n;
}

bool
sketch_is_same(enum sketch_scope scope, be32 a, be32 b)
{
	return part_of(a, scope) == part_of(b, scope);
}

void
sketch_init(struct sketch *k, const struct prf *prf, uint32_t capacity, uint32_t addr_part,
        uint32_t prefix_part, uint32_t least)
{
	struct prf_block b = prf_one(prf, (struct prf_block) {.lo = 0});
	uint32_t addr = capacity / addr_part, prefix = capacity / prefix_part;

	*k = (struct sketch) {
	        .multiplier = {b.lo | 1, b.hi | 1},
	        .cap = {[SKETCH_ADDR] = addr > least ? addr : least,
	                [SKETCH_PREFIX] = prefix > least ? prefix : least},
	};
}
