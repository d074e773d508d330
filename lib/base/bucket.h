/* SPDX-License-Identifier: BSD-3-Clause */
/* bucket: a token bucket; it holds a second's worth at the most. */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct bucket {
	uint32_t per_s;
	uint32_t tokens;
	uint64_t refill_us; /* up to when its tokens are counted */
};

static inline void
bucket_init(struct bucket *b, uint32_t per_s, uint64_t now_us)
{
	*b = (struct bucket) {.per_s = per_s, .tokens = per_s, .refill_us = now_us};
}

/* One token, if there is one. */
static inline bool
bucket_take(struct bucket *b, uint64_t now_us)
{
	uint64_t elapsed_us = now_us - b->refill_us;

	if (elapsed_us >= US_PER_SECOND) {
		b->tokens = b->per_s;
		b->refill_us = now_us;
	} else if (b->tokens < b->per_s) {
		uint64_t fresh = elapsed_us * b->per_s / US_PER_SECOND;

		if (fresh != 0) {
			uint64_t sum = b->tokens + fresh;

			b->tokens = sum < b->per_s ? (uint32_t)sum : b->per_s;
			/* the time that they took; rounded up, never beyond now */
			b->refill_us += (fresh * US_PER_SECOND + b->per_s - 1) / b->per_s;
		}
	}
	if (b->tokens == 0)
		return false;
	b->tokens--;
	return true;
}

#endif
