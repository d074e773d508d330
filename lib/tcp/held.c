/* SPDX-License-Identifier: BSD-3-Clause */
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

#define OFFER_MS    5     /* after this it is offered again, then twice as late, ... */
#define OFFER_SHIFT 8     /* ... so many times: 1.28 s */
#define PIECES_MS   20000 /* pieces behind a hole are kept, though nothing moves on */
#define STAMP_MS    66    /* by which `heard` may be wrong */

static bool
is_gone(const struct tcp_conn *c)
{
	return c->flags & (CONN_APP_GONE | CONN_ABORT);
}

/* Text from seq on. Returns how much of it was taken. */
static uint32_t
deliver(struct tcp *t, struct tcp_conn *c, uint32_t seq, const uint8_t *p, uint32_t len,
        void **buf)
{
	uint32_t taken = is_gone(c) ? 0 : tcp_tell_data(t, c, p, len, buf);

	if (taken < len && is_gone(c)) {
		/* RFC 1122 4.2.2.13: show that it is lost */
		if (!(c->flags & CONN_LINGER))
			c->flags |= CONN_ABORT;
		taken = len;
	}
	if (c->marked)
		urgent_taken(t, c, seq + taken);
	counter_add(&t->count->text_bytes_in, taken);
	return taken;
}

/* The peer's text up to `to` has arrived whole. */
static void
move_on(struct tcp *t, struct tcp_conn *c, uint32_t to)
{
	if (to == c->rcv_nxt)
		return;
	c->rcv_nxt = to;
	tcp_heard(t, c);
	crowd_proved(c);
}

/* A piece that is complete. False: the application has not taken it all. */
static bool
offer(struct tcp *t, struct tcp_conn *c, struct tcp_hole *h)
{
	uint32_t len = h->len, taken;

	t->offering = c;
	taken = deliver(t, c, h->seq, h->data, len, &h->buf);
	t->offering = NULL;
	reasm_taken(t, c, taken);
	if (taken != 0)
		tcp_rare(t, c)->offers = 0;
	return taken == len;
}

/* All that is complete; the FIN, if it is reached. */
static void
offer_all(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_hole *h;

	move_on(t, c, reasm_end(t, c));
	tcp_rare(t, c)->resume = 0;
	while ((h = reasm_ready(t, c)) != NULL) {
		if (h->len == 0) {
			reasm_pop(t, c);
			take_fin(t, c);
		} else if (!offer(t, c, h)) {
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
	if (r->resume && c->reasm != POOL_NONE) /* it wants it once more: in the next turn */
		tcp_pend(t, c);
}

/* The peer that left a hole may be gone: then the buffers are for others, and if it is
 * not it sends the text again (RFC 2018 8). */
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

/* What the application has not taken of s. */
static enum drop
hold(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	enum drop why = pieces_keep(t, c, s);

	move_on(t, c, reasm_end(t, c)); /* also by what lay behind */
	held_watch(t, c);
	if (why == DROP_NONE)
		return DROP_NONE;
	c->flags |= CONN_ACK_NOW;
	return why == DROP_TCP_OLD ? DROP_TCP_OLD : DROP_TCP_APP_FULL;
}

static void
cut_left(struct seg *s, uint32_t n)
{
	s->seq += n;
	s->text += n;
	s->len -= n;
}

/* Nothing is held. */
static enum drop
take(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (s->len != 0) {
		uint32_t n = deliver(t, c, s->seq, s->text, s->len, &s->buf);

		move_on(t, c, c->rcv_nxt + n);
		cut_left(s, n);
	}
	if (c->reasm != POOL_NONE)
		reasm_delivered(t, c);
	if (s->len != 0)
		return hold(t, c, s);
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
		return take(t, c, s);
	if (reasm_ready(t, c) != NULL) { /* what is held comes first */
		offer_all(t, c);
		window_opened(t, c);
		if (s->seq != c->rcv_nxt)
			return DROP_TCP_AFTER_FIN;
		if (reasm_ready(t, c) != NULL)
			return hold(t, c, s);
	}
	reasm_overlay(t, c, s);
	return take(t, c, s);
}
