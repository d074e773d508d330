/* SPDX-License-Identifier: BSD-3-Clause */
/* The budget of answers to strangers: parts, and how they are filled. */
#include "base/answers.h"

#include <string.h>

#define BATCH   32                       /* blocks of randomness at once */
#define DERIVE  UINT64_C(0x737265777361) /* no other key is derived with it */
#define DRAW    (UINT64_C(1) << 63)      /* no address has this bit */
#define NO_TIME (UINT64_MAX / 2)         /* no clock is within a second of it */

/* A power of two, so that the mean share is not below ANSWERS_SHARE. */
static uint32_t
count_parts(uint32_t per_s, uint32_t most)
{
	uint32_t n = 1;

	while (n < most && per_s / (n * 2) >= ANSWERS_SHARE)
		n *= 2;
	return n;
}

void
answers_init(struct answers *a, enum answers_kind kind, uint32_t per_s,
        const uint8_t secret[16], uint8_t use)
{
	struct prf_block key;
	uint8_t bytes[16];

	*a = (struct answers) {
	        .since_us = NO_TIME,
	        .refused = ANSWERS_NONE,
	        .per_s = per_s,
	        .secret = kind == ANSWERS_SECRET,
	};
	a->nparts = count_parts(per_s, a->secret ? ANSWERS_PARTS : ANSWERS_PARTS_FAIR);
	prf_init(&a->prf, secret);
	key = prf_one(&a->prf, (struct prf_block) {.lo = use, .hi = DERIVE});
	memcpy(bytes, &key, sizeof(bytes));
	prf_init(&a->prf, bytes);
}

/* Random numbers, one for each pair of parts from `first` on. */
static void
draw(const struct answers *a, uint32_t first, uint32_t random[4 * BATCH])
{
	struct prf_block b[BATCH];

	for (uint32_t i = 0; i < BATCH; i++)
		b[i] = (struct prf_block) {.lo = DRAW | (first + i), .hi = a->since_us};
	prf_burst(&a->prf, b, b, BATCH);
	memcpy(random, b, sizeof(b));
}

/* The sum of a pair is fixed, and so is the sum of all pairs. */
static void
deal_pairs(struct answers *a)
{
	uint32_t npairs = a->nparts / 2;
	uint32_t random[4 * BATCH];

	for (uint32_t i = 0; i < npairs; i++) {
		uint32_t sum = a->per_s / npairs + (i < a->per_s % npairs);
		uint32_t cut = sum / 2;

		if (a->secret) {
			if (i % (4 * BATCH) == 0)
				draw(a, i, random);
			cut = (uint32_t)(random[i % (4 * BATCH)] * (sum + UINT64_C(1)) >> 32);
		}
		a->part[2 * i] = cut;
		a->part[2 * i + 1] = sum - cut;
	}
}

void
answers_deal(struct answers *a, uint64_t now_us)
{
	a->since_us = now_us - now_us % US_PER_SECOND;
	a->refused = ANSWERS_NONE;
	a->left = a->per_s;
	if (a->nparts == 1)
		a->part[0] = a->per_s;
	else
		deal_pairs(a);
}

bool
answers_take_part(struct answers *a, uint64_t who)
{
	struct prf_block b = prf_one(
	        &a->prf, (struct prf_block) {.lo = who, .hi = a->since_us});
	uint32_t *part = &a->part[b.lo & (a->nparts - 1)];

	if (*part == 0) {
		a->refused = who;
		return false;
	}
	(*part)--;
	a->left--;
	return true;
}
