/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser of HTTP requests. */
#include "service/http/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

static struct http_request
parse(const char *text)
{
	struct http_parser p = {0};
	uint32_t len = (uint32_t)strlen(text), n;
	uint8_t *exact = malloc(len + 1);

	memcpy(exact, text, len);
	n = http_parse(&p, exact, len);
	cr_assert(n > 0, "incomplete: %s", text);
	if (p.req.status == 0)
		cr_assert_eq(n, len, "%u of %s", n, text);
	free(exact);
	return p.req;
}

static void
expect_status(const char *text, uint16_t status)
{
	uint16_t got = parse(text).status;

	cr_expect_eq(got, status, "%u instead of %u for: %s", got, status, text);
}

/* RFC 9112 3 */
Test(http_request, line_gives_method_path_and_version)
{
	struct http_request r = parse("HEAD /a/b?c=d HTTP/1.0\r\n\r\n");

	cr_expect_eq(r.status, 0);
	cr_expect_eq(r.method, HTTP_HEAD);
	cr_expect_eq(r.minor, 0);
	cr_expect(r.has_path);
	cr_expect_eq(r.path, 5u);
	cr_expect_eq(r.path_len, 4u);
}

/* RFC 9112 3.2 */
Test(http_request, target_forms)
{
	struct http_request r = parse("GET http://h:80/x?y HTTP/1.1\r\nHost: h\r\n\r\n");

	cr_expect(r.has_path);
	cr_expect_eq(r.path_len, 2u);
	r = parse("GET HTTP://h HTTP/1.1\r\nHost: h\r\n\r\n");
	cr_expect_eq(r.status, 0);
	cr_expect_eq(r.path_len, 0u);
	r = parse("GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n");
	cr_expect_eq(r.path_len, 0u);
	r = parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
	cr_expect_eq(r.status, 0);
	cr_expect_not(r.has_path);
	r = parse("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n");
	cr_expect_eq(r.status, 0);
	cr_expect_not(r.has_path);
	expect_status("GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400);
	expect_status("GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400);
	expect_status("GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n", 400);
	expect_status("GET http:// HTTP/1.1\r\nHost: h\r\n\r\n", 400);
	expect_status("GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400);
}

/* RFC 9112 3, RFC 9110 9.1 */
Test(http_request, broken_request_lines)
{
	static const char *const lines[] = {"GET /\r\n", "GET\r\n", "GET  / HTTP/1.1\r\n",
	        "GET /  HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", "GET\t/\tHTTP/1.1\r\n",
	        "GET / http/1.1\r\n", "GET / HTTP/1\r\n", "GET / HTTP/11\r\n",
	        "GET / HTTP/1.10\r\n", "GET / HTTP/x.1\r\n", "GET / HTTP/1.x\r\n",
	        "G(T / HTTP/1.1\r\n", "GET /\x01 HTTP/1.1\r\n", "GET /\xc3\xa4 HTTP/1.1\r\n",
	        "GET / HTTP/1.1\r\r\n", " GET / HTTP/1.1\r\n", ": / HTTP/1.1\r\n",
	        "\x16\x03\x01\x02"};

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_status(lines[i], 400);
	expect_status("BREW / HTTP/1.1\r\n", 501);
	expect_status("get / HTTP/1.1\r\n", 501);
	expect_status("GET / HTTP/2.0\r\n", 505);
	expect_status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
	expect_status("GET / HTTP/0.9\r\n", 505);
}

/* RFC 9110 2.5: a higher minor version is read as the highest known. */
Test(http_request, minor_versions)
{
	cr_expect_eq(parse("GET / HTTP/1.9\r\nHost: h\r\n\r\n").minor, 1);
	cr_expect_eq(parse("GET / HTTP/1.0\r\n\r\n").minor, 0);
}

Test(http_request, methods_that_are_known_and_not_served)
{
	static const char *const methods[] = {
	        "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"};
	char text[64];

	for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		snprintf(text, sizeof(text), "%s / HTTP/1.1\r\nHost: h\r\n\r\n", methods[i]);
		cr_expect_eq(parse(text).method, HTTP_NOT_ALLOWED, "%s", methods[i]);
		cr_expect_eq(parse(text).status, 0, "%s", methods[i]);
	}
}

/* RFC 9112 3.2, RFC 9110 7.2 */
Test(http_request, host)
{
	expect_status("GET / HTTP/1.1\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400);
	expect_status("GET / HTTP/1.1\r\nHost:\r\n\r\n", 0);
	expect_status("GET / HTTP/1.1\r\nhOST:\t[::1]:80 \t\r\n\r\n", 0);
	expect_status("GET / HTTP/1.0\r\n\r\n", 0);
	expect_status("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400);
}

/* RFC 9112 5 */
Test(http_request, broken_fields)
{
	static const char *const fields[] = {"Host : h", " Host: h", "A: b\r\n c: d", "\tA: b",
	        "nothing", ": x", "A\x01: b", "A(: b", "A: \x01", "A: b\rc", "A: \x7f",
	        "A B: c"};
	char text[128];

	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n",
		        fields[i]);
		expect_status(text, 400);
	}
	expect_status("GET / HTTP/1.1\r\nHost: h\r\nA:\r\nB: \x80\xff\tx \"(,\r\n\r\n", 0);
}

/* RFC 9112 9.3 */
Test(http_request, persistence)
{
	static const struct {
		const char *version, *fields;
		bool keep;
	} cases[] = {
	        {"1.1", "", true},
	        {"1.1", "Connection: close\r\n", false},
	        {"1.1", "Connection: x,\t CLOSE ,y\r\n", false},
	        {"1.1", "Connection: closed\r\n", true},
	        {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
	        {"1.1", "Connection: close, keep-alive\r\n", false},
	        {"1.1", "Connection: ,,\r\n", true},
	        {"1.0", "", false},
	        {"1.0", "Connection: Keep-Alive\r\n", true},
	        {"1.0", "Connection: keep-alive, close\r\n", false},
	        {"1.0", "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", false},
	};
	char text[256];

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/%s\r\nHost: h\r\n%s\r\n",
		        cases[i].version, cases[i].fields);
		cr_expect_eq(parse(text).keep_alive, cases[i].keep, "%s", text);
		cr_expect_eq(parse(text).status, 0, "%s", text);
	}
}

/* RFC 9112 6.1 to 6.3: whatever leaves in doubt where the content ends. */
Test(http_request, framing_conflicts)
{
	static const struct {
		const char *fields;
		uint16_t status;
	} cases[] = {
	        {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
	        {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
	        {"Content-Length: 5, 5\r\n", 400},
	        {"Content-Length: -5\r\n", 400},
	        {"Content-Length: +5\r\n", 400},
	        {"Content-Length: 0x5\r\n", 400},
	        {"Content-Length: 5 5\r\n", 400},
	        {"Content-Length:\r\n", 400},
	        {"Content-Length : 5\r\n", 400},
	        {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
	        {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
	        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
	        {"Transfer-Encoding: gzip\r\n", 400},
	        {"Transfer-Encoding: chunked, identity\r\n", 400},
	        {"Transfer-Encoding: xchunked\r\n", 400},
	        {"Transfer-Encoding:\r\n", 400},
	        {"Transfer-Encoding: gzip, chunked\r\n", 501},
	        {"Expect: wonders\r\n", 417},
	        {"Transfer-Encoding: CHUNKED\r\n", 0},
	        {"Content-Length: 0005\r\n", 0},
	        {"Expect: 100-Continue\r\n", 0},
	};
	char text[256];

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "POST / HTTP/1.1\r\nHost: h\r\n%s\r\n",
		        cases[i].fields);
		expect_status(text, cases[i].status);
	}
}

Test(http_request, content_length_does_not_wrap)
{
	static const char head[] = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ";
	char text[256];

	snprintf(text, sizeof(text), "%s18446744073709551617\r\n\r\n", head);
	cr_expect_eq(parse(text).content_bytes, UINT64_MAX);
	snprintf(text, sizeof(text), "%s99999999999999999999999999999999\r\n\r\n", head);
	cr_expect_eq(parse(text).content_bytes, UINT64_MAX);
	snprintf(text, sizeof(text), "%s1048576\r\n\r\n", head);
	cr_expect_eq(parse(text).content_bytes, 1048576u);
}

/* RFC 9110 10.1.1: from a 1.0 client it is to be ignored. */
Test(http_request, expect_is_for_1_1)
{
	cr_expect(parse("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").expect);
	cr_expect_not(
	        parse("PUT / HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").expect);
}

/* RFC 9112 2.2 */
Test(http_request, lone_line_feeds_end_lines)
{
	expect_status("GET / HTTP/1.1\nHost: h\n\n", 0);
	expect_status("GET / HTTP/1.1\r\nHost: h\n\r\n", 0);
}

Test(http_request, empty_lines_are_counted)
{
	cr_expect_eq(http_empty_lines((const uint8_t *)"\r\n\n\r\nGET", 8), 5u);
	cr_expect_eq(http_empty_lines((const uint8_t *)"\r", 1), 0u);
	cr_expect_eq(http_empty_lines((const uint8_t *)"\rG", 2), 0u);
	cr_expect_eq(http_empty_lines((const uint8_t *)"G\n", 2), 0u);
}

/* A section of exactly total bytes. */
static uint8_t *
section_of(uint32_t total)
{
	static const char head[] = "GET / HTTP/1.1\r\nHost: h\r\nA: ";
	uint8_t *s = malloc(total);

	memset(s, 'x', total);
	memcpy(s, head, sizeof(head) - 1);
	memcpy(s + total - 4, "\r\n\r\n", 4);
	return s;
}

/* RFC 6585 5 */
Test(http_request, section_limit_is_exact)
{
	for (uint32_t extra = 0; extra <= 1; extra++) {
		uint32_t total = HTTP_SECTION_MAX + extra;
		uint8_t *s = section_of(total);
		struct http_parser p = {0};

		cr_expect_eq(http_parse(&p, s, HTTP_SECTION_MAX - 1), 0u);
		cr_expect(http_parse(&p, s, total) > 0);
		cr_expect_eq(p.req.status, extra ? 431 : 0);
		p = (struct http_parser) {0};
		cr_expect(http_parse(&p, s, total) > 0);
		cr_expect_eq(p.req.status, extra ? 431 : 0);
		free(s);
	}
}

/* The request line counts, too. */
Test(http_request, endless_line_is_431)
{
	struct http_parser p = {0};
	uint8_t *s = malloc(HTTP_SECTION_MAX);

	memset(s, 'G', HTTP_SECTION_MAX);
	cr_expect_eq(http_parse(&p, s, HTTP_SECTION_MAX - 1), 0u);
	cr_expect(http_parse(&p, s, HTTP_SECTION_MAX) > 0);
	cr_expect_eq(p.req.status, 431);
	free(s);
}

/* RFC 3986 2.1 */
Test(http_request, paths)
{
#define IS(path, name) http_path_is((const uint8_t *)path, sizeof(path) - 1, name)
	cr_expect(IS("/", ""));
	cr_expect(IS("", ""));
	cr_expect_not(IS("", "a"));
	cr_expect_not(IS("/a", ""));
	cr_expect(IS("/a b", "a b"));
	cr_expect(IS("/a%20%62", "a b"));
	cr_expect(IS("/%c3%A4", "\xc3\xa4"));
	cr_expect_not(IS("/a%2", "a%2"));
	cr_expect_not(IS("/a%", "a%"));
	cr_expect_not(IS("/a%zz", "a%zz"));
	cr_expect_not(IS("/a%00", "a"));
	cr_expect_not(IS("/a/", "a"));
	cr_expect_not(IS("/ab", "a"));
	cr_expect_not(IS("/a", "ab"));
#undef IS
}

static uint64_t
next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Bytes that get far: pieces of requests, sometimes mutated. */
static uint32_t
random_request(uint64_t *seed, uint8_t *out, uint32_t max)
{
	static const char *const pieces[] = {"GET / HTTP/1.1\r\n", "Host: h\r\n", "\r\n", "\n",
	        "\r", "Content-Length: 3\r\n", "Content-Length: ", "9",
	        "Transfer-Encoding: chunked\r\n", "Connection: close, keep-alive\r\n",
	        "Expect: 100-continue\r\n", "POST ", "HEAD ", "/x?", " HTTP/1.0\r\n",
	        "http://h", ":", ",", " ", "\t", "\xff", "A: b\r\n", "%2f", "\x01"};
	uint32_t len = 0, n = (uint32_t)(next_random(seed) % 16);

	if (next_random(seed) % 2)
		len = (uint32_t)strlen(strcpy((char *)out, "GET / HTTP/1.1\r\nHost: h\r\n"));
	for (uint32_t i = 0; i < n; i++) {
		const char
		        *s = pieces[next_random(seed) % (sizeof(pieces) / sizeof(pieces[0]))];

		if (len + strlen(s) > max)
			break;
		memcpy(out + len, s, strlen(s));
		len += (uint32_t)strlen(s);
	}
	if (len > 0 && next_random(seed) % 3 == 0)
		out[next_random(seed) % len] = (uint8_t)next_random(seed);
	return len;
}

static bool
same_request(const struct http_request *a, const struct http_request *b)
{
	if (a->status != 0 || b->status != 0)
		return a->status == b->status;
	return a->method == b->method && a->minor == b->minor &&
	       a->keep_alive == b->keep_alive && a->chunked == b->chunked &&
	       a->expect == b->expect && a->has_path == b->has_path && a->path == b->path &&
	       a->path_len == b->path_len && a->content_bytes == b->content_bytes;
}

/* Byte by byte, from memory that ends with the byte, and all at once: the same
 * result, and the length is where the section ended. */
Test(http_request, any_bytes_in_any_cut_give_the_same)
{
	uint64_t seed = 0x1234567;

	for (unsigned round = 0; round < 40000; round++) {
		uint8_t text[512];
		uint32_t len = random_request(&seed, text, sizeof(text)), n = 0, at = 0;
		struct http_parser whole = {0}, pieces = {0};
		uint32_t end = http_parse(&whole, text, len);

		while (at < len && n == 0) {
			uint8_t *exact = malloc(++at);

			memcpy(exact, text, at);
			n = http_parse(&pieces, exact, at);
			free(exact);
		}
		cr_assert_eq(n == 0, end == 0, "round %u", round);
		cr_assert(same_request(&whole.req, &pieces.req), "round %u", round);
		if (whole.req.status == 0)
			cr_assert_eq(n, end, "round %u", round);
	}
}
