/* SPDX-License-Identifier: BSD-3-Clause */
/* offer: the options of a peer's SYN, as far as the connection will need them.
 *
 * Threads    any. Memory: the caller's. Errors: none. Bounds: none.
 */
#ifndef SYN_OFFER_H
#define SYN_OFFER_H

#include "wire/seg.h"

struct syn_offer {
	uint32_t tsval;
	uint16_t mss;   /* 0: the SYN has no MSS option */
	uint8_t wscale; /* as offered: up to 255 */
	uint8_t opts;   /* SEG_OPT_* */
};

static inline struct syn_offer
offer_of(const struct seg *s)
{
	return (struct syn_offer) {
	        .tsval = s->tsval, .mss = s->mss, .wscale = s->wscale, .opts = s->opts};
}

#endif
