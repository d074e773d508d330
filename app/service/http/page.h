/* SPDX-License-Identifier: BSD-3-Clause */
/* http_page: the 200 responses of one core, ready to be sent.
 *
 * An origin server with a clock must send Date (RFC 9110 6.6.1), and bytes that are sent by
 * pointer must not change until they are acknowledged. So the page has a ring of renderings.
 * Each second moves on to a rendering that no connection holds and writes the 29 bytes of the
 * date into it. A connection holds the rendering that it sends from.
 *
 * Threads    one http_page per core.
 * Ownership  the page holds a reference on the body.
 * Memory     http_page_create() allocates all of it. A body of up to HTTP_JOIN_MAX bytes is
 *            copied behind each header section, so that a response is contiguous. All cores
 *            share a longer body.
 * Errors     -ENOMEM.
 * Bounds     HTTP_RENDERINGS renderings.
 */
#ifndef APP_HTTP_PAGE_H
#define APP_HTTP_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "service/http/body.h"
#include "service/wall.h"

/* Enough for a minute of FIN-WAIT-2. When peers that do not acknowledge hold all renderings, a
 * header section is sent from a packet buffer. */
#define HTTP_RENDERINGS 128u
#define HTTP_JOIN_MAX   4096u
#define HTTP_HEAD_MAX   512u

enum http_variant {
	HTTP_KEEP,    /* HTTP/1.1: the connection stays */
	HTTP_KEEP_10, /* HTTP/1.0: the response says that the connection stays */
	HTTP_CLOSE,   /* the connection ends */
	HTTP_VARIANTS,
};

struct http_page {
	struct http_body *body;
	struct wall wall;
	uint32_t current; /* the current rendering; HTTP_RENDERINGS: all are held */
	uint32_t held[HTTP_RENDERINGS]; /* the number of connections that hold each rendering */
	bool joined;                    /* the body stands behind each header section */
	uint32_t stride;                /* bytes from one rendering to the next */
	uint32_t date;                  /* the offset of the date in a header section */
	uint32_t head_len[HTTP_VARIANTS];
	uint32_t offset[HTTP_VARIANTS]; /* the offset of a variant in a rendering */
	char now[WALL_HTTP_BYTES + 1];
	uint8_t *renderings; /* one more than HTTP_RENDERINGS: the last is current and never
	                        held */
};

int http_page_create(struct http_page *p, struct http_body *body);
void http_page_destroy(struct http_page *p);

/* Responses have the date t from now on. */
void http_page_set_date(struct http_page *p, time_t t);

static inline const uint8_t *
http_page_at(const struct http_page *p, uint32_t rendering, enum http_variant v)
{
	return p->renderings + (uint64_t)rendering * p->stride + p->offset[v];
}

/* An event calls it before it sends responses. */
static inline void
http_page_tick(struct http_page *p, uint64_t now_us)
{
	if (wall_tick(&p->wall, now_us))
		http_page_set_date(p, p->wall.now);
}

#endif
