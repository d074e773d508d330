/* SPDX-License-Identifier: BSD-3-Clause */
/* SEND (RFC 9293 3.10.2): text by pointer or in packet buffers, and the buffers themselves. */
#include "api/private.h"

#include <errno.h>

#include "tcp/kept.h"
#include "tcp/pend.h"
#include "tcp/reasm.h"
#include "tcp/sends.h"

#define BUF_ROOM_MIN 1024

static int
queue(struct tcp *t, struct tcp_conn *c, const void *bytes, uint32_t len, void *buf)
{
	int rc;

	if ((c->flags & (CONN_SHUTDOWN | CONN_ABORT | CONN_ENDED)) ||
	        (c->state != TCP_ESTABLISHED && c->state != TCP_CLOSE_WAIT &&
	                !api_is_opening(c)))
		return -EPIPE;
	if (len == 0) {
		kept_give(t, buf);
		return 0;
	}
	rc = sends_append(t, c, bytes, len, buf);
	if (rc == -ENOBUFS && !sends_is_full(t, c))
		pressure_want_send(t, c); /* the core has none left */
	if (rc == 0)
		api_speak(t, c);
	return rc;
}

int
hf_send(struct hf_core *h, struct hf_conn *c, const void *bytes, uint32_t len)
{
	return queue(core(h), conn(c), bytes, len, NULL);
}

int
hf_send_buf(
        struct hf_core *h, struct hf_conn *c, struct hf_buf *b, const void *bytes, uint32_t len)
{
	return queue(core(h), conn(c), bytes, len, b);
}

static bool
may_keep(struct tcp *t, const struct tcp_conn *c)
{
	if (kept_may(t))
		return true;
	pressure_want_send(t, c); /* a connection that holds a buffer in vain gives it back */
	return false;
}

struct hf_buf *
hf_keep(struct hf_core *h, struct hf_conn *c)
{
	struct tcp *t = core(h);
	void *buf;

	/* in data() of c alone: the packet of another connection is not its */
	if (t->delivering == NULL || *t->delivering == NULL || conn(c) != t->current ||
	        !may_keep(t, conn(c)))
		return NULL;
	/* what data() does not take of a piece that is held must stay with us */
	buf = t->offering != NULL ? reasm_give(t, t->offering) : *t->delivering;
	if (buf == NULL)
		return NULL;
	if (t->offering == NULL)
		*t->delivering = NULL;
	t->delivering = NULL;
	kept_take(t);
	return buf;
}

struct hf_buf *
hf_buf_alloc(struct hf_core *h, uint8_t **bytes, uint32_t *room)
{
	struct tcp *t = core(h);
	void *buf;

	if (!may_keep(t, t->current))
		return NULL;
	buf = t->buf_alloc(t->below, bytes, room);
	if (buf == NULL)
		return NULL;
	kept_take(t);
	if (*room < BUF_ROOM_MIN) {
		kept_give(t, buf);
		return NULL;
	}
	return buf;
}

void
hf_buf_free(struct hf_core *h, struct hf_buf *b)
{
	kept_give(core(h), b);
}
