/* SPDX-License-Identifier: BSD-3-Clause */
/* cookie: an initial sequence number that remembers the SYN it answers (RFC 4987 3.6, after
 * Bernstein).
 *
 *     31 30 29                                   0
 *    +-----+--------------------------------------+
 *    |epoch| (MAC + index * 2^23) mod 2^30        |
 *    +-----+--------------------------------------+
 *
 * The MAC is a keyed PRF of the 16 bytes from the SYN's IPv4 source address to its sequence
 * number. The index, one of 80 values, names what the SYN offered. Without timestamps it holds
 * the MSS (4 classes), the window scale (7, or none) and SACK-permitted. With timestamps it
 * holds the MSS alone (16 classes); the rest is in the low 6 bits of our TSval, which the peer
 * echoes. The echo must be a time of our clock as this flow sees it. All rounding is downwards.
 *
 * Threads    the core of the keys.
 * Memory     none beside the caller's; cookie_make_burst() uses 2 KB of stack.
 * Errors     cookie_check(): enum drop, why the ACK carries no cookie of ours.
 * Bounds     two PRFs for a cookie made, at most four for an ACK checked.
 * Odds       a forger's are in docs/decisions/0013-syn-cookies.md.
 */
#ifndef SYN_COOKIE_H
#define SYN_COOKIE_H

#include "base/drop.h"
#include "base/limits.h"
#include "syn/keys.h"
#include "syn/offer.h"
#include "wire/options.h"

#define COOKIE_MSS_MIN 536 /* a SYN without timestamps needs this MSS to get a cookie */

/* The part of the SYN-ACK that holds the cookie. */
struct cookie {
	uint32_t iss;
	uint32_t tsval; /* meaningful if the SYN has SEG_OPT_TS */
};

/* The contents of a cookie, read from its ACK. */
struct cookie_found {
	uint32_t ts_offset;    /* relative to the clock that the check was given */
	struct syn_offer peer; /* its tsval is the ACK's */
};

/* Can a cookie answer this SYN? */
static inline bool
cookie_fits(const struct seg *s)
{
	return (s->opts & SEG_OPT_TS) || !(s->opts & SEG_OPT_MSS) || s->mss >= COOKIE_MSS_MIN;
}

/* Make the cookies of n SYNs under the present epoch's key, all PRFs in one call.
 * 0 < n <= LIMIT_BURST. */
void cookie_make_burst(const struct cookie_keys *k, struct seg *const *s, struct cookie *c,
        unsigned n, uint32_t now_ms);

/* Does s, an ACK without SYN or RST, acknowledge a cookie of ours? DROP_NONE: yes, and *found
 * is filled. A wrong epoch is refused before anything is computed. */
enum drop cookie_check(const struct cookie_keys *k, const struct seg *s, uint32_t now_ms,
        struct cookie_found *found);

#endif
