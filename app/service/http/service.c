/* SPDX-License-Identifier: BSD-3-Clause */
/* http: the service that serves one page by HTTP/1.0 and 1.1 (RFC 9110, 9112).
 *
 * A service that closes first lingers: a RST in answer to a pipelined request would destroy the
 * response in the peer's receive buffer (RFC 9112 9.6). The stack's FIN-WAIT-2 timeout limits
 * the time that a peer may take with its FIN.
 *
 * The service has no use for the content of a request. It skips up to SKIP_MAX bytes of known
 * length; with any other content the connection ends with the response. So content can never be
 * read as a request.
 *
 * While the stack drains, each response is the last one of its connection and says so. A
 * connection that waits for a request ends in order after a short time (RFC 9112 9.6).
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "service/http/time.h"
#include "service/services.h"

#define SEND_MAX  (256u << 10) /* with more bytes queued, no request is read */
#define SKIP_MAX  (1u << 20)   /* content that is skipped to keep the connection */
#define RECV_ROOM (64u << 10)  /* the receive room after the peer was held back */

static void
session_load(struct http_session *x)
{
	x->w.ctx = hf_ctx(x->c);
	x->rec = NULL;
	x->starved = x->answered = false;
	if (x->w.ctx != NULL && !x->w.tag) {
		x->rec = x->w.ctx;
		x->w = x->rec->w;
	}
	x->count_before = x->w.count;
}

static void
session_save(struct http_session *x)
{
	x->w.tag = 0;
	if (x->rec != NULL) {
		x->rec->w = x->w;
		hf_set_ctx(x->c, x->rec);
		return;
	}
	x->w.tag = x->w.ctx != NULL;
	hf_set_ctx(x->c, x->w.ctx);
}

static void
record_free(struct http_session *x)
{
	if (x->rec != NULL)
		http_store_give(&x->s->store, x->rec);
	x->rec = NULL;
}

/* A blocked session reads no further request. */
static bool
session_blocked(const struct http_session *x)
{
	return x->w.owes || x->starved || hf_unacked(x->h, x->c) > SEND_MAX;
}

/* No event will follow: the core had no buffer or descriptor, and no byte is in flight whose
 * acknowledgement would call room(). */
static bool
session_stuck(const struct http_session *x)
{
	return (x->starved || x->w.owes) && hf_unacked(x->h, x->c) == 0;
}

static void
session_abort(struct http_session *x)
{
	record_free(x);
	x->w.last = x->w.gone = 1;
	hf_abort(x->h, x->c);
}

/* Ends the connection when its last response is queued, or when all requests before the peer's
 * FIN are answered. */
static void
session_settle(struct http_session *x)
{
	if (x->w.gone)
		return;
	if (x->w.last)
		record_free(x);
	if (x->w.owes || (!x->w.last && !x->w.peer_fin))
		return;
	if (!x->w.last && x->rec != NULL && session_blocked(x))
		return; /* a whole request waits; an incomplete one (RFC 9112 8) does not count
		         */
	x->w.last = x->w.gone = 1;
	record_free(x);
	if (x->w.peer_fin)
		hf_close(x->h, x->c);
	else
		hf_linger(x->h, x->c);
}

/* Limits the peer's window to the free bytes of the record while the request has to wait. */
static void
session_pace(struct http_session *x)
{
	if (x->w.gone)
		return;
	if (x->rec != NULL && session_blocked(x)) {
		x->w.narrow = 1;
		hf_recv_room(x->h, x->c, HTTP_SECTION_MAX - x->rec->len);
	} else if (x->w.narrow) {
		x->w.narrow = 0;
		hf_recv_room(x->h, x->c, RECV_ROOM);
	}
}

/* Answers 408 to a request that did not arrive in time (RFC 9110 15.5.9). */
static void
session_time_out(struct http_session *x)
{
	struct http_request nothing = {.keep_alive = false};

	if (session_blocked(x) || !http_send_error(x, &nothing, 408, false)) {
		session_abort(x);
		return;
	}
	x->w.last = 1;
	x->w.count = 0;
	session_settle(x);
	session_pace(x);
}

/* Takes the record of another connection, so that no peer waits for a slow one. */
static void
record_evict(struct http_session *x, struct http_record *rec)
{
	struct http_session y = {.h = x->h, .s = x->s, .c = rec->conn};

	session_load(&y);
	session_time_out(&y);
	session_save(&y);
}

static struct http_record *
record_take(struct http_session *x, enum http_size size)
{
	struct http_store *st = &x->s->store;
	struct http_record *rec = http_store_take(st, size, x->c, hf_now_us(x->h));

	if (rec != NULL)
		return rec;
	record_evict(x, http_store_victim(st, size, x->c));
	return http_store_take(st, size, x->c, hf_now_us(x->h));
}

/* Moves the bytes to a large record. Returns false if the record is large already, or if no
 * large record is free. */
static bool
record_grow(struct http_session *x)
{
	struct http_record *old = x->rec, *rec;

	if (old->room == HTTP_SECTION_MAX || (rec = record_take(x, HTTP_LARGE)) == NULL)
		return false;
	rec->since_us = old->since_us;
	rec->len = old->len;
	rec->parser = old->parser;
	memcpy(rec->buf, old->buf, old->len);
	record_free(x);
	x->rec = rec;
	return true;
}

/* The status of an error, or 0 for the page. */
static uint16_t
error_status(const struct http_session *x, const uint8_t *section, const struct http_request *r)
{
	const uint8_t *path = section + r->path;

	if (r->status != 0)
		return r->status;
	if (r->has_path && !http_path_is(path, r->path_len, "") &&
	        !http_path_is(path, r->path_len, x->s->page.body->name))
		return 404;
	return r->method == HTTP_NOT_ALLOWED ? 405 : 0;
}

/* Returns false if the response could not be queued now. */
static bool
answer_request(struct http_session *x, const uint8_t *section, const struct http_request *r)
{
	uint16_t status = error_status(x, section, r);
	bool keep = r->keep_alive && r->status == 0 && !x->s->close && !r->chunked &&
	            r->content_bytes <= SKIP_MAX && hf_draining(x->h) == 0;

	/* The client may send its content now or not (RFC 9110 10.1.1). */
	if (r->expect && r->content_bytes > 0)
		keep = false;
	x->starved = status == 0 ? !http_send_page(x, r, keep)
	                         : !http_send_error(x, r, status, keep);
	if (x->starved)
		return false;
	x->answered = true;
	x->w.last = !keep;
	x->w.count = keep ? (uint32_t)r->content_bytes : 0;
	return true;
}

/* The result of http_parse() depends only on the bytes of the section, so equal bytes give an
 * equal request. */
static bool
is_known(const struct http_known *k, const uint8_t *bytes, uint32_t len)
{
	return k->len != 0 && len >= k->len && memcmp(bytes, k->section, k->len) == 0;
}

static void
note_known(
        struct http_known *k, const struct http_parser *p, const uint8_t *bytes, uint32_t len)
{
	if (len > HTTP_KNOWN_MAX || p->req.status != 0)
		return;
	memcpy(k->section, bytes, len);
	k->len = len;
	k->req = p->req;
}

/* Reads one element: content, a request or empty lines. Returns its length, or 0 if bytes are
 * missing or the response has to wait. */
static uint32_t
read_element(struct http_session *x, struct http_parser *p, const uint8_t *bytes, uint32_t len)
{
	struct http_known *k = &x->s->known;
	uint32_t n;
	bool ok;

	if (x->w.count > 0) {
		n = x->w.count < len ? x->w.count : len;
		x->w.count -= n;
		return n;
	}
	if (p->line == 0 && is_known(k, bytes, len)) {
		p->seen = 0;
		return answer_request(x, bytes, &k->req) ? k->len : 0;
	}
	if ((n = http_empty_lines(bytes, len)) > 0) {
		*p = (struct http_parser) {0};
		return n;
	}
	if ((n = http_parse(p, bytes, len)) == 0)
		return 0;
	note_known(k, p, bytes, n);
	ok = answer_request(x, bytes, &p->req);
	*p = (struct http_parser) {0};
	return ok ? n : 0;
}

static uint32_t
serve_bytes(struct http_session *x, struct http_parser *p, const uint8_t *bytes, uint32_t len)
{
	uint32_t done = 0, n;

	while (done < len && !x->w.last && !session_blocked(x)) {
		n = read_element(x, p, bytes + done, len - done);
		if (n == 0)
			break;
		done += n;
	}
	return done;
}

/* Stores bytes that cannot be served yet. Returns the number stored. */
static uint32_t
store_bytes(
        struct http_session *x, const struct http_parser *p, const uint8_t *bytes, uint32_t len)
{
	if (session_stuck(x))
		return 0; /* the stack offers the bytes again, which is the next event */
	if (len > HTTP_SECTION_MAX)
		len = HTTP_SECTION_MAX;
	x->rec = record_take(x, http_store_size(len));
	if (x->rec == NULL)
		return 0;
	memcpy(x->rec->buf, bytes, len);
	x->rec->len = len;
	x->rec->parser = *p;
	return len;
}

/* Removes served bytes from the record. Empty lines do not restart the timeout: with one empty
 * line per minute a peer would never have to send a request. */
static void
record_shift(struct http_session *x, uint32_t done)
{
	struct http_record *rec = x->rec;

	rec->len -= done;
	memmove(rec->buf, rec->buf + done, rec->len);
	if (!x->answered)
		return;
	rec->since_us = hf_now_us(x->h);
	http_store_used(&x->s->store, rec);
}

/* Adds the bytes to the record and serves from it. Returns the number of bytes taken. */
static uint32_t
serve_from_record(struct http_session *x, const uint8_t *bytes, uint32_t len)
{
	struct http_record *rec = x->rec;
	uint32_t taken = 0, n, done;

	do {
		rec = x->rec;
		n = len - taken;
		if (n > rec->room - rec->len)
			n = rec->room - rec->len;
		if (n > 0)
			memcpy(rec->buf + rec->len, bytes + taken, n);
		rec->len += n;
		taken += n;
		done = serve_bytes(x, &rec->parser, rec->buf, rec->len);
		if (done > 0)
			record_shift(x, done);
	} while (taken < len && !x->w.last && (done > 0 || record_grow(x)));

	rec = x->rec;
	if (x->w.last)
		return len;
	if (session_stuck(x)) {
		/* The stack offers the bytes again, as in store_bytes(). The parser stands
		 * before the request that could not be answered. */
		n = n < rec->len ? n : rec->len;
		rec->len -= n;
		taken -= n;
	}
	if (rec->len == 0)
		record_free(x);
	return taken;
}

static uint32_t
http_service_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct http_session x = {.h = h, .s = self, .c = c};
	uint32_t taken;

	session_load(&x);
	http_page_tick(&x.s->page, hf_now_us(h));
	if (x.w.last) {
		taken = len; /* requests behind the last one are ignored */
	} else if (x.rec != NULL) {
		taken = serve_from_record(&x, bytes, len);
	} else {
		struct http_parser p = {0};

		taken = serve_bytes(&x, &p, bytes, len);
		if (x.w.last)
			taken = len;
		else if (taken < len)
			taken += store_bytes(&x, &p, bytes + taken, len - taken);
	}
	session_settle(&x);
	session_pace(&x);
	http_time_watch(&x, session_blocked(&x));
	session_save(&x);
	return taken;
}

/* Queues the responses that had to wait. */
static void
session_go_on(struct http_session *x)
{
	http_page_tick(&x->s->page, hf_now_us(x->h));
	if (x->w.gone)
		return;
	if (x->w.owes)
		http_send_owed(x);
	if (x->rec != NULL)
		serve_from_record(x, NULL, 0);
	if (session_stuck(x))
		session_abort(x);
	session_settle(x);
	session_pace(x);
}

static void
http_service_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	http_time_begin(h, self, c);
}

static void
http_service_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	session_load(&x);
	http_time_read(&x);
	if (x.rec != NULL &&
	        session_blocked(&x)) /* the peer reads: its record is no longer the oldest */
		http_store_used(&x.s->store, x.rec);
	if (x.w.owes || x.rec != NULL)
		session_go_on(&x);
	if (x.w.rendering != 0 && hf_unacked(h, c) == 0)
		http_drop_rendering(&x);
	http_time_watch(&x, session_blocked(&x));
	session_save(&x);
}

static void
http_service_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	session_load(&x);
	x.w.peer_fin = 1;
	session_go_on(&x);
	http_time_watch(&x, session_blocked(&x));
	session_save(&x);
}

static void
http_service_deadline(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	session_load(&x);
	http_page_tick(&x.s->page, hf_now_us(h));
	switch ((enum http_phase)x.w.phase) {
	case HTTP_HEADER:
		session_time_out(&x);
		break;
	case HTTP_SENDING: /* the peer does not read, so a FIN would not reach it */
		session_abort(&x);
		break;
	case HTTP_FRESH: /* without a request there is no answer */
	case HTTP_IDLE:
	case HTTP_CONTENT: /* the response to the request has been sent */
		x.w.last = 1;
		x.w.count = 0;
		session_settle(&x);
		break;
	}
	session_save(&x);
}

static void
http_service_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	session_load(&x);
	http_time_drain(&x);
	session_save(&x);
}

static void
http_service_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	(void)why;
	session_load(&x);
	http_drop_rendering(&x);
	record_free(&x);
	hf_set_ctx(c, NULL);
}

static void *
http_service_create(const void *conf, int numa_node)
{
	const struct http_conf *cf = conf;
	struct http *s = calloc(1, sizeof(*s));
	int rc;

	/* The lowest bit tells a word from the address of a record. */
	assert((uintptr_t)(union http_word) {.tag = 1}.ctx == 1);
	if (s == NULL)
		return NULL;
	s->close = cf->close;
	memcpy(s->timeout_ms, cf->timeout_ms, sizeof(s->timeout_ms));
	rc = http_page_create(&s->page, cf->body);
	if (rc < 0)
		goto fail;
	rc = http_store_create(&s->store, cf->max_conns, numa_node);
	if (rc == 0)
		return s;
	http_page_destroy(&s->page);
fail:
	free(s);
	errno = -rc;
	return NULL;
}

static void
http_service_destroy(void *self)
{
	struct http *s = self;

	http_store_destroy(&s->store);
	http_page_destroy(&s->page);
	free(s);
}

const struct hf_service service_http = {
        .name = "http",
        .create = http_service_create,
        .destroy = http_service_destroy,
        .opened = http_service_opened,
        .data = http_service_data,
        .room = http_service_room,
        .peer_closed = http_service_peer_closed,
        .deadline = http_service_deadline,
        .draining = http_service_draining,
        .closed = http_service_closed,
};
