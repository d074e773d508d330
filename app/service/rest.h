/* SPDX-License-Identifier: BSD-3-Clause */
/* rest: how long a peer may rest before its connection ends.
 *
 * While the stack drains, a request that was sent before our FIN arrives would be lost by an
 * end at once, and the next one might never come. So there is a short rest, as long as a
 * peer's next request may be on its way, in which it is answered still; and never more than
 * half of what is left, so that the FIN has its time, too.
 *
 * Threads    none of its own.
 */
#ifndef APP_REST_H
#define APP_REST_H

#include "handfast/handfast.h"

#define REST_DRAINING_MS 500u

/* For hf_deadline(), which takes 0 for none. */
static inline uint32_t
rest_ms(const struct hf_core *h, uint32_t usual_ms)
{
	uint32_t left = hf_draining(h), most;

	if (left == 0)
		return usual_ms;
	most = left / 2 < REST_DRAINING_MS ? left / 2 : REST_DRAINING_MS;
	if (usual_ms < most)
		return usual_ms;
	return most != 0 ? most : 1;
}

#endif
