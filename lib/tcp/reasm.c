/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/reasm.h"

#include "tcp/kept.h"

/* nreasm counts no further, and reasm_give() may put some in the place of one. */
#define PIECES_MOST (UINT16_MAX - 64)

static struct tcp_piece *
at(const struct tcp *t, uint32_t i)
{
	return pool_at(&t->pieces, i);
}

static uint32_t
end_of(const struct tcp_piece *h)
{
	return h->seq + h->len + h->fin;
}

static bool
is_tiny(uint32_t len)
{
	return len < TCP_TINY;
}

void
reasm_set_len(struct tcp_rare *r, struct tcp_piece *h, uint32_t len)
{
	r->ntiny = (uint8_t)(r->ntiny + is_tiny(len) - is_tiny(h->len));
	h->len = (uint16_t)len;
}

/* Something of h's run has arrived. */
static void
stamp_run(struct tcp_rare *r, struct tcp_piece *h)
{
	h->stamp = ++r->reasm_stamp & 0x7fff;
}

static void
give(struct tcp *t, struct tcp_rare *r, uint32_t i)
{
	struct tcp_piece *h = at(t, i);

	r->ntiny -= is_tiny(h->len);
	r->nreasm--;
	kept_give(t, h->buf);
	pool_give(&t->pieces, i);
}

/* The first piece at *link is forgotten; its run, if there is more of it, begins with
 * the next one. */
static void
drop_at(struct tcp *t, struct tcp_conn *c, uint32_t *link)
{
	struct tcp_rare *r = tcp_rare(t, c);
	uint32_t i = *link;
	struct tcp_piece *h = at(t, i);

	*link = h->next;
	if (h->last == i) {
		r->nruns--;
	} else {
		struct tcp_piece *first = at(t, h->next);

		first->last = h->last;
		first->stamp = h->stamp;
	}
	give(t, r, i);
}

/* Where s lies among the runs. */
struct gap {
	struct tcp_piece *before; /* the run to its left, or NULL */
	uint32_t *link;           /* to the one on its right */
	bool joins_before;
	bool joins_after;
};

static void
find_gap(struct tcp *t, struct tcp_conn *c, uint32_t seq, struct gap *g)
{
	*g = (struct gap) {.link = &c->reasm};
	while (*g->link != POOL_NONE && seq_leq(at(t, *g->link)->seq, seq)) {
		g->before = at(t, *g->link);
		g->link = &at(t, g->before->last)->next;
	}
}

/* Cut from s what the run before it has. False: nothing new is left. */
static bool
cut_front(struct tcp *t, struct tcp_conn *c, struct seg *s, struct gap *g)
{
	const struct tcp_piece *last;
	uint32_t over;

	if (g->before == NULL)
		return true;
	last = at(t, g->before->last);
	g->joins_before = end_of(last) == s->seq && !last->fin; /* a FIN ends a run */
	if (seq_leq(end_of(last), s->seq))
		return true;
	over = end_of(last) - s->seq;
	if (over >= seg_len(s) || last->fin) {
		stamp_run(tcp_rare(t, c), g->before);
		return false;
	}
	s->seq += over;
	s->text += over;
	s->len -= over;
	g->joins_before = true;
	return true;
}

/* Not if its bytes are somebody else's, too: then they end where a kept piece begins. */
static bool
may_write(const struct seg *s)
{
	return s->frame_len <= s->room;
}

/* What was accepted first stays: h's bytes, wherever s has others. */
static void
keep_first(struct seg *s, const struct tcp_piece *h)
{
	uint32_t left = seq_max(h->seq, s->seq);
	uint32_t right = seq_min(h->seq + h->len, s->seq + s->len);

	if (seq_lt(left, right))
		memcpy(s->text + (left - s->seq), h->data + (left - h->seq), right - left);
}

/* Is there text of a run beyond s, or where s has its FIN? */
static bool
goes_on(const struct seg *s, const struct tcp_piece *last)
{
	return seq_gt(last->seq + last->len, s->seq + s->len) ||
	       seq_gt(end_of(last), s->seq + seg_len(s));
}

/* Runs that s covers live on in it; the one that it runs into takes over. */
static void
cut_back(struct tcp *t, struct tcp_conn *c, struct seg *s, struct gap *g)
{
	while (*g->link != POOL_NONE) {
		struct tcp_piece *h = at(t, *g->link);
		uint32_t end = s->seq + seg_len(s), last = h->last;

		if (seq_gt(h->seq, end))
			return;
		if (h->seq == end || goes_on(s, at(t, last)) || !may_write(s)) {
			if (h->seq != end)
				s->flags &= (uint8_t)~TCP_FIN; /* in the midst of text */
			s->len = h->seq - s->seq - !!(s->flags & TCP_FIN);
			g->joins_after = !(s->flags & TCP_FIN);
			return;
		}
		for (bool more = true; more;) {
			more = *g->link != last;
			keep_first(s, at(t, *g->link));
			drop_at(t, c, g->link);
		}
	}
}

/* Its run, and the one behind it, are one. */
static void
join(struct tcp *t, struct tcp_rare *r, struct tcp_piece *first, const struct gap *g)
{
	if (g->joins_after) {
		first->last = at(t, *g->link)->last;
		r->nruns--;
	}
}

/* Into the buffer of the piece before it. */
static bool
append(struct tcp *t, struct tcp_conn *c, const struct seg *s, const struct gap *g)
{
	struct tcp_rare *r = tcp_rare(t, c);
	struct tcp_piece *h;

	if (!g->joins_before)
		return false;
	h = at(t, g->before->last);
	if (h->fin || s->len > h->room)
		return false;
	memcpy(h->data + h->len, s->text, s->len);
	h->room -= (uint16_t)s->len;
	h->fin = !!(s->flags & TCP_FIN);
	reasm_set_len(r, h, h->len + s->len);
	join(t, r, g->before, g);
	stamp_run(r, g->before);
	return true;
}

/* The piece behind i, of the same run, into the buffer of i. */
static void
absorb(struct tcp *t, struct tcp_conn *c, struct tcp_piece *first, uint32_t i)
{
	struct tcp_rare *r = tcp_rare(t, c);
	struct tcp_piece *h = at(t, i);
	uint32_t n = h->next;
	const struct tcp_piece *next;

	if (first->last == i || h->fin || at(t, n)->len > h->room)
		return;
	next = at(t, n);
	memcpy(h->data + h->len, next->data, next->len);
	h->room -= next->len;
	h->fin = next->fin;
	reasm_set_len(r, h, h->len + next->len);
	h->next = next->next;
	if (first->last == n)
		first->last = i;
	give(t, r, n);
}

/* Nobody else reads what stands behind its text. */
static uint16_t
room_behind(const struct seg *s)
{
	return may_write(s) ? (uint16_t)(s->room - s->frame_len) : 0;
}

static void
insert(struct tcp *t, struct tcp_conn *c, struct seg *s, const struct gap *g)
{
	struct tcp_rare *r = tcp_rare(t, c);
	uint32_t i = pool_take(&t->pieces);
	struct tcp_piece *h = at(t, i), *first = g->joins_before ? g->before : h;

	*h = (struct tcp_piece) {
	        .next = *g->link,
	        .last = i,
	        .seq = s->seq,
	        .len = (uint16_t)s->len,
	        .fin = !!(s->flags & TCP_FIN),
	        .room = room_behind(s),
	        .data = s->text,
	        .buf = s->buf,
	};
	s->buf = NULL;
	kept_take(t);
	r->nreasm++;
	r->ntiny += is_tiny(s->len);
	r->nruns = (uint8_t)(r->nruns + !g->joins_before);
	first->last = i;
	join(t, r, first, g);
	*g->link = i;
	stamp_run(r, first);
	absorb(t, c, first, i);
}

/* Buffers of one connection. */
static uint32_t
most(const struct tcp *t)
{
	uint32_t by_window = t->conf.rcv_wnd / TCP_REASM_BYTES;

	if (by_window > PIECES_MOST)
		return PIECES_MOST;
	return by_window > TCP_REASM_MIN ? by_window : TCP_REASM_MIN;
}

static bool
are_buffers_left(const struct tcp *t)
{
	return kept_may(t) && t->pieces.used < t->pieces.capacity;
}

static enum drop
find_room(struct tcp *t, struct tcp_conn *c, const struct seg *s, const struct gap *g)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (r->ntiny >= TCP_TINY_MAX && is_tiny(s->len))
		return DROP_TCP_REASM_TINY;
	if (r->nruns >= TCP_RUNS_MAX && !g->joins_before && !g->joins_after)
		return DROP_TCP_REASM_RUNS;
	if (r->nreasm >= most(t))
		return DROP_TCP_REASM_FULL;
	return are_buffers_left(t) ? DROP_NONE : DROP_TCP_REASM_FULL;
}

enum drop
reasm_keep(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	struct gap g;
	enum drop why;

	if (s->buf == NULL)
		return DROP_TCP_REASM_FULL;
	find_gap(t, c, s->seq, &g);
	if (!cut_front(t, c, s, &g))
		return DROP_TCP_OLD;
	/* Whatever this takes away makes room for s: no text is lost by what
	 * follows. */
	cut_back(t, c, s, &g);
	if (append(t, c, s, &g))
		return DROP_NONE;
	why = find_room(t, c, s, &g);
	if (why == DROP_NONE)
		insert(t, c, s, &g);
	return why;
}

/* The order is find_room()'s: what c has too much of is no lack of buffers. */
bool
reasm_lacks_buffer(const struct tcp *t, const struct tcp_conn *c, const struct seg *s)
{
	return s->buf != NULL && tcp_rare(t, c)->nreasm < most(t) && !are_buffers_left(t);
}

void
reasm_overlay(struct tcp *t, const struct tcp_conn *c, struct seg *s)
{
	for (uint32_t i = c->reasm; i != POOL_NONE; i = at(t, i)->next) {
		if (seq_geq(at(t, i)->seq, s->seq + s->len))
			return;
		if (!may_write(s)) {
			s->len = at(t, i)->seq - s->seq;
			s->flags &= (uint8_t)~TCP_FIN;
			return;
		}
		keep_first(s, at(t, i));
	}
}

/* n octets less at its front. */
static void
cut_piece(struct tcp_rare *r, struct tcp_piece *h, uint32_t n)
{
	h->seq += n;
	h->data += n;
	reasm_set_len(r, h, h->len - n);
}

void
reasm_delivered(struct tcp *t, struct tcp_conn *c)
{
	while (c->reasm != POOL_NONE) {
		struct tcp_piece *h = at(t, c->reasm);
		uint32_t old = c->rcv_nxt - h->seq;

		if (seq_geq(h->seq, c->rcv_nxt))
			return;
		/* a FIN that text contradicts is none */
		if (old < h->len || (old == h->len && h->fin)) {
			cut_piece(tcp_rare(t, c), h, old);
			return;
		}
		drop_at(t, c, &c->reasm);
	}
}

struct tcp_piece *
reasm_ready(const struct tcp *t, const struct tcp_conn *c)
{
	struct tcp_piece *h;

	if (c->reasm == POOL_NONE)
		return NULL;
	h = at(t, c->reasm);
	return seq_leq(h->seq, c->rcv_nxt) ? h : NULL;
}

uint32_t
reasm_end(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_piece *h = reasm_ready(t, c);

	if (h == NULL)
		return c->rcv_nxt;
	h = at(t, h->last);
	return h->seq + h->len;
}

void
reasm_taken(struct tcp *t, struct tcp_conn *c, uint32_t n)
{
	while (n > 0) {
		struct tcp_piece *h = at(t, c->reasm);
		uint32_t k = n < h->len ? n : h->len;

		cut_piece(tcp_rare(t, c), h, k);
		if (h->len == 0 && !h->fin)
			drop_at(t, c, &c->reasm);
		n -= k;
	}
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

uint32_t
reasm_held(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_piece *h = reasm_ready(t, c);

	return h != NULL ? c->rcv_nxt - h->seq : 0;
}

/* To the first piece behind a hole. */
static uint32_t *
behind(const struct tcp *t, struct tcp_conn *c)
{
	const struct tcp_piece *h = reasm_ready(t, c);

	return h != NULL ? &at(t, h->last)->next : &c->reasm;
}

bool
reasm_has_holes(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_piece *h = reasm_ready(t, c);

	return (h != NULL ? at(t, h->last)->next : c->reasm) != POOL_NONE;
}

unsigned
reasm_forget(struct tcp *t, struct tcp_conn *c)
{
	uint32_t *link = behind(t, c);
	unsigned n = 0;

	for (; *link != POOL_NONE; n++)
		drop_at(t, c, link);
	return n;
}

/* v moves into the sorted four, the greatest falls out. Without branches: the peer
 * chooses the order. */
static void
rank(uint64_t best[TCP_SACK_MAX], uint64_t v)
{
	for (unsigned k = 0; k < TCP_SACK_MAX; k++) {
		uint64_t less = best[k] < v ? best[k] : v;

		v = best[k] < v ? v : best[k];
		best[k] = less;
	}
}

unsigned
reasm_sack_blocks(
        const struct tcp *t, const struct tcp_conn *c, struct sack_block *b, unsigned max)
{
	uint64_t best[TCP_SACK_MAX] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
	uint32_t now = tcp_rare(t, c)->reasm_stamp;
	unsigned n = 0;

	for (uint32_t i = c->reasm; i != POOL_NONE; i = at(t, at(t, i)->last)->next) {
		const struct tcp_piece *h = at(t, i);
		uint64_t age = (now - h->stamp) & 0x7fff;

		if (!seq_leq(h->seq, c->rcv_nxt)) /* held: acknowledged already */
			rank(best, age << 32 | i);
	}
	for (; n < max && best[n] != UINT64_MAX; n++) {
		const struct tcp_piece *h = at(t, (uint32_t)best[n]);

		b[n] = (struct sack_block) {.left = h->seq, .right = end_of(at(t, h->last))};
	}
	return n;
}
