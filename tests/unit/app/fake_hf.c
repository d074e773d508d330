/* SPDX-License-Identifier: BSD-3-Clause */
/* The public API without a stack under it. */
#include "fake_hf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

struct hf_buf {
	uint8_t *bytes;
	uint32_t len;
};

/* No event but closed() follows. */
static bool
gone(const struct hf_conn *c)
{
	return c->closed || c->lingers || c->aborted;
}

struct hf_core
fake_core(void)
{
	return (struct hf_core) {.now_us = 1, .descriptors = FAKE_MANY, .bufs = FAKE_MANY};
}

static int
queue(struct hf_core *h, struct hf_conn *c, struct hf_buf *b, const void *bytes, uint32_t len)
{
	cr_assert(len > 0, "nothing was queued");
	if (c->shut || gone(c))
		return -EPIPE;
	if (h->descriptors == 0 || c->pieces == FAKE_PIECES)
		return -ENOBUFS;
	h->descriptors--;
	if (c->out_len + len > c->out_room) {
		c->out_room = (c->out_len + len) * 2;
		c->out = realloc(c->out, c->out_room);
	}
	memcpy(c->out + c->out_len, bytes, len);
	c->out_len += len;
	c->unacked += len;
	c->sends++;
	c->piece[c->pieces++] = (struct fake_piece) {bytes, len, b};
	return 0;
}

int
hf_send(struct hf_core *h, struct hf_conn *c, const void *bytes, uint32_t len)
{
	return queue(h, c, NULL, bytes, len);
}

int
hf_send_buf(
        struct hf_core *h, struct hf_conn *c, struct hf_buf *b, const void *bytes, uint32_t len)
{
	const uint8_t *at = bytes;

	cr_assert(at >= b->bytes && at + len <= b->bytes + b->len, "bytes outside the buffer");
	return queue(h, c, b, bytes, len);
}

static struct hf_buf *
buf_new(struct hf_core *h, const void *bytes, uint32_t len)
{
	struct hf_buf *b;

	if (h->bufs == 0)
		return NULL;
	h->bufs--;
	h->bufs_out++;
	b = malloc(sizeof(*b));
	*b = (struct hf_buf) {malloc(len), len};
	if (bytes != NULL)
		memcpy(b->bytes, bytes, len);
	return b;
}

struct hf_buf *
hf_buf_alloc(struct hf_core *h, uint8_t **bytes, uint32_t *room)
{
	struct hf_buf *b = buf_new(h, NULL, 1024);

	if (b != NULL) {
		*bytes = b->bytes;
		*room = b->len;
	}
	return b;
}

void
hf_buf_free(struct hf_core *h, struct hf_buf *b)
{
	h->bufs++;
	h->bufs_out--;
	free(b->bytes);
	free(b);
}

/* The packet of this data() event is a buffer already, made by fake_data(). */
static struct hf_buf packet;

struct hf_buf *
hf_keep(struct hf_core *h, struct hf_conn *c)
{
	struct hf_buf *b;

	cr_assert_not_null(c->in, "hf_keep() outside data()");
	cr_assert(!c->kept, "kept twice");
	if (h->bufs == 0)
		return NULL;
	h->bufs--;
	h->bufs_out++;
	c->kept = true;
	b = malloc(sizeof(*b));
	*b = packet;
	return b;
}

int
hf_shutdown(struct hf_core *h, struct hf_conn *c)
{
	(void)h;
	if (c->shut || gone(c))
		return -EPIPE;
	c->shut = true;
	return 0;
}

void
hf_close(struct hf_core *h, struct hf_conn *c)
{
	(void)h;
	c->closed = true;
}

void
hf_linger(struct hf_core *h, struct hf_conn *c)
{
	(void)h;
	c->lingers = true;
}

static void
drop_front(struct hf_conn *c)
{
	if (c->piece[0].buf != NULL)
		hf_buf_free(c->h, c->piece[0].buf);
	c->h->descriptors++;
	c->pieces--;
	memmove(c->piece, c->piece + 1, c->pieces * sizeof(c->piece[0]));
}

void
hf_abort(struct hf_core *h, struct hf_conn *c)
{
	(void)h;
	c->aborted = true;
}

void
hf_deadline(struct hf_core *h, struct hf_conn *c, uint32_t ms)
{
	c->deadline_us = ms == 0 || gone(c) ? 0 : h->now_us + ms * UINT64_C(1000);
}

void
hf_deadline_later(struct hf_core *h, struct hf_conn *c, uint32_t ms, uint32_t most_ms)
{
	uint64_t most = h->now_us + most_ms * UINT64_C(1000);
	uint64_t later = c->deadline_us + ms * UINT64_C(1000);

	if (c->deadline_us != 0 && c->deadline_us < most)
		c->deadline_us = later < most ? later : most;
}

struct hf_addr
hf_peer(const struct hf_conn *c)
{
	return c->peer;
}

void
hf_recv_room(struct hf_core *h, struct hf_conn *c, uint32_t bytes)
{
	(void)h;
	c->recv_room = bytes;
}

uint32_t
hf_unacked(struct hf_core *h, const struct hf_conn *c)
{
	(void)h;
	return c->unacked;
}

void
hf_set_ctx(struct hf_conn *c, void *ctx)
{
	c->ctx = ctx;
}

void *
hf_ctx(const struct hf_conn *c)
{
	return c->ctx;
}

uint64_t
hf_now_us(const struct hf_core *h)
{
	return h->now_us;
}

uint32_t
hf_draining(const struct hf_core *h)
{
	if (h->drain_end_us == 0)
		return 0;
	return h->drain_end_us > h->now_us + 1000
	               ? (uint32_t)((h->drain_end_us - h->now_us) / 1000)
	               : 1;
}

struct hf_conn *
fake_open(struct hf_core *h, const struct hf_service *service, void *self)
{
	struct hf_conn *c = calloc(1, sizeof(*c));

	c->h = h;
	c->service = service;
	c->self = self;
	c->recv_room = UINT32_MAX;
	if (service->opened != NULL)
		service->opened(h, self, c);
	if (h->drain_end_us != 0 && service->draining != NULL && !gone(c))
		service->draining(h, self, c);
	return c;
}

uint32_t
fake_data(struct hf_conn *c, const void *bytes, uint32_t len)
{
	uint32_t taken;
	uint8_t *in;

	if (gone(c) || c->service->data == NULL)
		return len;
	in = malloc(len);
	memcpy(in, bytes, len);
	packet = (struct hf_buf) {in, len};
	c->in = in;
	c->in_len = len;
	c->kept = false;
	taken = c->service->data(c->h, c->self, c, in, len);
	cr_assert(taken <= len);
	c->in = NULL;
	if (!c->kept)
		free(in);
	return taken;
}

void
fake_ack(struct hf_conn *c, uint32_t bytes)
{
	const uint8_t *was = c->out + (c->out_len - c->unacked);

	cr_assert(bytes <= c->unacked);
	c->unacked -= bytes;
	while (bytes > 0) {
		struct fake_piece *p = &c->piece[0];
		uint32_t n = bytes < p->len ? bytes : p->len;

		cr_assert(memcmp(p->at, was, n) == 0, "queued bytes have changed");
		was += n;
		bytes -= n;
		p->at += n;
		p->len -= n;
		if (p->len == 0)
			drop_front(c);
	}
	if (c->service->room != NULL && !gone(c))
		c->service->room(c->h, c->self, c);
}

void
fake_ack_all(struct hf_conn *c)
{
	if (c->unacked > 0)
		fake_ack(c, c->unacked);
}

void
fake_peer_closed(struct hf_conn *c)
{
	if (gone(c))
		return;
	if (c->service->peer_closed != NULL)
		c->service->peer_closed(c->h, c->self, c);
	else
		hf_close(c->h, c);
}

void
fake_drain(struct hf_conn *c, uint32_t ms)
{
	c->h->drain_end_us = c->h->now_us + ms * UINT64_C(1000);
	if (c->service->draining != NULL && !gone(c))
		c->service->draining(c->h, c->self, c);
}

void
fake_wait(struct hf_conn *c, uint64_t ms)
{
	c->h->now_us += ms * 1000;
	if (c->deadline_us == 0 || c->deadline_us > c->h->now_us || gone(c))
		return;
	c->deadline_us = 0;
	if (c->service->deadline != NULL)
		c->service->deadline(c->h, c->self, c);
	else
		c->aborted = true;
}

void
fake_end(struct hf_conn *c, enum hf_reason why)
{
	while (c->pieces > 0)
		drop_front(c);
	c->unacked = 0;
	if (c->service->closed != NULL)
		c->service->closed(c->h, c->self, c, why);
	free(c->out);
	free(c);
}

void
fake_data_all(struct hf_conn *c, const void *bytes, uint32_t len)
{
	const uint8_t *at = bytes;
	unsigned idle = 0;

	while (len > 0) {
		uint32_t n = fake_data(c, at, len);

		idle = n > 0 ? 0 : idle + 1;
		cr_assert(idle < 10, "bytes are refused for ever");
		at += n;
		len -= n;
		if (n == 0)
			fake_ack_all(c);
	}
}
