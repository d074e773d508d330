/* SPDX-License-Identifier: BSD-3-Clause */
/* The queue of text that waits: pieces in order, in runs, without overlaps. */
#include "tcp/reasm.h"

#include "tcp/kept.h"

/* nreasm has 16 bits. The distance to its end is for reasm_give(), which may replace one piece
 * with several. */
#define PIECES_MOST (UINT16_MAX - 64)

static uint32_t
piece_end(const struct tcp_piece *h)
{
	return h->seq + h->len + h->fin;
}

static bool
len_is_tiny(uint32_t len)
{
	return len < TCP_TINY;
}

void
reasm_set_len(struct tcp_rare *r, struct tcp_piece *h, uint32_t len)
{
	r->ntiny = (uint8_t)(r->ntiny + len_is_tiny(len) - len_is_tiny(h->len));
	h->len = (uint16_t)len;
}

/* Note that text of h's run has arrived. h is the first piece of the run. */
static void
stamp_run(struct tcp_rare *r, struct tcp_piece *h)
{
	h->stamp = ++r->reasm_stamp & 0x7fff;
}

static void
piece_release(struct tcp *t, struct tcp_rare *r, uint32_t i)
{
	struct tcp_piece *h = reasm_at(t, i);

	r->ntiny -= len_is_tiny(h->len);
	r->nreasm--;
	kept_give(t, h->buf);
	pool_give(&t->pieces, i);
}

/* Forget the piece at *link, the first of its run. The next piece of the run becomes its
 * first. */
static void
piece_drop(struct tcp *t, struct tcp_conn *c, uint32_t *link)
{
	struct tcp_rare *r = tcp_rare(t, c);
	uint32_t i = *link;
	struct tcp_piece *h = reasm_at(t, i);

	*link = h->next;
	if (h->last == i) {
		r->nruns--;
	} else {
		struct tcp_piece *first = reasm_at(t, h->next);

		first->last = h->last;
		first->stamp = h->stamp;
	}
	piece_release(t, r, i);
}

/* The place of a segment among the runs. */
struct gap {
	struct tcp_piece *before; /* the run to its left, or NULL */
	uint32_t *link;           /* the link to the run on its right */
	bool joins_before;        /* it touches the run to its left */
	bool joins_after;         /* it touches the run to its right */
};

static void
find_gap(struct tcp *t, struct tcp_conn *c, uint32_t seq, struct gap *g)
{
	*g = (struct gap) {.link = &c->reasm};
	while (*g->link != POOL_NONE && seq_leq(reasm_at(t, *g->link)->seq, seq)) {
		g->before = reasm_at(t, *g->link);
		g->link = &reasm_at(t, g->before->last)->next;
	}
}

/* Cut the octets off s that the run to its left has. False: s has no new octets. */
static bool
segment_cut_front(struct tcp *t, struct tcp_conn *c, struct seg *s, struct gap *g)
{
	const struct tcp_piece *last;
	uint32_t over;

	if (g->before == NULL)
		return true;
	last = reasm_at(t, g->before->last);
	g->joins_before = piece_end(last) == s->seq && !last->fin; /* a FIN ends a run */
	if (seq_leq(piece_end(last), s->seq))
		return true;
	over = piece_end(last) - s->seq;
	if (over >= seg_len(s) || last->fin) {
		stamp_run(tcp_rare(t, c), g->before);
		return false;
	}
	seg_cut_left(s, over);
	g->joins_before = true;
	return true;
}

/* The text of s may be written to. It may not if others share its buffer; s is then cut where a
 * kept piece begins. */
static bool
text_is_writable(const struct seg *s)
{
	return s->frame_len <= s->room;
}

/* Write the octets of h over those of s: text that was accepted first stays. */
static void
piece_overwrite(struct seg *s, const struct tcp_piece *h)
{
	uint32_t left = seq_max(h->seq, s->seq);
	uint32_t right = seq_min(h->seq + h->len, s->seq + s->len);

	if (seq_lt(left, right))
		memcpy(s->text + (left - s->seq), h->data + (left - h->seq), right - left);
}

/* Does a run, whose last piece this is, reach beyond s, or cover the FIN of s? */
static bool
run_goes_on(const struct seg *s, const struct tcp_piece *last)
{
	return seq_gt(last->seq + last->len, s->seq + s->len) ||
	       seq_gt(piece_end(last), s->seq + seg_len(s));
}

/* Drop runs that s covers: their octets live on in s. Cut s where it meets a run that reaches
 * beyond it. */
static void
segment_cut_back(struct tcp *t, struct tcp_conn *c, struct seg *s, struct gap *g)
{
	while (*g->link != POOL_NONE) {
		struct tcp_piece *h = reasm_at(t, *g->link);
		uint32_t end = s->seq + seg_len(s), last = h->last;

		if (seq_gt(h->seq, end))
			return;
		if (h->seq == end || run_goes_on(s, reasm_at(t, last)) ||
		        !text_is_writable(s)) {
			if (h->seq != end)
				s->flags &= (uint8_t)~TCP_FIN; /* text lies behind this FIN */
			s->len = h->seq - s->seq - !!(s->flags & TCP_FIN);
			g->joins_after = !(s->flags & TCP_FIN);
			return;
		}
		for (bool more = true; more;) {
			more = *g->link != last;
			piece_overwrite(s, reasm_at(t, *g->link));
			piece_drop(t, c, g->link);
		}
	}
}

/* Make one run of the run of `first` and the run to the right of the gap, if they touch. */
static void
runs_join(struct tcp *t, struct tcp_rare *r, struct tcp_piece *first, const struct gap *g)
{
	if (g->joins_after) {
		first->last = reasm_at(t, *g->link)->last;
		r->nruns--;
	}
}

/* Copy the text of s into the buffer of the piece to its left. False: there is no room. */
static bool
piece_append(struct tcp *t, struct tcp_conn *c, const struct seg *s, const struct gap *g)
{
	struct tcp_rare *r = tcp_rare(t, c);
	struct tcp_piece *h;

	if (!g->joins_before)
		return false;
	h = reasm_at(t, g->before->last);
	if (h->fin || s->len > h->room)
		return false;
	memcpy(h->data + h->len, s->text, s->len);
	h->room -= (uint16_t)s->len;
	h->fin = !!(s->flags & TCP_FIN);
	reasm_set_len(r, h, h->len + s->len);
	runs_join(t, r, g->before, g);
	stamp_run(r, g->before);
	return true;
}

/* Copy the next piece of the run into the buffer of piece i, if it has room. */
static void
piece_absorb(struct tcp *t, struct tcp_conn *c, struct tcp_piece *first, uint32_t i)
{
	struct tcp_rare *r = tcp_rare(t, c);
	struct tcp_piece *h = reasm_at(t, i);
	uint32_t n = h->next;
	const struct tcp_piece *next;

	if (first->last == i || h->fin || reasm_at(t, n)->len > h->room)
		return;
	next = reasm_at(t, n);
	memcpy(h->data + h->len, next->data, next->len);
	h->room -= next->len;
	h->fin = next->fin;
	reasm_set_len(r, h, h->len + next->len);
	h->next = next->next;
	if (first->last == n)
		first->last = i;
	piece_release(t, r, n);
}

/* Free bytes behind the text of s. They count only if no other holder reads the buffer. */
static uint16_t
room_behind(const struct seg *s)
{
	return text_is_writable(s) ? (uint16_t)(s->room - s->frame_len) : 0;
}

static void
piece_insert(struct tcp *t, struct tcp_conn *c, struct seg *s, const struct gap *g)
{
	struct tcp_rare *r = tcp_rare(t, c);
	uint32_t i = pool_take(&t->pieces);
	struct tcp_piece *h = reasm_at(t, i), *first = g->joins_before ? g->before : h;

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
	r->ntiny += len_is_tiny(s->len);
	r->nruns = (uint8_t)(r->nruns + !g->joins_before);
	first->last = i;
	runs_join(t, r, first, g);
	*g->link = i;
	stamp_run(r, first);
	piece_absorb(t, c, first, i);
}

/* The limit of pieces of one connection. */
static uint32_t
pieces_most(const struct tcp *t)
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
check_piece_room(struct tcp *t, struct tcp_conn *c, const struct seg *s, const struct gap *g)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (r->ntiny >= TCP_TINY_MAX && len_is_tiny(s->len))
		return DROP_TCP_REASM_TINY;
	if (r->nruns >= TCP_RUNS_MAX && !g->joins_before && !g->joins_after)
		return DROP_TCP_REASM_RUNS;
	if (r->nreasm >= pieces_most(t))
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
	if (!segment_cut_front(t, c, s, &g))
		return DROP_TCP_OLD;
	/* s covers each piece that this drops, and the dropped piece makes room for s. So s is
	 * not refused below after a drop, and no text is lost. */
	segment_cut_back(t, c, s, &g);
	if (piece_append(t, c, s, &g))
		return DROP_NONE;
	why = check_piece_room(t, c, s, &g);
	if (why == DROP_NONE)
		piece_insert(t, c, s, &g);
	return why;
}

/* The order is that of check_piece_room(): a limit of c itself is no lack of buffers. */
bool
reasm_lacks_buffer(const struct tcp *t, const struct tcp_conn *c, const struct seg *s)
{
	return s->buf != NULL && tcp_rare(t, c)->nreasm < pieces_most(t) &&
	       !are_buffers_left(t);
}

void
reasm_overlay(struct tcp *t, const struct tcp_conn *c, struct seg *s)
{
	for (uint32_t i = c->reasm; i != POOL_NONE; i = reasm_at(t, i)->next) {
		if (seq_geq(reasm_at(t, i)->seq, s->seq + s->len))
			return;
		if (!text_is_writable(s)) {
			s->len = reasm_at(t, i)->seq - s->seq;
			s->flags &= (uint8_t)~TCP_FIN;
			return;
		}
		piece_overwrite(s, reasm_at(t, i));
	}
}

/* Cut n octets off the left end of a piece. */
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
		struct tcp_piece *h = reasm_at(t, c->reasm);
		uint32_t old = c->rcv_nxt - h->seq;

		if (seq_geq(h->seq, c->rcv_nxt))
			return;
		/* a FIN that lies inside text is ignored */
		if (old < h->len || (old == h->len && h->fin)) {
			cut_piece(tcp_rare(t, c), h, old);
			return;
		}
		piece_drop(t, c, &c->reasm);
	}
}

struct tcp_piece *
reasm_ready(const struct tcp *t, const struct tcp_conn *c)
{
	struct tcp_piece *h;

	if (c->reasm == POOL_NONE)
		return NULL;
	h = reasm_at(t, c->reasm);
	return seq_leq(h->seq, c->rcv_nxt) ? h : NULL;
}

uint32_t
reasm_end(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_piece *h = reasm_ready(t, c);

	if (h == NULL)
		return c->rcv_nxt;
	h = reasm_at(t, h->last);
	return h->seq + h->len;
}

void
reasm_taken(struct tcp *t, struct tcp_conn *c, uint32_t n)
{
	while (n > 0) {
		struct tcp_piece *h = reasm_at(t, c->reasm);
		uint32_t k = n < h->len ? n : h->len;

		cut_piece(tcp_rare(t, c), h, k);
		if (h->len == 0 && !h->fin)
			piece_drop(t, c, &c->reasm);
		n -= k;
	}
}

void
reasm_pop(struct tcp *t, struct tcp_conn *c)
{
	piece_drop(t, c, &c->reasm);
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

/* The link to the first piece behind a hole. */
static uint32_t *
hole_link(const struct tcp *t, struct tcp_conn *c)
{
	const struct tcp_piece *h = reasm_ready(t, c);

	return h != NULL ? &reasm_at(t, h->last)->next : &c->reasm;
}

bool
reasm_has_holes(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_piece *h = reasm_ready(t, c);

	return (h != NULL ? reasm_at(t, h->last)->next : c->reasm) != POOL_NONE;
}

unsigned
reasm_forget(struct tcp *t, struct tcp_conn *c)
{
	uint32_t *link = hole_link(t, c);
	unsigned n = 0;

	for (; *link != POOL_NONE; n++)
		piece_drop(t, c, link);
	return n;
}

/* Insert v into the sorted four; the greatest of the five is lost. There are no branches,
 * because the peer chooses the order and could make predictions fail. */
static void
sack_rank(uint64_t best[TCP_SACK_MAX], uint64_t v)
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

	for (uint32_t i = c->reasm; i != POOL_NONE;
	        i = reasm_at(t, reasm_at(t, i)->last)->next) {
		const struct tcp_piece *h = reasm_at(t, i);
		uint64_t age = (now - h->stamp) & 0x7fff;

		if (!seq_leq(h->seq, c->rcv_nxt)) /* held text is already acknowledged */
			sack_rank(best, age << 32 | i);
	}
	for (; n < max && best[n] != UINT64_MAX; n++) {
		const struct tcp_piece *h = reasm_at(t, (uint32_t)best[n]);

		b[n] = (struct sack_block) {
		        .left = h->seq, .right = piece_end(reasm_at(t, h->last))};
	}
	return n;
}
