/* SPDX-License-Identifier: BSD-3-Clause */
/* http_request: an HTTP/1 request's header section (RFC 9112 2, 3, 5), line by
 * line as it arrives.
 *
 * Each line is looked at once, when its end is there, and an error is found at
 * the first line that has one: so what comes out does not depend on how the
 * bytes were cut into segments.
 *
 * Threads    none of its own: no state but struct http_parser.
 * Memory     none: the caller keeps the section's bytes, contiguous, until it
 *            is complete, and may move them meanwhile (offsets, no pointers).
 */
#ifndef APP_HTTP_REQUEST_H
#define APP_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

/* A header section, its request line and blank line included, may have so
 * many bytes; the next one makes it 431 (RFC 6585 5). */
#define HTTP_SECTION_MAX 8192u

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_NOT_ALLOWED, /* a method that RFC 9110 or 5789 knows, and no resource here has */
};

/* What RFC 9110 7.8 etc. ask of the one who answers. */
struct http_request {
	uint16_t status; /* 0, or the error to answer with; after that the framing is lost */
	enum http_method method;
	uint8_t minor;          /* HTTP/1.minor */
	bool keep_alive;        /* RFC 9112 9.3: the connection may stay */
	bool chunked;           /* content of unknown length follows */
	bool expect;            /* 100-continue (RFC 9110 10.1.1) */
	bool has_path;          /* false: `*` or an authority */
	uint32_t path;          /* offset in the section; the query is cut off */
	uint32_t path_len;      /* 0 means `/` (absolute-form without a path) */
	uint64_t content_bytes; /* Content-Length; UINT64_MAX: that or more */
};

/* Zeroed before the first byte of a request. */
struct http_parser {
	uint32_t line; /* offset of the first line that is not handled */
	uint32_t seen; /* bytes in which its end has been looked for */
	uint8_t hosts, lengths, codings;
	bool token_close, token_keep_alive;
	bool began; /* the request line has been handled */
	struct http_request req;
};

/* bytes: the section from its start, len of it there now. Returns its length
 * when it is complete; 0: not yet, call again with more. On an error
 * (p->req.status) any length but 0. */
uint32_t http_parse(struct http_parser *p, const uint8_t *bytes, uint32_t len);

/* Empty lines before a request line are to be ignored (RFC 9112 2.2): the
 * length of those at the start of bytes. */
uint32_t http_empty_lines(const uint8_t *bytes, uint32_t len);

/* Is this path /name, %-encoded or not (RFC 3986 2.1)? */
bool http_path_is(const uint8_t *path, uint32_t len, const char *name);

#endif
