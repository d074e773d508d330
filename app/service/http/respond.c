/* SPDX-License-Identifier: BSD-3-Clause */
/* Responses: the page from a rendering, errors from a packet buffer. */
#include "service/http/session.h"

#include <stdio.h>
#include <string.h>

static const char *
status_reason(uint16_t status)
{
	switch (status) {
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 417:
		return "Expectation Failed";
	case 431:
		return "Request Header Fields Too Large";
	case 501:
		return "Not Implemented";
	case 505:
		return "HTTP Version Not Supported";
	}
	return "Bad Request";
}

void
http_drop_rendering(struct http_session *x)
{
	if (x->w.rendering == 0)
		return;
	x->s->page.held[x->w.rendering - 1]--;
	x->w.rendering = 0;
}

/* Holds the current rendering for this connection. Returns HTTP_RENDERINGS if all are held, or
 * if bytes of an older rendering may still have to be sent again. */
static uint32_t
hold_rendering(struct http_session *x)
{
	struct http_page *p = &x->s->page;

	if (x->w.rendering == p->current + 1)
		return p->current;
	if (x->w.rendering != 0) {
		if (hf_unacked(x->h, x->c) > 0)
			return HTTP_RENDERINGS;
		http_drop_rendering(x);
	}
	if (p->current < HTTP_RENDERINGS) {
		p->held[p->current]++;
		x->w.rendering = p->current + 1;
	}
	return p->current;
}

static bool
send_copy(struct http_session *x, const void *bytes, uint32_t len)
{
	uint32_t room;
	uint8_t *at;
	struct hf_buf *b = hf_buf_alloc(x->h, &at, &room);

	if (b == NULL)
		return false;
	memcpy(at, bytes, len); /* len is HTTP_HEAD_MAX at most; a buffer has 1,024 bytes */
	if (hf_send_buf(x->h, x->c, b, at, len) == 0)
		return true;
	hf_buf_free(x->h, b);
	return false;
}

void
http_send_owed(struct http_session *x)
{
	const struct http_body *b = x->s->page.body;

	x->w.owes = hf_send(x->h, x->c, b->bytes, b->len) < 0;
}

bool
http_send_page(struct http_session *x, const struct http_request *r, bool keep)
{
	const struct http_page *p = &x->s->page;
	enum http_variant v = !keep ? HTTP_CLOSE : r->minor > 0 ? HTTP_KEEP : HTTP_KEEP_10;
	uint32_t rendering = hold_rendering(x), len = p->head_len[v];
	const uint8_t *bytes = http_page_at(p, rendering, v);
	bool body = r->method == HTTP_GET && p->body->len > 0;

	if (rendering == HTTP_RENDERINGS) {
		if (!send_copy(x, bytes, len))
			return false;
	} else {
		if (body && p->joined) {
			len += p->body->len;
			body = false;
		}
		if (hf_send(x->h, x->c, bytes, len) < 0)
			return false;
	}
	if (body)
		http_send_owed(x);
	return true;
}

bool
http_send_error(
        struct http_session *x, const struct http_request *r, uint16_t status, bool keep)
{
	const char *reason = status_reason(status);
	char text[HTTP_HEAD_MAX], content[64];
	int len = snprintf(content, sizeof(content), "%u %s\n", status, reason);

	len = snprintf(text, sizeof(text),
	        "HTTP/1.1 %u %s\r\nDate: %s\r\n%sContent-Type: text/plain\r\n"
	        "Content-Length: %d\r\n%s\r\n%s",
	        status, reason, x->s->page.now, status == 405 ? "Allow: GET, HEAD\r\n" : "",
	        len,
	        !keep           ? "Connection: close\r\n"
	        : r->minor == 0 ? "Connection: keep-alive\r\n"
	                        : "",
	        r->method == HTTP_HEAD ? "" : content);
	return send_copy(x, text, (uint32_t)len);
}
