/* SPDX-License-Identifier: BSD-3-Clause */
/* The vector of frames that wait for the next call of the engine's transmit(), the stash of
 * empty frames, and answers in the buffer of the packet that asked for them. */
#include "stack/private.h"

void
stack_look_at_ports(struct stack *st)
{
	uint32_t backlogged = st->io.backlogged != NULL ? *st->io.backlogged : 0;

	if (backlogged != st->tcp.full_ports)
		tcp_full_ports(&st->tcp, backlogged);
}

void
stack_flush(struct stack *st)
{
	unsigned n = st->ntx;
	unsigned sent;

	if (n == 0)
		return;
	st->ntx = 0;
	sent = st->io.transmit(st->io.ctx, st->tx[0].port, st->tx, n);
	if (sent < n)
		counter_add(&st->count.drop[DROP_TX_FULL], n - sent);
	stack_look_at_ports(st);
}

struct frame *
stack_frame_next(struct stack *st, uint8_t port)
{
	if (st->ntx == STACK_TX || (st->ntx != 0 && st->tx[0].port != port))
		stack_flush(st);
	return &st->tx[st->ntx];
}

bool
stack_frame_take(struct stack *st, struct frame *f)
{
	if (st->nstash == 0) {
		st->nstash = st->io.alloc(st->io.ctx, st->stash, STACK_STASH);
		if (st->nstash == 0) {
			counter_drop(&st->count, DROP_NO_MBUF);
			return false;
		}
	}
	*f = st->stash[--st->nstash];
	return true;
}

bool
stack_own(struct stack *st, struct seg *s)
{
	struct frame f;

	if (s->frame_len <= s->room)
		return true;
	if (!stack_frame_take(st, &f))
		return false;
	if (s->frame_len > f.room) {
		st->io.free(st->io.ctx, &f.buf, 1);
		counter_drop(&st->count, DROP_NO_MBUF);
		return false;
	}
	memcpy(f.data, s->frame, s->frame_len);
	st->io.free(st->io.ctx, &s->buf, 1);
	s->buf = f.buf;
	s->frame = f.data;
	s->room = f.room;
	return true;
}

void
stack_answer(struct stack *st, struct seg *s, uint8_t offload)
{
	struct frame *f = stack_frame_next(st, s->port);

	f->buf = s->buf;
	f->data = s->frame;
	f->len = s->frame_len;
	f->room = s->room;
	f->port = s->port;
	f->offload = offload;
	f->stranger = true;
	s->buf = NULL;
	stack_frame_commit(st);
}
