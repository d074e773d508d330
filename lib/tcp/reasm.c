/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/reasm.h"

#include "tcp/life.h"

static struct tcp_hole *
at(const struct tcp *t, uint32_t i)
{
	return pool_at(&t->holes, i);
}

static uint32_t
end_of(const struct tcp_hole *h)
{
	return h->seq + h->len + h->fin;
}

/* Take *link out of the list. */
static void
drop_at(struct tcp *t, struct tcp_conn *c, uint32_t *link)
{
	uint32_t i = *link;
	struct tcp_hole *h = at(t, i);

	*link = h->next;
	tcp_release(t, h->buf);
	pool_give(&t->holes, i);
	tcp_rare(t, c)->nreasm--;
}

/* Cut from s what is kept already, before and behind; drop from the list what s
 * covers. *link: where it belongs. False: nothing new is left of it. */
static bool
make_room(struct tcp *t, struct tcp_conn *c, struct seg *s, uint32_t **link)
{
	uint32_t *p = &c->reasm;
	struct tcp_hole *before = NULL, *h;

	while (*p != POOL_NONE && seq_leq((h = at(t, *p))->seq, s->seq)) {
		before = h;
		p = &h->next;
	}
	if (before != NULL && seq_gt(end_of(before), s->seq)) {
		uint32_t over = end_of(before) - s->seq;

		before->stamp = ++tcp_rare(t, c)->reasm_stamp & 0x7fffffff;
		if (over >= seg_len(s) || before->fin)
			return false;
		s->seq += over;
		s->text += over;
		s->len -= over;
	}
	while (*p != POOL_NONE) {
		h = at(t, *p);
		if (seq_geq(h->seq, s->seq + seg_len(s)))
			break;
		if (seq_leq(end_of(h), s->seq + seg_len(s))) {
			drop_at(t, c, p);
			continue;
		}
		s->flags &= (uint8_t)~TCP_FIN; /* a FIN in the midst of text is none */
		s->len = h->seq - s->seq;
		break;
	}
	*link = p;
	return seg_len(s) != 0;
}

enum drop
reasm_keep(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	struct tcp_rare *r = tcp_rare(t, c);
	struct tcp_hole *h;
	uint32_t *link, i;

	if (r->nreasm >= TCP_REASM_MAX || t->kept >= t->conf.max_kept || s->buf == NULL)
		return DROP_TCP_REASM_FULL;
	if (!make_room(t, c, s, &link))
		return DROP_TCP_OLD;
	i = pool_take(&t->holes);
	if (i == POOL_NONE)
		return DROP_TCP_REASM_FULL;

	h = at(t, i);
	*h = (struct tcp_hole) {
	        .next = *link,
	        .seq = s->seq,
	        .len = s->len,
	        .stamp = ++r->reasm_stamp & 0x7fffffff,
	        .fin = !!(s->flags & TCP_FIN),
	        .data = s->text,
	        .buf = s->buf,
	};
	*link = i;
	s->buf = NULL;
	t->kept++;
	r->nreasm++;
	counter_add(&t->count->out_of_order, 1);
	return DROP_NONE;
}

struct tcp_hole *
reasm_ready(struct tcp *t, const struct tcp_conn *c)
{
	struct tcp_hole *h;

	if (c->reasm == POOL_NONE)
		return NULL;
	h = at(t, c->reasm);
	return seq_leq(h->seq, c->rcv_nxt) ? h : NULL;
}

void
reasm_pop(struct tcp *t, struct tcp_conn *c)
{
	drop_at(t, c, &c->reasm);
}

void
reasm_purge(struct tcp *t, struct tcp_conn *c)
{
	while (c->reasm != POOL_NONE)
		reasm_pop(t, c);
}

struct ranked {
	struct sack_block block;
	uint32_t stamp;
};

/* Keep the max most recent ones, most recent first. */
static void
rank(struct ranked *best, unsigned *n, unsigned max, struct sack_block block, uint32_t stamp)
{
	unsigned i = *n;

	if (i == max) {
		if (best[max - 1].stamp >= stamp)
			return;
		i--;
	} else {
		(*n)++;
	}
	for (; i > 0 && best[i - 1].stamp < stamp; i--)
		best[i] = best[i - 1];
	best[i] = (struct ranked) {block, stamp};
}

unsigned
reasm_sack_blocks(
        const struct tcp *t, const struct tcp_conn *c, struct sack_block *b, unsigned max)
{
	struct ranked best[TCP_SACK_MAX];
	unsigned n = 0;
	uint32_t i = c->reasm;

	while (i != POOL_NONE) {
		const struct tcp_hole *h = at(t, i);
		struct sack_block block = {.left = h->seq, .right = end_of(h)};
		uint32_t stamp = h->stamp;

		for (i = h->next; i != POOL_NONE; i = h->next) {
			h = at(t, i);
			if (h->seq != block.right)
				break;
			block.right = end_of(h);
			if (h->stamp > stamp)
				stamp = h->stamp;
		}
		rank(best, &n, max, block, stamp);
	}
	for (i = 0; i < n; i++)
		b[i] = best[i].block;
	return n;
}
