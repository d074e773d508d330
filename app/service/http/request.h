/* SPDX-License-Identifier: BSD-3-Clause */
/* http_request: the parser of the header section of an HTTP/1 request (RFC 9112 2, 3, 5). It
 * reads line by line as the section arrives.
 *
 * Each line is read once, when it is complete, and the first line with an error decides. So the
 * result does not depend on the borders of segments.
 *
 * Threads    any: struct http_parser is the only state.
 * Ownership  the caller keeps the bytes of the section, contiguous, until it is complete. The
 *            caller may move them meanwhile, because the parser stores offsets.
 * Memory     none.
 * Errors     a status in the request.
 * Bounds     HTTP_SECTION_MAX bytes.
 */
#ifndef APP_HTTP_REQUEST_H
#define APP_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

/* The longest header section, its request line and blank line included. A longer one is
 * answered with 431 (RFC 6585 5). */
#define HTTP_SECTION_MAX 8192u

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_NOT_ALLOWED, /* a method of RFC 9110 or 5789 that no resource here has */
};

/* The facts about a request that the response depends on. */
struct http_request {
	uint16_t status; /* 0, or the error to answer with; then the framing is lost */
	enum http_method method;
	uint8_t minor;          /* HTTP/1.minor */
	bool keep_alive;        /* RFC 9112 9.3: the connection may stay */
	bool chunked;           /* content of unknown length follows */
	bool expect;            /* 100-continue (RFC 9110 10.1.1) */
	bool has_path;          /* false: `*` or an authority */
	uint32_t path;          /* offset in the section; the query is cut off */
	uint32_t path_len;      /* 0 means `/` (absolute-form without a path) */
	uint64_t content_bytes; /* Content-Length; UINT64_MAX: this length or more */
};

/* Zeroed before the first byte of a request. */
struct http_parser {
	uint32_t line;         /* offset of the first line that is not read */
	uint32_t seen;         /* bytes that have been searched for the end of the line */
	uint8_t hosts;         /* the number of Host fields */
	uint8_t lengths;       /* the number of Content-Length fields */
	uint8_t codings;       /* the number of Transfer-Encoding fields */
	bool token_close;      /* Connection has `close` */
	bool token_keep_alive; /* Connection has `keep-alive` */
	bool began;            /* the request line has been read */
	struct http_request req;
};

/* `bytes` is the section from its start, and `len` bytes of it have arrived. Returns the length
 * of a complete section, or 0 if the caller must call again with more bytes. After an error
 * (p->req.status) the length is not 0. */
uint32_t http_parse(struct http_parser *p, const uint8_t *bytes, uint32_t len);

/* The length of empty lines at the start of `bytes`, which a server ignores before a request
 * line (RFC 9112 2.2). */
uint32_t http_empty_lines(const uint8_t *bytes, uint32_t len);

/* Is the path /name, with or without %-encoding (RFC 3986 2.1)? */
bool http_path_is(const uint8_t *path, uint32_t len, const char *name);

#endif
