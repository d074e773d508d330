/* SPDX-License-Identifier: BSD-3-Clause */
/* The first step: check the timestamps (RFC 7323 5), then the sequence number (RFC 9293
 * 3.10.7.4). Octets outside the window are cut off. The connection is not changed yet: a
 * verdict keeps the effects until the ACK field is checked, because a segment that is discarded
 * must leave no trace (RFC 5961 5.2). */
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
	/* RFC 7323 3.2. A SYN without timestamps may come from a peer that has lost the
	 * connection. It is challenged, or this peer could never connect again. */
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

/* RFC 7323 5.3, R3 after R2. Only a segment inside the window may set TS.Recent. Otherwise an
 * attacker could set it with a guess that hits half of the sequence space. PAWS has accepted
 * the segment: its TSval is newer, or TS.Recent is void. */
static void
timestamp_note(const struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t seq)
{
	if (!(c->flags & CONN_TS) || (s->flags & TCP_RST) || seq_gt(seq, c->last_ack_sent))
		return;
	c->ts_recent = s->tsval;
	c->ts_epoch = (uint8_t)(t->now.us >> CONN_EPOCH_SHIFT);
}

static enum drop
segment_unacceptable(struct tcp *t, struct tcp_conn *c, struct seg *s, enum drop why)
{
	if ((s->flags & TCP_RST) && s->seq != c->rcv_adv)
		return DROP_TCP_RST_WINDOW;
	if (s->flags & TCP_RST) {
		/* A peer that has filled our window, and whose text was lost, sends its reset
		 * from the right edge. Without a challenge it could never end the connection.
		 */
		tcp_send_challenge(t, c, s);
		return DROP_TCP_RST_CHALLENGED;
	}
	/* RFC 5961 4.2: a SYN is challenged whatever its sequence number is */
	if (s->flags & TCP_SYN) {
		if (c->state == TCP_SYN_RECEIVED && !(s->flags & TCP_ACK) &&
		        s->seq + 1 == c->rcv_nxt) {
			/* The peer repeats its SYN, and we repeat our SYN-ACK. The ACK may
			 * then answer either SYN-ACK (Karn). */
			c->flags |= CONN_SYN_AGAIN;
			counter_add(&t->count->segments_retransmitted, 1);
			tcp_send_syn_ack(t, c, s);
			return DROP_TCP_OLD;
		}
		why = DROP_TCP_SYN_CHALLENGED;
	}
	/* Repeated text always gets an ACK. The answers to segments without text are limited,
	 * or two TCPs could acknowledge each other's ACKs for ever. */
	if ((s->len != 0 || (s->flags & TCP_FIN)) && !(s->flags & TCP_SYN))
		tcp_send_ack(t, c, s);
	else
		tcp_send_challenge(t, c, s);
	return why;
}

/* The ACK field of an old segment counts, because it may be the only one that arrives: a FIN
 * sent again in CLOSING or LAST-ACK carries the ACK that ends the state. The segment may lie at
 * most a window back, so that a blind attacker's target is twice the window and no more. A
 * connection that is not open yet has no old segments. */
static bool
old_ack_counts(const struct tcp *t, const struct tcp_conn *c, const struct seg *s)
{
	uint32_t most = t->conf.rcv_wnd > UINT16_MAX ? t->conf.rcv_wnd : UINT16_MAX;

	return (s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_ACK &&
	       c->state != TCP_SYN_RECEIVED && c->rcv_nxt - s->seq <= most;
}

/* The peer has filled our window, and its pure ACKs of our text come from the right edge. */
static bool
is_ack_at_edge(const struct tcp_conn *c, const struct seg *s, uint32_t wnd)
{
	return s->seq == c->rcv_nxt + wnd && seg_len(s) == 0 && !(s->flags & TCP_RST);
}

/* Cut off the FIN and the octets that lie beyond the window. */
static void
segment_cut_right(struct seg *s, uint32_t over, struct verdict *v)
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
	uint32_t before = c->rcv_nxt - s->seq; /* octets before the window, if seq is old */
	uint32_t len = seg_len(s);
	enum drop why;

	*v = (struct verdict) {.seq = s->seq};
	if ((c->flags & CONN_TS) && (why = check_timestamp(t, c, s)) != DROP_NONE)
		return why;

	if (s->seq == c->rcv_nxt && len <= wnd) /* nearly all segments */
		return DROP_NONE;

	if (seq_lt(s->seq, c->rcv_nxt)) {
		if (before >= len || (s->flags & (TCP_SYN | TCP_RST))) {
			v->old = old_ack_counts(t, c, s);
			return v->old ? DROP_NONE : segment_unacceptable(t, c, s, DROP_TCP_OLD);
		}
		/* the segment is partly old: its text may be old, and its FIN new */
		seg_cut_left(s, before < s->len ? before : s->len);
		v->cut = true;
	}
	if (is_ack_at_edge(c, s, wnd))
		return DROP_NONE;

	/* A window of 0 takes ACK, RST and URG at RCV.NXT, and no text. */
	if (s->seq != c->rcv_nxt && s->seq - c->rcv_nxt >= wnd)
		return segment_unacceptable(t, c, s, DROP_TCP_WINDOW);

	len = s->seq - c->rcv_nxt + seg_len(s);
	if (len > wnd && !(s->flags & TCP_SYN))
		segment_cut_right(s, len - wnd, v);
	return DROP_NONE;
}

void
admit(struct tcp *t, struct tcp_conn *c, const struct seg *s, const struct verdict *v)
{
	if (v->old)
		return;
	timestamp_note(t, c, s, v->seq);
	if (v->cut)
		c->flags |= CONN_ACK_NOW;
	if (v->beyond)
		counter_drop(t->count, DROP_TCP_WINDOW_CUT);
}

/* Answer an old segment like an unacceptable one. Text that we send now carries the ACK. */
enum drop
answer_old(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (s->len != 0 || (s->flags & TCP_FIN))
		c->flags |= CONN_ACK_NOW;
	else
		tcp_send_challenge(t, c, s);
	return DROP_TCP_OLD;
}
