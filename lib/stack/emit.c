/* SPDX-License-Identifier: BSD-3-Clause */
/* From a struct tcp_out to a frame, in the buffer of the segment that asked for it or in a new
 * one; and cookies' SYN-ACKs, written over their SYNs. */
#include "stack/private.h"

/* The MAC that o goes to. NULL: it is not known yet. */
static const uint8_t *
find_mac(struct stack *st, const struct tcp_out *o)
{
	const struct stack_if *p = &st->port[o->port];
	be32 hop;

	if (o->asked_by != NULL) {
		/* a SYN that was put off for its cookie is not the segment being handled */
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

/* Find a buffer of `size` bytes for o: that of the segment that asked, or a new one. */
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
