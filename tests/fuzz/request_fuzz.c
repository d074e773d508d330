/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP requests of any bytes: a header section read in any pieces is the same request;
 * so are all requests of a connection to the service, which says the same. The first
 * byte: how they are cut, and whether the service closes after each response. */
#include <string.h>

#include "app/service/http/http_peer.h"
#include "cut.h"
#include "target.h"

#define WAYS       2
#define CLOSES     0x80
#define BYTES_MOST 1024u /* read byte by byte: each time all that has come is copied */

/* ------------------------------------------------------------------ a section */

struct section {
	uint32_t len; /* 0: it has no end */
	struct http_request r;
};

static void
check_request(const uint8_t *bytes, const struct section *s, const struct http_parser *p)
{
	const struct http_request *r = &s->r;

	if (r->status != 0) {
		must(s->len != 0 && (r->status == 400 || r->status == 417 || r->status == 431 ||
		                            r->status == 501 || r->status == 505));
		return;
	}
	if (s->len == 0)
		return;
	must(s->len <= HTTP_SECTION_MAX && bytes[s->len - 1] == '\n');
	must(bytes[s->len - 2] == '\n' ||
	        (bytes[s->len - 2] == '\r' && bytes[s->len - 3] == '\n'));
	must(memchr(bytes, '\0', s->len) == NULL);
	must(r->minor <= 1 && !(r->minor == 0 && r->expect));
	must(p->lengths <= 1 && p->codings <= 1 && p->lengths + p->codings <= 1);
	must(p->hosts <= 1 && (r->minor == 0 || p->hosts == 1));
	if (!r->has_path)
		return;
	must(r->path < s->len && r->path_len < s->len - r->path);
	must(r->path_len == 0 || bytes[r->path] == '/');
	must(memchr(bytes + r->path, ' ', r->path_len) == NULL);
	http_path_is(bytes + r->path, r->path_len, "page.html");
}

/* All of it that has come lies together, in memory of exactly that length. */
static struct section
read_cut(const uint8_t *bytes, uint32_t len, uint32_t way)
{
	struct cut c = cut_begin(bytes, len, way);
	struct http_parser p = {0};
	struct section s = {0};
	uint32_t n, have = 0;

	while (s.len == 0 && cut_next(&c, &n) != NULL) {
		uint8_t *exact;

		cut_take(&c, n);
		have += n;
		exact = malloc(have);
		must(exact != NULL);
		memcpy(exact, bytes, have);
		s.len = http_parse(&p, exact, have);
		must(s.len <= have);
		free(exact);
	}
	cut_end(&c);
	s.r = p.req;
	check_request(bytes, &s, &p);
	return s;
}

static void
check_same_section(struct section a, struct section b)
{
	must((a.len == 0) == (b.len == 0) && a.r.status == b.r.status);
	if (a.len == 0 || a.r.status != 0)
		return;
	must(a.len == b.len && a.r.method == b.r.method && a.r.minor == b.r.minor);
	must(a.r.keep_alive == b.r.keep_alive && a.r.chunked == b.r.chunked &&
	        a.r.expect == b.r.expect && a.r.content_bytes == b.r.content_bytes);
	must(a.r.has_path == b.r.has_path && a.r.path == b.r.path &&
	        a.r.path_len == b.r.path_len);
}

/* --------------------------------------------------------------- a connection */

struct said {
	uint8_t *bytes;
	size_t len;
	bool open; /* still, when all that was asked has been answered */
	bool ended_in_order;
};

/* The client reads all, and closes at the end. */
static struct said
ask(struct server *s, const uint8_t *bytes, uint32_t len, uint32_t way)
{
	struct hf_conn *c = client(s);
	struct cut cut = cut_begin(bytes, len, way);
	struct said said = {0};
	const uint8_t *piece;
	uint32_t n;

	while ((piece = cut_next(&cut, &n)) != NULL) {
		fake_data_all(c, piece, n);
		if (way == CUT_WHOLE || (n & 1))
			fake_ack_all(c);
		cut_take(&cut, n);
	}
	cut_end(&cut);
	fake_ack_all(c);
	said.open = !c->closed && !c->lingers && !c->aborted;
	fake_peer_closed(c);
	fake_ack_all(c);
	said.ended_in_order = (c->closed || c->lingers) && !c->aborted;
	must(said.ended_in_order && c->unacked == 0);
	said.len = c->out_len;
	said.bytes = malloc(said.len + 1);
	must(said.bytes != NULL);
	if (said.len != 0)
		memcpy(said.bytes, c->out, said.len);
	fake_end(c, HF_CLOSED);
	must(records_used(s) == 0 && s->core.bufs_out == 0);
	return said;
}

/* Made once: they are as new when all connections are gone, but for the section that they
 * know. */
static struct server *
server_of(uint8_t how)
{
	static struct server servers[2];
	struct server *s = &servers[!!(how & CLOSES)];

	if (s->http == NULL) {
		*s = server_with_body(10);
		http_conf_close(&s->conf, how & CLOSES);
		server_again(s);
	}
	s->http->known.len = 0;
	return s;
}

/* app/service/http/service.c: content that is worth the connection */
#define SKIP_MOST (1u << 20)

/* One request, and the answer that it must get. *more: another may follow. */
static unsigned
status_of(const uint8_t *section, const struct http_request *r, bool closes, bool *more)
{
	const uint8_t *path = section + r->path;

	*more = r->status == 0 && r->keep_alive && !closes && !r->chunked &&
	        r->content_bytes <= SKIP_MOST && !(r->expect && r->content_bytes > 0);
	if (r->status != 0)
		return r->status;
	if (r->has_path && !http_path_is(path, r->path_len, "") &&
	        !http_path_is(path, r->path_len, server_of(0)->http->page.body->name))
		return 404;
	return r->method == HTTP_NOT_ALLOWED ? 405 : 200;
}

/* The next response in the sent bytes, as the client that asked for it reads it. */
static const uint8_t *
check_response(const uint8_t *at, const uint8_t *end, unsigned status, bool to_head)
{
	const uint8_t *body = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
	const char *length;
	char code[16];

	must(body != NULL);
	snprintf(code, sizeof(code), "HTTP/1.1 %u ", status);
	must(memcmp(at, code, strlen(code)) == 0);
	length = memmem(at, (size_t)(body - at), "\r\nContent-Length: ", 18);
	must(length != NULL);
	body += 4;
	if (!to_head)
		body += strtoul(length + 18, NULL, 10);
	must(body <= end);
	return body;
}

/* Each request that is whole has one response, in their order, and there is no other. Then
 * the connection is open, or it is not, as the last one has it. */
static void
check_answers(const uint8_t *bytes, uint32_t len, const struct said *said, bool closes)
{
	const uint8_t *at = said->bytes, *end = said->bytes + said->len;
	bool more = true;

	while (more && len > 0) {
		struct http_parser p = {0};
		uint32_t n = http_empty_lines(bytes, len);

		bytes += n;
		len -= n;
		n = http_parse(&p, bytes, len);
		if (n == 0)
			break;
		at = check_response(at, end, status_of(bytes, &p.req, closes, &more),
		        p.req.method == HTTP_HEAD);
		n += more ? (uint32_t)p.req.content_bytes : 0;
		n = n < len ? n : len;
		bytes += n;
		len -= n;
	}
	must(at == end && said->open == more);
}

static void
serve(const uint8_t *bytes, uint32_t len, uint8_t how)
{
	struct server *s = server_of(how);
	struct said whole = ask(s, bytes, len, CUT_WHOLE), other;

	must(whole.len == 0 || memcmp(whole.bytes, "HTTP/1.1 ", 9) == 0);
	for (uint32_t way = CUT_BYTES; way <= WAYS; way++) {
		other = ask(s, bytes, len, way == CUT_BYTES ? way : 2u + how);
		must(other.len == whole.len && other.open == whole.open);
		must(memcmp(other.bytes, whole.bytes, whole.len) == 0);
		free(other.bytes);
	}
	check_answers(bytes, len, &whole, how & CLOSES);
	free(whole.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct section whole;
	uint32_t len;

	if (size < 2)
		return 0;
	len = (uint32_t)size - 1;
	must(http_empty_lines(data + 1, len) <= len);
	whole = read_cut(data + 1, len, CUT_WHOLE);
	if (len <= BYTES_MOST)
		check_same_section(whole, read_cut(data + 1, len, CUT_BYTES));
	for (uint32_t i = 0; i < WAYS; i++)
		check_same_section(whole, read_cut(data + 1, len, 2 + data[0] * WAYS + i));
	serve(data + 1, len, data[0]);
	return 0;
}
