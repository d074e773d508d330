/* SPDX-License-Identifier: BSD-3-Clause */
/* http_page: the 200 responses of one core, ready to be sent.
 *
 * An origin server with a clock must send Date (RFC 9110 6.6.1), and bytes that
 * are sent by pointer must not change until they are acknowledged. So there is a
 * ring of renderings: each second moves to one that nobody holds and writes the
 * 29 bytes of the date into it. Who sends from a rendering holds it meanwhile.
 *
 * Threads    one per core.
 * Memory     all of it in http_page_create(). A body of up to HTTP_JOIN_MAX
 *            bytes stands behind each header section, so that a response is one
 *            stretch of memory; a longer one is there once, for all cores.
 */
#ifndef APP_HTTP_PAGE_H
#define APP_HTTP_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "service/http/body.h"
#include "service/wall.h"

/* Enough for a minute of FIN-WAIT-2. When all are held, by peers that do not acknowledge, a
 * response's header goes into a buffer of its own. */
#define HTTP_RENDERINGS 128u
#define HTTP_JOIN_MAX   4096u
#define HTTP_HEAD_MAX   512u

enum http_variant {
	HTTP_KEEP,    /* 1.1: the connection stays */
	HTTP_KEEP_10, /* as asked for by a 1.0 client: says so */
	HTTP_CLOSE,
	HTTP_VARIANTS,
};

struct http_page {
	struct http_body *body;
	struct wall wall;
	uint32_t current; /* rendering; HTTP_RENDERINGS: all are held */
	uint32_t held[HTTP_RENDERINGS];
	bool joined;
	uint32_t stride, date; /* bytes from one to the next; where Date's value is */
	uint32_t head_len[HTTP_VARIANTS], offset[HTTP_VARIANTS];
	char now[WALL_HTTP_BYTES + 1];
	uint8_t *renderings; /* and one more, which is always of now and never held */
};

/* -ENOMEM. Takes a reference on the body. */
int http_page_create(struct http_page *p, struct http_body *body);
void http_page_destroy(struct http_page *p);

/* Date is t from now on. */
void http_page_set_date(struct http_page *p, time_t t);

static inline const uint8_t *
http_page_at(const struct http_page *p, uint32_t rendering, enum http_variant v)
{
	return p->renderings + (uint64_t)rendering * p->stride + p->offset[v];
}

/* Once before responses are sent in an event. */
static inline void
http_page_tick(struct http_page *p, uint64_t now_us)
{
	if (wall_tick(&p->wall, now_us))
		http_page_set_date(p, p->wall.now);
}

#endif
