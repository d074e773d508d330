/* SPDX-License-Identifier: BSD-3-Clause */
/* rest: how long a peer may be idle before its connection ends.
 *
 * While the stack drains, an end at once would lose a request that is on its way. So a
 * connection waits for REST_DRAINING_MS, in which the request is still answered. The wait is at
 * most half of the time left, so that the FIN has time, too.
 *
 * Threads    the connection's core.
 * Memory     none.
 */
#ifndef APP_REST_H
#define APP_REST_H

#include "handfast/handfast.h"

#define REST_DRAINING_MS 500u

/* The argument of hf_deadline(), where 0 would mean no deadline. */
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
