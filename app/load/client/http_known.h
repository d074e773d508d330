/* SPDX-License-Identifier: BSD-3-Clause */
/* http_known: the header section that was parsed last, so that an equal one is not parsed.
 *
 * A server under load sends the same header section to all clients, but for the second in its
 * Date. One comparison replaces a parser that would cost more than all of the stack.
 *
 * Threads    its core's.
 * Memory     the caller's struct.
 * Errors     none.
 * Bounds     sections up to HTTP_KNOWN_MAX bytes; longer ones are parsed each time.
 */
#ifndef APP_LOAD_HTTP_KNOWN_H
#define APP_LOAD_HTTP_KNOWN_H

#include <string.h>

#include "load/client/http_answer.h"

#define HTTP_KNOWN_MAX 1000u

struct http_known {
	uint32_t len;             /* 0: no section is known */
	struct http_answer after; /* the parser's state at the section's end */
	uint8_t head[HTTP_KNOWN_MAX];
};

/* Do these bytes begin with the known section? */
static inline bool
http_known_begins(const struct http_known *k, const uint8_t *bytes, uint32_t len)
{
	return k->len != 0 && len >= k->len && memcmp(k->head, bytes, k->len) == 0;
}

/* Keeps the section `bytes`. `after` is the parser's state after it, at the content or at the
 * answer's end. */
static inline void
http_known_learn(struct http_known *k, const struct http_answer *after, const uint8_t *bytes,
        uint32_t len)
{
	if (len > HTTP_KNOWN_MAX)
		return;
	memcpy(k->head, bytes, len);
	k->len = len;
	k->after = *after;
}

#endif
