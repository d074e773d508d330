/* SPDX-License-Identifier: BSD-3-Clause */
/* First, check the sequence number (RFC 9293 3.10.7.4), and before it the
 * timestamps (RFC 7323 5). What lies outside the window is cut off. What follows from
 * it for the connection waits in a verdict until the ACK field is checked, too: a
 * segment that is discarded in the end must leave no trace (RFC 5961 5.2). */
#include "tcp/output.h"
#include "tcp/steps.h"

/* RFC 7323 5.3 R1, 5.5 */
static bool
paws_rejects(const struct tcp *t, const struct tcp_conn *c, const struct seg *s)
{
	uint8_t age;

	if (!seq_lt(s->tsval, c->ts_recent))
		return false;
	age = (uint8_t)((t->now.us >> CONN_EPOCH_SHIFT) - c->ts_epoch);
	return age < CONN_EPOCH_VOID;
}

static enum drop
check_timestamp(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	/* 3.2; a SYN may be of a peer that has lost the connection, and agrees on
	 * nothing: it is challenged, or its sender would have no way in */
	if (!(s->opts & SEG_OPT_TS))
		return (s->flags & (TCP_RST | TCP_SYN)) ? DROP_NONE : DROP_TCP_TS_MISSING;
	if (paws_rejects(t, c, s) && !(s->flags & TCP_RST)) {
		if (s->len != 0)
			tcp_send_ack(t, c, s);
		else
			tcp_send_challenge(t, c, s);
		return DROP_TCP_PAWS;
	}
	return DROP_NONE;
}

/* R3, after R2: only what is inside the window may set TS.Recent, or anyone
 * could with a guess that hits half of the sequence space. PAWS has let it
 * through: its TSval is newer, or TS.Recent void. */
static void
note_timestamp(const struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t seq)
{
	if (!(c->flags & CONN_TS) || (s->flags & TCP_RST) || seq_gt(seq, c->last_ack_sent))
		return;
	c->ts_recent = s->tsval;
	c->ts_epoch = (uint8_t)(t->now.us >> CONN_EPOCH_SHIFT);
}

static enum drop
unacceptable(struct tcp *t, struct tcp_conn *c, struct seg *s, enum drop why)
{
	if ((s->flags & TCP_RST) && s->seq != c->rcv_adv)
		return DROP_TCP_RST_WINDOW;
	if (s->flags & TCP_RST) {
		/* A peer that has filled our window, and whose text was lost, resets from
		 * there: without a challenge it could never end the connection. */
		tcp_send_challenge(t, c, s);
		return DROP_TCP_RST_CHALLENGED;
	}
	/* RFC 5961 4.2: whatever its sequence number */
	if (s->flags & TCP_SYN) {
		if (c->state == TCP_SYN_RECEIVED && !(s->flags & TCP_ACK) &&
		        s->seq + 1 == c->rcv_nxt) {
			/* its SYN again: our SYN-ACK again, and nobody knows
			 * which of them will be acknowledged (Karn) */
			c->flags |= CONN_SYN_AGAIN;
			counter_add(&t->count->segments_retransmitted, 1);
			tcp_send_syn_ack(t, c, s);
			return DROP_TCP_OLD;
		}
		why = DROP_TCP_SYN_CHALLENGED;
	}
	/* Text that comes again gets its ACK, always; what carries none is held
	 * down, or two TCPs could acknowledge each other for ever. */
	if ((s->len != 0 || (s->flags & TCP_FIN)) && !(s->flags & TCP_SYN))
		tcp_send_ack(t, c, s);
	else
		tcp_send_challenge(t, c, s);
	return why;
}

/* Its text is old, but its ACK field may be the only one that comes: a FIN sent again
 * in CLOSING or LAST-ACK carries the ACK that ends it. Not farther back than a window,
 * so that a blind attacker has no more to aim at than twice the window. A connection
 * that is not open yet has no old segments. */
static bool
counts_for_its_ack(const struct tcp *t, const struct tcp_conn *c, const struct seg *s)
{
	uint32_t most = t->conf.rcv_wnd > UINT16_MAX ? t->conf.rcv_wnd : UINT16_MAX;

	return (s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_ACK &&
	       c->state != TCP_SYN_RECEIVED && c->rcv_nxt - s->seq <= most;
}

/* The window is full of what is under way, and a peer that has no more to send still
 * acknowledges ours, from its right edge. */
static bool
is_ack_at_the_edge(const struct tcp_conn *c, const struct seg *s, uint32_t wnd)
{
	return s->seq == c->rcv_nxt + wnd && seg_len(s) == 0 && !(s->flags & TCP_RST);
}

static void
cut_left(struct seg *s, uint32_t n)
{
	s->seq += n;
	s->text += n;
	s->len -= n;
}

/* What lies beyond the window, SYN apart. */
static void
cut_right(struct seg *s, uint32_t over, struct verdict *v)
{
	if (s->flags & TCP_FIN) {
		s->flags &= (uint8_t)~TCP_FIN;
		over--;
	}
	s->len -= over;
	v->cut = v->beyond = true;
}

enum drop
check_seq(struct tcp *t, struct tcp_conn *c, struct seg *s, struct verdict *v)
{
	uint32_t wnd = seq_gt(c->rcv_adv, c->rcv_nxt) ? c->rcv_adv - c->rcv_nxt : 0;
	uint32_t before = c->rcv_nxt - s->seq; /* of the window, if seq is old */
	uint32_t len = seg_len(s);
	enum drop why;

	*v = (struct verdict) {.seq = s->seq};
	if ((c->flags & CONN_TS) && (why = check_timestamp(t, c, s)) != DROP_NONE)
		return why;

	if (s->seq == c->rcv_nxt && len <= wnd) /* what nearly all are */
		return DROP_NONE;

	if (seq_lt(s->seq, c->rcv_nxt)) {
		if (before >= len || (s->flags & (TCP_SYN | TCP_RST))) {
			v->old = counts_for_its_ack(t, c, s);
			return v->old ? DROP_NONE : unacceptable(t, c, s, DROP_TCP_OLD);
		}
		/* partly old: all of the text may be, and the FIN new */
		cut_left(s, before < s->len ? before : s->len);
		v->cut = true;
	}
	if (is_ack_at_the_edge(c, s, wnd))
		return DROP_NONE;

	/* A window of 0 takes ACK, RST and URG at RCV.NXT, and no text. */
	if (s->seq != c->rcv_nxt && s->seq - c->rcv_nxt >= wnd)
		return unacceptable(t, c, s, DROP_TCP_WINDOW);

	len = s->seq - c->rcv_nxt + seg_len(s);
	if (len > wnd && !(s->flags & TCP_SYN))
		cut_right(s, len - wnd, v);
	return DROP_NONE;
}

void
admit(struct tcp *t, struct tcp_conn *c, const struct seg *s, const struct verdict *v)
{
	if (v->old)
		return;
	note_timestamp(t, c, s, v->seq);
	if (v->cut)
		c->flags |= CONN_ACK_NOW;
	if (v->beyond)
		counter_drop(t->count, DROP_TCP_WINDOW_CUT);
}

/* As to what is not acceptable; an ACK that its ACK field has us send with text counts. */
enum drop
answer_old(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (s->len != 0 || (s->flags & TCP_FIN))
		c->flags |= CONN_ACK_NOW;
	else
		tcp_send_challenge(t, c, s);
	return DROP_TCP_OLD;
}
