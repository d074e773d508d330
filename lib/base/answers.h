/* SPDX-License-Identifier: BSD-3-Clause */
/* answers: how many answers strangers get, without telling one about another.
 *
 * Threat     Whether a stranger's segment is answered tells something: that there
 *            is no such connection. Who forges his victim's address does not see
 *            the answer; but if it came out of a budget that he can exhaust, he
 *            counts his own answers and sees that one is missing
 *            (CVE-2016-5696). And whoever spends a budget that all share takes
 *            the answers of everybody else.
 * Parts      So nothing is shared that can run out. Each second's answers are
 *            dealt out to parts beforehand, and an address can spend those of its
 *            own part alone: which one, a keyed hash of the address and of the
 *            second says. Who looks for an address in his victim's part has a
 *            second to find it, and to use it.
 * Secret     Where the answer tells something, parts are many, and a part's share
 *            is drawn anew each second, from nothing to twice the mean: that an
 *            address gets no answer shows that it shares a part, or that there
 *            was none. The sum of all shares is exact.
 * Bounds     per_s answers from one full second of the clock to the next, so
 *            twice as many in any second, and never more than n + 1 times as many
 *            in n. Seconds are the clock's: were they to begin with the first who
 *            asks, that would show as well.
 * Cost       one block of the PRF; none once a source was refused that asks again,
 *            or when all is spent. Once a second the shares are dealt.
 * Threads    single writer. Memory: none beside the struct.
 * Record     docs/decisions/0011-answers-to-strangers.md
 */
#ifndef BASE_ANSWERS_H
#define BASE_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/prf.h"

#define ANSWERS_PARTS      1024 /* of a secret kind; powers of two */
#define ANSWERS_PARTS_FAIR 16
#define ANSWERS_SHARE      32 /* the mean is no smaller: fewer parts, if it must be */

enum answers_kind {
	ANSWERS_FAIR,   /* any stranger of his kind is answered: nothing to hide */
	ANSWERS_SECRET, /* an answer depends on what others have open with us */
};

struct answers {
	uint64_t since_us; /* when this second began */
	uint64_t refused;  /* who was refused last in it, or ANSWERS_NOBODY */
	uint32_t left;     /* in all parts */
	uint32_t per_s;
	uint32_t nparts;
	bool secret;
	struct prf prf;
	uint32_t part[ANSWERS_PARTS]; /* answers left */
};

#define ANSWERS_NOBODY UINT64_MAX

/* use: a number of this budget's own among those that know the secret. */
void answers_init(struct answers *a, enum answers_kind kind, uint32_t per_s,
        const uint8_t secret[16], uint8_t use);

/* The two ways that are seldom gone. */
void answers_deal(struct answers *a, uint64_t now_us);
bool answers_take_part(struct answers *a, uint64_t who);

/* May `who` have an answer? It is his address, of IP or of the link: less than
 * 2^63. */
static inline bool
answers_take(struct answers *a, uint64_t who, uint64_t now_us)
{
	if (now_us - a->since_us >= US_PER_SECOND)
		answers_deal(a, now_us);
	if (a->left == 0 || who == a->refused)
		return false;
	return answers_take_part(a, who);
}

#endif
