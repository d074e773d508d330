/* SPDX-License-Identifier: BSD-3-Clause */
/* First, check the sequence number (RFC 9293 3.10.7.4), and before it the
 * timestamps (RFC 7323 5). What lies outside the window is cut off. */
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
	if (!(s->opts & SEG_OPT_TS))
		return (s->flags & TCP_RST) ? DROP_NONE : DROP_TCP_TS_MISSING; /* 3.2 */
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

static void
cut_left(struct seg *s, uint32_t n)
{
	s->seq += n;
	s->text += n;
	s->len -= n;
}

enum drop
check_seq(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	uint32_t wnd = seq_gt(c->rcv_adv, c->rcv_nxt) ? c->rcv_adv - c->rcv_nxt : 0;
	uint32_t before = c->rcv_nxt - s->seq; /* of the window, if seq is old */
	uint32_t len = seg_len(s), seq = s->seq;
	enum drop why;

	if ((c->flags & CONN_TS) && (why = check_timestamp(t, c, s)) != DROP_NONE)
		return why;

	if (s->seq == c->rcv_nxt && len <= wnd) { /* what nearly all are */
		note_timestamp(t, c, s, seq);
		return DROP_NONE;
	}

	if (seq_lt(s->seq, c->rcv_nxt)) {
		if (before >= len || (s->flags & (TCP_SYN | TCP_RST)))
			return unacceptable(t, c, s, DROP_TCP_OLD);
		/* partly old: all of the text may be, and the FIN new */
		cut_left(s, before < s->len ? before : s->len);
		c->flags |= CONN_ACK_NOW;
	}

	/* A window of 0 takes ACK, RST and URG at RCV.NXT, and no text. */
	if (s->seq != c->rcv_nxt && s->seq - c->rcv_nxt >= wnd)
		return unacceptable(t, c, s, DROP_TCP_WINDOW);
	note_timestamp(t, c, s, seq);

	len = s->seq - c->rcv_nxt + seg_len(s);
	if (len > wnd && !(s->flags & TCP_SYN)) {
		uint32_t over = len - wnd;

		if (s->flags & TCP_FIN) {
			s->flags &= (uint8_t)~TCP_FIN;
			over--;
		}
		s->len -= over;
		c->flags |= CONN_ACK_NOW;
		counter_drop(t->count, DROP_TCP_WINDOW);
	}
	return DROP_NONE;
}
