/* SPDX-License-Identifier: BSD-3-Clause */
/* A packet buffer with held text goes to the application. The text is copied into other
 * buffers, because octets that data() does not take must stay. */
#include "tcp/kept.h"
#include "tcp/reasm.h"

#define SPARES 8 /* at most this number of buffers replaces one */

struct spare {
	void *buf;
	uint8_t *bytes;
	uint32_t room;
};

/* Take buffers for len octets, at most SPARES. Returns their number; 0: there are too few. */
static unsigned
take_spares(struct tcp *t, struct spare *sp, uint32_t len)
{
	uint32_t room = 0;
	unsigned n = 0;

	while (room < len && n < SPARES &&
	        (sp[n].buf = t->buf_alloc(t->below, &sp[n].bytes, &sp[n].room)) != NULL)
		room += sp[n++].room;
	if (room >= len && t->pieces.capacity - t->pieces.used + 1 >= n)
		return n;
	while (n > 0)
		t->buf_free(t->below, sp[--n].buf);
	return 0;
}

/* Copy octets from p into the spare buffer, and make it h's. Returns the number copied. */
static uint32_t
spare_fill(struct tcp_piece *h, const struct spare *sp, const uint8_t *p, uint32_t len)
{
	uint32_t n = len < sp->room ? len : sp->room, room = sp->room - n;

	memcpy(sp->bytes, p, n);
	h->data = sp->bytes;
	h->buf = sp->buf;
	h->room = room <= UINT16_MAX ? (uint16_t)room : 0;
	return n;
}

/* Add an empty piece to the first run, behind h. */
static struct tcp_piece *
piece_add_behind(struct tcp *t, struct tcp_conn *c, struct tcp_piece *h)
{
	struct tcp_piece *first = reasm_at(t, c->reasm), *more;
	uint32_t i = pool_take(&t->pieces);

	more = reasm_at(t, i);
	*more = (struct tcp_piece) {.next = h->next, .seq = h->seq + h->len, .fin = h->fin};
	if (first->last == pool_index(&t->pieces, h))
		first->last = i;
	h->next = i;
	h->fin = 0;
	h->room = 0;
	kept_take(t);
	tcp_rare(t, c)->nreasm++;
	tcp_rare(t, c)->ntiny++; /* an empty piece is tiny */
	return more;
}

void *
reasm_give(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);
	struct tcp_piece *h = reasm_at(t, c->reasm);
	uint32_t len = h->len, done;
	const uint8_t *p = h->data;
	void *old = h->buf;
	struct spare sp[SPARES];
	unsigned n = take_spares(t, sp, len);

	if (n == 0)
		return NULL;
	done = spare_fill(h, &sp[0], p, len);
	reasm_set_len(r, h, done);
	for (unsigned i = 1; i < n; i++) {
		uint32_t k;

		h = piece_add_behind(t, c, h);
		k = spare_fill(h, &sp[i], p + done, len - done);
		reasm_set_len(r, h, k);
		done += k;
	}
	return old;
}
