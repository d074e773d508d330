/* SPDX-License-Identifier: BSD-3-Clause */
/* An HTTP answer of any bytes: read in any pieces, it is the same answer; read by its
 * framing alone, it ends at the same byte. The first byte: how it is cut, and whether the
 * rest are the bytes of one, or say how a right one is made (answer_made.h), of which all is
 * known. */
#include <ctype.h>
#include <strings.h>

#include "answer_made.h"
#include "cut.h"
#include "load/client/http_answer.h"
#include "load/client/http_known.h"
#include "target.h"

#define WAYS    3
#define IS_MADE 0x80

struct outcome {
	enum http_answer_is is;
	unsigned status;
	uint32_t taken;
	uint64_t body;
	bool closes, ends_here;
};

static struct outcome
outcome_of(const struct http_answer *a, uint32_t taken, uint64_t body)
{
	struct outcome o = {.is = http_answer_is(a), .taken = taken, .body = body};

	must(a->head_len <= HTTP_ANSWER_HEAD_MAX + 1 && body <= taken);
	o.ends_here = http_answer_ends_here(a);
	if (o.is == HTTP_ANSWER_BODY || o.is == HTTP_ANSWER_DONE) {
		o.status = a->status;
		o.closes = http_answer_closes(a);
		must(o.status >= 200 && o.status < 600);
		must(!o.ends_here || o.closes);
	}
	return o;
}

static struct outcome
read_cut(const uint8_t *bytes, uint32_t len, uint32_t way)
{
	struct cut c = cut_begin(bytes, len, way);
	struct http_answer a = {0};
	uint64_t body = 0;
	const uint8_t *piece;
	uint32_t n, got;

	while (http_answer_is(&a) < HTTP_ANSWER_DONE && (piece = cut_next(&c, &n)) != NULL) {
		got = http_answer_take(&a, piece, n, &body);
		must(got == n || (got < n && http_answer_is(&a) >= HTTP_ANSWER_DONE));
		cut_take(&c, got);
	}
	cut_end(&c);
	return outcome_of(&a, len - c.left, body);
}

static void
check_same(struct outcome a, struct outcome b)
{
	must(a.is == b.is && a.taken == b.taken && a.body == b.body);
	must(a.status == b.status && a.closes == b.closes && a.ends_here == b.ends_here);
}

/* As in the load's client, an answer that begins with the known header section is not parsed.
 */
static struct outcome
read_known(const uint8_t *bytes, uint32_t len)
{
	struct http_known k = {.len = 0};
	struct http_answer a = {0};
	uint64_t body = 0;
	uint32_t n = http_answer_take_head(&a, bytes, len);

	must(n <= len && !http_known_begins(&k, bytes, len));
	if (http_answer_is(&a) != HTTP_ANSWER_HEAD)
		http_known_learn(&k, &a, bytes, n);
	if (k.len != 0) {
		must(!http_known_begins(&k, bytes, n - 1));
		must(http_known_begins(&k, bytes, len));
		a = k.after;
		n = k.len;
	}
	n += http_answer_take(&a, bytes + n, len - n, &body);
	return outcome_of(&a, n, body);
}

/* The bytes behind the answer; and the framing, as far as a reader needs it that trusts all
 * other parts. */
struct plain {
	const char *at, *end;
	unsigned status;
	bool chunked, has_length;
	uint64_t length;
};

/* The next line without its end; false: there is none. */
static bool
next_line(struct plain *p, const char **line, size_t *len)
{
	const char *lf = memchr(p->at, '\n', (size_t)(p->end - p->at));

	if (lf == NULL)
		return false;
	*line = p->at;
	*len = (size_t)(lf - p->at);
	p->at = lf + 1;
	if (*len > 0 && lf[-1] == '\r')
		--*len;
	return true;
}

/* Is the last member of this field's list `chunked`? One of an empty list is that of the
 * field before it (RFC 9110 5.3). */
static bool
ends_chunked(const char *line, size_t len, bool before)
{
	while (strchr(" \t,", line[len - 1]) != NULL)
		len--;
	if (line[len - 1] == ':')
		return before;
	return strncasecmp(line + len - 7, "chunked", 7) == 0 &&
	       strchr(" \t,:", line[len - 8]) != NULL;
}

/* RFC 9112 6.3 */
static void
plain_field(struct plain *p, const char *line, size_t len)
{
	if (len > 15 && strncasecmp(line, "content-length:", 15) == 0) {
		p->has_length = true;
		p->length = strtoull(line + 15, NULL, 10);
	}
	if (len >= 18 && strncasecmp(line, "transfer-encoding:", 18) == 0)
		p->chunked = ends_chunked(line, len, p->chunked);
}

/* One header section: false: there is no end of it. */
static bool
plain_head(struct plain *p)
{
	const char *line;
	size_t len;

	p->chunked = p->has_length = false;
	if (!next_line(p, &line, &len) || len < 12)
		return false;
	p->status = (unsigned)((line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0');
	while (next_line(p, &line, &len)) {
		if (len == 0)
			return true;
		plain_field(p, line, len);
	}
	return false;
}

/* RFC 9112 7.1; false: there is no end of it. */
static bool
plain_chunks(struct plain *p, uint64_t *body)
{
	const char *line;
	size_t len;
	uint64_t n;

	do {
		if (!next_line(p, &line, &len))
			return false;
		n = strtoull(line, NULL, 16);
		if (n > (uint64_t)(p->end - p->at))
			return false;
		*body += n;
		p->at += n;
		if (n > 0 && !next_line(p, &line, &len))
			return false;
	} while (n > 0);
	do {
		if (!next_line(p, &line, &len))
			return false;
	} while (len > 0);
	return true;
}

/* A whole answer is as long as its framing says. `text` ends with a NUL. */
static void
check_plain(const char *text, struct outcome o)
{
	struct plain p = {.at = text, .end = text + o.taken};
	uint64_t body = 0;

	do
		must(plain_head(&p));
	while (p.status < 200);
	must(p.status == o.status);
	must(!(p.chunked && p.has_length) || p.status == 204 || p.status == 304);
	if (p.status == 204 || p.status == 304) {
		must(o.body == 0);
	} else if (p.chunked) {
		must(plain_chunks(&p, &body));
	} else {
		must(p.has_length);
		body = p.length;
		p.at += p.length;
	}
	must(p.at == p.end && body == o.body);
}

/* The result is the same in every way of cutting. */
static struct outcome
read_all_ways(const uint8_t *bytes, uint32_t len, uint8_t seed)
{
	struct outcome whole = read_cut(bytes, len, CUT_WHOLE);

	check_same(whole, read_cut(bytes, len, CUT_BYTES));
	for (uint32_t i = 0; i < WAYS; i++)
		check_same(whole, read_cut(bytes, len, 2 + seed * WAYS + i));
	check_same(whole, read_known(bytes, len));
	return whole;
}

static void
check_made(const uint8_t *data, size_t size, uint8_t seed)
{
	struct answer_made *m = answer_make(data, size);
	struct outcome o = read_all_ways((const uint8_t *)m->bytes, m->len, seed);

	must(o.is == (m->until_close ? HTTP_ANSWER_BODY : HTTP_ANSWER_DONE));
	must(o.status == m->status && o.body == m->body && o.taken == m->end);
	must(o.closes == m->closes && o.ends_here == m->until_close);
	free(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome o;
	char *text;

	if (size < 2)
		return 0;
	if (data[0] & IS_MADE) {
		check_made(data + 1, size - 1, data[0]);
		return 0;
	}
	o = read_all_ways(data + 1, (uint32_t)size - 1, data[0]);
	if (o.is != HTTP_ANSWER_DONE)
		return 0;
	text = calloc(1, size);
	must(text != NULL);
	memcpy(text, data + 1, size - 1);
	check_plain(text, o);
	free(text);
	return 0;
}
