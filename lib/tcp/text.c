/* SPDX-License-Identifier: BSD-3-Clause */
/* Seventh, process the segment text; eighth, check the FIN bit
 * (RFC 9293 3.10.7.4). */
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/reasm.h"
#include "tcp/steps.h"
#include "tcp/timers.h"
#include "tcp/urgent.h"

/* Text at RCV.NXT. Returns how much of it was taken. */
static uint32_t
deliver(struct tcp *t, struct tcp_conn *c, const uint8_t *p, uint32_t len, void **buf)
{
	uint32_t taken = len;

	if (!(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		taken = tcp_tell_data(t, c, p, len, buf);
	else if (!(c->flags & CONN_LINGER))
		c->flags |= CONN_ABORT; /* RFC 1122 4.2.2.13: show that it is lost */
	c->rcv_nxt += taken;
	if (c->marked)
		urgent_taken(t, c);
	tcp_heard(t, c);
	pressure_proved(t, c);
	counter_add(&t->count->text_bytes_in, taken);
	return taken;
}

/* The peer's FIN, at RCV.NXT. */
static void
take_fin(struct tcp *t, struct tcp_conn *c)
{
	c->rcv_nxt++;
	c->flags |= CONN_ACK_NOW;
	if (c->reasm != POOL_NONE) /* nothing lies behind a FIN */
		reasm_purge(t, c);
	switch ((enum tcp_state)c->state) {
	case TCP_ESTABLISHED:
		c->state = TCP_CLOSE_WAIT;
		break;
	case TCP_FIN_WAIT_1: /* our FIN is not acknowledged yet */
		c->state = TCP_CLOSING;
		break;
	case TCP_FIN_WAIT_2:
		c->state = TCP_TIME_WAIT;
		tcp_timers_stop(t, c);
		break;
	case TCP_CLOSED:
	case TCP_LISTEN:
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
	case TCP_TIME_WAIT:
	case TCP_STATES:
		break;
	}
	tcp_tell_peer_closed(t, c);
}

/* From offset `from` of h on. False: the application did not take it all; what
 * is left counts as never received (no SACK block may lie before RCV.NXT). */
static bool
deliver_hole(struct tcp *t, struct tcp_conn *c, struct tcp_hole *h, uint32_t from)
{
	uint32_t n = h->len - from;
	bool all = deliver(t, c, h->data + from, n, &h->buf) == n;

	if (h->buf == NULL)
		t->kept--; /* counted by reasm_keep() and again by hf_keep() */
	if (all)
		return true;
	counter_drop(t->count, DROP_TCP_APP_FULL);
	reasm_pop(t, c);
	return false;
}

/* What lay behind a hole that is filled now. Returns true if the FIN was
 * among it. */
static bool
drain_reasm(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_hole *h;

	while ((h = reasm_ready(t, c)) != NULL) {
		uint32_t old = c->rcv_nxt - h->seq;
		bool fin = h->fin && old <= h->len; /* at RCV.NXT after its text */

		if (old < h->len && !deliver_hole(t, c, h, old))
			return false;
		reasm_pop(t, c);
		if (fin)
			return true;
	}
	return false;
}

static enum drop
take_in_order(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	bool fin = s->flags & TCP_FIN;

	if (s->len != 0) {
		/* RFC 5681 4.2: at least every second segment, and at once when
		 * it fills a hole */
		c->flags |= (c->reasm != POOL_NONE || (c->flags & CONN_ACK_LATER))
		                    ? CONN_ACK_NOW
		                    : CONN_ACK_LATER;
		if (deliver(t, c, s->text, s->len, &s->buf) < s->len) {
			c->flags |= CONN_ACK_NOW;
			/* it may have covered what is kept: no SACK block lies
			 * at or before RCV.NXT */
			while (reasm_ready(t, c) != NULL)
				reasm_pop(t, c);
			return DROP_TCP_APP_FULL;
		}
	}
	if (!fin && c->reasm != POOL_NONE)
		fin = drain_reasm(t, c);
	if (fin)
		take_fin(t, c);
	return DROP_NONE;
}

enum drop
take_text(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (s->len == 0 && !(s->flags & TCP_FIN))
		return DROP_NONE;
	if (!tcp_may_receive(c)) {
		c->flags |= CONN_ACK_NOW;
		return DROP_TCP_AFTER_FIN;
	}
	/* RFC 9293 3.10.7.4 and RFC 1122 4.2.2.13: text that nobody will read */
	if (s->len != 0 && (c->flags & (CONN_APP_GONE | CONN_LINGER)) == CONN_APP_GONE) {
		c->flags |= CONN_ABORT;
		return DROP_TCP_CLOSED_DATA;
	}
	if (s->seq != c->rcv_nxt) {
		enum drop why = reasm_keep(t, c, s);

		c->flags |= CONN_ACK_NOW; /* RFC 5681 4.2: a duplicate ACK, at once */
		return why;
	}
	if (c->reasm != POOL_NONE)
		reasm_overlay(t, c, s);
	return take_in_order(t, c, s);
}
