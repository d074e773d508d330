/* SPDX-License-Identifier: BSD-3-Clause */
/* answers: a budget of answers to strangers that tells one stranger nothing about another.
 *
 * Threat     An answer to a stranger's segment says that there is no such connection. An
 *            attacker that forges a victim's address does not see the answer. But if all
 *            answers came out of one budget, the attacker could use it up, count its own
 *            answers, and see that one is missing (CVE-2016-5696). It could also take the
 *            answers of all other strangers.
 * Parts      No stranger can use up what another needs. The answers of each second are
 *            divided into parts beforehand. An address spends from one part only; a keyed
 *            hash of the address and the second chooses it. An attacker has one second to
 *            find an address in its victim's part, and to use it.
 * Secret     If an answer tells something, there are many parts, and the size of each is
 *            drawn anew each second, from 0 to twice the mean. A missing answer then shows
 *            that two addresses have the same part, or that the part was empty. The sum of
 *            all parts is exact.
 * Bounds     per_s answers from one full second of the clock to the next. So there are at
 *            most 2 * per_s in any second, and (n + 1) * per_s in n seconds. Seconds are
 *            the clock's. Seconds that began with the first stranger would show
 *            which one that was.
 * Cost       one block of the PRF. None if the source was the last one to be refused, or
 *            if all parts are empty. Once a second the parts are filled.
 * Threads    single writer.
 * Memory     none beside the struct.
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
#define ANSWERS_SHARE      32 /* least mean of a part; a small budget has fewer parts */

enum answers_kind {
	ANSWERS_FAIR,   /* every stranger is answered alike: there is nothing to hide */
	ANSWERS_SECRET, /* an answer depends on the connections of other peers */
};

struct answers {
	uint64_t since_us; /* time at which this second began */
	uint64_t refused;  /* last source that was refused in it, or ANSWERS_NONE */
	uint32_t left;     /* answers left in all parts */
	uint32_t per_s;
	uint32_t nparts;
	bool secret;
	struct prf prf;
	uint32_t part[ANSWERS_PARTS]; /* answers left */
};

#define ANSWERS_NONE UINT64_MAX

/* use: a number that no other budget with this secret has. */
void answers_init(struct answers *a, enum answers_kind kind, uint32_t per_s,
        const uint8_t secret[16], uint8_t use);

/* Parts of answers_take() that most calls do not reach. */
void answers_deal(struct answers *a, uint64_t now_us);
bool answers_take_part(struct answers *a, uint64_t who);

/* May the source `who` have an answer? who: its address of IP or of the link, below 2^63. */
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
