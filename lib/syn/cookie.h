/* SPDX-License-Identifier: BSD-3-Clause */
/* cookie: an initial sequence number that remembers the SYN it answers
 * (RFC 4987 3.6, after Bernstein).
 *
 *     31 30 29                                   0
 *    +-----+--------------------------------------+
 *    |epoch| (MAC + index * 2^23) mod 2^30        |
 *    +-----+--------------------------------------+
 *
 * The MAC is a keyed PRF of the 16 bytes from the SYN's IPv4 source address to
 * its sequence number. The index, 80 values, names what the SYN offered:
 * without timestamps the MSS (4 classes), window scale (7, or none) and
 * SACK-permitted together; with timestamps the MSS alone (16 classes), the rest
 * being in the low 6 bits of our TSval, which the peer echoes: that must be a time
 * of our clock as this flow sees it. What is rounded is rounded down.
 *
 * The odds of a forger are in docs/decisions/0013-cookies.md.
 */
#ifndef SYN_COOKIE_H
#define SYN_COOKIE_H

#include "base/drop.h"
#include "base/limits.h"
#include "syn/keys.h"
#include "syn/offer.h"
#include "wire/options.h"

#define COOKIE_MSS_MIN 536 /* below it a SYN without timestamps gets no cookie */

/* What goes into the SYN-ACK. */
struct cookie {
	uint32_t iss;
	uint32_t tsval; /* with SEG_OPT_TS */
};

/* What comes out of the ACK. */
struct cookie_found {
	uint32_t ts_offset;    /* to the clock that the check was given */
	struct syn_offer peer; /* tsval: of the ACK */
};

/* Can this SYN be answered so? */
static inline bool
cookie_fits(const struct seg *s)
{
	return (s->opts & SEG_OPT_TS) || !(s->opts & SEG_OPT_MSS) || s->mss >= COOKIE_MSS_MIN;
}

/* For n SYNs under this epoch's key: the PRFs in one go. 0 < n <=
 * LIMIT_BURST. */
void cookie_make_burst(const struct cookie_keys *k, struct seg *const *s, struct cookie *c,
        unsigned n, uint32_t now_ms);

/* s, an ACK without SYN or RST, acknowledges a cookie of ours, DROP_NONE; or
 * why not. A wrong epoch is seen before anything is computed. */
enum drop cookie_check(const struct cookie_keys *k, const struct seg *s, uint32_t now_ms,
        struct cookie_found *found);

#endif
