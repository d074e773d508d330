/* SPDX-License-Identifier: BSD-3-Clause */
/* The renderings of the page, and the date in them. */
#include "service/http/page.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char status_line[] = "HTTP/1.1 200 OK\r\nDate: ";

static const char *const connection[HTTP_VARIANTS] = {
        [HTTP_KEEP] = "",
        [HTTP_KEEP_10] = "Connection: keep-alive\r\n",
        [HTTP_CLOSE] = "Connection: close\r\n",
};

static uint32_t
render_head(const struct http_page *p, enum http_variant v, char head[HTTP_HEAD_MAX])
{
	int n = snprintf(head, HTTP_HEAD_MAX,
	        "%s%s\r\nContent-Type: %s\r\nContent-Length: %u\r\n%s\r\n", status_line, p->now,
	        p->body->type, p->body->len, connection[v]);

	assert(n > 0 && n < (int)HTTP_HEAD_MAX);
	return (uint32_t)n;
}

int
http_page_create(struct http_page *p, struct http_body *body)
{
	char head[HTTP_VARIANTS][HTTP_HEAD_MAX];

	*p = (struct http_page) {.body = body, .joined = body->len <= HTTP_JOIN_MAX};
	p->date = sizeof(status_line) - 1;
	wall_http(p->now, 0);
	for (enum http_variant v = 0; v < HTTP_VARIANTS; v++) {
		p->head_len[v] = render_head(p, v, head[v]);
		p->offset[v] = p->stride;
		p->stride += p->head_len[v] + (p->joined ? body->len : 0);
		p->stride = (p->stride + 63) & ~63u; /* responses share no cache line */
	}
	p->renderings = aligned_alloc(64, (size_t)p->stride * (HTTP_RENDERINGS + 1));
	if (p->renderings == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i <= HTTP_RENDERINGS; i++) {
		for (enum http_variant v = 0; v < HTTP_VARIANTS; v++) {
			uint8_t *at = p->renderings + (size_t)i * p->stride + p->offset[v];

			memcpy(at, head[v], p->head_len[v]);
			if (p->joined)
				memcpy(at + p->head_len[v], body->bytes, body->len);
		}
	}
	http_body_use(body);
	return 0;
}

void
http_page_destroy(struct http_page *p)
{
	free(p->renderings);
	http_body_release(p->body);
}

static void
write_date(struct http_page *p, uint32_t rendering)
{
	uint8_t *at = p->renderings + (size_t)rendering * p->stride + p->date;

	for (enum http_variant v = 0; v < HTTP_VARIANTS; v++)
		memcpy(at + p->offset[v], p->now, WALL_HTTP_BYTES);
}

void
http_page_set_date(struct http_page *p, time_t t)
{
	uint32_t i = p->current, tries = 0;

	wall_http(p->now, t);
	write_date(p, HTTP_RENDERINGS);
	/* The search begins at the current rendering: its lines are in the cache. */
	for (; tries < HTTP_RENDERINGS; tries++, i++) {
		i %= HTTP_RENDERINGS;
		if (p->held[i] == 0)
			break;
	}
	p->current = tries < HTTP_RENDERINGS ? i : HTTP_RENDERINGS;
	if (p->current < HTTP_RENDERINGS)
		write_date(p, p->current);
}
