/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser of a request's header section. */
#include "service/http/request.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Classes of bytes. */
#define TOKEN 0x01 /* tchar (RFC 9110 5.6.2) */
#define VALUE 0x02 /* field-vchar, SP, HTAB (RFC 9110 5.5) */
#define HOST  0x04 /* uri-host [":" port] (RFC 3986 3.2.2) */
#define PATH  0x08 /* visible ASCII, the bytes that a target may contain */

#define T (TOKEN | VALUE | PATH)
#define H (VALUE | PATH | HOST)
#define A (TOKEN | VALUE | PATH | HOST)
#define P (VALUE | PATH)

static const uint8_t class_of[256] = {
        ['\t'] = VALUE,
        [' '] = VALUE,
        ['!'] = A,
        ['"'] = P,
        ['#'] = T,
        ['$'] = A,
        ['%'] = A,
        ['&'] = A,
        ['\''] = A,
        ['('] = H,
        [')'] = H,
        ['*'] = A,
        ['+'] = A,
        [','] = H,
        ['-'] = A,
        ['.'] = A,
        ['/'] = P,
        ['0' ... '9'] = A,
        [':'] = H,
        [';'] = H,
        ['<'] = P,
        ['='] = H,
        ['>'] = P,
        ['?'] = P,
        ['@'] = P,
        ['A' ... 'Z'] = A,
        ['['] = H,
        ['\\'] = P,
        [']'] = H,
        ['^'] = T,
        ['_'] = A,
        ['`'] = T,
        ['a' ... 'z'] = A,
        ['{'] = P,
        ['|'] = T,
        ['}'] = P,
        ['~'] = A,
        [0x80 ... 0xff] = VALUE, /* obs-text */
};

/* A part of the section. */
struct text {
	const char *at;
	uint32_t len;
};

static bool
text_is_all(struct text t, uint8_t class)
{
	uint8_t all = class;

	for (uint32_t i = 0; i < t.len; i++)
		all &= class_of[(uint8_t)t.at[i]];
	return all == class;
}

static bool
text_is(struct text t, const char *s)
{
	return t.len == strlen(s) && memcmp(t.at, s, t.len) == 0;
}

/* Upper and lower case are equal in field names and tokens (RFC 9110 5.1, 7.6.1). */
static bool
text_is_nocase(struct text t, const char *s)
{
	return t.len == strlen(s) && strncasecmp(t.at, s, t.len) == 0;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Removes the optional whitespace at both ends. */
static struct text
trim_text(struct text t)
{
	while (t.len > 0 && is_space(t.at[0])) {
		t.at++;
		t.len--;
	}
	while (t.len > 0 && is_space(t.at[t.len - 1]))
		t.len--;
	return t;
}

/* Cuts the first member off a comma-separated list. */
static struct text
next_member(struct text *list)
{
	const char *comma = memchr(list->at, ',', list->len);
	struct text t = *list;

	if (comma == NULL) {
		list->len = 0;
		return trim_text(t);
	}
	t.len = (uint32_t)(comma - list->at);
	list->at += t.len + 1;
	list->len -= t.len + 1;
	return trim_text(t);
}

/* Reads an origin-form or absolute-form (RFC 9112 3.2). Returns 0 or a status. */
static uint16_t
take_target(struct http_request *r, const char *section, struct text t)
{
	const char *query;

	if (t.at[0] != '/') {
		uint32_t authority = 0;

		if (t.len <= 7 || strncasecmp(t.at, "http://", 7) != 0)
			return 400;
		t.at += 7;
		t.len -= 7;
		while (authority < t.len && t.at[authority] != '/' && t.at[authority] != '?')
			authority++;
		if (authority == 0)
			return 400;
		t.at += authority;
		t.len -= authority;
	}
	query = memchr(t.at, '?', t.len);
	r->has_path = true;
	r->path = (uint32_t)(t.at - section);
	r->path_len = query != NULL ? (uint32_t)(query - t.at) : t.len;
	return 0;
}

static const char *const not_allowed[] = {
        "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"};

/* Returns 0, or 501 for an unknown method (RFC 9110 9.1). */
static uint16_t
take_method(struct http_request *r, struct text t)
{
	if (text_is(t, "GET")) {
		r->method = HTTP_GET;
		return 0;
	}
	if (text_is(t, "HEAD")) {
		r->method = HTTP_HEAD;
		return 0;
	}
	r->method = HTTP_NOT_ALLOWED;
	for (unsigned i = 0; i < sizeof(not_allowed) / sizeof(not_allowed[0]); i++) {
		if (text_is(t, not_allowed[i]))
			return 0;
	}
	return 501;
}

/* HTTP/d.d (RFC 9112 2.3). A version 1.x above 1.1 is read as 1.1 (RFC 9110 2.5). */
static uint16_t
take_version(struct http_request *r, struct text t)
{
	if (t.len != 8 || memcmp(t.at, "HTTP/", 5) != 0 || t.at[6] != '.')
		return 400;
	if (t.at[5] < '0' || t.at[5] > '9' || t.at[7] < '0' || t.at[7] > '9')
		return 400;
	if (t.at[5] != '1')
		return 505;
	r->minor = t.at[7] != '0';
	return 0;
}

/* method SP target SP version (RFC 9112 3). More than one space is refused: request smuggling
 * uses it. */
static uint16_t
take_request_line(struct http_request *r, const char *section, struct text line)
{
	const char *end = line.at + line.len;
	const char *sp1 = memchr(line.at, ' ', line.len);
	const char *sp2 = sp1 != NULL ? memchr(sp1 + 1, ' ', (size_t)(end - sp1 - 1)) : NULL;
	struct text method, target, version;
	uint16_t status, unknown;

	if (sp2 == NULL)
		return 400;
	method = (struct text) {line.at, (uint32_t)(sp1 - line.at)};
	target = (struct text) {sp1 + 1, (uint32_t)(sp2 - sp1 - 1)};
	version = (struct text) {sp2 + 1, (uint32_t)(end - sp2 - 1)};
	if (method.len == 0 || !text_is_all(method, TOKEN) || target.len == 0 ||
	        !text_is_all(target, PATH))
		return 400;
	if ((status = take_version(r, version)) != 0)
		return status;
	unknown = take_method(r, method);
	if (unknown == 0 && text_is(method, "CONNECT"))
		return 0; /* the target is an authority, which is not read */
	if (unknown == 0 && text_is(method, "OPTIONS") && text_is(target, "*"))
		return 0;
	if ((status = take_target(r, section, target)) != 0)
		return status;
	return unknown;
}

/* The value may have digits only: a list of lengths is refused as two fields are (RFC 9112
 * 6.3). */
static uint16_t
take_length(struct http_parser *p, struct text v)
{
	uint64_t n = 0;

	if (p->lengths++ > 0 || v.len == 0)
		return 400;
	for (uint32_t i = 0; i < v.len; i++) {
		if (v.at[i] < '0' || v.at[i] > '9')
			return 400;
		if (n > (UINT64_MAX - 9) / 10)
			n = UINT64_MAX;
		else
			n = n * 10 + (uint64_t)(v.at[i] - '0');
	}
	p->req.content_bytes = n;
	return 0;
}

/* RFC 9112 6.1, 6.3: chunked must be the last coding. No other coding is known. */
static uint16_t
take_coding(struct http_parser *p, struct text v)
{
	struct text last = {v.at, 0};

	if (p->codings++ > 0)
		return 400;
	if (text_is_nocase(v, "chunked")) {
		p->req.chunked = true;
		return 0;
	}
	while (v.len > 0)
		last = next_member(&v);
	return text_is_nocase(last, "chunked") ? 501 : 400;
}

static uint16_t
take_host(struct http_parser *p, struct text v)
{
	return p->hosts++ > 0 || !text_is_all(v, HOST) ? 400 : 0;
}

static uint16_t
take_connection(struct http_parser *p, struct text v)
{
	while (v.len > 0) {
		struct text token = next_member(&v);

		p->token_close |= text_is_nocase(token, "close");
		p->token_keep_alive |= text_is_nocase(token, "keep-alive");
	}
	return 0;
}

static uint16_t
take_expect(struct http_parser *p, struct text v)
{
	if (!text_is_nocase(v, "100-continue"))
		return 417;
	p->req.expect = true;
	return 0;
}

/* name ":" value (RFC 9112 5.1). A space before the colon is refused, and a space before the
 * name, which would be a folded line (5.2). */
static uint16_t
take_field(struct http_parser *p, struct text line)
{
	const char *colon = memchr(line.at, ':', line.len);
	struct text name, value;

	if (colon == NULL || colon == line.at)
		return 400;
	name = (struct text) {line.at, (uint32_t)(colon - line.at)};
	value = (struct text) {colon + 1, line.len - name.len - 1};
	if (!text_is_all(name, TOKEN) || !text_is_all(value, VALUE))
		return 400;
	value = trim_text(value);
	switch (name.len) {
	case sizeof("host") - 1:
		return text_is_nocase(name, "host") ? take_host(p, value) : 0;
	case sizeof("expect") - 1:
		return text_is_nocase(name, "expect") ? take_expect(p, value) : 0;
	case sizeof("connection") - 1:
		return text_is_nocase(name, "connection") ? take_connection(p, value) : 0;
	case sizeof("content-length") - 1:
		return text_is_nocase(name, "content-length") ? take_length(p, value) : 0;
	case sizeof("transfer-encoding") - 1:
		return text_is_nocase(name, "transfer-encoding") ? take_coding(p, value) : 0;
	}
	return 0;
}

/* The blank line has come: checks that need the whole section. */
static uint16_t
finish_section(struct http_parser *p)
{
	struct http_request *r = &p->req;

	if (r->minor > 0 && p->hosts == 0) /* RFC 9112 3.2 */
		return 400;
	if (p->codings > 0 && p->lengths > 0) /* RFC 9112 6.1: request smuggling */
		return 400;
	r->keep_alive = !p->token_close && (r->minor > 0 || p->token_keep_alive);
	if (r->minor == 0) {
		if (p->codings > 0) /* RFC 9112 6.1: its framing cannot be trusted */
			r->keep_alive = false;
		r->expect = false; /* RFC 9110 10.1.1 */
	}
	return 0;
}

/* Reads one line, without its end. Returns true after the last line of the section. */
static bool
take_section_line(struct http_parser *p, const char *section, struct text line)
{
	if (!p->began) {
		p->began = true;
		p->req.status = take_request_line(&p->req, section, line);
		return false;
	}
	if (line.len > 0) {
		p->req.status = take_field(p, line);
		return false;
	}
	p->req.status = finish_section(p);
	return true;
}

uint32_t
http_parse(struct http_parser *p, const uint8_t *bytes, uint32_t len)
{
	const char *section = (const char *)bytes;
	uint32_t max = len < HTTP_SECTION_MAX ? len : HTTP_SECTION_MAX;

	/* Bytes that do not begin like a method are refused without waiting for the end of the
	 * line, which TLS or a terminal may never send. */
	if (max > 0 && !(class_of[bytes[0]] & TOKEN) && !(max == 1 && bytes[0] == '\r')) {
		p->req.status = 400;
		return len;
	}
	while (p->seen < max) {
		const char *lf = memchr(section + p->seen, '\n', max - p->seen);
		struct text line = {section + p->line, 0};
		bool last;

		if (lf == NULL) {
			p->seen = max;
			break;
		}
		/* A lone LF ends a line, too (RFC 9112 2.2). */
		line.len = (uint32_t)(lf - line.at);
		if (line.len > 0 && lf[-1] == '\r')
			line.len--;
		p->line = p->seen = (uint32_t)(lf - section) + 1;
		last = take_section_line(p, section, line);
		if (last || p->req.status != 0)
			return p->line;
	}
	if (max == HTTP_SECTION_MAX) {
		p->req.status = 431;
		return len;
	}
	return 0;
}

uint32_t
http_empty_lines(const uint8_t *bytes, uint32_t len)
{
	uint32_t n = 0;

	while (n < len) {
		if (bytes[n] == '\n')
			n++;
		else if (bytes[n] == '\r' && n + 1 < len && bytes[n + 1] == '\n')
			n += 2;
		else
			break;
	}
	return n;
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
http_path_is(const uint8_t *path, uint32_t len, const char *name)
{
	if (len == 0 || path[0] != '/')
		return len == 0 && name[0] == '\0';
	for (uint32_t i = 1; i < len; i++, name++) {
		int c = path[i];

		if (c == '%') {
			if (len - i < 3 || hex_digit(path[i + 1]) < 0 ||
			        hex_digit(path[i + 2]) < 0)
				return false;
			c = hex_digit(path[i + 1]) << 4 | hex_digit(path[i + 2]);
			i += 2;
		}
		if (c == 0 || c != (uint8_t)*name)
			return false;
	}
	return *name == '\0';
}
