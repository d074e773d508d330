/* SPDX-License-Identifier: BSD-3-Clause */
/* The queue of data that is sent, or acknowledged, next. */
#include "tcp/sends.h"

#include <errno.h>

#include "tcp/kept.h"

static struct tcp_send *
send_at(const struct tcp *t, uint32_t i)
{
	return pool_at(&t->sends, i);
}

int
sends_append(struct tcp *t, struct tcp_conn *c, const void *p, uint32_t len, void *buf)
{
	struct tcp_rare *r = tcp_rare(t, c);
	struct tcp_send *d;
	uint32_t end, i;

	end = tcp_snd_end(t, c);
	if (len > TCP_QUEUED_MAX || end - c->snd_una + len > TCP_QUEUED_MAX)
		return -EMSGSIZE;
	if (r->nsends == TCP_SENDS_MAX || (i = pool_take(&t->sends)) == POOL_NONE) {
		counter_add(&t->count->sends_refused, 1);
		return -ENOBUFS;
	}
	d = send_at(t, i);
	*d = (struct tcp_send) {
	        .next = POOL_NONE, .tail = i, .seq = end, .len = len, .data = p, .buf = buf};
	r->nsends++;

	if (c->sends == POOL_NONE) {
		c->sends = i;
	} else {
		struct tcp_send *first = send_at(t, c->sends);

		send_at(t, first->tail)->next = i;
		first->tail = i;
	}
	return 0;
}

static void
send_pop(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);
	uint32_t i = c->sends;
	struct tcp_send *d = send_at(t, i);

	if (d->next != POOL_NONE)
		send_at(t, d->next)->tail = d->tail;
	c->sends = d->next;
	if (r->cursor == i)
		r->cursor = POOL_NONE;
	kept_give(t, d->buf);
	pool_give(&t->sends, i);
	r->nsends--;
}

void
sends_acked(struct tcp *t, struct tcp_conn *c, uint32_t ack)
{
	while (c->sends != POOL_NONE) {
		const struct tcp_send *d = send_at(t, c->sends);

		if (seq_gt(d->seq + d->len, ack))
			return;
		send_pop(t, c);
	}
}

void
sends_purge(struct tcp *t, struct tcp_conn *c)
{
	while (c->sends != POOL_NONE)
		send_pop(t, c);
}

/* The descriptor of sequence number seq. The search begins where the last segment ended. */
static uint32_t
send_find(const struct tcp *t, const struct tcp_conn *c, uint32_t seq)
{
	uint32_t i = tcp_rare(t, c)->cursor;

	if (i == POOL_NONE || seq_lt(seq, send_at(t, i)->seq))
		i = c->sends;
	while (i != POOL_NONE && seq_leq(send_at(t, i)->seq + send_at(t, i)->len, seq))
		i = send_at(t, i)->next;
	return i;
}

void
sends_gather(const struct tcp *t, const struct tcp_conn *c, uint32_t seq, uint32_t len,
        struct tcp_out *o)
{
	struct tcp_rare *r = tcp_rare(t, c);
	uint32_t i = send_find(t, c, seq), got = 0;

	o->npieces = 0;
	while (got < len) {
		const struct tcp_send *d = send_at(t, i);
		uint32_t from = seq + got - d->seq;
		uint32_t n = d->len - from < len - got ? d->len - from : len - got;

		o->piece[o->npieces++] = (struct tcp_text) {.data = d->data + from, .len = n};
		got += n;
		r->cursor = i;
		i = d->next;
	}
}
