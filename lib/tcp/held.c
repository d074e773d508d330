/* SPDX-License-Identifier: BSD-3-Clause */
/* Held text is offered to the application again, in order, until it is taken. */
#include "tcp/held.h"

#include "tcp/crowd.h"
#include "tcp/fin.h"
#include "tcp/pend.h"
#include "tcp/pieces.h"
#include "tcp/reasm.h"
#include "tcp/tell.h"
#include "tcp/timers.h"
#include "tcp/urgent.h"
#include "tcp/window.h"

/* The first delay before held text is offered again; each refusal doubles it. */
#define OFFER_MS    5
#define OFFER_SHIFT 8     /* number of doublings: 1.28 s */
#define PIECES_MS   20000 /* longest time for pieces behind a hole without progress */
#define STAMP_MS    66    /* error of `heard` */

static bool
app_is_gone(const struct tcp_conn *c)
{
	return c->flags & (CONN_APP_GONE | CONN_ABORT);
}

/* Offer text from seq on to the application. Returns how much of it was taken. */
static uint32_t
deliver_text(struct tcp *t, struct tcp_conn *c, uint32_t seq, const uint8_t *p, uint32_t len,
        void **buf)
{
	uint32_t taken = app_is_gone(c) ? 0 : tcp_tell_data(t, c, p, len, buf);

	if (taken < len && app_is_gone(c)) {
		/* RFC 1122 4.2.2.13: a reset says that text was lost */
		if (!(c->flags & CONN_LINGER))
			c->flags |= CONN_ABORT;
		taken = len;
	}
	if (c->marked)
		urgent_taken(t, c, seq + taken);
	counter_add(&t->count->text_bytes_in, taken);
	return taken;
}

/* Note that the peer's text up to `to` has arrived without a hole. */
static void
rcv_nxt_advance(struct tcp *t, struct tcp_conn *c, uint32_t to)
{
	if (to == c->rcv_nxt)
		return;
	c->rcv_nxt = to;
	tcp_heard(t, c);
	crowd_proved(c);
}

/* Offer a piece that is complete. False: the application has not taken all of it. */
static bool
offer_piece(struct tcp *t, struct tcp_conn *c, struct tcp_piece *h)
{
	uint32_t len = h->len, taken;

	t->offering = c;
	taken = deliver_text(t, c, h->seq, h->data, len, &h->buf);
	t->offering = NULL;
	reasm_taken(t, c, taken);
	if (taken != 0)
		tcp_rare(t, c)->offers = 0;
	return taken == len;
}

/* Offer all pieces that are complete, and take the FIN behind them. */
static void
offer_all(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_piece *h;

	rcv_nxt_advance(t, c, reasm_end(t, c));
	tcp_rare(t, c)->resume = 0;
	while ((h = reasm_ready(t, c)) != NULL) {
		if (h->len == 0) {
			reasm_pop(t, c);
			take_fin(t, c);
		} else if (!offer_piece(t, c, h)) {
			break;
		}
	}
	held_watch(t, c);
}

void
held_watch(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (c->reasm == POOL_NONE)
		return;
	if (reasm_ready(t, c) == NULL) {
		tcp_timers_look(t, c, PIECES_MS);
		return;
	}
	tcp_timers_look(t, c, OFFER_MS << r->offers);
	if (r->offers < OFFER_SHIFT)
		r->offers++;
}

void
held_speak(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (!r->resume || reasm_ready(t, c) == NULL)
		return;
	offer_all(t, c);
	window_opened(t, c);
	if (r->resume &&
	        c->reasm !=
	                POOL_NONE) /* the application asked again: offer it in the next turn */
		tcp_pend(t, c);
}

/* The peer that left a hole may be gone. Its buffers are then free for others. A peer that
 * lives sends the text again (RFC 2018 8). */
void
held_look(struct tcp *t, struct tcp_conn *c)
{
	uint64_t age = clock_stamp_age_ms(t->now, c->heard) + STAMP_MS;

	if (age >= PIECES_MS)
		counter_add(&t->count->reasm_forgotten, reasm_forget(t, c));
	if (c->reasm == POOL_NONE)
		return;
	if (reasm_ready(t, c) == NULL) {
		tcp_timers_look(t, c, (uint32_t)(PIECES_MS - age));
		return;
	}
	tcp_rare(t, c)->resume = 1;
	tcp_pend(t, c);
}

/* Hold the text of s that the application has not taken. */
static enum drop
hold_text(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	enum drop why = pieces_keep(t, c, s);

	rcv_nxt_advance(t, c, reasm_end(t, c)); /* this includes text that lay behind s */
	held_watch(t, c);
	if (why == DROP_NONE)
		return DROP_NONE;
	c->flags |= CONN_ACK_NOW;
	return why == DROP_TCP_OLD ? DROP_TCP_OLD : DROP_TCP_APP_FULL;
}

/* Take s, which stands at RCV.NXT. Nothing is held before it. */
static enum drop
take_in_place(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (s->len != 0) {
		uint32_t n = deliver_text(t, c, s->seq, s->text, s->len, &s->buf);

		rcv_nxt_advance(t, c, c->rcv_nxt + n);
		seg_cut_left(s, n);
	}
	if (c->reasm != POOL_NONE)
		reasm_delivered(t, c);
	if (s->len != 0)
		return hold_text(t, c, s);
	if (s->flags & TCP_FIN)
		take_fin(t, c);
	else if (c->reasm != POOL_NONE)
		offer_all(t, c);
	return DROP_NONE;
}

enum drop
held_take(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (c->reasm == POOL_NONE)
		return take_in_place(t, c, s);
	if (reasm_ready(t, c) != NULL) { /* held text comes first */
		offer_all(t, c);
		window_opened(t, c);
		if (s->seq != c->rcv_nxt)
			return DROP_TCP_AFTER_FIN;
		if (reasm_ready(t, c) != NULL)
			return hold_text(t, c, s);
	}
	reasm_overlay(t, c, s);
	return take_in_place(t, c, s);
}
