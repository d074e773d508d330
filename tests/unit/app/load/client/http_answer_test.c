/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser of HTTP answers. */
#include "load/client/http_answer.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "load/client/http_known.h"

struct outcome {
	enum http_answer_is is;
	unsigned status;
	uint32_t taken;
	uint64_t body;
	bool closes, ends_here;
};

/* Feed the text in pieces of `step` bytes; the first piece has `first` bytes. */
static struct outcome
cut(const char *text, uint32_t len, uint32_t first, uint32_t step)
{
	struct http_answer a = {0};
	struct outcome o = {0};
	uint32_t n = first < len ? first : len, got;

	while (o.taken < len) {
		got = http_answer_take(&a, (const uint8_t *)text + o.taken, n, &o.body);
		cr_assert_leq(got, n);
		o.taken += got;
		if (got < n || http_answer_is(&a) >= HTTP_ANSWER_DONE)
			break;
		n = step < len - o.taken ? step : len - o.taken;
	}
	o.is = http_answer_is(&a);
	o.status = a.status;
	o.closes = o.is == HTTP_ANSWER_HEAD || o.is == HTTP_ANSWER_BAD ||
	           http_answer_closes(&a);
	o.ends_here = http_answer_ends_here(&a);
	return o;
}

static void
expect_same(struct outcome a, struct outcome b, const char *text)
{
	cr_assert(a.is == b.is && a.taken == b.taken && a.body == b.body &&
	                  a.closes == b.closes && a.ends_here == b.ends_here,
	        "cut otherwise, it is read otherwise: %s", text);
	if (a.is == HTTP_ANSWER_DONE)
		cr_assert_eq(a.status, b.status);
}

/* However it is cut. */
static struct outcome
read_whole(const char *text)
{
	uint32_t len = (uint32_t)strlen(text);
	struct outcome whole = cut(text, len, len, len);

	expect_same(whole, cut(text, len, 1, 1), text);
	for (uint32_t first = 1; first < len; first++)
		expect_same(whole, cut(text, len, first, len), text);
	expect_same(whole, cut(text, len, 3, 7), text);
	return whole;
}

static void
expect_done(const char *text, unsigned status, uint64_t body, bool closes)
{
	struct outcome o = read_whole(text);

	cr_expect_eq(o.is, HTTP_ANSWER_DONE, "%s", text);
	cr_expect_eq(o.taken, strlen(text), "%s", text);
	cr_expect_eq(o.status, status, "%s", text);
	cr_expect_eq(o.body, body, "%s", text);
	cr_expect_eq(o.closes, closes, "%s", text);
}

static void
expect_bad(const char *text)
{
	cr_expect_eq(read_whole(text).is, HTTP_ANSWER_BAD, "%s", text);
}

/* RFC 9112 6.2 */
Test(http_answer, content_length_ends_the_body)
{
	expect_done("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, 5, false);
	expect_done("HTTP/1.1 200 OK\r\ncontent-LENGTH:5 \t\r\n\r\nhello", 200, 5, false);
	expect_done("HTTP/1.1 301 Moved\r\nX: y\r\nContent-Length: 0\r\n\r\n", 301, 0, false);
	expect_done("HTTP/1.1 404 \r\nContent-Length: 1\r\n\r\n!", 404, 1, false);
}

/* RFC 9112 6.3: bytes behind it belong to another answer */
Test(http_answer, what_follows_is_left)
{
	struct outcome o = read_whole("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1");

	cr_expect_eq(o.is, HTTP_ANSWER_DONE);
	cr_expect_eq(o.taken, strlen("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
}

/* RFC 9112 2.2, 4 */
Test(http_answer, lone_lf_and_missing_reason_are_read)
{
	expect_done("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", 200, 1, false);
	expect_done("HTTP/1.1 200 OK\nContent-Length: 1\n\nx", 200, 1, false);
}

/* RFC 9112 7.1: extensions, trailers, sizes in either case */
Test(http_answer, chunks_are_read)
{
	expect_done("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	            "5\r\nhello\r\n1A;a=b;c=\"d\"\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
	        200, 31, false);
	expect_done("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
	            "00003\r\nabc\r\n0;last\r\nExpires: never\r\nX: y\r\n\r\n",
	        200, 3, false);
	expect_done(
	        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n", 200, 2, false);
}

/* RFC 9110 5.6.1, RFC 9112 9.3 */
Test(http_answer, chunks_and_other_lists_beside_them_are_read)
{
	expect_done("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, ,\r\n\r\n0\r\n\r\n", 200, 0,
	        false);
	expect_done("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
	            "1\r\nx\r\n0\r\n\r\n",
	        200, 1, true);
}

Test(http_answer, broken_chunks_are_refused)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	static const char *const body[] = {"\r\n", "x\r\n", "5\r\nhelloX", "5\r\nhello\rX",
	        "10000000000000000\r\n", "5 \x01\r\n", "5x\r\n", ";a\r\n", "-1\r\n",
	        "0\r\nA: \x01\r\n"};
	char text[256];

	for (unsigned i = 0; i < sizeof(body) / sizeof(body[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", head, body[i]);
		expect_bad(text);
	}
}

/* RFC 9112 9.3 */
Test(http_answer, connection_says_whether_it_stays)
{
#define BODY "Content-Length: 0\r\n\r\n"
	expect_done("HTTP/1.1 200 OK\r\nConnection: close\r\n" BODY, 200, 0, true);
	expect_done("HTTP/1.1 200 OK\r\nConnection: Upgrade,\tClose\r\n" BODY, 200, 0, true);
	expect_done("HTTP/1.1 200 OK\r\nConnection: , close ,\r\n" BODY, 200, 0, true);
	expect_done("HTTP/1.1 200 OK\r\nConnection: closed\r\n" BODY, 200, 0, false);
	expect_done("HTTP/1.1 200 OK\r\nConnection: clo se\r\n" BODY, 200, 0, false);
	expect_done("HTTP/1.1 200 OK\r\nX-Connection: close\r\n" BODY, 200, 0, false);
	expect_done("HTTP/1.1 200 OK\r\nX: Connection: close\r\n" BODY, 200, 0, false);
	expect_done("HTTP/1.0 200 OK\r\n" BODY, 200, 0, true);
	expect_done("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" BODY, 200, 0, false);
	expect_done("HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\n" BODY, 200, 0, true);
}

/* RFC 9112 6.3, last: it is whole when the peer closes */
Test(http_answer, without_length_it_ends_with_the_connection)
{
	static const char *const text[] = {"HTTP/1.1 200 OK\r\n\r\nhello",
	        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello",
	        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nhello"};

	for (unsigned i = 0; i < 3; i++) {
		struct outcome o = read_whole(text[i]);

		cr_expect_eq(o.is, HTTP_ANSWER_BODY);
		cr_expect_eq(o.body, 5u);
		cr_expect(o.ends_here);
		cr_expect(o.closes);
	}
	cr_expect_not(
	        read_whole("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello").ends_here);
	cr_expect_not(read_whole("HTTP/1.1 200 OK\r\n").ends_here);
}

/* RFC 9110 15.2: any number of interim answers */
Test(http_answer, interim_answers_are_passed_over)
{
	expect_done("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n"
	            "Content-Length: 7\r\nConnection: close\r\n\r\n"
	            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
	        200, 2, false);
	expect_bad("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
}

/* RFC 9112 6.3, first */
Test(http_answer, no_content_has_no_body)
{
	expect_done("HTTP/1.1 204 No Content\r\n\r\n", 204, 0, false);
	expect_done("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", 304, 0, false);
}

/* RFC 9112 4, 5, 6.3 */
Test(http_answer, rubbish_is_refused)
{
	static const char *const text[] = {"HELO", "\r\nHTTP/1.1 200 OK\r\n\r\n",
	        "http/1.1 200 OK\r\n", "HTTP/2.0 200 OK\r\n", "HTTP/1.x 200 OK\r\n",
	        "HTTP/1.1  200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000\r\n",
	        "HTTP/1.1 099 x\r\n", "HTTP/1.1 600 x\r\n", "HTTP/1.1 200 \x01\r\n",
	        "HTTP/1.1 200 OK\rX", "HTTP/1.1 200 OK\r\n: x\r\n",
	        "HTTP/1.1 200 OK\r\nA b: x\r\n", "HTTP/1.1 200 OK\r\nA\r\n",
	        "HTTP/1.1 200 OK\r\nA: \x7f\r\n", "HTTP/1.1 200 OK\r\nContent-Length: \r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n 6\r\n"};

	for (unsigned i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		expect_bad(text[i]);
}

/* RFC 9112 5.2: elsewhere a folded line is read */
Test(http_answer, folded_field_is_read)
{
	expect_done("HTTP/1.1 200 OK\r\nX: a\r\n\tb: c\r\nContent-Length: 1\r\n\r\nx", 200, 1,
	        false);
	expect_done(
	        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: a\r\n b\r\n\r\nx", 200, 1, false);
}

Test(http_answer, endless_head_is_refused)
{
	static char text[3 * HTTP_ANSWER_HEAD_MAX];
	uint32_t at = (uint32_t)sprintf(text, "HTTP/1.1 200 OK\r\nX: ");

	memset(text + at, 'x', sizeof(text) - at);
	struct outcome o = cut(text, sizeof(text), 100, 1000);
	cr_expect_eq(o.is, HTTP_ANSWER_BAD);
	cr_expect_eq(o.taken, HTTP_ANSWER_HEAD_MAX + 1);
}

Test(http_answer, endless_chunk_line_is_refused)
{
	static char text[3 * HTTP_ANSWER_CHUNK_MAX];
	uint32_t at = (uint32_t)sprintf(
	        text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;");

	memset(text + at, 'x', sizeof(text) - at);
	struct outcome o = cut(text, sizeof(text), 100, 1000);
	cr_expect_eq(o.is, HTTP_ANSWER_BAD);
	cr_expect_eq(o.taken, at - 2 + HTTP_ANSWER_CHUNK_MAX + 1);
}

Test(http_answer, endless_interim_answers_are_refused)
{
	static char text[2 * HTTP_ANSWER_HEAD_MAX];
	uint32_t at = 0;

	while (at + 30 < sizeof(text))
		at += (uint32_t)sprintf(text + at, "HTTP/1.1 100 Continue\r\n\r\n");
	cr_expect_eq(cut(text, at, 100, 1000).is, HTTP_ANSWER_BAD);
}

Test(http_known, only_the_very_same_section_is_known)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
	static const char other[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd";
	const uint8_t *bytes = (const uint8_t *)text;
	struct http_answer a = {0};
	struct http_known k = {.len = 0};
	uint32_t n = http_answer_take_head(&a, bytes, sizeof(text) - 1);

	cr_expect_eq(n, sizeof(text) - 4);
	cr_expect_not(http_known_begins(&k, bytes, sizeof(text) - 1), "nothing is known yet");
	http_known_learn(&k, &a, bytes, n);
	cr_expect(http_known_begins(&k, bytes, sizeof(text) - 1));
	cr_expect_not(http_known_begins(&k, bytes, n - 1), "cut short");
	cr_expect_not(http_known_begins(&k, (const uint8_t *)other, sizeof(other) - 1));
	cr_expect_eq(k.after.left, 3u);
}

Test(http_known, too_long_a_section_is_not_learned)
{
	static uint8_t bytes[HTTP_KNOWN_MAX + 1];
	struct http_known k = {.len = 0};
	struct http_answer a = {0};

	http_known_learn(&k, &a, bytes, sizeof(bytes));
	cr_expect_eq(k.len, 0u);
}
