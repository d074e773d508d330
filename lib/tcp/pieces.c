/* SPDX-License-Identifier: BSD-3-Clause */
/* The choice of the text behind holes that is kept. All of it is kept while there are buffers.
 * When buffers are scarce, text of peers without progress is forgotten for a peer that makes
 * progress. RFC 2018 8 allows it: the peer sends the text again. */
#include "tcp/pieces.h"

#include "tcp/hand.h"
#include "tcp/pressure.h"
#include "tcp/reasm.h"

#define STALE 4 /* in clock_stamp()s: a difference of 200 ms counts */

void
pieces_forget(struct tcp *t, struct tcp_conn *c)
{
	counter_add(&t->count->reasm_forgotten, reasm_forget(t, c));
}

static unsigned
hidden_pieces(const struct tcp *t, const struct tcp_conn *c)
{
	bool any = c != NULL && c->state >= TCP_ESTABLISHED && c->reasm != POOL_NONE &&
	           reasm_has_holes(t, c);

	return any ? tcp_rare(t, c)->nreasm : 0;
}

/* The time from the last progress of c to `heard`, in units of clock_stamp(). */
static int32_t
moved_on_before(const struct tcp_conn *c, uint32_t heard)
{
	return (int32_t)(heard - c->heard);
}

/* The connection without progress for longer is worth less, since its peer may have vanished,
 * or may never fill its holes. With equal times the longer queue is worth less. */
bool
pieces_are_worth_less(
        const struct tcp *t, const struct tcp_conn *c, const struct tcp_conn *other)
{
	int32_t before;

	if (hidden_pieces(t, c) == 0 || other == NULL)
		return hidden_pieces(t, c) != 0;
	before = moved_on_before(c, other->heard);
	if (before >= STALE || before <= -STALE)
		return before > 0;
	return hidden_pieces(t, c) > hidden_pieces(t, other);
}

static bool
make_piece_room(struct tcp *t, const struct tcp_conn *c)
{
	struct pressure *p = &t->pressure;
	uint32_t n = hand_allowance(t, &p->fruitless, PRESSURE_LOOK_PER_MS);
	struct tcp_conn *least = NULL;

	p->want_piece = true;
	p->wanted_by = c->heard;
	p->fruitless += n;
	while (n-- > 0) {
		struct tcp_conn *other = hand_next(t);

		if (other != c && pieces_are_worth_less(t, other, least))
			least = other;
	}
	if (least == NULL || moved_on_before(least, c->heard) < STALE)
		return false;
	pieces_forget(t, least);
	return true;
}

bool
pieces_are_old(const struct tcp_conn *c, uint32_t heard)
{
	return moved_on_before(c, heard) > -STALE;
}

enum drop
pieces_keep(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	enum drop why = reasm_keep(t, c, s);

	if (why == DROP_TCP_REASM_FULL && reasm_lacks_buffer(t, c, s) && make_piece_room(t, c))
		why = reasm_keep(t, c, s);
	return why;
}
