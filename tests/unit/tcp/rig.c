/* SPDX-License-Identifier: BSD-3-Clause */
/* The layers below and above TCP, for its tests. */
#include "rig.h"

#include <errno.h>
#include <stdlib.h>

#define BUF_LEN 2048

uint8_t *
pattern_text(void)
{
	static uint8_t *text;

	if (text == NULL) {
		text = malloc(PATTERN_LEN);
		for (uint32_t i = 0; i < PATTERN_LEN; i++)
			text[i] = pattern(i);
	}
	return text;
}

uint8_t
pattern(uint64_t at)
{
	return (uint8_t)(at * 131 + (at >> 8) * 17 + (at >> 16));
}

static struct peer *
peer_of(struct rig *r, be16 port)
{
	for (unsigned i = 0; i < r->npeers; i++)
		if (r->peer[i]->port == port)
			return r->peer[i];
	cr_assert_fail("a segment or event without a peer");
	return NULL;
}

/* The functions that are lent from below. */

static void
check_text(const struct tcp_out *o, uint32_t seq)
{
	uint32_t at = seq, sum = 0;

	for (unsigned i = 0; i < o->npieces; i++) {
		for (uint32_t k = 0; k < o->piece[i].len; k++, at++)
			if (o->piece[i].data[k] != pattern(at))
				cr_assert_fail("octet %u is sent wrong", at);
		sum += o->piece[i].len;
	}
	cr_assert_eq(sum, o->len, "pieces and len differ");
}

static void
hear(struct peer *p, const struct sent *s)
{
	if (s->flags & TCP_SYN)
		return;
	if (s->opts.present & SEG_OPT_TS)
		p->tsecr = s->opts.tsval;
	if (!p->deaf && s->seq == p->ack)
		p->ack += s->len + !!(s->flags & TCP_FIN);
}

static bool
emit(void *below, const struct tcp_out *o)
{
	struct rig *r = below;
	struct peer *p = peer_of(r, o->key.rport);
	struct sent *s = &p->out[p->tail++ % OUTBOX];

	cr_assert_leq(p->tail - p->head, OUTBOX, "the outbox is full");
	p->lport = o->key.lport;
	if (o->flags & TCP_SYN) {
		p->our_iss = o->seq;
		p->tsecr = o->opts.tsval;
	}
	*s = (struct sent) {
	        .seq = o->seq - p->our_iss - 1,
	        .ack = (o->flags & TCP_ACK) || !p->called ? o->ack - p->iss - 1 : 0,
	        .number = o->seq,
	        .len = o->len,
	        .wnd = o->wnd,
	        .flags = o->flags,
	        .tos = o->tos,
	        .ttl = o->ttl,
	        .in_place = o->asked_by != NULL && o->asked_by->buf != NULL,
	        .opts = o->opts,
	};
	cr_assert(20 + options_size(&o->opts) + o->len + 20 <= 1500,
	        "%u octets do not fit the MTU", o->len);
	check_text(o, s->seq);
	if (s->in_place) {
		free(o->asked_by->buf);
		o->asked_by->buf = NULL;
		r->bufs--;
	}
	hear(p, s);
	return true;
}

static void
proved(void *below, const struct seg *s)
{
	cr_assert(s->flags & TCP_ACK);
	((struct rig *)below)->proved++;
}

static void
heard(void *below, const struct tcp_conn *c)
{
	cr_assert_neq(c->state, TCP_CLOSED);
	((struct rig *)below)->heard++;
}

static void
silent(void *below, const struct tcp_conn *c)
{
	cr_assert_neq(c->state, TCP_CLOSED);
	((struct rig *)below)->silent++;
}

static void *
buf_alloc(void *below, uint8_t **bytes, uint32_t *room)
{
	struct rig *r = below;
	uint8_t *b = malloc(BUF_LEN);

	r->bufs++;
	*bytes = b;
	*room = BUF_LEN;
	return b;
}

void
rig_buf_free(void *below, void *buf)
{
	struct rig *r = below;

	free(buf);
	r->bufs--;
}

static uint16_t
mtu(void *below, uint8_t port)
{
	(void)below;
	(void)port;
	return 1500;
}

/* The application */

static struct peer *
note(struct hf_core *h, struct hf_conn *c, char event)
{
	struct peer *p = peer_of((struct rig *)((struct tcp *)h)->below, hf_peer(c).port);

	cr_assert_eq(p->closed, 0, "event %c after closed()", event);
	if (p->nlog < LOG_MAX - 1)
		p->log[p->nlog++] = event;
	return p;
}

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct peer *p = note(h, c, 'o');

	(void)self;
	p->conn = (struct tcp_conn *)c;
	if (p->on != NULL)
		p->on(p, 'o');
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct peer *p = note(h, c, 'd');
	uint32_t n = len < p->take ? len : p->take;

	(void)self;
	p->offered = len;
	for (uint32_t i = 0; i < len; i++)
		if (bytes[i] != pattern(p->got + i))
			cr_assert_fail("octet %u is delivered wrong", (unsigned)(p->got + i));
	p->got += n;
	if (p->keep && p->nkept < 64) {
		struct hf_buf *b = hf_keep(h, c);

		if (b != NULL)
			p->kept[p->nkept++] = b;
	}
	if (p->on != NULL)
		p->on(p, 'd');
	return n;
}

static void
on_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct peer *p = note(h, c, 'r');

	(void)self;
	if (p->on != NULL)
		p->on(p, 'r');
}

static void
on_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct peer *p = note(h, c, 'f');

	(void)self;
	if (p->on != NULL)
		p->on(p, 'f');
}

static void
on_soft_error(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct peer *p = note(h, c, 's');

	(void)self;
	p->soft = why;
	if (p->on != NULL)
		p->on(p, 's');
}

static void
on_urgent(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct peer *p = note(h, c, 'u');

	(void)self;
	if (p->on != NULL)
		p->on(p, 'u');
}

static void
on_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct peer *p = note(h, c, 'c');

	(void)self;
	p->closed++;
	p->why = why;
	if (p->on != NULL)
		p->on(p, 'c');
}

const struct hf_service rig_recorder = {
        .name = "recorder",
        .opened = on_opened,
        .data = on_data,
        .room = on_room,
        .peer_closed = on_peer_closed,
        .soft_error = on_soft_error,
        .urgent = on_urgent,
        .closed = on_closed,
};

/* Every peer is on the link of port 0. */
static int
find_route(void *below, be32 raddr, be32 laddr, struct tcp_route *route)
{
	struct rig *r = below;

	if (raddr == NO_WAY)
		return -ENETUNREACH;
	if (laddr != 0 && tcp_addr_index(&r->t, laddr) < 0)
		return -EADDRNOTAVAIL;
	*route = (struct tcp_route) {
	        .laddr = laddr != 0 ? laddr : tcp_addr(&r->t, 0), .steer = r->steer};
	return 0;
}

static bool
resolved(void *below, uint8_t port, be32 raddr)
{
	(void)port;
	(void)raddr;
	return !((struct rig *)below)->unresolved;
}

void
rig_lend(struct rig *r)
{
	r->t.below = r;
	r->t.emit = emit;
	r->t.proved = proved;
	r->t.heard = heard;
	r->t.silent = silent;
	r->t.buf_alloc = buf_alloc;
	r->t.buf_free = rig_buf_free;
	r->t.mtu = mtu;
	r->t.route = find_route;
	r->t.resolved = resolved;
	r->t.count = &r->count;
}
