/* SPDX-License-Identifier: BSD-3-Clause */
/* http_known: the header section that came last, so that the same again is not parsed.
 *
 * A server under load says the same to everybody, but for the second in its Date. One
 * comparison takes what byte by byte would cost more than all of the stack.
 *
 * Threads  its core's.
 * Memory   the caller's struct.
 */
#ifndef APP_LOAD_HTTP_KNOWN_H
#define APP_LOAD_HTTP_KNOWN_H

#include <string.h>

#include "load/client/http_answer.h"

#define HTTP_KNOWN_MAX 1000u

struct http_known {
	uint32_t len;             /* 0: nothing is known */
	struct http_answer after; /* the state behind it */
	uint8_t head[HTTP_KNOWN_MAX];
};

/* The section at the beginning of these bytes is the known one. */
static inline bool
http_known_begins(const struct http_known *k, const uint8_t *bytes, uint32_t len)
{
	return k->len != 0 && len >= k->len && memcmp(k->head, bytes, k->len) == 0;
}

/* An answer began with these bytes and has been read into `a`, which is at its
 * content or at its end: from now on this section is known. */
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
