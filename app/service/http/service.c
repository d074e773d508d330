/* SPDX-License-Identifier: BSD-3-Clause */
/* http: HTTP/1.0 and 1.1 (RFC 9110, 9112), one page.
 *
 * Closing first, it lingers: a RST in answer to a pipelined request would destroy
 * the response in the peer's receive buffer (RFC 9112 9.6). How long a peer may
 * take with its FIN is the stack's policy for FIN-WAIT-2.
 *
 * Content that comes with a request is never wanted: a little of known length
 * is skipped, before anything else the connection ends with the response. So
 * nothing that a peer calls content can be read as a request.
 *
 * While the stack drains each response is the last one of its connection, and says so, and
 * one that waits for a request ends in order after a moment (RFC 9112 9.6).
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "service/http/time.h"
#include "service/services.h"

#define SEND_MAX  (256u << 10) /* queued before the next request is read */
#define SKIP_MAX  (1u << 20)   /* content that is worth the connection */
#define RECV_ROOM (64u << 10)  /* offered again after the peer was held back */

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

/* Until then no further request is read. */
static bool
blocked(const struct http_session *x)
{
	return x->w.owes || x->starved || hf_unacked(x->h, x->c) > SEND_MAX;
}

/* Nothing will call us again: the core gave nothing, and no acknowledgement
 * is under way that would bring room(). */
static bool
stuck(const struct http_session *x)
{
	return (x->starved || x->w.owes) && hf_unacked(x->h, x->c) == 0;
}

static void
give_up(struct http_session *x)
{
	record_free(x);
	x->w.last = x->w.gone = 1;
	hf_abort(x->h, x->c);
}

/* The end, when all has been said: by us, or by the peer and so by us. */
static void
settle(struct http_session *x)
{
	if (x->w.gone)
		return;
	if (x->w.last)
		record_free(x);
	if (x->w.owes || (!x->w.last && !x->w.peer_fin))
		return;
	if (!x->w.last && x->rec != NULL && blocked(x))
		return; /* a request waits; what is cut short (RFC 9112 8) does not */
	x->w.last = x->w.gone = 1;
	record_free(x);
	if (x->w.peer_fin)
		hf_close(x->h, x->c);
	else
		hf_linger(x->h, x->c);
}

/* Holds the peer to what the record can store while it has to wait. */
static void
pace(struct http_session *x)
{
	if (x->w.gone)
		return;
	if (x->rec != NULL && blocked(x)) {
		x->w.narrow = 1;
		hf_recv_room(x->h, x->c, HTTP_SECTION_MAX - x->rec->len);
	} else if (x->w.narrow) {
		x->w.narrow = 0;
		hf_recv_room(x->h, x->c, RECV_ROOM);
	}
}

/* The end of what waits for more of a request: RFC 9110 15.5.9. */
static void
time_out(struct http_session *x)
{
	struct http_request nothing = {.keep_alive = false};

	if (blocked(x) || !http_send_error(x, &nothing, 408, false)) {
		give_up(x);
		return;
	}
	x->w.last = 1;
	x->w.count = 0;
	settle(x);
	pace(x);
}

/* Its record goes to somebody else: what a slow peer waits for, nobody else does. */
static void
evict(struct http_session *x, struct http_record *rec)
{
	struct http_session y = {.h = x->h, .s = x->s, .c = rec->conn};

	session_load(&y);
	time_out(&y);
	session_save(&y);
}

static struct http_record *
record_take(struct http_session *x, enum http_size size)
{
	struct http_store *st = &x->s->store;
	struct http_record *rec = http_store_take(st, size, x->c, hf_now_us(x->h));

	if (rec != NULL)
		return rec;
	evict(x, http_store_victim(st, size, x->c));
	return http_store_take(st, size, x->c, hf_now_us(x->h));
}

/* The bytes move to a large record. False: it is one already, or there is none. */
static bool
grow(struct http_session *x)
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

/* 0: the page. */
static uint16_t
status_of(const struct http_session *x, const uint8_t *section, const struct http_request *r)
{
	const uint8_t *path = section + r->path;

	if (r->status != 0)
		return r->status;
	if (r->has_path && !http_path_is(path, r->path_len, "") &&
	        !http_path_is(path, r->path_len, x->s->page.body->name))
		return 404;
	return r->method == HTTP_NOT_ALLOWED ? 405 : 0;
}

/* False: not now. */
static bool
answer(struct http_session *x, const uint8_t *section, const struct http_request *r)
{
	uint16_t status = status_of(x, section, r);
	bool keep = r->keep_alive && r->status == 0 && !x->s->close && !r->chunked &&
	            r->content_bytes <= SKIP_MAX && hf_draining(x->h) == 0;

	/* It may or may not send its content now (RFC 9110 10.1.1). */
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

/* What http_parse() says of a section depends on its bytes alone, and it ends
 * within them: so the same bytes mean the same. */
static bool
is_known(const struct http_known *k, const uint8_t *bytes, uint32_t len)
{
	return k->len != 0 && len >= k->len && memcmp(bytes, k->section, k->len) == 0;
}

static void
learn(struct http_known *k, const struct http_parser *p, const uint8_t *bytes, uint32_t len)
{
	if (len > HTTP_KNOWN_MAX || p->req.status != 0)
		return;
	memcpy(k->section, bytes, len);
	k->len = len;
	k->req = p->req;
}

/* One step ahead in the bytes; 0: they do not suffice, or it has to wait. */
static uint32_t
take_one(struct http_session *x, struct http_parser *p, const uint8_t *bytes, uint32_t len)
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
		return answer(x, bytes, &k->req) ? k->len : 0;
	}
	if ((n = http_empty_lines(bytes, len)) > 0) {
		*p = (struct http_parser) {0};
		return n;
	}
	if ((n = http_parse(p, bytes, len)) == 0)
		return 0;
	learn(k, p, bytes, n);
	ok = answer(x, bytes, &p->req);
	*p = (struct http_parser) {0};
	return ok ? n : 0;
}

static uint32_t
serve(struct http_session *x, struct http_parser *p, const uint8_t *bytes, uint32_t len)
{
	uint32_t done = 0, n;

	while (done < len && !x->w.last && !blocked(x)) {
		n = take_one(x, p, bytes + done, len - done);
		if (n == 0)
			break;
		done += n;
	}
	return done;
}

/* Bytes that cannot be served yet; returns how many could be stored. */
static uint32_t
stash(struct http_session *x, const struct http_parser *p, const uint8_t *bytes, uint32_t len)
{
	if (stuck(x))
		return 0; /* that they come again is what will call us */
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

/* Some of what the record holds has been served. Empty lines are nothing achieved: with
 * one a minute a request would never have to come. */
static void
shift(struct http_session *x, uint32_t done)
{
	struct http_record *rec = x->rec;

	rec->len -= done;
	memmove(rec->buf, rec->buf + done, rec->len);
	if (!x->answered)
		return;
	rec->since_us = hf_now_us(x->h);
	http_store_used(&x->s->store, rec);
}

/* Serves out of the record, with these bytes behind what it holds; returns how
 * many were taken. */
static uint32_t
feed(struct http_session *x, const uint8_t *bytes, uint32_t len)
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
		done = serve(x, &rec->parser, rec->buf, rec->len);
		if (done > 0)
			shift(x, done);
	} while (taken < len && !x->w.last && (done > 0 || grow(x)));

	rec = x->rec;
	if (x->w.last)
		return len;
	if (stuck(x)) {
		/* As in stash(). The parser starts over: it is where it was
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
http_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct http_session x = {.h = h, .s = self, .c = c};
	uint32_t taken;

	session_load(&x);
	http_page_tick(&x.s->page, hf_now_us(h));
	if (x.w.last) {
		taken = len; /* more requests, while a body is owed */
	} else if (x.rec != NULL) {
		taken = feed(&x, bytes, len);
	} else {
		struct http_parser p = {0};

		taken = serve(&x, &p, bytes, len);
		if (x.w.last)
			taken = len;
		else if (taken < len)
			taken += stash(&x, &p, bytes + taken, len - taken);
	}
	settle(&x);
	pace(&x);
	http_time_watch(&x, blocked(&x));
	session_save(&x);
	return taken;
}

/* Says what had to wait. */
static void
go_on(struct http_session *x)
{
	http_page_tick(&x->s->page, hf_now_us(x->h));
	if (x->w.gone)
		return;
	if (x->w.owes)
		http_send_owed(x);
	if (x->rec != NULL)
		feed(x, NULL, 0);
	if (stuck(x))
		give_up(x);
	settle(x);
	pace(x);
}

static void
http_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	http_time_begin(h, self, c);
}

static void
http_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	session_load(&x);
	http_time_read(&x);
	if (x.rec != NULL && blocked(&x)) /* it reads: not the oldest any more */
		http_store_used(&x.s->store, x.rec);
	if (x.w.owes || x.rec != NULL)
		go_on(&x);
	if (x.w.rendering != 0 && hf_unacked(h, c) == 0)
		http_drop_rendering(&x);
	http_time_watch(&x, blocked(&x));
	session_save(&x);
}

static void
http_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	session_load(&x);
	x.w.peer_fin = 1;
	go_on(&x);
	http_time_watch(&x, blocked(&x));
	session_save(&x);
}

static void
http_deadline(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	session_load(&x);
	http_page_tick(&x.s->page, hf_now_us(h));
	switch ((enum http_phase)x.w.phase) {
	case HTTP_HEADER:
		time_out(&x);
		break;
	case HTTP_SENDING: /* it does not read: no orderly end would reach it */
		give_up(&x);
		break;
	case HTTP_FRESH: /* nothing was asked, and so nothing is answered */
	case HTTP_IDLE:
	case HTTP_CONTENT: /* the response to its request has been sent */
		x.w.last = 1;
		x.w.count = 0;
		settle(&x);
		break;
	}
	session_save(&x);
}

static void
http_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	session_load(&x);
	http_time_drain(&x);
	session_save(&x);
}

static void
http_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct http_session x = {.h = h, .s = self, .c = c};

	(void)why;
	session_load(&x);
	http_drop_rendering(&x);
	record_free(&x);
	hf_set_ctx(c, NULL);
}

static void *
http_create(const void *conf, int numa_node)
{
	const struct http_conf *cf = conf;
	struct http *s = calloc(1, sizeof(*s));
	int rc;

	/* A record's address and a word are told apart by the lowest bit. */
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
http_destroy(void *self)
{
	struct http *s = self;

	http_store_destroy(&s->store);
	http_page_destroy(&s->page);
	free(s);
}

const struct hf_service service_http = {
        .name = "http",
        .create = http_create,
        .destroy = http_destroy,
        .opened = http_opened,
        .data = http_data,
        .room = http_room,
        .peer_closed = http_peer_closed,
        .deadline = http_deadline,
        .draining = http_draining,
        .closed = http_closed,
};
