/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames going out: an answer in the buffer of the packet that asked for it if
 * that is still ours, in a new one otherwise. */
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

/* May an answer be written into s's buffer? Else into a copy, and s is that. */
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

be32
stack_next_hop(const struct stack_port *p, be32 raddr)
{
	bool on_link = ((raddr ^ p->ip) & p->netmask) == 0;

	return on_link || p->gateway == 0 ? raddr : p->gateway;
}

/* The MAC that o goes to, or NULL. */
static const uint8_t *
find_mac(struct stack *st, const struct tcp_out *o)
{
	const struct stack_if *p = &st->port[o->port];
	be32 hop;

	if (o->asked_by != NULL) {
		/* what was put off is no more the one that is being handled */
		if (o->asked_by->buf != NULL)
			memcpy(st->peer_mac, o->asked_by->frame + ETH_ALEN, ETH_ALEN);
		if (o->way_back != NULL)
			memcpy(o->way_back, st->peer_mac, ETH_ALEN);
		return st->peer_mac;
	}
	if (o->way_back != NULL)
		return o->way_back;
	hop = stack_next_hop(&p->conf, o->key.raddr);
	return neigh_mac(p->neigh, hop, o->neigh, st->tcp.now);
}

/* A buffer of `size` for o. */
static bool
find_frame(struct stack *st, const struct tcp_out *o, unsigned size, struct frame *f)
{
	struct seg *s = o->asked_by;

	if (s != NULL && s->buf != NULL && size <= s->room) {
		f->buf = s->buf;
		f->data = s->frame;
		f->room = s->room;
		s->buf = NULL;
		return true;
	}
	if (!stack_frame_take(st, f))
		return false;
	if (size <= f->room)
		return true;
	st->io.free(st->io.ctx, &f->buf, 1);
	counter_drop(&st->count, DROP_NO_MBUF);
	return false;
}

void
stack_answer_syns(void *below, struct seg *const *s, const struct cookie *c, unsigned n)
{
	struct stack *st = below;

	for (unsigned i = 0; i < n; i++) {
		const struct stack_if *p = &st->port[s[i]->port];

		if (syn_ack_build(s[i], &p->syn_ack, c[i].iss, c[i].tsval))
			stack_answer(st, s[i], p->offload);
	}
}

bool
stack_emit(void *below, const struct tcp_out *o)
{
	struct stack *st = below;
	const struct stack_port *p = &st->port[o->port].conf;
	static const uint8_t not_yet[ETH_ALEN];
	const uint8_t *mac = find_mac(st, o);
	struct build_l2 l2;
	struct frame *f;

	f = stack_frame_next(st, o->port);
	if (!find_frame(st, o, build_tcp_size(o), f))
		return false;

	l2.src = p->mac;
	l2.dst = mac != NULL ? mac : not_yet;
	l2.offload_ip = p->offload_ip;
	l2.offload_tcp = p->offload_tcp;
	f->len = (uint16_t)build_tcp(f->data, o, &l2);
	f->port = o->port;
	f->offload = st->port[o->port].offload;
	f->stranger = o->neigh == NULL;
	if (mac == NULL)
		return waiting_add(st, f, stack_next_hop(p, o->key.raddr));
	stack_frame_commit(st);
	return true;
}
