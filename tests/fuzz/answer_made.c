/* SPDX-License-Identifier: BSD-3-Clause */
/* An answer is made from bytes of an input. */
#include "answer_made.h"

#include <stdarg.h>
#include <string.h>

#include "must.h"

#define FIELDS_MOST 6
#define CHUNKS_MOST 20
#define CHUNK_MOST  300

struct maker {
	struct answer_made *m;
	const uint8_t *data;
	size_t left;
	const char *eol;
};

static uint8_t
next(struct maker *k)
{
	if (k->left == 0)
		return 0;
	k->left--;
	return *k->data++;
}

static void __attribute__((format(printf, 2, 3))) put(struct maker *k, const char *fmt, ...)
{
	struct answer_made *m = k->m;
	va_list args;

	va_start(args, fmt);
	m->len += (uint32_t)vsnprintf(m->bytes + m->len, sizeof(m->bytes) - m->len, fmt, args);
	va_end(args);
	must(m->len < sizeof(m->bytes));
}

/* Any bytes. */
static void
put_content(struct maker *k, unsigned n)
{
	struct answer_made *m = k->m;

	must(m->len + n < sizeof(m->bytes));
	for (unsigned i = 0; i < n; i++)
		m->bytes[m->len++] = (char)next(k);
	m->body += n;
}

/* Fields that do not change the framing, however similar they are to those that do. */
static void
put_fields(struct maker *k)
{
	static const char *const fields[] = {"Server: x", "Content-Lengths: 9", "X:", "X: \t",
	        "Content-Lengt: 4", "Connections: close", "Transfer-Encodings: chunked",
	        "x-content-length:3", "Date: Mon, 01 Jan 2026 00:00:00 GMT", "X: a\tb \xff",
	        "Connection: closed, upgrade", "Connection: clo se",
	        "ETag: \"content-length: 7\""};

	for (unsigned n = next(k) % FIELDS_MOST; n > 0; n--)
		put(k, "%s%s", fields[next(k) % (sizeof(fields) / sizeof(fields[0]))], k->eol);
}

/* Whatever it says of itself, it says nothing of the answer (RFC 9110 15.2). */
static void
put_interim(struct maker *k)
{
	for (unsigned n = next(k) % 4; n > 1; n--) {
		uint8_t how = next(k);

		put(k, "HTTP/1.%u 1%02u Go on%s", how & 2 ? 0 : 1, how & 1 ? 0 : 3, k->eol);
		if (how & 4)
			put(k, "Connection: close%s", k->eol);
		if (how & 8)
			put(k, "Content-Length: 7%s", k->eol);
		put_fields(k);
		put(k, "%s", k->eol);
	}
}

/* RFC 9112 9.3 */
static void
put_connection(struct maker *k, bool minor_0)
{
	static const struct {
		const char *field;
		bool close, keep;
	} kinds[] = {{"", false, false}, {"Connection: close", true, false},
	        {"connection:KEEP-ALIVE", false, true},
	        {"Connection: x, Close ,y", true, false},
	        {"CONNECTION: \tkeep-alive\t", false, true},
	        {"Connection: ,,close", true, false}};
	unsigned i = next(k) % (sizeof(kinds) / sizeof(kinds[0]));

	if (i != 0)
		put(k, "%s%s", kinds[i].field, k->eol);
	k->m->closes = kinds[i].close || (minor_0 && !kinds[i].keep);
}

static void
put_chunks(struct maker *k)
{
	static const char *const sizes[] = {
	        "%x%s", "%X%s", "000%x%s", "%x ;a=b%s", "%X;a=\"b;c\"%s", "%x\t%s"};

	for (unsigned n = next(k) % CHUNKS_MOST; n > 0; n--) {
		unsigned len = 1 + next(k) * 2u % CHUNK_MOST;

		put(k, sizes[next(k) % 6], len, k->eol);
		put_content(k, len);
		put(k, "%s", k->eol);
	}
	put(k, sizes[next(k) % 6], 0u, k->eol);
	put_fields(k); /* trailers */
	put(k, "%s", k->eol);
}

static void
put_body(struct maker *k, unsigned framing)
{
	static const char *const lengths[] = {"Content-Length: %u%s", "content-length:%u%s",
	        "CONTENT-LENGTH: \t%u \t%s", "Content-Length: 000%u%s"};
	static const char *const codings[] = {"Transfer-Encoding: chunked",
	        "transfer-encoding:gzip, CHUNKED", "Transfer-Encoding: x,chunked\t"};
	unsigned len = next(k);

	if (framing == 0)
		put(k, lengths[next(k) % 4], len, k->eol);
	else if (framing == 1)
		put(k, "%s%s", codings[next(k) % 3], k->eol);
	put_fields(k);
	put(k, "%s", k->eol);
	if (k->m->status == 204 || k->m->status == 304)
		return;
	if (framing == 1)
		put_chunks(k);
	else
		put_content(k, len);
	k->m->until_close = framing == 2;
	k->m->closes |= framing == 2;
}

struct answer_made *
answer_make(const uint8_t *data, size_t size)
{
	static const unsigned statuses[] = {200, 204, 304, 302, 404, 503, 206, 599};
	struct answer_made *m = calloc(1, sizeof(*m));
	struct maker k = {.m = m, .data = data, .left = size};
	uint8_t how = next(&k);

	must(m != NULL);
	k.eol = how & 1 ? "\n" : "\r\n";
	m->status = statuses[next(&k) % 8];
	put_interim(&k);
	put(&k, "HTTP/1.%u %u%s%s", how & 2 ? 0 : 1, m->status,
	        (const char *const[]) {"", " ", " OK", " Not: a field"}[how >> 2 & 3], k.eol);
	put_connection(&k, how & 2);
	put_fields(&k);
	put_body(&k, (how >> 4) % 3);
	m->end = m->len;
	if (!m->until_close)
		for (unsigned n = next(&k); n > 0 && k.left > 0; n--)
			m->bytes[m->len++] = (char)next(&k);
	return m;
}
